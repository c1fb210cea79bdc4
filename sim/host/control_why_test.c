#include "sim/host/control_rig.h"
#include "sim/host/trace_ring.h"

/* What the trace of a modem would say. */
static void at(struct trace_ring *ring, unsigned modem, const char *from, struct span text)
{
    const struct trace_field fields[] = { TRACE_STR("from", from), TRACE_SPAN("text", text) };
    trace_ring_add(ring, 1, modem, "at", fields, ARRAY_LEN(fields));
}

static void exchange(struct trace_ring *ring, unsigned modem, const char *command,
                     const char *answer)
{
    at(ring, modem, "host", span_str(command));
    at(ring, modem, "modem", span_str(answer));
    at(ring, modem, "modem", SPAN_LIT("OK"));
}

#define NOTHING "{`error`:`why: nothing to explain: the trace has no such command`}"

static void explains(void **state)
{
    struct pair p;
    struct trace_ring *ring = trace_ring_new();
    (void)state;
    pair_start(&p);
    p.facts.ring = ring;
    ask(&p.facts, "{`verb`:`why`,`modem`:`modem0`}", NOTHING);
    exchange(ring, 0, "AT+CMQTTSTART", "+CMQTTSTART: 0");
    at(ring, 0, "host", SPAN_LIT("AT+CMQTTCONNECT=0,\"tcp://h:1\",60,1"));
    at(ring, 0, "modem", SPAN_LIT("+CMQTTCONNECT: 0,20"));
    at(ring, 0, "modem", SPAN_LIT("ERROR"));
    ask(&p.facts, "{`verb`:`why`,`modem`:`modem0`}",
        "{`first`:`CONNECT got 20: client 0 is not acquired`,`chain`:["
        "`the host sent AT+CMQTTCONNECT=0,\\`tcp://h:1\\`,60,1`,`client 0 is not acquired`,"
        "`the modem said +CMQTTCONNECT: 0,20, ERROR: client not acquired`],"
        "`remedy`:`AT+CMQTTACCQ=0,\\`<client id>\\`,<0 TCP or 1 TLS> first`,`likely`:false}");
    ask(&p.facts, "{`verb`:`why`,`modem`:`modem0`,`command`:`START`}",
        "{`first`:`START got 0: it went well`,`chain`:[`the host sent AT+CMQTTSTART`,"
        "`the modem said +CMQTTSTART: 0, OK`],`likely`:false}");
    ask(&p.facts, "{`verb`:`why`,`modem`:`modem1`}", NOTHING);
    ask(&p.facts, "{`verb`:`why`,`modem`:`modem0`,`client`:1}", NOTHING);
    ask(&p.facts, "{`verb`:`why`}",
        "{`error`:`why: field 'modem' must say which: modem0 to modem1`}");
    trace_ring_free(&ring);
    pair_end(&p);
}

/* What the broker decided is of the request; whatever else stands there is passed over. */
static void decisions(void **state)
{
    struct pair p;
    struct trace_ring *ring = trace_ring_new();
    (void)state;
    pair_start(&p);
    p.facts.ring = ring;
    exchange(ring, 1, "AT+CMQTTACCQ=0,\"dev\",1", "");
    at(ring, 1, "host", SPAN_LIT("AT+CMQTTCONNECT=0,\"tcp://h:1\",60,1"));
    at(ring, 1, "modem", SPAN_LIT("OK"));
    const struct trace_field dial[] = { TRACE_NUM("link", 0), TRACE_STR("step", "dial") };
    const struct trace_field up[] = { TRACE_NUM("link", 0), TRACE_STR("step", "connected") };
    const struct trace_field sent[] = { TRACE_NUM("client", 0), TRACE_STR("dir", "out"),
                                        TRACE_STR("packet", "CONNECT"),
                                        TRACE_STR("client_id", "dev") };
    trace_ring_add(ring, 2, 1, "tcp", dial, ARRAY_LEN(dial));
    trace_ring_add(ring, 2, 1, "tcp", up, ARRAY_LEN(up));
    trace_ring_add(ring, 2, 1, "mqtt", sent, ARRAY_LEN(sent));
    at(ring, 1, "modem", SPAN_LIT("+CMQTTCONNECT: 0,6"));
    ask_for(&p.facts,
            "{`verb`:`why`,`modem`:`modem1`,`decisions`:[1,null,[[]],{},{`decision`:`deny`,"
            "`action`:`iot:Connect`,`clientId`:`dev`,`resource`:`client/dev`,`layer`:`policy`}]}",
            "{`first`:`CONNECT got 6: the AWS IoT policy does not allow client id \\`dev\\`",
            false);
    trace_ring_free(&ring);
    pair_end(&p);
}

/* A line is cut inside of a character: what is said of it is UTF-8 all the same. */
static void cut_characters(void **state)
{
    struct pair p;
    struct trace_ring *ring = trace_ring_new();
    char text[300];
    (void)state;
    pair_start(&p);
    p.facts.ring = ring;
    (void)snprintf(text, sizeof text, "AT%077d\xC3\xA4", 0);
    exchange(ring, 0, text, "");
    (void)snprintf(text, sizeof text,
                   "{`first`:`AT%077d\\\\xC3 got OK: it went well`,`chain`:["
                   "`the host sent AT%077d\xC3\xA4`",
                   0, 0);
    ask_for(&p.facts, "{`verb`:`why`,`modem`:`modem0`}", text, false);
    trace_ring_free(&ring);
    pair_end(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(explains),
        cmocka_unit_test(decisions),
        cmocka_unit_test(cut_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
