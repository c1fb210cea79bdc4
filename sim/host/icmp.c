#include "sim/host/icmp.h"

enum { ECHO_REPLY = 0, ECHO_REQUEST = 8 };

/* IPv4 (RFC 791): where things stand in its header. */
#define IP_HEADER_MIN  20
#define IP_LENGTH      2
#define IP_FRAGMENT    6
#define IP_TTL         8
#define IP_PROTOCOL    9
#define PROTOCOL_ICMP  1
#define MORE_OR_OFFSET 0x3FFF

static uint16_t get16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

static void put16(uint8_t *p, uint16_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

/* The Internet checksum (RFC 1071): 0 over a message that carries its own. */
static uint16_t checksum(struct span s)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < s.n; i++) {
        sum += i % 2 == 0 ? (uint32_t)s.p[i] << 8 : s.p[i];
        sum = (sum & 0xFFFF) + (sum >> 16);
    }
    return (uint16_t)~sum;
}

size_t icmp_request(const struct icmp_echo *e, uint8_t *ret)
{
    size_t n = ICMP_HEADER + e->data.n;
    memset(ret, 0, ICMP_HEADER);
    ret[0] = ECHO_REQUEST;
    put16(ret + 4, e->id);
    put16(ret + 6, e->sequence);
    if (e->data.n > 0) {
        memcpy(ret + ICMP_HEADER, e->data.p, e->data.n);
    }
    put16(ret + 2, checksum(span_of(ret, n)));
    return n;
}

bool icmp_reply(struct span message, const struct icmp_echo *sent)
{
    const uint8_t *p = message.p;
    return message.n >= ICMP_HEADER && p[0] == ECHO_REPLY && p[1] == 0 && checksum(message) == 0 &&
           get16(p + 4) == sent->id && get16(p + 6) == sent->sequence &&
           span_eq(span_from(message, ICMP_HEADER), sent->data);
}

bool icmp_of_packet(struct span packet, struct span *ret_message, uint8_t *ret_ttl)
{
    const uint8_t *p = packet.p;
    if (packet.n < IP_HEADER_MIN || p[0] >> 4 != 4) {
        return false;
    }
    size_t header = (size_t)(p[0] & 15) * 4;
    size_t length = get16(p + IP_LENGTH);
    if (header < IP_HEADER_MIN || length < header || length > packet.n ||
        (get16(p + IP_FRAGMENT) & MORE_OR_OFFSET) != 0 || p[IP_PROTOCOL] != PROTOCOL_ICMP) {
        return false;
    }
    *ret_message = span_of(p + header, length - header);
    *ret_ttl = p[IP_TTL];
    return true;
}
