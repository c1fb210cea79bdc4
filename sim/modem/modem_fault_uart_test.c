/* Faults of the line: the exact bytes that arrive on either side. */
#include "sim/modem/fault_rig.h"
#include "sim/modem/modem_int.h"

struct row {
    const char *fault, *typed, *said;
    int fired;
};

/* Echo is on: what is said first is what the modem heard. */
static const struct row rows[] = {
    { "uart.drop from=host at=1", "ATE1\r", "A", 1 },
    { "uart.drop from=host at=2 bytes=2", "ATE1\r", "AT\r" OKAY, 1 },
    { "uart.drop from=modem at=0", "AT\r", "T\r" OKAY, 1 },
    { "uart.drop from=modem at=1 count=2", "AT\r", "A\r\nOK\r\n", 2 },
    { "uart.duplicate from=host at=1", "AT\r", "ATT\r" ERR, 1 },
    { "uart.duplicate from=modem at=5 bytes=2", "AT\r", "AT\r\r\nOOKK\r\n", 1 },
    { "uart.corrupt from=modem at=5 mask=1", "AT\r", "AT\r\r\nNK\r\n", 1 },
    { "uart.corrupt from=modem at=5 bytes=2 mask=32", "AT\r", "AT\r\r\nok\r\n", 1 },
    { "uart.insert from=host at=2 text=+CMEE=1", "AT\r", "AT+CMEE=1\r" OKAY, 1 },
    { "uart.insert from=modem at=6 text=\\r\\nRING\\r\\n", "AT\r", "AT\r\r\nO\r\nRING\r\n", 1 },
    { "uart.overrun from=host at=0 bytes=3", "AT\rAT\r", "AT\r" OKAY, 1 },
    { "uart.mark from=host at=2", "AT\r", "AT\r" OKAY, 1 },
    { "uart.drop from=modem at=0 nth=3", "AT\r", "AT\r\nOK\r\n", 1 },
    { "uart.drop from=host at=100", "AT\r", "AT\r" OKAY, 0 },
};

static void run_row(const struct row *row, bool one_by_one)
{
    struct rig r;
    rig_start(&r, "");
    const struct fault *f = fault_rig(&r, row->fault);
    for (size_t i = 0; row->typed[i] != '\0'; i += one_by_one ? 1 : strlen(row->typed)) {
        rig_type(&r,
                 one_by_one ? span_of((const uint8_t *)row->typed + i, 1) : span_str(row->typed));
    }
    rig_pass(&r, 1);
    struct span got = buf_span(&r.said);
    size_t n = strlen(row->said);
    if (got.n < n || memcmp(got.p, row->said, n) != 0 || (int)f->fired != row->fired) {
        fail_msg("%s: said %.*s, fired %d", row->fault, (int)got.n, (const char *)got.p,
                 (int)f->fired);
    }
    buf_clear(&r.said);
    rig_end(&r);
}

static void bytes(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        run_row(&rows[i], false);
        run_row(&rows[i], true);
    }
}

/* What comes behind the place waits; nothing is lost, and the order stays. */
static void stalls(void **state)
{
    (void)state;
    struct rig r;
    rig_start(&r, "");
    SAY(&r, "ATE0\r", "ATE0\r" OKAY);
    (void)fault_rig(&r, "uart.stall from=modem at=3 ms=100");
    SAY(&r, "AT\r", "\r\nO");
    PASS(&r, 99, "");
    PASS(&r, 1, "K\r\n");
    (void)fault_rig(&r, "uart.stall from=host at=1 ms=100");
    SAY(&r, "AT\rAT\r", "");
    PASS(&r, 100, OKAY OKAY);
    const struct fault *f = fault_rig(&r, "uart.stall from=modem at=0 ms=0");
    SAY(&r, "AT\r", "");
    PASS(&r, 1000000, "");
    assert_true(modem_fault_clear(r.m, f->number));
    PASS(&r, 0, OKAY);
    (void)fault_rig(&r, "uart.split from=modem at=4 ms=5");
    SAY(&r, "AT\r", "\r\nOK");
    PASS(&r, 5, "\r\n");
    rig_end(&r);
}

static void dribble_and_merge(void **state)
{
    (void)state;
    struct rig r;
    rig_start(&r, "");
    SAY(&r, "ATE0\r", "ATE0\r" OKAY);
    const struct fault *f = fault_rig(&r, "uart.slicer from=modem size=2 delay=10 count=2");
    SAY(&r, "AT\r", "\r\n");
    PASS(&r, 10, "OK");
    PASS(&r, 10, "\r\n");
    assert_int_equal(f->fired, 2);
    (void)fault_rig(&r, "uart.merge from=host ms=50");
    SAY(&r, "A", "");
    PASS(&r, 30, "");
    SAY(&r, "T\r", "");
    PASS(&r, 20, OKAY);
    SAY(&r, "AT\r", OKAY);
    rig_end(&r);
}

