/* Messages from the broker as URC blocks (mqtt-ssl-commands.md 6.1), both clients at once, topic
 * lists, QoS, and the keep-alive (6.3). */
#include <stdlib.h>

#include "sim/modem/modem_link_rig.h"

/* A PUBLISH with QoS 0 and 'n' payload bytes; payload byte i is i * 7 + 13, so it holds every
 * value, CR LF among them. */
static void publish(struct buf *out, struct span topic, size_t n)
{
    size_t remaining = 2 + topic.n + n;
    assert_true(buf_add_byte(out, 0x30));
    for (size_t left = remaining;;) {
        uint8_t low = (uint8_t)(left % 128);
        left /= 128;
        assert_true(buf_add_byte(out, (uint8_t)(low | (left > 0 ? 0x80 : 0))));
        if (left == 0) {
            break;
        }
    }
    assert_true(buf_add_byte(out, (uint8_t)(topic.n >> 8)));
    assert_true(buf_add_byte(out, (uint8_t)topic.n));
    assert_true(buf_add(out, topic));
    for (size_t i = 0; i < n; i++) {
        assert_true(buf_add_byte(out, (uint8_t)(i * 7 + 13)));
    }
}

static void blocks(void **state)
{
    (void)state;
    static const size_t sizes[] = { 0, 1, 1499, 1500, 1501, 2039, 3000, 3001, 10240 };
    struct span topic = SPAN_LIT("a/b/c");
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        struct rig r;
        struct buf packet;
        struct buf want;
        buf_init(&packet, RIG_CAP);
        buf_init(&want, RIG_CAP);
        publish(&packet, topic, sizes[i]);
        struct span payload = span_from(buf_span(&packet), packet.n - sizes[i]);
        (void)buf_addf(&want, LN("+CMQTTRXSTART: 0,5,%zu") "\r\n+CMQTTRXTOPIC: 0,5\r\na/b/c",
                       sizes[i]);
        for (size_t at = 0; at < sizes[i]; at += 1500) {
            size_t n = sizes[i] - at < 1500 ? sizes[i] - at : 1500;
            (void)buf_addf(&want, LN("+CMQTTRXPAYLOAD: 0,%zu"), n);
            (void)buf_add(&want, span_of(payload.p + at, n));
        }
        (void)buf_addf(&want, LN("+CMQTTRXEND: 0"));
        rig_connected(&r, "");
        rig_broker(&r, 0, buf_span(&packet));
        rig_said(&r, buf_span(&want), "message", __FILE__, (int)sizes[i]);
        /* and byte by byte from the network */
        for (size_t j = 0; j < packet.n; j++) {
            rig_broker(&r, 0, span_of(packet.p + j, 1));
        }
        rig_said(&r, buf_span(&want), "message byte by byte", __FILE__, (int)sizes[i]);
        rig_end(&r);
        buf_fini(&packet);
        buf_fini(&want);
    }
}

/* 9.3 and a payload that looks like an answer. */
static void payload_that_looks_like_an_answer(void **state)
{
    (void)state;
    struct rig r;
    rig_connected(&r, "");
    BROKER(&r, 0, "\x30\x13\x00\x01t\r\nOK\r\n\r\nERROR\r\n");
    BROKER(&r, 0, "\xff");
    rig_end(&r);
    rig_connected(&r, "");
    BROKER(&r, 0, "\x30\x12\x00\x01t\r\nOK\r\n\r\nERROR\r\n");
    SAID(&r, LN("+CMQTTRXSTART: 0,1,15") "\r\n+CMQTTRXTOPIC: 0,1\r\nt" LN(
                 "+CMQTTRXPAYLOAD: 0,15") "\r\nOK\r\n\r\nERROR\r\n" LN("+CMQTTRXEND: 0"));
    rig_end(&r);
}

