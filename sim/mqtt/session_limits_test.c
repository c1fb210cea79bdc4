/* The session over time and at its limits: keep-alive, oversized messages, memory, the trace. */
#include <stdlib.h>

#include "sim/mqtt/session_rig.h"

/* 3.1.2.10: from the last packet sent, not from the last one received. */
static void ping_after_silence(void **state)
{
    (void)state;
    struct rig r;
    rig_init(&r);
    rig_connected(&r, MQTT_3_1_1, true, 10);
    rig_time(&r, 9999);
    assert_sent(&r, "");
    rig_feed(&r, SPAN_LIT("\x30\x04\x00\x01tx"));
    rig_time(&r, 10000);
    assert_sent(&r, "\xc0\x00");
    assert_int_equal(r.wakes, 1);
    rig_feed(&r, SPAN_LIT("\xd0\x00"));
    rig_time(&r, 19999);
    assert_sent(&r, "\xc0\x00");
    rig_time(&r, 20000);
    assert_sent(&r, "\xc0\x00\xc0\x00");
    assert_told(&r, "MESSAGE qos 0 t x\n");
    rig_fini(&r);
}

static void sending_puts_the_ping_off(void **state)
{
    (void)state;
    struct rig r;
    rig_init(&r);
    rig_connected(&r, MQTT_3_1_1, true, 10);
    rig_time(&r, 6000);
    mqtt_session_publish(&r.s, SPAN_LIT("t"), SPAN_LIT(""), 0, false, false);
    rig_drain(&r);
    rig_time(&r, 12000);
    assert_sent(&r, "\x30\x03\x00\x01t");
    rig_feed(&r, SPAN_LIT("\x32\x05\x00\x01t\x00\x01")); /* the PUBACK counts as well */
    rig_forget(&r);
    rig_time(&r, 21999);
    assert_sent(&r, "");
    rig_time(&r, 22000);
    assert_sent(&r, "\xc0\x00");
    rig_fini(&r);
}

static void missing_pingresp_is_told_once_each(void **state)
{
    (void)state;
    struct rig r;
    rig_init(&r);
    rig_connected(&r, MQTT_3_1_1, true, 10);
    rig_time(&r, 10000);
    rig_time(&r, 19999);
    assert_told(&r, "");
    rig_time(&r, 20000);
    assert_told(&r, "PING_TIMEOUT\n");
    assert_sent(&r, "\xc0\x00\xc0\x00"); /* and on at the same pace */
    rig_time(&r, 29999);
    assert_told(&r, "PING_TIMEOUT\n");
    rig_feed(&r, SPAN_LIT("\xd0\x00"));
    rig_time(&r, 30000);
    assert_told(&r, "PING_TIMEOUT\n");
    assert_sent(&r, "\xc0\x00\xc0\x00\xc0\x00");
    rig_fini(&r);
}

/* With other packets going out no PINGREQ is due, yet the one that is open has its time limit. */
static void one_ping_at_a_time(void **state)
{
    (void)state;
    struct rig r;
    rig_init(&r);
    rig_connected(&r, MQTT_3_1_1, true, 10);
    rig_time(&r, 10000);
    rig_time(&r, 15000);
    mqtt_session_publish(&r.s, SPAN_LIT("t"), SPAN_LIT(""), 0, false, false);
    rig_forget(&r);
    rig_drain(&r);
    rig_forget(&r);
    rig_time(&r, 20000);
    assert_told(&r, "PING_TIMEOUT\n");
    assert_sent(&r, "");
    rig_time(&r, 25000);
    assert_sent(&r, "\xc0\x00");
    rig_fini(&r);
}

static void no_ping(void **state)
{
    (void)state;
    struct rig r;
    rig_init(&r);
    rig_connected(&r, MQTT_3_1_1, true, 0); /* keep_alive 0 */
    assert_null(r.sched.head);
    rig_connect(&r, MQTT_3_1_1, true, 10); /* not before CONNACK */
    assert_null(r.sched.head);
    rig_feed(&r, SPAN_LIT("\x20\x02\x00\x00"));
    assert_non_null(r.sched.head);
    mqtt_session_disconnect(&r.s);
    assert_null(r.sched.head);
    rig_connected(&r, MQTT_3_1_1, true, 10);
    mqtt_session_link_lost(&r.s);
    assert_null(r.sched.head);
    rig_connected(&r, MQTT_3_1_1, true, 10);
    rig_feed(&r, SPAN_LIT("\xff")); /* protocol error */
    assert_null(r.sched.head);
    rig_connect(&r, MQTT_3_1_1, true, 10);
    rig_feed(&r, SPAN_LIT("\x20\x02\x00\x01")); /* refused */
    assert_null(r.sched.head);
    rig_fini(&r);
}

