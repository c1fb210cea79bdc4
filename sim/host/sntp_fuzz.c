/* Any bytes as an NTP server's packet: what is taken fulfils the conditions, and a time results
 * that 64 bits of NTP can say. To get behind the first condition the cookie is the packet's own. */
#include "base/check.h"
#include "sim/host/sntp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FIRST INT64_C(-61505152)  /* 1968-01-20: the first second of the range of RFC 4330 */
#define LAST  INT64_C(4233462143) /* 2104-02-26: the last */

static uint64_t own_cookie(struct span packet)
{
    uint64_t v = 0;
    for (size_t i = 24; i < 32 && packet.n >= 32; i++) {
        v = v << 8 | packet.p[i];
    }
    return v;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span packet = span_of(data, size);
    uint64_t cookie = own_cookie(packet);
    int64_t utc = INT64_MIN;
    if (sntp_reply(packet, cookie, &utc)) {
        CHECK(size >= SNTP_PACKET && (data[0] & 7) == 4 && data[1] >= 1 && data[1] <= 15);
        CHECK(utc >= FIRST && utc <= LAST);
        CHECK(!sntp_reply(packet, cookie ^ 1, &utc));
    } else {
        CHECK(utc == INT64_MIN);
    }
    uint8_t request[SNTP_PACKET];
    sntp_request(cookie, request);
    CHECK(!sntp_reply(span_of(request, sizeof request), cookie, &utc)); /* our own, reflected */
    return 0;
}
