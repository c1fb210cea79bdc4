/* The codec against bytes worked out by hand from the standard. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/check.h"
#include "sim/mqtt/cursor.h"
#include "sim/mqtt/packet.h"
#include "sim/mqtt/packet_vectors.h"
#include "sim/mqtt/utf8.h"

static void assert_span(struct span got, struct span want, const char *name)
{
    if (!span_eq(got, want)) {
        print_error("%s: got %zu bytes, wanted %zu\n", name, got.n, want.n);
    }
    assert_int_equal(got.n, want.n);
    if (want.n > 0) {
        assert_memory_equal(got.p, want.p, want.n);
    }
}

static enum packet_status read_packet(const struct packet_vector *v, struct packet *ret)
{
    struct packet_header h;
    enum packet_status status = packet_read_header(v->bytes, v->version, &h);
    if (status != PACKET_OK) {
        return status;
    }
    struct span body = span_from(v->bytes, h.size);
    assert_int_equal(body.n, h.remaining);
    return packet_read_body(&h, body, v->version, ret);
}

static void reads_vectors(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(packet_vectors); i++) {
        const struct packet_vector *v = &packet_vectors[i];
        struct packet got = { .type = 0 };
        enum packet_status status = read_packet(v, &got);
        if (status != v->status) {
            print_error("%s: %s\n", v->name, packet_status_text(status));
        }
        assert_int_equal(status, v->status);
        assert_int_equal(got.type, v->want.type);
        assert_int_equal(got.identifier, v->want.identifier);
        assert_int_equal(got.qos, v->want.qos);
        assert_int_equal(got.dup, v->want.dup);
        assert_int_equal(got.retain, v->want.retain);
        assert_int_equal(got.session_present, v->want.session_present);
        assert_int_equal(got.return_code, v->want.return_code);
        assert_span(got.topic, v->want.topic, v->name);
        assert_span(got.payload, v->want.payload, v->name);
        assert_span(got.codes, v->want.codes, v->name);
    }
}

/* Each proper beginning of a good header is "incomplete", never an error and never a header. */
static void header_cut_off_is_incomplete(void **state)
{
    (void)state;
    struct span whole = SPAN_LIT("\x30\x80\x80\x80\x01");
    struct packet_header h;
    for (size_t n = 0; n < whole.n; n++) {
        struct span part = { whole.p, n };
        assert_int_equal(packet_read_header(part, MQTT_3_1_1, &h), PACKET_INCOMPLETE);
    }
    assert_int_equal(packet_read_header(whole, MQTT_3_1_1, &h), PACKET_OK);
    assert_int_equal(h.remaining, 2097152);
    assert_int_equal(h.size, 5);
}

/* 2.2.3, table 2.4: the smallest and largest value of each number of bytes. */
static void remaining_length_table(void **state)
{
    (void)state;

    static const struct {
        struct span bytes;
        uint32_t value;
    } rows[] = {
        { SPAN_INIT("\x30\x7f"), 127 },
        { SPAN_INIT("\x30\x80\x01"), 128 },
        { SPAN_INIT("\x30\xff\x7f"), 16383 },
        { SPAN_INIT("\x30\x80\x80\x01"), 16384 },
        { SPAN_INIT("\x30\xff\xff\x7f"), 2097151 },
        { SPAN_INIT("\x30\x80\x80\x80\x01"), 2097152 },
        { SPAN_INIT("\x30\xff\xff\xff\x7f"), 268435455 },
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct packet_header h;
        assert_int_equal(packet_read_header(rows[i].bytes, MQTT_3_1_1, &h), PACKET_OK);
        assert_int_equal(h.remaining, rows[i].value);
        assert_int_equal(h.size, rows[i].bytes.n);
    }
}

