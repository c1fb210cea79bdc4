#include "base/check.h"
#include "broker/gateway_packet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static const struct {
    struct span bytes;
    enum packet_framing framing;
    size_t length; /* of a complete one */
} framing_row[] = {
    { { NULL, 0 }, PACKET_INCOMPLETE, 0 },
    { { (const uint8_t *)"\xC0", 1 }, PACKET_INCOMPLETE, 0 },
    { { (const uint8_t *)"\xC0\x00", 2 }, PACKET_COMPLETE, 2 },
    { { (const uint8_t *)"\x30\x02\x00", 3 }, PACKET_INCOMPLETE, 0 },
    { { (const uint8_t *)"\x30\x02\x00\x00\xC0", 5 }, PACKET_COMPLETE, 4 },
    { { (const uint8_t *)"\x30\x82\x00\x00\x00", 5 }, PACKET_COMPLETE, 5 },
    { { (const uint8_t *)"\x00\x00", 2 }, PACKET_MALFORMED, 0 },
    { { (const uint8_t *)"\xF0\x00", 2 }, PACKET_MALFORMED, 0 },
    { { (const uint8_t *)"\x30\x80\x80\x80\x80\x01", 6 }, PACKET_MALFORMED, 0 },
    { { (const uint8_t *)"\x30\x65", 2 }, PACKET_TOO_LONG, 0 },
    { { (const uint8_t *)"\x30\xFF\xFF\xFF\x7F", 5 }, PACKET_TOO_LONG, 0 },
};

static void packets_end_where_their_header_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(framing_row); i++) {
        struct packet packet = { 0 };
        assert_int_equal(packet_next(framing_row[i].bytes, 100, &packet), framing_row[i].framing);
        assert_int_equal(packet.bytes.n, framing_row[i].length);
    }
}

#define CONNECT_REST "\0\x04MQTT\x04"

static const char *read_connect(struct span body, struct packet_connect *connect)
{
    return packet_read_connect(&(struct packet){ .type = PACKET_CONNECT, .body = body }, connect);
}

static void a_connect_is_written_as_it_was_read(void **state)
{
    (void)state;
    static const char body[] = CONNECT_REST "\xEE\0\x3C\0\x02id\0\x01w\0\x02hi\0\x01u\0\x01p";
    struct packet_connect connect;
    struct buf out;
    buf_init(&out, 1000);
    assert_null(read_connect(span_of(body, sizeof body - 1), &connect));
    assert_true(span_eq(connect.client_id, SPAN_LIT("id")));
    assert_true(span_eq(connect.will_topic, SPAN_LIT("w")));
    assert_int_equal(connect.keep_alive, 60);
    assert_int_equal(connect.will_qos, 1);
    packet_write_connect(&out, &connect);
    struct packet packet;
    assert_int_equal(packet_next(buf_span(&out), 1000, &packet), PACKET_COMPLETE);
    assert_true(span_eq(packet.body, span_of(body, sizeof body - 1)));
    /* every shorter one is malformed */
    for (size_t n = 0; n < sizeof body - 1; n++) {
        assert_non_null(read_connect(span_of(body, n), &connect));
    }
    buf_fini(&out);
}

static void a_bad_connect_is_told(void **state)
{
    (void)state;

    static const struct {
        struct span body;
    } row[] = {
        { { (const uint8_t *)CONNECT_REST "\x03\0\0\0\0", 12 } },         /* reserved flag */
        { { (const uint8_t *)CONNECT_REST "\x42\0\0\0\0\0\0", 14 } },     /* password alone */
        { { (const uint8_t *)CONNECT_REST "\x0A\0\0\0\0", 12 } },         /* will QoS alone */
        { { (const uint8_t *)CONNECT_REST "\x1E\0\0\0\0\0\0\0\0", 16 } }, /* will QoS 3 */
        { { (const uint8_t *)CONNECT_REST "\x02\0\0\0\0x", 13 } },        /* more behind it */
        { { (const uint8_t *)"\0\x04HTTP\x04\x02\0\0\0\0", 12 } },
    };

    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        struct packet_connect connect;
        assert_non_null(read_connect(row[i].body, &connect));
    }
    struct packet_connect later;
    assert_null(read_connect(SPAN_LIT("\0\x04MQTT\x05\x02\0\0\0\0\0"), &later));
    assert_int_equal(later.level, 5);
}

static void filters_are_checked_before_they_are_given_out(void **state)
{
    (void)state;

    static const struct {
        struct span body;
        uint8_t flags;
        size_t count; /* 0: malformed */
    } row[] = {
        { { (const uint8_t *)"\0\x01\0\x01#\x01\0\x01+\x00", 10 }, 2, 2 },
        { { (const uint8_t *)"\0\x01\0\x01#\x01", 6 }, 10, 0 }, /* DUP */
        { { (const uint8_t *)"\0\x01\0\x01#\x03", 6 }, 2, 0 },
        { { (const uint8_t *)"\0\x01\0\x01#", 5 }, 2, 0 },
        { { (const uint8_t *)"\0\x01", 2 }, 2, 0 },
        { { (const uint8_t *)"\0\0\0\x01#\x01", 6 }, 2, 0 },
        { { (const uint8_t *)"\0\x01\0\0\x01", 5 }, 2, 0 },
    };

    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        struct packet packet = { .type = PACKET_SUBSCRIBE,
                                 .flags = row[i].flags,
                                 .body = row[i].body };
        struct packet_filters filters = { 0 };
        assert_int_equal(packet_read_filters(&packet, &filters) == NULL, row[i].count > 0);
        struct span filter;
        uint8_t qos = 0;
        size_t count = 0;
        while (row[i].count > 0 && packet_next_filter(&filters, &filter, &qos)) {
            count++;
        }
        assert_int_equal(count, row[i].count);
    }
}

static void a_publish_is_read(void **state)
{
    (void)state;
    struct packet_publish publish;
    struct packet packet = { .type = PACKET_PUBLISH,
                             .flags = 3,
                             .body = SPAN_LIT("\0\x01t\0\x07hi") };
    assert_null(packet_read_publish(&packet, &publish));
    assert_int_equal(publish.id, 7);
    assert_true(publish.retain);
    assert_true(span_eq(publish.payload, SPAN_LIT("hi")));
    packet.flags = 6;
    assert_non_null(packet_read_publish(&packet, &publish));
    packet = (struct packet){ .type = PACKET_PUBLISH, .flags = 2, .body = SPAN_LIT("\0\x01t\0") };
    assert_non_null(packet_read_publish(&packet, &publish));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packets_end_where_their_header_says),
        cmocka_unit_test(a_connect_is_written_as_it_was_read),
        cmocka_unit_test(a_bad_connect_is_told),
        cmocka_unit_test(filters_are_checked_before_they_are_given_out),
        cmocka_unit_test(a_publish_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