/* Over the limits of 6.1: acknowledged, dropped, told in the trace. */
static void too_large(void **state)
{
    (void)state;
    static char topic[1100];
    memset(topic, 'x', sizeof topic);
    static const size_t cases[][2] = { { 1, 10241 }, { 1025, 1 }, { 1, 60000 } };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct rig r;
        struct buf packet;
        buf_init(&packet, RIG_CAP);
        publish(&packet, span_of(topic, cases[i][0]), cases[i][1]);
        rig_connected(&r, "");
        for (struct span rest = buf_span(&packet); rest.n > 0; rest = span_from(rest, 4096)) {
            rig_broker(&r, 0, span_of(rest.p, rest.n < 4096 ? rest.n : 4096));
        }
        PASS(&r, 100, "");
        assert_true(rig_traced(&r, "mqtt.oversize"));
        BROKER(&r, 0, "\x30\x04\x00\x01th");
        SAID(&r, LN("+CMQTTRXSTART: 0,1,1") "\r\n+CMQTTRXTOPIC: 0,1\r\nt" LN(
                     "+CMQTTRXPAYLOAD: 0,1") "h" LN("+CMQTTRXEND: 0"));
        rig_end(&r);
        buf_fini(&packet);
    }
}

static void quality_of_service(void **state)
{
    (void)state;
    struct rig r;
    rig_connected(&r, "");
    BROKER(&r, 0, "\x33\x06\x00\x01t\x00\x09h"); /* QoS 1, retained */
    SENT(&r, 0, "\x40\x02\x00\x09");
    BROKER(&r, 0, "\x34\x06\x00\x01t\x00\x0ah");
    SENT(&r, 0, "\x50\x02\x00\x0a");
    BROKER(&r, 0, "\x3c\x06\x00\x01t\x00\x0ah"); /* the same again: not told twice */
    BROKER(&r, 0, "\x62\x02\x00\x0a");
    SENT(&r, 0, "\x50\x02\x00\x0a\x70\x02\x00\x0a");
#define ONE                                                                                        \
    LN("+CMQTTRXSTART: 0,1,1")                                                                     \
    "\r\n+CMQTTRXTOPIC: 0,1\r\nt" LN("+CMQTTRXPAYLOAD: 0,1") "h" LN("+CMQTTRXEND: 0")
    SAID(&r, ONE ONE);
    /* outgoing: every QoS, retain and DUP */
    SAY(&r, "AT+CMQTTTOPIC=0,1\rt", "\r\n>" OKAY);
    SAY(&r, "AT+CMQTTPUB=0,0,60,1\r", OKAY LN("+CMQTTPUB: 0,0"));
    SENT(&r, 0, "\x31\x03\x00\x01t");
    SAY(&r, "AT+CMQTTTOPIC=0,1\rt", "\r\n>" OKAY);
    SAY(&r, "AT+CMQTTPUB=0,2,60,0,1\r", "");
    SENT(&r, 0, "\x3c\x05\x00\x01t\x00\x01");
    BROKER(&r, 0, "\x50\x02\x00\x01");
    SENT(&r, 0, "\x62\x02\x00\x01");
    SAID(&r, "");
    BROKER(&r, 0, "\x70\x02\x00\x01");
    SAID(&r, OKAY LN("+CMQTTPUB: 0,0"));
    rig_end(&r);
}

/* 1.6: TOPIC and PAYLOAD are replaced, and emptied by PUB, good or bad. */
static void topic_and_payload_are_emptied(void **state)
{
    (void)state;
    struct rig r;
    rig_connected(&r, "");
    SAY(&r, "AT+CMQTTPAYLOAD=0,2\rno", "\r\n>" OKAY);
    SAY(&r, "AT+CMQTTPUB=0,0,60\r", LN("+CMQTTPUB: 0,18") ERR); /* no topic */
    SAY(&r, "AT+CMQTTPAYLOAD=0,3\ryes", "\r\n>" OKAY);
    SAY(&r, "AT+CMQTTTOPIC=0,2\rxx", "\r\n>" OKAY);
    SAY(&r, "AT+CMQTTTOPIC=0,1\rt", "\r\n>" OKAY);
    SAY(&r, "AT+CMQTTPUB=0,1,60\r", "");
    SENT(&r, 0, "\x32\x08\x00\x01t\x00\x01yes");
    PASS(&r, 60000, LN("+CMQTTPUB: 0,17") ERR);
    buf_clear(&r.link[0].sent);
    SAY(&r, "AT+CMQTTPUB=0,1,60\r", LN("+CMQTTPUB: 0,18") ERR);
    SAY(&r, "AT+CMQTTTOPIC=0,1\rt", "\r\n>" OKAY);
    SAY(&r, "AT+CMQTTPUB=0,0,60\r", OKAY LN("+CMQTTPUB: 0,0"));
    SENT(&r, 0, "\x30\x03\x00\x01t"); /* empty message */
    rig_end(&r);
}

