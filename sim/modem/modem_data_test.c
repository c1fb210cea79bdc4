/* Data behind a prompt (mqtt-ssl-commands.md 1.2), and what comes in and goes out while a command
 * waits for the network (1.3, general-commands.md A12, A13). */
#include <stdlib.h>

#include "sim/modem/modem_link_rig.h"

#define TOPIC3 "AT+CMQTTTOPIC=0,3\r"

static struct span topic_sent(struct rig *r)
{
    buf_clear(&r->link[0].sent);
    TYPE(r, "AT+CMQTTPUB=0,0,60\r");
    struct span s = buf_span(&r->link[0].sent);
    assert_true(s.n > 4);
    buf_clear(&r->said);
    return span_of(s.p + 4, (size_t)s.p[3]);
}

/* In two pieces, or with split 0 byte by byte. */
static void type_split(struct rig *r, struct span in, size_t split)
{
    for (size_t i = 0; split == 0 && i < in.n; i++) {
        rig_type(r, span_of(in.p + i, 1));
    }
    if (split > 0) {
        rig_type(r, span_of(in.p, split));
        rig_type(r, span_from(in, split));
    }
}

/* Rules 3, 6, 7, 8: which bytes count. Each case whole, byte by byte, and split at each position.
 */
static void which_bytes_count(void **state)
{
    (void)state;

    static const struct {
        struct span in;
        const char *topic, *out;
    } cases[] = {
        { { (const uint8_t *)TOPIC3 "a/b", 21 }, "a/b", "\r\n>" OKAY },
        { { (const uint8_t *)TOPIC3 "\na/b", 22 }, "a/b", "\r\n>" OKAY },       /* CR LF */
        { { (const uint8_t *)TOPIC3 "\n\na/", 22 }, "\na/", "\r\n>" OKAY },     /* one only */
        { { (const uint8_t *)TOPIC3 "\na/b\r\n", 24 }, "a/b", "\r\n>" OKAY },   /* println */
        { { (const uint8_t *)TOPIC3 "a/b\x1a\r\n", 24 }, "a/b", "\r\n>" OKAY }, /* Ctrl-Z */
        { { (const uint8_t *)TOPIC3 "a/bsurplus\r\n", 30 }, "a/b", "\r\n>" OKAY },
        { { (const uint8_t *)TOPIC3 "a/bAT\r", 24 }, "a/b", "\r\n>" OKAY OKAY },
        { { (const uint8_t *)TOPIC3 "AT\rAT\r", 24 }, "AT\r", "\r\n>" OKAY OKAY }, /* swallowed */
        { { (const uint8_t *)TOPIC3 "\r\n\x1a", 21 }, "\r\n\x1a", "\r\n>" OKAY },
        { { (const uint8_t *)TOPIC3 "\x1b\x08\x7f", 21 }, "\x1b\x08\x7f", "\r\n>" OKAY },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        for (size_t split = 0; split <= cases[i].in.n; split++) {
            struct rig r;
            rig_connected(&r, "");
            type_split(&r, cases[i].in, split);
            rig_said(&r, span_str(cases[i].out), "data", __FILE__, (int)i);
            rig_compare(topic_sent(&r), span_str(cases[i].topic), "topic", __FILE__, (int)i);
            rig_end(&r);
        }
    }
}

static void nul_is_data(void **state)
{
    (void)state;
    struct rig r;
    rig_connected(&r, "");
    SAY(&r, "AT+CMQTTTOPIC=0,1\rt", "\r\n>" OKAY);
    SAY(&r, "AT+CMQTTPAYLOAD=0,6\r\n\0\x1a\x1b\0\r\n", "\r\n>" OKAY);
    SAY(&r, "AT+CMQTTPUB=0,0,60\r", OKAY LN("+CMQTTPUB: 0,0"));
    SENT(&r, 0, "\x30\x09\x00\x01t\0\x1a\x1b\0\r\n");
    rig_end(&r);
}