/* The port goes and comes; the modem keeps running. */
static void hangup(void **state)
{
    (void)state;
    struct rig r;
    rig_start(&r, "");
    SAY(&r, "ATE0;+CMEE=2\r", "ATE0;+CMEE=2\r" OKAY);
    (void)fault_rig(&r, "uart.hangup from=modem at=3 ms=200");
    SAY(&r, "AT\r", "\r\nO");
    assert_true(r.port_gone);
    rig_pass(&r, 200);
    assert_false(r.port_gone);
    SAY(&r, "AT+CMEE?\r", "\r\n+CMEE: 2\r\n\r\nOK\r\n");
    rig_end(&r);
}

/* Another fault waits for the mark, and strikes before the byte. */
static void mark(void **state)
{
    (void)state;
    struct rig r;
    rig_start(&r, "");
    SAY(&r, "ATE0\r", "ATE0\r" OKAY);
    (void)fault_rig(&r, "uart.mark from=host at=3");
    const struct fault *f =
        fault_rig(&r, "modem.reboot farewell=no when.event=uart.mark when.from=host");
    SAY(&r, "ATE1\r", "");
    rig_pass(&r, 1);
    assert_int_equal(f->fired, 1);
    rig_pass(&r, 49);
    assert_true(rig_traced(&r, "uart.mark from=host fault=1"));
    SAID(&r, "\r\nRDY\r\n");
    PASS(&r, 10, "\r\n+CPIN: READY\r\n");
    rig_end(&r);
}

static void ask_often(struct rig *r, int lines)
{
    struct buf in;
    buf_init(&in, RIG_CAP);
    for (int i = 0; i < lines; i++) {
        assert_true(buf_addf(&in, "AT+CGACT?\r"));
    }
    rig_type(r, buf_span(&in));
    buf_fini(&in);
}

static void read_all(struct rig *r)
{
    do {
        rig_read(r);
    } while (modem_tx(r->m).n > 0);
}

#define CGACT "\r\n+CGACT: 1,1\r\n+CGACT: 2,0\r\n+CGACT: 3,0\r\n" OKAY

/* A client that does not read holds the modem up as it does without a fault, and loses nothing. */
static void client_does_not_read(void **state)
{
    (void)state;

    enum { LINES = 5900 };
    struct rig r;
    rig_start(&r, "");
    SAY(&r, "ATE0\r", "ATE0\r" OKAY);
    (void)fault_rig(&r, "uart.drop from=modem at=1000000");
    r.deaf = true;
    ask_often(&r, LINES);
    for (int i = 0; i < 20; i++) {
        assert_true(modem_tx(r.m).n < 256 * 1024);
    }
    r.deaf = false;
    read_all(&r);
    assert_int_equal(r.said.n, LINES * strlen(CGACT));
    buf_clear(&r.said);
    rig_end(&r);
}

/* What a fault adds is more than is kept at once: all of it comes. */
static void insert_much(void **state)
{
    (void)state;

    enum { LINES = 300 };
    struct rig r;
    char fault[200];
    rig_start(&r, "");
    SAY(&r, "ATE0\r", "ATE0\r" OKAY);
    (void)snprintf(fault, sizeof fault, "uart.insert from=modem at=0 count=0 text=x%099d", 0);
    (void)fault_rig(&r, fault);
    ask_often(&r, LINES);
    read_all(&r);
    assert_int_equal(r.said.n, LINES * strlen(CGACT) * 101);
    buf_clear(&r.said);
    rig_end(&r);
}

/* However many are armed for the same byte, each adds one. */
static void duplicates(void **state)
{
    (void)state;
    struct rig r;
    rig_start(&r, "");
    SAY(&r, "ATE0\r", "ATE0\r" OKAY);
    for (int i = 0; i < 18; i++) {
        (void)fault_rig(&r, "uart.duplicate from=modem at=2");
    }
    SAY(&r, "AT\r", "\r\nOOOOOOOOOOOOOOOOOOOK\r\n");
    rig_end(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes),
        cmocka_unit_test(stalls),
        cmocka_unit_test(dribble_and_merge),
        cmocka_unit_test(hangup),
        cmocka_unit_test(mark),
        cmocka_unit_test(client_does_not_read),
        cmocka_unit_test(insert_much),
        cmocka_unit_test(duplicates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
