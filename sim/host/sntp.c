#include "sim/host/sntp.h"

#define VERSION     4
#define MODE_CLIENT 3
#define MODE_SERVER 4
#define LEAP_UNSET  3 /* the server's clock is not set */
#define STRATUM_MAX 15
#define UNIX_EPOCH  INT64_C(2208988800) /* 1970 in seconds since 1900 */
#define ERA         (INT64_C(1) << 32)

enum { AT_STRATUM = 1, AT_ORIGINATE = 24, AT_TRANSMIT = 40 };

static uint64_t get64(const uint8_t *p)
{
    uint64_t v = 0;
    for (int i = 0; i < 8; i++) {
        v = v << 8 | p[i];
    }
    return v;
}

void sntp_request(uint64_t cookie, uint8_t ret[SNTP_PACKET])
{
    memset(ret, 0, SNTP_PACKET);
    ret[0] = VERSION << 3 | MODE_CLIENT;
    for (int i = 0; i < 8; i++) {
        ret[AT_TRANSMIT + i] = (uint8_t)(cookie >> (56 - 8 * i));
    }
}

bool sntp_reply(struct span packet, uint64_t cookie, int64_t *ret_utc)
{
    const uint8_t *p = packet.p;
    if (packet.n < SNTP_PACKET || (p[0] & 7) != MODE_SERVER || p[0] >> 6 == LEAP_UNSET ||
        p[AT_STRATUM] == 0 || p[AT_STRATUM] > STRATUM_MAX || get64(p + AT_ORIGINATE) != cookie) {
        return false;
    }
    uint64_t transmit = get64(p + AT_TRANSMIT);
    if (transmit == 0) {
        return false;
    }
    /* The seconds wrap in 2036: with the first bit they are of 1968 to 2036, without of 2036 to
     * 2104 (RFC 4330, 3). */
    int64_t seconds = (int64_t)(transmit >> 32);
    *ret_utc = seconds + (seconds < ERA / 2 ? ERA : 0) - UNIX_EPOCH;
    return true;
}