struct message {
    size_t topic, payload;
    uint8_t qos;
    const char *told; /* NULL: the message itself */
};

/* A PUBLISH with identifier 7, topic of 't', payload of 'x'. */
static struct buf make_publish(const struct message *m)
{
    struct buf text, out;
    buf_init(&text, RIG_CAP);
    buf_init(&out, RIG_CAP);
    for (size_t i = 0; i < m->topic + m->payload; i++) {
        assert_true(buf_add_byte(&text, i < m->topic ? 't' : 'x'));
    }
    struct packet p = { .type = PACKET_PUBLISH,
                        .qos = m->qos,
                        .identifier = 7,
                        .topic = span_of(text.p, m->topic),
                        .payload = span_of(text.p + m->topic, m->payload) };
    assert_true(packet_write(&out, &p));
    buf_fini(&text);
    return out;
}

/* Followed by a small message, which must come through; in pieces of 'piece' bytes. */
static void feed_message(const struct message *m, size_t piece)
{
    struct rig r;
    rig_init(&r);
    rig_connected(&r, MQTT_3_1_1, true, 0);
    struct buf in = make_publish(m);
    assert_true(buf_add(&in, SPAN_LIT("\x30\x04\x00\x01tx")));
    for (struct span rest = buf_span(&in); rest.n > 0; rest = span_from(rest, piece)) {
        rig_feed(&r, span_of(rest.p, rest.n < piece ? rest.n : piece));
        assert_true(r.s.in.size <= 32768);
    }
    static const char tail[] = "MESSAGE qos 0 t x\n";
    assert_true(r.told.n > sizeof tail - 1);
    assert_memory_equal(r.told.p + r.told.n - (sizeof tail - 1), tail, sizeof tail - 1);
    r.told.n -= sizeof tail - 1;
    if (m->told != NULL) {
        assert_told(&r, m->told);
    } else {
        assert_int_equal(r.told.n, sizeof "MESSAGE qos 0  \n" - 1 + m->topic + m->payload);
    }
    if (m->qos == 0) {
        assert_sent(&r, "");
    } else if (m->qos == 1) {
        assert_sent(&r, "\x40\x02\x00\x07");
    } else {
        assert_sent(&r, "\x50\x02\x00\x07");
    }
    buf_fini(&in);
    rig_fini(&r);
}

static void limits_of_a_message(void **state)
{
    (void)state;
    static const struct message rows[] = {
        { 1024, 10240, 0, NULL },
        { 1024, 10240, 1, NULL },
        { 1024, 10240, 2, NULL },
        { 1025, 0, 0, "OVERSIZE qos 0 1025 0\n" },
        { 1025, 10, 1, "OVERSIZE qos 1 1025 10\n" },
        { 1, 10241, 0, "OVERSIZE qos 0 1 10241\n" },
        { 1, 10241, 2, "OVERSIZE qos 2 1 10241\n" },
        { 1024, 10241, 0, "OVERSIZE qos 0 1024 10241\n" },
        { 1024, 10243, 0, "OVERSIZE qos 0 1024 10243\n" },
        { 1025, 10240, 1, "OVERSIZE qos 1 1025 10240\n" },
        { 1025, 10240, 2, "OVERSIZE qos 2 1025 10240\n" },
        { 65535, 0, 1, "OVERSIZE qos 1 65535 0\n" },
        { 65535, 0, 0, "OVERSIZE qos 0 65535 0\n" },
        { 5, 200000, 2, "OVERSIZE qos 2 5 200000\n" },
    };
    static const size_t pieces[] = { 1, 2, 7, 1460, MQTT_INPUT_MAX };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        for (size_t k = 0; k < ARRAY_LEN(pieces); k++) {
            feed_message(&rows[i], pieces[k]);
        }
    }
}

/* The largest Remaining Length there is: 256 MiB pass in bounded memory, told once although sent
 * twice. */
static void largest_packet(void **state)
{
    (void)state;
    struct rig r;
    rig_init(&r);
    rig_connected(&r, MQTT_3_1_1, true, 0);
    static const uint8_t filler[MQTT_INPUT_MAX];
    for (int i = 0; i < 2; i++) {
        rig_feed(&r, SPAN_LIT("\x34\xff\xff\xff\x7f\x00\x01t\x00\x07"));
        for (size_t left = PACKET_REMAINING_MAX - 5; left > 0;) {
            size_t n = left < sizeof filler ? left : sizeof filler;
            rig_feed(&r, span_of(filler, n));
            left -= n;
        }
        assert_told(&r, "OVERSIZE qos 2 1 268435450\n");
    }
    assert_sent(&r, "\x50\x02\x00\x07\x50\x02\x00\x07");
    rig_fini(&r);
}

