/* What the broker sends, and what the session tells and answers: every row is fed whole, byte by
 * byte and split at each position. */
#include "sim/mqtt/session_rig.h"

static const struct mqtt_topic two_topics[] = { { SPAN_INIT("a/b"), 1 }, { SPAN_INIT("c/d"), 2 } };

/* Requests of a row; each is the first on its connection, so its packet identifier is 1. */
static void ask_nothing(struct rig *r)
{
    (void)r;
}

static void ask_qos1(struct rig *r)
{
    mqtt_session_publish(&r->s, SPAN_LIT("t"), SPAN_LIT("x"), 1, false, false);
}

static void ask_qos2(struct rig *r)
{
    mqtt_session_publish(&r->s, SPAN_LIT("t"), SPAN_LIT("x"), 2, false, false);
}

static void ask_qos1_twice(struct rig *r)
{
    ask_qos1(r);
    ask_qos1(r);
}

static void ask_subscribe(struct rig *r)
{
    mqtt_session_subscribe(&r->s, two_topics, 2, false);
}

static void ask_unsubscribe(struct rig *r)
{
    mqtt_session_unsubscribe(&r->s, two_topics, 1, false);
}

static void ask_disconnect(struct rig *r)
{
    mqtt_session_disconnect(&r->s);
}

struct row {
    const char *name;
    void (*ask)(struct rig *r);
    struct span in;
    const char *told;
    struct span sent;
};

#define IN(s)   SPAN_INIT(s)
#define SENT(s) SPAN_INIT(s)