/* The same limits when writing: payload sizes around them, header bytes as in the table. */
static void remaining_length_written(void **state)
{
    (void)state;

    static const struct {
        size_t payload; /* Remaining Length is 3 more: length of topic, one character */
        struct span header;
    } rows[] = {
        { 124, SPAN_INIT("\x30\x7f") },
        { 125, SPAN_INIT("\x30\x80\x01") },
        { 16380, SPAN_INIT("\x30\xff\x7f") },
        { 16381, SPAN_INIT("\x30\x80\x80\x01") },
    };

    static const uint8_t zeros[16384];
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf out;
        buf_init(&out, 20000);
        struct packet p = { .type = PACKET_PUBLISH,
                            .topic = SPAN_LIT("t"),
                            .payload = span_of(zeros, rows[i].payload) };
        assert_true(packet_write(&out, &p));
        assert_int_equal(out.n, rows[i].header.n + 3 + rows[i].payload);
        assert_memory_equal(out.p, rows[i].header.p, rows[i].header.n);
        buf_fini(&out);
    }
}

static void writes_connect(void **state)
{
    (void)state;

    static const struct {
        struct mqtt_connect c;
        struct span bytes;
    } rows[] = {
        { { .version = MQTT_3_1_1,
            .client_id = SPAN_INIT("dev1"),
            .keep_alive = 60,
            .clean_session = true },
          SPAN_INIT("\x10\x10\x00\x04MQTT\x04\x02\x00\x3c\x00\x04"
                    "dev1") },
        { { .version = MQTT_3_1, .client_id = SPAN_INIT("x"), .keep_alive = 0x1234 },
          SPAN_INIT("\x10\x0f\x00\x06MQIsdp\x03\x00\x12\x34\x00\x01x") },
        /* 3.1.2.3: User Name 1, Password 1, Will Retain 0, Will QoS 01, Will 1, Clean Session 1 */
        { { .version = MQTT_3_1_1,
            .client_id = SPAN_INIT("c"),
            .keep_alive = 10,
            .clean_session = true,
            .has_user = true,
            .has_password = true,
            .has_will = true,
            .user = SPAN_INIT("u"),
            .password = SPAN_INIT("pw"),
            .will_topic = SPAN_INIT("w/t"),
            .will_message = SPAN_INIT("bye"),
            .will_qos = 1 },
          SPAN_INIT("\x10\x1e\x00\x04MQTT\x04\xce\x00\x0a\x00\x01"
                    "c\x00\x03w/t\x00\x03"
                    "bye\x00\x01u\x00\x02pw") },
        { { .version = MQTT_3_1_1,
            .has_will = true,
            .will_topic = SPAN_INIT("w"),
            .will_qos = 2,
            .will_retain = true },
          SPAN_INIT("\x10\x11\x00\x04MQTT\x04\x34\x00\x00\x00\x00\x00\x01w\x00\x00") },
        { { .version = MQTT_3_1_1, .has_user = true }, /* an empty user name is one */
          SPAN_INIT("\x10\x0e\x00\x04MQTT\x04\x80\x00\x00\x00\x00\x00\x00") },
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf out;
        buf_init(&out, 1024);
        assert_true(packet_write_connect(&out, &rows[i].c));
        assert_span(buf_span(&out), rows[i].bytes, "CONNECT");
        buf_fini(&out);
    }
}