/* Rule 7: the LF within 50 ms of the CR is the command's; later it is data. */
static void late_line_feed(void **state)
{
    (void)state;
    struct rig r;
    rig_connected(&r, "");
    SAY(&r, TOPIC3, "\r\n>");
    PASS(&r, 50, "");
    SAY(&r, "\na/b", OKAY);
    rig_compare(topic_sent(&r), SPAN_LIT("a/b"), "topic", __FILE__, __LINE__);
    /* Exactly the announced bytes, by a host that has waited for the prompt: all are data. */
    SAY(&r, TOPIC3, "\r\n>");
    SAY(&r, "\na/", OKAY);
    rig_compare(topic_sent(&r), SPAN_LIT("\na/"), "topic", __FILE__, __LINE__);
    SAY(&r, TOPIC3, "\r\n>");
    PASS(&r, 51, "");
    SAY(&r, "\na/", OKAY);
    rig_compare(topic_sent(&r), SPAN_LIT("\na/"), "topic", __FILE__, __LINE__);
    rig_end(&r);
}

/* Rules 5, 9, 10. */
static void too_few_echo_and_holding(void **state)
{
    (void)state;
    struct rig r;
    rig_connected(&r, "");
    SAY(&r, "ATE1\r", OKAY);
    PASS(&r, 100, "");
    SAY(&r, "AT+CMQTTPAYLOAD=0,8\r", "AT+CMQTTPAYLOAD=0,8\r\r\n>");
    SAY(&r, "abc", "abc");
    BROKER(&r, 0, "\x30\x05\x00\x01xhi");
    PASS(&r, 3600000, ""); /* never given up; nothing but the keep-alive goes on */
    SAY(&r, "AT\r\n", "AT\r\n");
    SAY(&r, "!", "!" OKAY);
    PASS(&r, 19, "");
    rig_pass(&r, 1);
    assert_true(r.said.n > 30 && memcmp(r.said.p, "\r\n+CMQTTRXSTART: 0,1,2\r\n", 23) == 0);
    buf_clear(&r.said);
    rig_end(&r);
}

static void no_prompt_when_refused(void **state)
{
    (void)state;
    struct rig r;
    rig_connected(&r, "");
    SAY(&r,
        "AT+CMQTTTOPIC=0,1025\r\n"
        "AT\r\n",
        LN("+CMQTTTOPIC: 0,22") ERR OKAY);
    rig_end(&r);
}

/* Rule 11, and the flag that switches it off. */
static void utf8(void **state)
{
    (void)state;
    static const char *const commands[] = {
        "+CMQTTTOPIC", "+CMQTTPAYLOAD", "+CMQTTSUBTOPIC",  "+CMQTTUNSUBTOPIC",
        "+CMQTTSUB",   "+CMQTTUNSUB",   "+CMQTTWILLTOPIC", "+CMQTTWILLMSG",
    };
    static const char *const tails[] = { "", "", ",1", "", ",1", ",0", "", ",0" };
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        char line[80];
        char want[120];
        struct rig r;
        bool will = strncmp(commands[i], "+CMQTTWILL", 10) == 0;
        if (will) {
            rig_started(&r, "");
            SAY(&r, "AT+CMQTTACCQ=0,\"d\"\r", OKAY);
        } else {
            rig_connected(&r, "result_style = async");
        }
        (void)snprintf(line, sizeof line, "AT%s=0,2%s\r", commands[i], tails[i]);
        (void)snprintf(want, sizeof want, "\r\n>" LN("%s: 0,2") ERR, commands[i]);
        rig_type(&r, span_str(line));
        TYPE(&r, "\xc3\x28");
        rig_said(&r, span_str(want), line, __FILE__, __LINE__);
        rig_type(&r, span_str(line));
        TYPE(&r, "\xc3\xa4");
        rig_said(&r, SPAN_LIT("\r\n>" OKAY), line, __FILE__, __LINE__);
        assert_int_equal(r.link[0].sent.n > 0, !will && strstr(commands[i], "UB") != NULL &&
                                                   strstr(commands[i], "TOPIC") == NULL);
        rig_end(&r);
    }
    struct rig r;
    rig_started(&r, "");
    SAY(&r, "AT+CMQTTACCQ=0,\"d\";+CMQTTCFG=\"checkUTF8\",0,0\r", OKAY);
    SAY(&r, "AT+CMQTTWILLTOPIC=0,2\r\xc3\x28", "\r\n>" OKAY);
    SAY(&r, "AT+CMQTTCFG?\r", "\r\n+CMQTTCFG: 0,0,120\r\n+CMQTTCFG: 1,1,120\r\n" OKAY);
    SAY(&r, "AT+CMQTTREL=0;+CMQTTCFG?\r", "\r\n+CMQTTCFG: 0,1,120\r\n+CMQTTCFG: 1,1,120\r\n" OKAY);
    rig_end(&r);
}