static const struct row connected_rows[] = {
    { "QoS 0 message", ask_nothing,
      IN("\x30\x07\x00\x03"
         "a/bhi"),
      "MESSAGE qos 0 a/b hi\n", SENT("") },
    { "retained, no payload", ask_nothing, IN("\x31\x03\x00\x01t"), "MESSAGE qos 0 retain t \n",
      SENT("") },
    { "QoS 1 message is acknowledged", ask_nothing, IN("\x32\x06\x00\x01t\x00\x0ax"),
      "MESSAGE qos 1 t x\n", SENT("\x40\x02\x00\x0a") },
    { "the same QoS 1 message again is a message again", ask_nothing,
      IN("\x32\x06\x00\x01t\x00\x0ax"
         "\x3a\x06\x00\x01t\x00\x0ax"),
      "MESSAGE qos 1 t x\nMESSAGE qos 1 t x\n", SENT("\x40\x02\x00\x0a\x40\x02\x00\x0a") },
    { "QoS 2 message, whole cycle", ask_nothing,
      IN("\x34\x06\x00\x01t\x00\x0ax"
         "\x62\x02\x00\x0a"),
      "MESSAGE qos 2 t x\n", SENT("\x50\x02\x00\x0a\x70\x02\x00\x0a") },
    { "QoS 2 duplicate is delivered once, DUP or not", ask_nothing,
      IN("\x34\x06\x00\x01t\x00\x0ax"
         "\x3c\x06\x00\x01t\x00\x0ax"
         "\x34\x06\x00\x01t\x00\x0ax"),
      "MESSAGE qos 2 t x\n", SENT("\x50\x02\x00\x0a\x50\x02\x00\x0a\x50\x02\x00\x0a") },
    { "after PUBREL the identifier is free for a new message", ask_nothing,
      IN("\x34\x06\x00\x01t\x00\x0ax"
         "\x62\x02\x00\x0a"
         "\x34\x06\x00\x01t\x00\x0ay"),
      "MESSAGE qos 2 t x\nMESSAGE qos 2 t y\n",
      SENT("\x50\x02\x00\x0a\x70\x02\x00\x0a\x50\x02\x00\x0a") },
    { "two QoS 2 messages, released in the other order", ask_nothing,
      IN("\x34\x06\x00\x01t\x00\x01x"
         "\x34\x06\x00\x01t\xff\xffy"
         "\x62\x02\xff\xff\x62\x02\x00\x01"),
      "MESSAGE qos 2 t x\nMESSAGE qos 2 t y\n",
      SENT("\x50\x02\x00\x01\x50\x02\xff\xff\x70\x02\xff\xff\x70\x02\x00\x01") },
    { "PUBREL of an unknown identifier", ask_nothing, IN("\x62\x02\x12\x34"), "",
      SENT("\x70\x02\x12\x34") },

    { "PUBACK", ask_qos1, IN("\x40\x02\x00\x01"), "PUBLISHED\n", SENT("") },
    { "PUBACK twice counts once", ask_qos1, IN("\x40\x02\x00\x01\x40\x02\x00\x01"), "PUBLISHED\n",
      SENT("") },
    { "PUBACK of another identifier", ask_qos1, IN("\x40\x02\x00\x02"), "", SENT("") },
    { "PUBACK for QoS 2", ask_qos2, IN("\x40\x02\x00\x01"), "", SENT("") },
    { "PUBACK of a message given up, then of the new one", ask_qos1_twice,
      IN("\x40\x02\x00\x01\x40\x02\x00\x02"), "PUBLISHED\n", SENT("") },
    { "QoS 2 out, whole cycle", ask_qos2, IN("\x50\x02\x00\x01\x70\x02\x00\x01"), "PUBLISHED\n",
      SENT("\x62\x02\x00\x01") },
    { "PUBREC alone is not the end", ask_qos2, IN("\x50\x02\x00\x01"), "",
      SENT("\x62\x02\x00\x01") },
    { "PUBREC again", ask_qos2, IN("\x50\x02\x00\x01\x50\x02\x00\x01\x70\x02\x00\x01"),
      "PUBLISHED\n", SENT("\x62\x02\x00\x01\x62\x02\x00\x01") },
    { "PUBCOMP before PUBREC", ask_qos2, IN("\x70\x02\x00\x01"), "", SENT("") },
    { "PUBREC for QoS 1 does not end it", ask_qos1,
      IN("\x50\x02\x00\x01\x70\x02\x00\x01\x40\x02\x00\x01"), "PUBLISHED\n",
      SENT("\x62\x02\x00\x01") },
    { "PUBREC of an unknown identifier", ask_nothing, IN("\x50\x02\x00\x09\x70\x02\x00\x09"), "",
      SENT("\x62\x02\x00\x09") },

    { "SUBACK", ask_subscribe, IN("\x90\x04\x00\x01\x01\x80"), "SUBACK 1 128\n", SENT("") },
    { "message before its SUBACK", ask_subscribe,
      IN("\x31\x05\x00\x03"
         "a/b\x90\x04\x00\x01\x00\x02"),
      "MESSAGE qos 0 retain a/b \nSUBACK 0 2\n", SENT("") },
    { "SUBACK with too few codes", ask_subscribe, IN("\x90\x03\x00\x01\x00"),
      "ERROR SUBACK with another number of return codes than topics\n", SENT("") },
    { "SUBACK with too many codes", ask_subscribe, IN("\x90\x05\x00\x01\x00\x00\x00"),
      "ERROR SUBACK with another number of return codes than topics\n", SENT("") },
    { "SUBACK of another identifier", ask_subscribe, IN("\x90\x03\x00\x02\x00"), "", SENT("") },
    { "SUBACK without SUBSCRIBE", ask_nothing, IN("\x90\x03\x00\x01\x00"), "", SENT("") },
    { "SUBACK longer than any", ask_subscribe, IN("\x90\x86\x58"),
      "ERROR SUBACK longer than for any SUBSCRIBE\n", SENT("") },
    { "UNSUBACK", ask_unsubscribe, IN("\xb0\x02\x00\x01"), "UNSUBACK\n", SENT("") },
    { "UNSUBACK of another identifier", ask_unsubscribe, IN("\xb0\x02\x00\x02"), "", SENT("") },
    { "UNSUBACK does not answer SUBSCRIBE", ask_subscribe, IN("\xb0\x02\x00\x01"), "", SENT("") },
    { "PINGRESP nobody asked for", ask_nothing, IN("\xd0\x00"), "", SENT("") },

    { "second CONNACK", ask_nothing, IN("\x20\x02\x00\x00"), "ERROR second CONNACK\n", SENT("") },
    { "packet of a client", ask_nothing, IN("\xc0\x00"),
      "ERROR packet type that only a client may send\n", SENT("") },
    { "after an error nothing is decoded", ask_nothing,
      IN("\x32\x06\x00\x01t\x00\x0ax"
         "\xf0\x00"
         "\x32\x06\x00\x01t\x00\x0bx"),
      "MESSAGE qos 1 t x\nERROR reserved packet type\n", SENT("\x40\x02\x00\x0a") },
    { "after DISCONNECT nothing is decoded", ask_disconnect, IN("\x30\x04\x00\x01tx"), "",
      SENT("") },
};