static void writes_packets(void **state)
{
    (void)state;

    static const struct {
        struct packet p;
        struct span bytes;
    } rows[] = {
        { { .type = PACKET_PUBLISH, .topic = SPAN_INIT("a/b"), .payload = SPAN_INIT("hi") },
          SPAN_INIT("\x30\x07\x00\x03"
                    "a/bhi") },
        { { .type = PACKET_PUBLISH, .retain = true, .topic = SPAN_INIT("t") },
          SPAN_INIT("\x31\x03\x00\x01t") },
        { { .type = PACKET_PUBLISH, .qos = 1, .identifier = 10, .topic = SPAN_INIT("a/b") },
          SPAN_INIT("\x32\x07\x00\x03"
                    "a/b\x00\x0a") },
        { { .type = PACKET_PUBLISH,
            .qos = 2,
            .dup = true,
            .retain = true,
            .identifier = 0x1234,
            .topic = SPAN_INIT("t"),
            .payload = SPAN_INIT("\x00\xff") },
          SPAN_INIT("\x3d\x07\x00\x01t\x12\x34\x00\xff") },
        { { .type = PACKET_PUBACK, .identifier = 1 }, SPAN_INIT("\x40\x02\x00\x01") },
        { { .type = PACKET_PUBREC, .identifier = 2 }, SPAN_INIT("\x50\x02\x00\x02") },
        { { .type = PACKET_PUBREL, .identifier = 3 }, SPAN_INIT("\x62\x02\x00\x03") },
        { { .type = PACKET_PUBCOMP, .identifier = 0xffff }, SPAN_INIT("\x70\x02\xff\xff") },
        { { .type = PACKET_PINGREQ }, SPAN_INIT("\xc0\x00") },
        { { .type = PACKET_DISCONNECT }, SPAN_INIT("\xe0\x00") },
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf out;
        buf_init(&out, 64);
        assert_true(packet_write(&out, &rows[i].p));
        assert_span(buf_span(&out), rows[i].bytes, packet_name(rows[i].p.type));
        buf_fini(&out);
    }
}

/* 3.8.3 and 3.10.3: figures of the standard, filters a/b with QoS 1 and c/d with QoS 2,
 * identifier 10. */
static void writes_subscribe(void **state)
{
    (void)state;
    static const struct mqtt_topic topics[] = { { SPAN_INIT("a/b"), 1 }, { SPAN_INIT("c/d"), 2 } };
    struct buf out;
    buf_init(&out, 64);
    assert_true(packet_write_subscribe(&out, 10, topics, 2, false));
    assert_span(buf_span(&out),
                SPAN_LIT("\x82\x0e\x00\x0a\x00\x03"
                         "a/b\x01\x00\x03"
                         "c/d\x02"),
                "SUBSCRIBE");
    buf_clear(&out);
    assert_true(packet_write_subscribe(&out, 11, topics, 1, true));
    assert_span(buf_span(&out),
                SPAN_LIT("\x8a\x08\x00\x0b\x00\x03"
                         "a/b\x01"),
                "SUBSCRIBE with DUP");
    buf_clear(&out);
    assert_true(packet_write_unsubscribe(&out, 10, topics, 2, false));
    assert_span(buf_span(&out),
                SPAN_LIT("\xa2\x0c\x00\x0a\x00\x03"
                         "a/b\x00\x03"
                         "c/d"),
                "UNSUBSCRIBE");
    buf_clear(&out);
    assert_true(packet_write_unsubscribe(&out, 10, topics, 1, true));
    assert_span(buf_span(&out),
                SPAN_LIT("\xaa\x07\x00\x0a\x00\x03"
                         "a/b"),
                "UNSUBSCRIBE with DUP");
    buf_fini(&out);
}

/* Whatever room there is: the whole packet or nothing, and what was there before stays. */
static void writes_all_or_nothing(void **state)
{
    (void)state;
    struct packet p = { .type = PACKET_PUBLISH,
                        .qos = 1,
                        .identifier = 1,
                        .topic = SPAN_LIT("a/b"),
                        .payload = SPAN_LIT("0123456789") };
    const size_t size = 19;
    for (size_t room = 0; room <= size; room++) {
        struct buf out;
        buf_init(&out, 1 + room);
        assert_true(buf_add_byte(&out, 0x55));
        assert_int_equal(packet_write(&out, &p), room == size);
        assert_int_equal(out.n, room == size ? 1 + size : 1);
        assert_int_equal(out.p[0], 0x55);
        buf_fini(&out);
    }
}