/* 4.13 to 4.16: the lists, their limit of 5120 bytes, and the forms that do not touch them. */
static void topic_lists(void **state)
{
    (void)state;
    struct rig r;
    char name[1025];
    rig_connected(&r, "");
    for (int i = 0; i < 5; i++) {
        memset(name, 'a' + i, 1024);
        SAY(&r, "AT+CMQTTSUBTOPIC=0,1024,1\r", "\r\n>");
        rig_type(&r, span_of(name, 1024));
        SAID(&r, OKAY);
        SAY(&r, "AT+CMQTTUNSUBTOPIC=0,1024\r", "\r\n>");
        rig_type(&r, span_of(name, 1024));
        SAID(&r, OKAY);
    }
    SAY(&r, "AT+CMQTTSUBTOPIC=0,1,0\r", LN("+CMQTTSUBTOPIC: 0,22") ERR);
    SAY(&r, "AT+CMQTTUNSUBTOPIC=0,1\r", LN("+CMQTTUNSUBTOPIC: 0,22") ERR);
    SAY(&r, "AT+CMQTTSUB=0,1,2\ry", "\r\n>"); /* shape 2 leaves the list alone */
    SENT(&r, 0, "\x82\x06\x00\x01\x00\x01y\x02");
    BROKER(&r, 0, "\x90\x03\x00\x01\x02");
    SAID(&r, OKAY LN("+CMQTTSUB: 0,0"));
    SAY(&r, "AT+CMQTTSUB=0,1\r", "");
    assert_int_equal(r.link[0].sent.p[0], 0x8a); /* dup */
    assert_int_equal(r.link[0].sent.n, 3 + 2 + 5 * (2 + 1024 + 1));
    BROKER(&r, 0, "\x90\x07\x00\x02\x01\x01\x01\x01\x01");
    SAID(&r, OKAY LN("+CMQTTSUB: 0,0"));
    SAY(&r, "AT+CMQTTSUB=0\r", LN("+CMQTTSUB: 0,18") ERR);
    buf_clear(&r.link[0].sent);
    SAY(&r, "AT+CMQTTUNSUB=0,3\r", "\r\n>"); /* two parameters, the second a length */
    SAY(&r, "y/z", "");
    SENT(&r, 0, "\xa2\x07\x00\x03\x00\x03y/z");
    BROKER(&r, 0, "\xb0\x02\x00\x03");
    SAID(&r, OKAY LN("+CMQTTUNSUB: 0,0"));
    SAY(&r, "AT+CMQTTUNSUB=0,0\r", "");
    assert_int_equal(r.link[0].sent.n, 3 + 2 + 5 * (2 + 1024));
    BROKER(&r, 0, "\xb0\x02\x00\x04");
    SAID(&r, OKAY LN("+CMQTTUNSUB: 0,0"));
    SAY(&r, "AT+CMQTTUNSUB=0,1\r", LN("+CMQTTUNSUB: 0,18") ERR);
    /* There is room again. */
    SAY(&r, "AT+CMQTTSUBTOPIC=0,1,0\rx", "\r\n>" OKAY);
    rig_end(&r);
}

/* One refused topic refuses the whole command (SUBACK 0x80, code 1). */
static void refused_topic(void **state)
{
    (void)state;
    struct rig r;
    rig_connected(&r, "");
    SAY(&r, "AT+CMQTTSUBTOPIC=0,1,0\rx", "\r\n>" OKAY);
    SAY(&r, "AT+CMQTTSUBTOPIC=0,1,0\ry", "\r\n>" OKAY);
    SAY(&r, "AT+CMQTTSUB=0\r", "");
    BROKER(&r, 0, "\x90\x04\x00\x01\x00\x80");
    SAID(&r, LN("+CMQTTSUB: 0,1") ERR);
    PASS(&r, 100, "");
    rig_end(&r);
}