static const struct row fresh_rows[] = {
    { "accepted", ask_nothing, IN("\x20\x02\x00\x00"), "CONNACK 0\n", SENT("") },
    { "accepted, session present", ask_nothing, IN("\x20\x02\x01\x00"), "CONNACK 0 present\n",
      SENT("") },
    { "refused", ask_nothing, IN("\x20\x02\x00\x05"), "CONNACK 5\n", SENT("") },
    { "refused with an unknown code", ask_nothing, IN("\x20\x02\x00\xff"), "CONNACK 255\n",
      SENT("") },
    { "nothing counts after a refusal", ask_nothing, IN("\x20\x02\x00\x02\x30\x04\x00\x01tx\xff"),
      "CONNACK 2\n", SENT("") },
    { "message right behind CONNACK", ask_nothing, IN("\x20\x02\x00\x00\x30\x04\x00\x01tx"),
      "CONNACK 0\nMESSAGE qos 0 t x\n", SENT("") },
    { "message before CONNACK", ask_nothing, IN("\x30\x04\x00\x01tx"),
      "ERROR packet before CONNACK\n", SENT("") },
    { "an HTTP server", ask_nothing, IN("HTTP/1.1 400 Bad Request\r\n"),
      "ERROR reserved flags of the fixed header are wrong\n", SENT("") },
};

/* Feeds in[0..at) and then the rest; at > n: byte by byte. */
static void feed_split(struct rig *r, struct span in, size_t at)
{
    if (at > in.n) {
        for (size_t i = 0; i < in.n; i++) {
            rig_feed(r, span_of(in.p + i, 1));
        }
        return;
    }
    rig_feed(r, span_of(in.p, at));
    rig_feed(r, span_from(in, at));
}

static void run_row(const struct row *row, bool connected)
{
    for (size_t at = 0; at <= row->in.n + 1; at++) {
        struct rig r;
        rig_init(&r);
        if (connected) {
            rig_connected(&r, MQTT_3_1_1, false, 0);
        } else {
            rig_connect(&r, MQTT_3_1_1, false, 0);
        }
        row->ask(&r);
        rig_drain(&r);
        rig_forget(&r);
        feed_split(&r, row->in, at);
        assert_true(buf_add_byte(&r.told, 0));
        bool same =
            strcmp((char *)r.told.p, row->told) == 0 && span_eq(buf_span(&r.sent), row->sent);
        if (!same) {
            fail_msg("%s, split at %zu: told %s, sent %zu bytes", row->name, at, (char *)r.told.p,
                     r.sent.n);
        }
        rig_fini(&r);
    }
}

static void connected_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(connected_rows); i++) {
        run_row(&connected_rows[i], true);
    }
}

static void fresh_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(fresh_rows); i++) {
        run_row(&fresh_rows[i], false);
    }
}