static void reader_stops_at_the_end(void **state)
{
    (void)state;
    struct reader r = reader_of(SPAN_LIT("\x01\x02\x03"));
    assert_int_equal(reader_u16(&r), 0x0102);
    assert_int_equal(reader_u16(&r), 0);
    assert_true(r.failed);
    assert_int_equal(reader_u8(&r), 0); /* failed stays failed, though a byte is left */
    assert_int_equal(reader_bytes(&r, 0).n, 0);

    r = reader_of(SPAN_LIT("\x00\x03"
                           "ab"));
    assert_int_equal(reader_string(&r).n, 0);
    assert_true(r.failed);

    r = reader_of(SPAN_LIT("\x00\x02"
                           "ab"));
    assert_span(reader_string(&r), SPAN_LIT("ab"), "string");
    assert_false(r.failed);
    assert_int_equal(r.rest.n, 0);
}

static void utf8_table(void **state)
{
    (void)state;

    static const struct {
        struct span bytes;
        bool valid;
    } rows[] = {
        { SPAN_INIT(""), true },
        { SPAN_INIT("abc\x7f"), true },
        { SPAN_INIT("\x00"), true },
        { SPAN_INIT("\x80"), false },             /* continuation alone */
        { SPAN_INIT("\xc1\xbf"), false },         /* overlong U+007F */
        { SPAN_INIT("\xc2\x80"), true },          /* U+0080 */
        { SPAN_INIT("\xdf\xbf"), true },          /* U+07FF */
        { SPAN_INIT("\xdf"), false },             /* cut off */
        { SPAN_INIT("\xdf\xc0"), false },         /* no continuation */
        { SPAN_INIT("\xe0\x9f\xbf"), false },     /* overlong U+07FF */
        { SPAN_INIT("\xe0\xa0\x80"), true },      /* U+0800 */
        { SPAN_INIT("\xed\x9f\xbf"), true },      /* U+D7FF */
        { SPAN_INIT("\xed\xa0\x80"), false },     /* U+D800 */
        { SPAN_INIT("\xee\x80\x80"), true },      /* U+E000 */
        { SPAN_INIT("\xef\xbf\xbf"), true },      /* U+FFFF */
        { SPAN_INIT("\xef\xbf"), false },         /* cut off */
        { SPAN_INIT("\xef\xbf\x41"), false },     /* third is no continuation */
        { SPAN_INIT("\xf0\x8f\xbf\xbf"), false }, /* overlong U+FFFF */
        { SPAN_INIT("\xf0\x90\x80\x80"), true },  /* U+10000 */
        { SPAN_INIT("\xf4\x8f\xbf\xbf"), true },  /* U+10FFFF */
        { SPAN_INIT("\xf4\x90\x80\x80"), false }, /* U+110000 */
        { SPAN_INIT("\xf5\x80\x80\x80"), false },
        { SPAN_INIT("\xff"), false },
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (utf8_valid(rows[i].bytes) != rows[i].valid) {
            fail_msg("row %zu", i);
        }
    }
}

/* A row without its file would leave the fuzzer without that seed. */
static void vectors_are_in_the_corpus(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(packet_vectors); i++) {
        const struct packet_vector *v = &packet_vectors[i];
        char path[1024];
        (void)snprintf(path, sizeof path, "%s/%s", PACKET_CORPUS, v->name);
        FILE *f = fopen(path, "rb");
        if (f == NULL) {
            fail_msg("%s is missing: version byte, then the bytes of the row", path);
        }
        uint8_t got[64];
        size_t n = fread(got, 1, sizeof got, f);
        (void)fclose(f);
        assert_int_equal(n, 1 + v->bytes.n);
        assert_int_equal(got[0], v->version);
        assert_span(span_of(got + 1, n - 1), v->bytes, v->name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_vectors),
        cmocka_unit_test(header_cut_off_is_incomplete),
        cmocka_unit_test(remaining_length_table),
        cmocka_unit_test(remaining_length_written),
        cmocka_unit_test(writes_connect),
        cmocka_unit_test(writes_packets),
        cmocka_unit_test(writes_subscribe),
        cmocka_unit_test(writes_all_or_nothing),
        cmocka_unit_test(reader_stops_at_the_end),
        cmocka_unit_test(utf8_table),
        cmocka_unit_test(vectors_are_in_the_corpus),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