/* A chain with data in the middle, and with a command that waits in the middle. */
static void chains(void **state)
{
    (void)state;
    struct rig r;
    rig_connected(&r, "");
    SAY(&r, "AT+CSQ;+CMQTTTOPIC=0,3;+CMQTTPAYLOAD=0,2;+CMQTTPUB=0,1,60;+CSQ\r\n",
        LN("+CSQ: 16,99") "\r\n>");
    SAY(&r, "a/b", "\r\n>");
    SAY(&r, "hi", "");
    SENT(&r, 0,
         "\x32\x09\x00\x03"
         "a/b\x00\x01hi");
    BROKER(&r, 0, "\x40\x02\x00\x01");
    SAID(&r, LN("+CSQ: 16,99") OKAY LN("+CMQTTPUB: 0,0"));
    /* Data behind a command that waited: the LF of the line still is none. */
    SAY(&r, "AT+CMQTTSUBTOPIC=0,1,0\rx", "\r\n>" OKAY);
    SAY(&r, "AT+CMQTTSUB=0;+CMQTTTOPIC=0,3\r\n", "");
    PASS(&r, 500, "");
    BROKER(&r, 0, "\x90\x03\x00\x02\x00");
    SAID(&r, "\r\n>");
    SAY(&r, "a/b", OKAY LN("+CMQTTSUB: 0,0"));
    rig_compare(topic_sent(&r), SPAN_LIT("a/b"), "topic", __FILE__, __LINE__);
    /* An error in the middle ends the line. */
    SAY(&r, "AT+CMQTTTOPIC=0,1;+FOO;+CMQTTPAYLOAD=0,1\rt", "\r\n>" ERR);
    SAY(&r, "AT+CMQTTTOPIC=0,1;+CMQTTPUB=0,1,60;+CMQTTTOPIC=0,1\rt", "\r\n>");
    rig_down(&r, 0, LINK_CLOSED);
    PASS(&r, 100, LN("+CMQTTPUB: 0,6") ERR LN("+CMQTTCONNLOST: 0,1"));
    rig_end(&r);
}

/* sync: the port is blocked; what is typed is kept and runs afterwards, URCs wait as well. */
static void input_while_pending(void **state)
{
    (void)state;
    struct rig r;
    rig_connected(&r, "");
    SAY(&r, TOPIC3 "a/b", "\r\n>" OKAY);
    SAY(&r, "AT+CMQTTPUB=0,1,60\r\nAT+CSQ\r\nAT+CMQTTTOPIC=0,2\r\nxyAT\r", "");
    BROKER(&r, 0, "\x30\x05\x00\x01xhi");
    PASS(&r, 1000, "");
    BROKER(&r, 0, "\x40\x02\x00\x01");
    SAID(&r, OKAY LN("+CMQTTPUB: 0,0") LN("+CSQ: 16,99") OKAY "\r\n>" OKAY OKAY);
    PASS(&r, 100,
         "\r\n+CMQTTRXSTART: 0,1,2\r\n\r\n+CMQTTRXTOPIC: 0,1\r\nx\r\n+CMQTTRXPAYLOAD: 0,2\r\n"
         "hi\r\n+CMQTTRXEND: 0\r\n");
    rig_end(&r);
}