static void session_present_with_clean_session(void **state)
{
    (void)state;
    struct rig r;
    rig_init(&r);
    rig_connect(&r, MQTT_3_1_1, true, 0);
    rig_feed(&r, SPAN_LIT("\x20\x02\x01\x00"));
    assert_told(&r, "ERROR session present in answer to a clean session\n");
    rig_fini(&r);
}

/* In 3.1 the byte has no meaning, so the same CONNACK is good. */
static void version_3_1(void **state)
{
    (void)state;
    struct rig r;
    rig_init(&r);
    rig_connect(&r, MQTT_3_1, true, 0);
    assert_sent(&r, "\x10\x0f\x00\x06MQIsdp\x03\x02\x00\x00\x00\x01"
                    "c");
    rig_feed(&r, SPAN_LIT("\x20\x02\x01\x00\x6a\x02\x00\x07"));
    assert_told(&r, "CONNACK 0\n");
    assert_sent(&r, "\x10\x0f\x00\x06MQIsdp\x03\x02\x00\x00\x00\x01"
                    "c\x70\x02\x00\x07");
    rig_fini(&r);
}

static void requests_on_the_wire(void **state)
{
    (void)state;
    struct rig r;
    rig_init(&r);
    rig_connected(&r, MQTT_3_1_1, true, 0);
    mqtt_session_publish(&r.s, SPAN_LIT("t"), SPAN_LIT("x"), 0, true, false);
    mqtt_session_publish(&r.s, SPAN_LIT("t"), SPAN_LIT(""), 1, false, true);
    mqtt_session_subscribe(&r.s, two_topics, 1, false);
    mqtt_session_unsubscribe(&r.s, two_topics, 1, true);
    mqtt_session_disconnect(&r.s);
    mqtt_session_publish(&r.s, SPAN_LIT("t"), SPAN_LIT("x"), 0, false, false);
    rig_drain(&r);
    assert_sent(&r, "\x31\x04\x00\x01tx"
                    "\x3a\x05\x00\x01t\x00\x01"
                    "\x82\x08\x00\x02\x00\x03"
                    "a/b\x01"
                    "\xaa\x07\x00\x03\x00\x03"
                    "a/b"
                    "\xe0\x00");
    rig_fini(&r);
}

/* 2.3.1: identifiers go from 1 to 65535 and round, past the one that is still open. */
static void identifiers_wrap(void **state)
{
    (void)state;
    struct rig r;
    rig_init(&r);
    rig_connected(&r, MQTT_3_1_1, true, 0);
    r.trace.sink = NULL;                                /* megabytes otherwise */
    mqtt_session_subscribe(&r.s, two_topics, 1, false); /* keeps 1 */
    for (unsigned i = 0; i < UINT16_MAX - 1; i++) {
        mqtt_session_publish(&r.s, SPAN_LIT("t"), SPAN_LIT("x"), 1, false, false);
        mqtt_session_sent(&r.s, mqtt_session_output(&r.s).n);
    }
    mqtt_session_publish(&r.s, SPAN_LIT("t"), SPAN_LIT(""), 1, false, false);
    rig_drain(&r);
    assert_sent(&r, "\x32\x05\x00\x01t\x00\x02");
    rig_fini(&r);
}

/* Link lost in the middle of QoS 2, in both directions; clean_session 0. */
static void start_two_cycles(struct rig *r, bool clean)
{
    rig_connected(r, MQTT_3_1_1, clean, 0);
    mqtt_session_publish(&r->s, SPAN_LIT("t"), SPAN_LIT("x"), 2, false, false);
    rig_feed(r, SPAN_LIT("\x50\x02\x00\x01\x34\x06\x00\x01t\x00\x07y"));
    assert_told(r, "MESSAGE qos 2 t y\n");
    mqtt_session_link_lost(&r->s);
    rig_connect(r, MQTT_3_1_1, clean, 0);
    rig_forget(r);
}

