/* Faults of MQTT packets: exact bytes to the broker and to the client, in virtual time. */
#include "sim/modem/fault_rig.h"
#include "sim/modem/modem_int.h"
#include "sim/modem/modem_link_rig.h"

#define MESSAGE(payload)                                                                           \
    "\r\n+CMQTTRXSTART: 0,1,1\r\n\r\n+CMQTTRXTOPIC: 0,1\r\nt\r\n+CMQTTRXPAYLOAD: 0,1\r\n" payload  \
    "\r\n+CMQTTRXEND: 0\r\n"

static void begin(struct rig *r)
{
    rig_connected(r, "");
}

/* A QoS 0 message of one byte to t. */
static void publish(struct rig *r, const char *payload)
{
    SAY(r, "AT+CMQTTTOPIC=0,1\r", "\r\n>");
    SAY(r, "t", OKAY);
    SAY(r, "AT+CMQTTPAYLOAD=0,1\r", "\r\n>");
    rig_type(r, span_str(payload));
    SAID(r, OKAY);
    SAY(r, "AT+CMQTTPUB=0,0,60\r", "\r\nOK\r\n\r\n+CMQTTPUB: 0,0\r\n");
}

static void outgoing(void **state)
{
    (void)state;
    struct rig r;
    begin(&r);
    const struct fault *drop = fault_rig(&r, "mqtt.drop direction=out packet=PUBLISH");
    publish(&r, "a");
    publish(&r, "b");
    SENT(&r, 0, "\x30\x04\x00\x01tb");
    assert_int_equal(drop->fired, 1);
    (void)fault_rig(&r, "mqtt.duplicate direction=out packet=PUBLISH nth=2");
    publish(&r, "c");
    publish(&r, "d");
    SENT(&r, 0, "\x30\x04\x00\x01tc\x30\x04\x00\x01td\x30\x04\x00\x01td");
    (void)fault_rig(&r, "mqtt.corrupt direction=out packet=PUBLISH at=5 mask=1");
    publish(&r, "e");
    SENT(&r, 0, "\x30\x04\x00\x01td");
    (void)fault_rig(&r, "mqtt.delay direction=out packet=PUBLISH ms=100");
    publish(&r, "f");
    SENT(&r, 0, "");
    PASS(&r, 99, "");
    SENT(&r, 0, "");
    PASS(&r, 1, "");
    SENT(&r, 0, "\x30\x04\x00\x01tf");
    rig_end(&r);
}

/* Byte by byte, since the border of packets is not that of segments. */
static void incoming(void **state)
{
    (void)state;
    static const char bytes[] = "\x30\x04\x00\x01ta\x30\x04\x00\x01tb\x30\x04\x00\x01tc";
    struct rig r;
    begin(&r);
    (void)fault_rig(&r, "mqtt.drop direction=in packet=PUBLISH");
    const struct fault *twice = fault_rig(&r, "mqtt.duplicate direction=in packet=PUBLISH nth=2");
    for (size_t i = 0; i + 1 < sizeof bytes; i++) {
        rig_broker(&r, 0, span_of(bytes + i, 1));
    }
    SAID(&r, MESSAGE("b") MESSAGE("c") MESSAGE("c"));
    assert_int_equal(twice->fired, 1);
    rig_end(&r);
}

/* A fault that comes in the middle of a packet leaves it alone, wherever that is. */
static void armed_inside_a_packet(void **state)
{
    (void)state;
    static const char bytes[] = "\x30\x04\x00\x01ta\x30\x04\x00\x01tb\x30\x04\x00\x01tc";
    for (size_t at = 1; at <= 6; at++) {
        struct rig r;
        begin(&r);
        rig_broker(&r, 0, span_of(bytes, at));
        (void)fault_rig(&r, "mqtt.drop direction=in packet=PUBLISH");
        rig_broker(&r, 0, span_of(bytes + at, sizeof bytes - 1 - at));
        SAID(&r, MESSAGE("a") MESSAGE("c"));
        rig_end(&r);
    }
}

/* One that is longer than the modem takes goes by; what follows is looked at again. */
static void longer_than_it_holds(void **state)
{
    (void)state;
    static char payload[16384];
    const size_t remaining = 2 * 1024 * 1024;
    struct rig r;
    begin(&r);
    const struct fault *f = fault_rig(&r, "mqtt.drop direction=in packet=PUBLISH");
    BROKER(&r, 0, "\x30\x80\x80\x80\x01\x00\x01t");
    for (size_t sent = 3; sent < remaining;) {
        size_t n = remaining - sent < sizeof payload ? remaining - sent : sizeof payload;
        rig_broker(&r, 0, span_of(payload, n));
        sent += n;
    }
    assert_int_equal(f->fired, 0);
    BROKER(&r, 0, "\x30\x04\x00\x01ta\x30\x04\x00\x01tb");
    SAID(&r, MESSAGE("b"));
    assert_int_equal(f->fired, 1);
    rig_end(&r);
}

/* What is no packet ends the connection, with a fault as without. */
static void no_packet(void **state)
{
    (void)state;
    struct rig r;
    begin(&r);
    (void)fault_rig(&r, "mqtt.drop direction=in packet=PUBLISH");
    BROKER(&r, 0, "\x30\xFF\xFF\xFF\xFF\xFF");
    SAID(&r, "\r\n+CMQTTCONNLOST: 0,2\r\n");
    rig_end(&r);
}

/* Packets of the other client, and those too short for the place, are no opportunities. */
static void not_meant(void **state)
{
    (void)state;
    struct rig r;
    begin(&r);
    const struct fault *other = fault_rig(&r, "mqtt.drop direction=out packet=PUBLISH client=1");
    const struct fault *far = fault_rig(&r, "mqtt.corrupt direction=out packet=PUBLISH at=6");
    publish(&r, "a");
    SENT(&r, 0, "\x30\x04\x00\x01ta");
    assert_int_equal(other->passed, 0);
    assert_int_equal(far->passed, 0);
    rig_end(&r);
}

/* A packet that waits when the connection ends is not seen any more. */
static void lost_while_late(void **state)
{
    (void)state;
    struct rig r;
    begin(&r);
    (void)fault_rig(&r, "mqtt.delay direction=in packet=PUBLISH ms=5000");
    BROKER(&r, 0, "\x30\x04\x00\x01ta");
    rig_down(&r, 0, LINK_CLOSED);
    SAID(&r, "\r\n+CMQTTCONNLOST: 0,1\r\n");
    PASS(&r, 10000, "");
    rig_end(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outgoing),
        cmocka_unit_test(incoming),
        cmocka_unit_test(armed_inside_a_packet),
        cmocka_unit_test(longer_than_it_holds),
        cmocka_unit_test(no_packet),
        cmocka_unit_test(not_meant),
        cmocka_unit_test(lost_while_late),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