/* The queue may start the next operation on the same client. */
static void operations_behind_each_other(void **state)
{
    (void)state;
    struct rig r;
    rig_connected(&r, "");
    SAY(&r, "AT+CMQTTSUB=0,1,0\rxAT+CMQTTSUB=0,1,0\ryAT+CMQTTDISC=0\r", "\r\n>");
    BROKER(&r, 0, "\x90\x03\x00\x01\x00\x90\x03\x00\x02\x00");
    SAID(&r,
         OKAY LN("+CMQTTSUB: 0,0") "\r\n>" OKAY LN("+CMQTTSUB: 0,0") OKAY LN("+CMQTTDISC: 0,0"));
    SENT(&r, 0, "\x82\x06\x00\x01\x00\x01x\x00\x82\x06\x00\x02\x00\x01y\x00\xe0\x00");
    rig_end(&r);
    /* CONNECT right behind an operation that lost the connection. */
    rig_connected(&r, "");
    SAY(&r, "AT+CMQTTSUB=0,1,0\rxAT+CMQTTCONNECT=0,\"tcp://b.example\",60,1\r", "\r\n>");
    rig_down(&r, 0, LINK_CLOSED);
    SAID(&r, LN("+CMQTTSUB: 0,6") ERR LN("+CMQTTCONNLOST: 0,1"));
    rig_up(&r, 0);
    BROKER(&r, 0, CONNACK_OK);
    PASS(&r, 100, OKAY LN("+CMQTTCONNECT: 0,0"));
    rig_end(&r);
}

/* A loss that the host has not heard of yet is told before the CONNECT that follows it, not behind.
 */
static void connect_lets_a_held_connlost_go_first(void **state)
{
    (void)state;
    struct rig r;
    rig_connected(&r, "");
    SAY(&r, "AT+CMQTTCONNECT=0,\"tcp://b.example\"", "");
    rig_down(&r, 0, LINK_CLOSED);
    SAY(&r, ",60,1\r", LN("+CMQTTCONNLOST: 0,1"));
    rig_up(&r, 0);
    BROKER(&r, 0, CONNACK_OK);
    PASS(&r, 100, OKAY LN("+CMQTTCONNECT: 0,0"));
    rig_end(&r);
}

/* URCs keep their distance from a line that is being typed, but not for ever. */
static void typing_holds_urcs(void **state)
{
    (void)state;
    struct rig r;
    rig_connected(&r, "");
    SAY(&r, "AT+C", "");
    rig_down(&r, 0, LINK_CLOSED);
    PASS(&r, 900, "");
    SAY(&r, "SQ", "");
    PASS(&r, 999, "");
    PASS(&r, 1, LN("+CMQTTCONNLOST: 0,1"));
    SAY(&r, "\r", LN("+CSQ: 16,99") OKAY);
    rig_end(&r);
}

