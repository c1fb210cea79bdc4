/* Any bytes as what an ICMP socket delivers, with and without an IP header: a message lies within
 * the packet, and what counts as a reply is the echo of exactly what was sent. */
#include "base/check.h"
#include "sim/host/icmp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The request that this message would be the reply to, if it is one. */
static void look(struct span m)
{
    if (m.n < ICMP_HEADER) {
        CHECK(!icmp_reply(m, &(const struct icmp_echo){ 0 }));
        return;
    }
    struct icmp_echo e = {
        .id = (uint16_t)(m.p[4] << 8 | m.p[5]),
        .sequence = (uint16_t)(m.p[6] << 8 | m.p[7]),
        .data = span_from(m, ICMP_HEADER),
    };
    bool reply = icmp_reply(m, &e);
    CHECK(!reply || (m.p[0] == 0 && m.p[1] == 0));
    e.sequence ^= 1;
    CHECK(!icmp_reply(m, &e));
    if (e.data.n <= ICMP_DATA_MAX) {
        uint8_t request[ICMP_HEADER + ICMP_DATA_MAX];
        CHECK(icmp_request(&e, request) == ICMP_HEADER + e.data.n);
        CHECK(!icmp_reply(span_of(request, ICMP_HEADER + e.data.n), &e));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span packet = span_of(data, size);
    struct span message = { NULL, 0 };
    uint8_t ttl = 0;
    look(packet);
    if (icmp_of_packet(packet, &message, &ttl)) {
        CHECK(message.p >= data + 20 && message.p + message.n <= data + size);
        look(message);
    }
    return 0;
}