static void two_clients_at_once(void **state)
{
    (void)state;
    struct rig r;
    rig_connected(&r, "result_style = async");
    rig_connect(&r, 1);
    SAY(&r, "AT+CMQTTTOPIC=0,1\ra", "\r\n>" OKAY);
    SAY(&r, "AT+CMQTTTOPIC=1,1\rb", "\r\n>" OKAY);
    SAY(&r, "AT+CMQTTPUB=0,1,60\r", OKAY);
    SAY(&r, "AT+CMQTTPUB=1,1,60\r", OKAY);
    SENT(&r, 0,
         "\x32\x05\x00\x01"
         "a\x00\x01");
    SENT(&r, 1,
         "\x32\x05\x00\x01"
         "b\x00\x01");
    BROKER(&r, 1, "\x40\x02\x00\x01\x30\x03\x00\x01z");
    SAID(&r, LN("+CMQTTPUB: 1,0"));
    PASS(&r, 20, LN("+CMQTTRXSTART: 1,1,0") "\r\n+CMQTTRXTOPIC: 1,1\r\nz" LN("+CMQTTRXEND: 1"));
    rig_down(&r, 0, LINK_RESET);
    PASS(&r, 20, LN("+CMQTTPUB: 0,6") LN("+CMQTTCONNLOST: 0,2"));
    SAY(&r, "AT+CMQTTDISC?\r", "\r\n+CMQTTDISC: 0,1\r\n+CMQTTDISC: 1,0\r\n" OKAY);
    SAY(&r, "AT+CMQTTREL=0\r", OKAY);
    SAY(&r, "AT+CMQTTREL=1\r", LN("+CMQTTREL: 1,14") ERR);
    SAY(&r, "AT+CMQTTSTOP\r", LN("+CMQTTSTOP: 21") ERR);
    SAY(&r, "AT+CMQTTDISC=1;+CMQTTREL=1;+CMQTTSTOP\r",
        LN("+CMQTTSTOP: 0") OKAY LN("+CMQTTDISC: 1,0"));
    rig_end(&r);
}

static void keep_alive(void **state)
{
    (void)state;
    struct rig r;
    rig_connected(&r, ""); /* 60 s */
    buf_clear(&r.link[0].sent);
    PASS(&r, 59800, "");
    SENT(&r, 0, "");
    PASS(&r, 200, "");
    SENT(&r, 0, "\xc0\x00");
    BROKER(&r, 0, "\xd0\x00");
    PASS(&r, 60000, "");
    SENT(&r, 0, "\xc0\x00");
    PASS(&r, 60000, LN("+CMQTTPING: 0,17")); /* not answered; the connection stays */
    SAY(&r, "AT+CMQTTDISC?\r", "\r\n+CMQTTDISC: 0,0\r\n+CMQTTDISC: 1,1\r\n" OKAY);
    assert_int_equal(r.link[0].hangups, 0);
    SAY(&r, "AT+CMQTTDISC=0\r", OKAY LN("+CMQTTDISC: 0,0"));
    PASS(&r, 600000, "");
    rig_end(&r);
}

/* REL gives the settings back; DISC keeps them (1.6). */
static void what_a_client_keeps(void **state)
{
    (void)state;
    struct rig r;
    rig_connected(&r, "");
    SAY(&r, "AT+CMQTTDISC=0\r", OKAY LN("+CMQTTDISC: 0,0"));
    SAY(&r, "AT+CMQTTWILLTOPIC=0,1\rw", "\r\n>" OKAY);
    SAY(&r, "AT+CMQTTWILLMSG=0,1,1\rm", "\r\n>" OKAY);
    for (int i = 0; i < 2; i++) { /* used by every CONNECT */
        SAY(&r, "AT+CMQTTCONNECT=0,\"tcp://b.example\",60,1\r", "");
        rig_up(&r, 0);
        SENT(&r, 0,
             "\x10\x16\x00\x04MQTT\x04\x0e\x00\x3c\x00\x04"
             "dev0\x00\x01w\x00\x01m");
        rig_down(&r, 0, LINK_CLOSED);
        SAID(&r, LN("+CMQTTCONNECT: 0,6") ERR);
    }
    SAY(&r, "AT+CMQTTREL=0;+CMQTTACCQ=0,\"dev0\"\r", OKAY);
    SAY(&r, "AT+CMQTTCONNECT=0,\"tcp://b.example\",60,1\r", "");
    rig_up(&r, 0);
    SENT(&r, 0,
         "\x10\x10\x00\x04MQTT\x04\x02\x00\x3c\x00\x04"
         "dev0");
    rig_end(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks),
        cmocka_unit_test(payload_that_looks_like_an_answer),
        cmocka_unit_test(too_large),
        cmocka_unit_test(quality_of_service),
        cmocka_unit_test(topic_and_payload_are_emptied),
        cmocka_unit_test(topic_lists),
        cmocka_unit_test(refused_topic),
        cmocka_unit_test(two_clients_at_once),
        cmocka_unit_test(keep_alive),
        cmocka_unit_test(what_a_client_keeps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
