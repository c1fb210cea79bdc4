/* Input: what a client sends, after one byte of settings; every second run of bytes that begins
 * with 0xFF is the broker's. Whatever it is, each packet is passed on whole or not at all. */
#include "broker/gateway_session.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { OUT_MAX = 1 << 21 };

/* Gives all whole packets to the session; false when it closes. */
static bool give(struct gateway_session *session, struct span bytes, bool broker,
                 const struct gateway_output *out, uint64_t now_ms)
{
    struct gateway_verdict verdict = { .rule = RULE_NONE };
    char text[600];
    while (!verdict.close) {
        struct packet packet = { 0 };
        enum packet_framing framing =
            packet_next(bytes, broker ? GATEWAY_BROKER_BODY_MAX : GATEWAY_CLIENT_BODY_MAX, &packet);
        if (framing == PACKET_INCOMPLETE || (broker && framing != PACKET_COMPLETE)) {
            return true;
        }
        size_t before = out->to_broker->n;
        if (framing != PACKET_COMPLETE) {
            gateway_session_bad_framing(session, framing, &packet, &verdict);
        } else if (broker) {
            gateway_session_from_broker(session, &packet, out, &verdict);
        } else {
            gateway_session_from_client(session, now_ms, &packet, out, &verdict);
            if (verdict.rule != RULE_NONE && out->to_broker->n != before) {
                abort();
            }
        }
        gateway_verdict_reason(&verdict, text, sizeof text);
        bytes = span_from(bytes, packet.bytes.n);
    }
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span rest = span_of(data, size);
    if (size == 0) {
        return 0;
    }
    struct gateway_shared shared = { .time_percent = 1 + data[0] % 100,
                                     .throttle = (data[0] & 1) != 0,
                                     .qos_2_closes = (data[0] & 2) != 0 };
    struct buf to_client;
    struct buf to_broker;
    buf_init(&to_client, OUT_MAX);
    buf_init(&to_broker, OUT_MAX);
    const struct gateway_output out = { &to_client, &to_broker };
    struct gateway_session *session = gateway_session_new(&shared, "aws-iot/none", "", 0);
    rest = span_from(rest, 1);
    bool broker = false;
    bool open = true;
    for (uint64_t now_ms = 0; rest.n > 0 && open; now_ms += 100, broker = !broker) {
        const uint8_t *mark = memchr(rest.p, 0xFF, rest.n);
        size_t n = mark == NULL ? rest.n : (size_t)(mark - rest.p);
        open = give(session, span_of(rest.p, n), broker, &out, now_ms);
        gateway_session_deadline(session);
        rest = span_from(rest, n + 1);
        buf_clear(&to_client);
        buf_clear(&to_broker);
    }
    struct gateway_verdict verdict;
    gateway_session_broker_gone(session, &verdict);
    gateway_session_expired(session, &verdict);
    gateway_session_free(session);
    gateway_clients_fini(&shared.clients);
    buf_fini(&to_client);
    buf_fini(&to_broker);
    return 0;
}