static void stored_session_goes_on(void **state)
{
    (void)state;
    struct rig r;
    rig_init(&r);
    start_two_cycles(&r, false);
    rig_feed(&r, SPAN_LIT("\x20\x02\x01\x00"));
    assert_sent(&r, "\x62\x02\x00\x01"); /* PUBREL once more (4.4) */
    rig_feed(&r, SPAN_LIT("\x3c\x06\x00\x01t\x00\x07y\x62\x02\x00\x07\x70\x02\x00\x01"));
    assert_told(&r, "CONNACK 0 present\n"); /* no second delivery; PUBCOMP has nobody to tell */
    assert_sent(&r, "\x62\x02\x00\x01\x50\x02\x00\x07\x70\x02\x00\x07");
    rig_fini(&r);
}

static void broker_without_the_session(void **state)
{
    (void)state;
    struct rig r;
    rig_init(&r);
    start_two_cycles(&r, false);
    rig_feed(&r, SPAN_LIT("\x20\x02\x00\x00\x34\x06\x00\x01t\x00\x07z"));
    assert_told(&r, "CONNACK 0\nMESSAGE qos 2 t z\n");
    assert_sent(&r, "\x50\x02\x00\x07");
    rig_fini(&r);
}

static void clean_session_forgets(void **state)
{
    (void)state;
    struct rig r;
    rig_init(&r);
    start_two_cycles(&r, true);
    rig_feed(&r, SPAN_LIT("\x20\x02\x00\x00\x34\x06\x00\x01t\x00\x07z"));
    assert_told(&r, "CONNACK 0\nMESSAGE qos 2 t z\n");
    assert_sent(&r, "\x50\x02\x00\x07");
    rig_fini(&r);
}

/* A clean connection in between ends the stored session. */
static void clean_connect_drops_the_stored_session(void **state)
{
    (void)state;
    struct rig r;
    rig_init(&r);
    start_two_cycles(&r, false);
    rig_connect(&r, MQTT_3_1_1, true, 0);
    rig_connect(&r, MQTT_3_1, false, 0); /* 3.1: no flag that would drop it here */
    rig_forget(&r);
    rig_feed(&r, SPAN_LIT("\x20\x02\x00\x00\x34\x06\x00\x01t\x00\x07z"));
    assert_told(&r, "CONNACK 0\nMESSAGE qos 2 t z\n");
    assert_sent(&r, "\x50\x02\x00\x07");
    rig_fini(&r);
}

/* Bytes and requests of the connection before are gone. */
static void fresh_link_starts_fresh(void **state)
{
    (void)state;
    struct rig r;
    rig_init(&r);
    rig_connected(&r, MQTT_3_1_1, true, 0);
    mqtt_session_publish(&r.s, SPAN_LIT("t"), SPAN_LIT("x"), 1, false, false); /* not sent */
    mqtt_session_input(&r.s, SPAN_LIT("\x30\x04\x00\x01t"));                   /* cut off */
    mqtt_session_link_lost(&r.s);
    assert_int_equal(mqtt_session_output(&r.s).n, 0);
    rig_feed(&r, SPAN_LIT("x\x30\x04\x00\x01tx"));
    assert_told(&r, "");
    rig_connect(&r, MQTT_3_1_1, true, 0);
    rig_forget(&r);
    rig_feed(&r, SPAN_LIT("\x20\x02\x00\x00\x40\x02\x00\x01"));
    assert_told(&r, "CONNACK 0\n");
    rig_fini(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(connected_table),
        cmocka_unit_test(fresh_table),
        cmocka_unit_test(session_present_with_clean_session),
        cmocka_unit_test(version_3_1),
        cmocka_unit_test(requests_on_the_wire),
        cmocka_unit_test(identifiers_wrap),
        cmocka_unit_test(stored_session_goes_on),
        cmocka_unit_test(broker_without_the_session),
        cmocka_unit_test(clean_session_forgets),
        cmocka_unit_test(clean_connect_drops_the_stored_session),
        cmocka_unit_test(fresh_link_starts_fresh),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
