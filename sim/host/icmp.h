/* ICMP echo (RFC 792): the request, and whether a packet is its reply. Pure. */
#ifndef SIM_HOST_ICMP_H
#define SIM_HOST_ICMP_H

#include "base/span.h"

#define ICMP_HEADER   8
#define ICMP_DATA_MAX 1024

struct icmp_echo {
    uint16_t id, sequence;
    struct span data; /* at most ICMP_DATA_MAX bytes */
};

/* Writes the request; returns its length. 'ret' has room for ICMP_HEADER and the data. */
size_t icmp_request(const struct icmp_echo *e, uint8_t *ret);

/* Is this ICMP message the reply to 'sent', with the same data? */
bool icmp_reply(struct span message, const struct icmp_echo *sent);

/* The ICMP message in an IPv4 packet, as raw sockets deliver it, and the time to live that was left
 * of it. False: no such packet, or a fragment. */
bool icmp_of_packet(struct span packet, struct span *ret_message, uint8_t *ret_ttl);

#endif