/* Operation time limits (3.2): 17, and the connection stays. */
static void operations_time_out(void **state)
{
    (void)state;
    struct rig r;
    rig_started(&r, "");
    SAY(&r, "AT+CMQTTACCQ=0,\"d\";+CMQTTCFG=\"optimeout\",0,20\r", OKAY);
    SAY(&r, "AT+CMQTTCONNECT=0,\"tcp://b.example\",64800,1\r", "");
    rig_up(&r, 0);
    BROKER(&r, 0, CONNACK_OK);
    SAID(&r, OKAY LN("+CMQTTCONNECT: 0,0"));
    SAY(&r, "AT+CMQTTSUB=0,1,0\rx", "\r\n>");
    PASS(&r, 19999, "");
    PASS(&r, 1, LN("+CMQTTSUB: 0,17") ERR);
    SAY(&r, "AT+CMQTTUNSUB=0,1,0\rx", "\r\n>");
    PASS(&r, 19999, "");
    PASS(&r, 1, LN("+CMQTTUNSUB: 0,17") ERR);
    SAY(&r, TOPIC3 "a/b", "\r\n>" OKAY);
    SAY(&r, "AT+CMQTTPUB=0,2,61\r", "");
    PASS(&r, 60999, "");
    PASS(&r, 1, LN("+CMQTTPUB: 0,17") ERR);
    BROKER(&r, 0, "\x50\x02\x00\x03"); /* late: nobody waits */
    BROKER(&r, 0, "\x90\x03\x00\x01\x00");
    PASS(&r, 100, "");
    SAY(&r, "AT+CMQTTDISC?\r", "\r\n+CMQTTDISC: 0,0\r\n+CMQTTDISC: 1,1\r\n" OKAY);
    assert_int_equal(r.link[0].hangups, 0);
    rig_end(&r);
}

/* The row's own limit is shorter than the operation's: the channel answers ERROR, and the late
 * result becomes a line of its own instead of part of another answer. */
static void result_after_the_channel_gave_up(void **state)
{
    (void)state;
    struct rig r;
    rig_started(&r, "connect_timeout_ms = 600000");
    SAY(&r, "AT+CMQTTACCQ=0,\"d\"\r", OKAY);
    SAY(&r, "AT+CMQTTCONNECT=0,\"tcp://b.example\",60,1\r", "");
    rig_up(&r, 0);
    PASS(&r, 240000, ERR);
    SAY(&r, "AT+CMQTTTOPIC=0,3\r", LN("+CMQTTTOPIC: 0,14") ERR);
    BROKER(&r, 0, "\x20\x02\x00\x05");
    PASS(&r, 100, LN("+CMQTTCONNECT: 0,31"));
    SAY(&r, "AT+CSQ\r", LN("+CSQ: 16,99") OKAY);
    rig_end(&r);
}

/* 64 KiB at once, with nobody reading: nothing is lost that rx_room promised. */
static void a_flood_that_nobody_reads(void **state)
{
    (void)state;

    enum { LINES = 5900 };
    struct rig r;
    rig_start(&r, "");
    SAY(&r, "ATE0\r", "ATE0\r" OKAY);
    struct buf in;
    buf_init(&in, RIG_CAP);
    for (int i = 0; i < LINES; i++) {
        assert_true(buf_addf(&in, "AT+CGACT?\r"));
    }
    r.deaf = true;
    assert_true(modem_rx_room(r.m) >= in.n);
    rig_type(&r, buf_span(&in));
    assert_int_equal(modem_rx_room(r.m), 0);
    assert_true(modem_tx(r.m).n < 64 * 1024);
    r.deaf = false;
    do {
        rig_read(&r);
    } while (modem_tx(r.m).n > 0);
    assert_true(modem_rx_room(r.m) >= 32 * 1024);
    size_t one = strlen("\r\n+CGACT: 1,1\r\n+CGACT: 2,0\r\n+CGACT: 3,0\r\n" OKAY);
    assert_int_equal(r.said.n, LINES * one);
    assert_false(rig_traced(&r, "uart.overrun"));
    buf_fini(&in);
    rig_end(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(which_bytes_count),
        cmocka_unit_test(nul_is_data),
        cmocka_unit_test(late_line_feed),
        cmocka_unit_test(too_few_echo_and_holding),
        cmocka_unit_test(no_prompt_when_refused),
        cmocka_unit_test(utf8),
        cmocka_unit_test(chains),
        cmocka_unit_test(input_while_pending),
        cmocka_unit_test(operations_behind_each_other),
        cmocka_unit_test(connect_lets_a_held_connlost_go_first),
        cmocka_unit_test(typing_holds_urcs),
        cmocka_unit_test(operations_time_out),
        cmocka_unit_test(result_after_the_channel_gave_up),
        cmocka_unit_test(a_flood_that_nobody_reads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