/* Errors in the part of an oversized message that is looked at. */
static void malformed_oversize(void **state)
{
    (void)state;

    static const struct {
        struct span in;
        const char *told;
    } rows[] = {
        { SPAN_INIT("\x30\xff\x7f\x00\x00"),
          "ERROR topic name that is empty, not UTF-8, or has a NUL or a wildcard\n" },
        { SPAN_INIT("\x30\xff\x7f\x3f\xfe"), "ERROR wrong length for this packet type\n" },
        { SPAN_INIT("\x32\xff\x7f\x3f\xfc"), "ERROR wrong length for this packet type\n" },
        { SPAN_INIT("\x32\xff\x7f\x00\x01t\x00\x00"), "ERROR packet identifier 0\n" },
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct rig r;
        rig_init(&r);
        rig_connected(&r, MQTT_3_1_1, true, 0);
        for (size_t k = 0; k < rows[i].in.n; k++) {
            assert_told(&r, "");
            rig_feed(&r, span_of(rows[i].in.p + k, 1));
        }
        assert_told(&r, rows[i].told);
        rig_fini(&r);
    }
}

/* MQTT_INPUT_MAX fits behind the longest unfinished packet; much more does not, and says so. */
static void input_limit(void **state)
{
    (void)state;
    static const uint8_t zeros[2 * MQTT_INPUT_MAX];
    struct rig r;
    rig_init(&r);
    rig_connected(&r, MQTT_3_1_1, true, 0);
    struct buf in = make_publish(&(struct message){ .topic = 1024, .payload = 10240, .qos = 1 });
    rig_feed(&r, span_of(in.p, in.n - 1));
    assert_told(&r, "");
    mqtt_session_input(&r.s, span_of(zeros, MQTT_INPUT_MAX));
    rig_drain(&r);
    assert_int_equal(r.told.p[0], 'M'); /* complete: its last byte is a zero instead of an 'x' */
    rig_forget(&r);
    buf_fini(&in);

    rig_connected(&r, MQTT_3_1_1, true, 0);
    mqtt_session_input(&r.s, span_of(zeros, sizeof zeros));
    rig_drain(&r);
    assert_told(&r, "ERROR more input than the session holds\n");
    rig_fini(&r);
}

/* A broker that sends and never reads: the output stops growing, the session says so and wakes its
 * owner. */
static void output_limit(void **state)
{
    (void)state;
    struct rig r;
    rig_init(&r);
    rig_connected(&r, MQTT_3_1_1, true, 10);
    r.trace.sink = NULL; /* megabytes otherwise */
    struct mqtt_event e = { .kind = MQTT_EV_MESSAGE };
    size_t messages = 0;
    while (e.kind == MQTT_EV_MESSAGE) {
        mqtt_session_input(&r.s, SPAN_LIT("\x32\x05\x00\x01t\x00\x01"));
        while (mqtt_session_next(&r.s, &e) && e.kind == MQTT_EV_MESSAGE) {
            messages++;
        }
        assert_true(messages <= MQTT_OUTPUT_MAX);
    }
    assert_int_equal(e.kind, MQTT_EV_PROTOCOL_ERROR);
    assert_string_equal(e.what, "the broker does not take what is sent to it");
    assert_int_equal(messages, MQTT_OUTPUT_MAX / 4 + 1);
    assert_int_equal(mqtt_session_output(&r.s).n, MQTT_OUTPUT_MAX);
    assert_int_equal(r.wakes, 1);
    assert_null(r.sched.head);
    rig_fini(&r);
}

/* Between messages a connected session holds next to nothing. */
static void idle_memory(void **state)
{
    (void)state;
    struct rig r;
    rig_init(&r);
    rig_connected(&r, MQTT_3_1_1, true, 60);
    struct buf in = make_publish(&(struct message){ .topic = 1024, .payload = 10240, .qos = 2 });
    rig_feed(&r, buf_span(&in));
    rig_feed(&r, SPAN_LIT("\x62\x02\x00\x07"));
    mqtt_session_publish(&r.s, SPAN_LIT("t"), buf_span(&in), 0, false, false);
    rig_drain(&r);
    assert_true(r.s.in.size + r.s.out.size <= 1024);
    assert_null(r.s.received.bits);
    buf_fini(&in);
    rig_fini(&r);
}

