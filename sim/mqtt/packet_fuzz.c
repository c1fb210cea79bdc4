/* Any bytes through the packet reader: it stays inside them, and what it accepts as a packet the
 * writer turns into the same bytes again. Input: version byte (3, anything else: 4), then a stream
 * of packets. */
#include "base/check.h"
#include "sim/mqtt/packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_inside(struct span part, struct span whole)
{
    CHECK(part.n == 0 || (part.p >= whole.p && part.p + part.n <= whole.p + whole.n));
}

static bool client_writes_too(enum packet_type type)
{
    return type >= PACKET_PUBLISH && type <= PACKET_PUBCOMP;
}

static void check_round_trip(const struct packet *p, struct span bytes)
{
    struct buf out;
    buf_init(&out, bytes.n + 8);
    CHECK(packet_write(&out, p));
    if (out.n == bytes.n) { /* else Remaining Length came in a longer form */
        CHECK(span_eq(buf_span(&out), bytes));
    }
    CHECK(out.n <= bytes.n);
    buf_fini(&out);
}

/* Returns the bytes used, 0 at the end of what can be read. */
static size_t read_one(struct span in, enum mqtt_version version)
{
    struct packet_header h;
    if (packet_read_header(in, version, &h) != PACKET_OK) {
        return 0;
    }
    CHECK(h.size >= 2 && h.size <= 5 && h.size <= in.n);
    CHECK(h.remaining <= PACKET_REMAINING_MAX);
    if (in.n - h.size < h.remaining) {
        return 0;
    }
    struct span body = { in.p + h.size, h.remaining };
    struct packet p;
    if (packet_read_body(&h, body, version, &p) != PACKET_OK) {
        return 0;
    }
    check_inside(p.topic, body);
    check_inside(p.payload, body);
    check_inside(p.codes, body);
    if (version == MQTT_3_1_1 && client_writes_too(p.type)) {
        check_round_trip(&p, span_of(in.p, h.size + h.remaining));
    }
    return h.size + h.remaining;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    enum mqtt_version version = data[0] == MQTT_3_1 ? MQTT_3_1 : MQTT_3_1_1;
    struct span in = span_of(data + 1, size - 1);
    for (size_t n = read_one(in, version); n > 0; n = read_one(in, version)) {
        in = span_from(in, n);
    }
    return 0;
}
