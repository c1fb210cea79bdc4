/* Received messages as the URC block of mqtt-ssl-commands.md 6.1. The block is one unit: nothing
 * comes between its parts. */
#include "sim/modem/modem_int.h"

static void add_parts(struct mqtt_client *c, struct buf *unit, const char *header,
                      struct span bytes, size_t part)
{
    for (size_t at = 0; at < bytes.n; at += part) {
        size_t n = bytes.n - at < part ? bytes.n - at : part;
        (void)buf_addf(unit, "\r\n%s: %u,%zu\r\n", header, c->index, n);
        (void)buf_add(unit, span_of(bytes.p + at, n));
    }
}

void mqtt_rx_message(struct mqtt_client *c, struct span topic, struct span payload)
{
    const struct profile *p = c->m->profile;
    const char *blank = p->rx_blank == RX_EXTRA ? "\r\n" : "";
    size_t topic_part = p->rx_topic_chunk > 0 ? (size_t)p->rx_topic_chunk : topic.n;
    struct buf unit;
    buf_init(&unit, (size_t)1024 * 1024);
    (void)buf_addf(&unit, "\r\n+CMQTTRXSTART: %u,%zu,%zu\r\n", c->index, topic.n, payload.n);
    add_parts(c, &unit, "+CMQTTRXTOPIC", topic, topic_part);
    (void)buf_addf(&unit, "%s", payload.n > 0 ? blank : "");
    add_parts(c, &unit, p->rx_payload_name, payload, (size_t)p->rx_payload_chunk);
    (void)buf_addf(&unit, "%s\r\n+CMQTTRXEND: %u\r\n", blank, c->index);
    at_urc_unit(c->m->ch, buf_span(&unit));
    buf_fini(&unit);
}