static void trace_of_connect(void **state)
{
    (void)state;
    struct rig r;
    rig_init(&r);
    struct mqtt_connect c = { .version = MQTT_3_1_1,
                              .client_id = SPAN_LIT("thing1"),
                              .keep_alive = 60,
                              .has_user = true,
                              .has_password = true,
                              .has_will = true,
                              .user = SPAN_LIT("me"),
                              .password = SPAN_LIT("secret"),
                              .will_topic = SPAN_LIT("w"),
                              .will_message = SPAN_LIT("bye"),
                              .will_qos = 1 };
    mqtt_session_connect(&r.s, &c);
    rig_drain(&r);
    assert_text(&r.trail,
                "mqtt dir=out packet=CONNECT protocol_level=4 client_id=thing1 keep_alive=60 "
                "clean_session=0 user_name=me password_flag=1 will_topic=w will_qos=1 "
                "will_retain=0 will_message_length=3 will_message=bye\n");
    assert_null(r.s.out.p); /* the bytes with the password are gone */
    rig_fini(&r);
}

static void trace_of_packets(void **state)
{
    (void)state;
    struct rig r;
    rig_init(&r);
    rig_connected(&r, MQTT_3_1_1, true, 0);
    static const struct mqtt_topic topics[] = { { SPAN_INIT("a"), 1 }, { SPAN_INIT("b"), 0 } };
    mqtt_session_subscribe(&r.s, topics, 2, false);
    mqtt_session_unsubscribe(&r.s, topics, 1, false);
    rig_feed(&r, SPAN_LIT("\x90\x04\x00\x01\x01\x80"
                          "\x32\x06\x00\x01t\x00\x07x"
                          "\x40\x02\x00\x09"
                          "\xd0\x00"));
    mqtt_session_disconnect(&r.s);
    assert_text(
        &r.trail,
        "mqtt dir=out packet=SUBSCRIBE packet_identifier=1 topics=2 topic_filter=a requested_qos=1 "
        "topic_filter_2=b requested_qos_2=0\n"
        "mqtt dir=out packet=UNSUBSCRIBE packet_identifier=2 topics=1 topic_filter=a\n"
        "mqtt dir=in packet=SUBACK packet_identifier=1 topics=2 return_codes=1 128\n"
        "mqtt dir=in packet=PUBLISH packet_identifier=7 topic=t qos=1 retain=0 dup=0 "
        "payload_length=1 payload=x\n"
        "mqtt dir=out packet=PUBACK packet_identifier=7\n"
        "mqtt dir=in packet=PUBACK packet_identifier=9 note=nothing is open with this identifier\n"
        "mqtt dir=in packet=PINGRESP note=no PINGREQ is open\n"
        "mqtt dir=out packet=DISCONNECT\n");
    rig_fini(&r);
}

/* Long payloads are cut, oversized messages have only their lengths, errors have their reason. */
static void trace_of_extremes(void **state)
{
    (void)state;
    struct rig r;
    rig_init(&r);
    rig_connected(&r, MQTT_3_1_1, true, 0);
    static const uint8_t zeros[10000];
    mqtt_session_publish(&r.s, SPAN_LIT("t"), span_of(zeros, sizeof zeros), 0, false, false);
    assert_in_range(r.trail.n, 256, 256 + 100);
    static struct mqtt_topic many[2000];
    for (size_t i = 0; i < ARRAY_LEN(many); i++) {
        many[i] = (struct mqtt_topic){ SPAN_LIT("a"), 0 };
    }
    rig_forget(&r);
    mqtt_session_subscribe(&r.s, many, ARRAY_LEN(many), false);
    assert_in_range(r.trail.n, 100, 400);
    rig_forget(&r);
    struct buf in = make_publish(&(struct message){ .topic = 1, .payload = 10241, .qos = 1 });
    rig_feed(&r, buf_span(&in));
    rig_feed(&r, SPAN_LIT("\xf0"));
    assert_text(&r.trail, "mqtt dir=in packet=PUBLISH packet_identifier=7 qos=1 retain=0 dup=0 "
                          "topic_length=1 payload_length=10241 "
                          "note=dropped: larger than the modem takes\n"
                          "mqtt dir=out packet=PUBACK packet_identifier=7\n"
                          "mqtt dir=in packet=reserved error=reserved packet type\n");
    buf_fini(&in);
    rig_fini(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ping_after_silence),
        cmocka_unit_test(sending_puts_the_ping_off),
        cmocka_unit_test(missing_pingresp_is_told_once_each),
        cmocka_unit_test(one_ping_at_a_time),
        cmocka_unit_test(no_ping),
        cmocka_unit_test(limits_of_a_message),
        cmocka_unit_test(largest_packet),
        cmocka_unit_test(malformed_oversize),
        cmocka_unit_test(input_limit),
        cmocka_unit_test(output_limit),
        cmocka_unit_test(idle_memory),
        cmocka_unit_test(trace_of_connect),
        cmocka_unit_test(trace_of_packets),
        cmocka_unit_test(trace_of_extremes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
