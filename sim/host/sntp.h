/* The packets of an SNTP client (RFC 4330; the format is NTP version 4's, RFC 5905 7.3). Pure. */
#ifndef SIM_HOST_SNTP_H
#define SIM_HOST_SNTP_H

#include "base/span.h"

#define SNTP_PORT   123
#define SNTP_PACKET 48 /* bytes; a reply may carry extensions behind them */

/* The request. 'cookie' stands where the client's own time would: the server sends it back, and who
 * does not see the request cannot guess it. It must not be 0. */
void sntp_request(uint64_t cookie, uint8_t ret[SNTP_PACKET]);

/* The time in a reply to the request with this cookie, in seconds since 1970. False for anything
 * else: no server's packet, another request's, no time in it, a server whose own clock is not set,
 * a kiss-o'-death. */
bool sntp_reply(struct span packet, uint64_t cookie, int64_t *ret_utc);

#endif
