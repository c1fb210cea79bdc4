/* Table 2.2 of mqtt-ssl-commands.md: every command of the MQTT service in every state. */
#include <stdlib.h>

#include "sim/modem/modem_link_rig.h"

enum column { STOPPED, CLIENT_FREE, ACQUIRED, CONNECTED, BUSY, COLUMNS };

static const char *const column_names[] = { "STOPPED", "FREE", "ACQUIRED", "CONNECTED", "BUSY" };

/* Expected: "OK", "E" (ERROR alone), a number n ("+CMD: 0,n" or, without an index, "+CMD: n", and
 * ERROR), ">" (prompt), "0 OK" (line, then OK), "OK 0", "..." (waits for the network in silence,
 * and says OK at once in async style), "DISC x,y" (the two lines of DISC? and OK). */
struct row {
    const char *line, *name;
    bool indexed;
    const char *want[COLUMNS];
};

static const struct row table[] = {
    { "AT+CMQTTSTART", "+CMQTTSTART", false, { "0 OK", "23", "23", "23", "23" } },
    { "AT+CMQTTSTOP", "+CMQTTSTOP", false, { "9", "0 OK", "21", "21", "21" } },
    { "AT+CMQTTACCQ=0,\"dev0\"", "+CMQTTACCQ", true, { "9", "OK", "19", "19", "19" } },
    { "AT+CMQTTREL=0", "+CMQTTREL", true, { "OK", "OK", "OK", "14", "14" } },
    { "AT+CMQTTSSLCFG=0,1", "+CMQTTSSLCFG", true, { "E", "OK", "OK", "E", "E" } },
    { "AT+CMQTTCFG=\"optimeout\",0,60", "+CMQTTCFG", true, { "E", "E", "OK", "E", "E" } },
    { "AT+CMQTTCFG=\"checkUTF8\",0,0", "+CMQTTCFG", true, { "E", "E", "OK", "E", "E" } },
    { "AT+CMQTTWILLTOPIC=0,3", "+CMQTTWILLTOPIC", true, { "9", "20", ">", "13", "14" } },
    { "AT+CMQTTWILLMSG=0,3,1", "+CMQTTWILLMSG", true, { "9", "20", ">", "13", "14" } },
    { "AT+CMQTTCONNECT=0,\"tcp://b.example\",60,1",
      "+CMQTTCONNECT",
      true,
      { "9", "20", "...", "13", "14" } },
    { "AT+CMQTTDISC=0,60", "+CMQTTDISC", true, { "11", "11", "11", "OK 0", "14" } },
    { "AT+CMQTTDISC=0", "+CMQTTDISC", true, { "11", "11", "11", "OK 0", "14" } },
    { "AT+CMQTTDISC?",
      "+CMQTTDISC",
      true,
      { "E", "DISC 1,1", "DISC 1,1", "DISC 0,1", "DISC 0,1" } },
    { "AT+CMQTTTOPIC=0,3", "+CMQTTTOPIC", true, { "11", "11", "11", ">", "14" } },
    { "AT+CMQTTPAYLOAD=0,3", "+CMQTTPAYLOAD", true, { "11", "11", "11", ">", "14" } },
    { "AT+CMQTTSUBTOPIC=0,3,1", "+CMQTTSUBTOPIC", true, { "11", "11", "11", ">", "14" } },
    { "AT+CMQTTUNSUBTOPIC=0,3", "+CMQTTUNSUBTOPIC", true, { "11", "11", "11", ">", "14" } },
    { "AT+CMQTTSUB=0", "+CMQTTSUB", true, { "11", "11", "11", "...", "14" } },
    { "AT+CMQTTSUB=0,1", "+CMQTTSUB", true, { "11", "11", "11", "...", "14" } },
    { "AT+CMQTTSUB=0,3,1", "+CMQTTSUB", true, { "11", "11", "11", ">", "14" } },
    { "AT+CMQTTUNSUB=0,0", "+CMQTTUNSUB", true, { "11", "11", "11", "...", "14" } },
    { "AT+CMQTTUNSUB=0", "+CMQTTUNSUB", true, { "11", "11", "11", "...", "14" } },
    { "AT+CMQTTUNSUB=0,3,0", "+CMQTTUNSUB", true, { "11", "11", "11", ">", "14" } },
    { "AT+CMQTTPUB=0,1,60", "+CMQTTPUB", true, { "11", "11", "11", "...", "14" } },
    { "AT+CMQTTPUB=0,0,60", "+CMQTTPUB", true, { "11", "11", "11", "OK 0", "14" } },
    /* Read forms answer in every state; so do test forms (1.1). */
    { "AT+CMQTTREL?", "+CMQTTREL", true, { "OK", "OK", "OK", "OK", "OK" } },
    { "AT+CMQTTSTART=?", "+CMQTTSTART", false, { "OK", "OK", "OK", "OK", "OK" } },
    { "AT+CMQTTSTOP=?", "+CMQTTSTOP", false, { "OK", "OK", "OK", "OK", "OK" } },
};

static void enter(struct rig *r, enum column column, const char *profile)
{
    if (column == STOPPED) {
        rig_start(r, profile);
        SAY(r, "ATE0\r", "ATE0\r" OKAY);
        return;
    }
    rig_started(r, profile);
    if (column == ACQUIRED) {
        SAY(r, "AT+CMQTTACCQ=0,\"dev0\"\r", OKAY);
    }
    if (column < CONNECTED) {
        return;
    }
    rig_connect(r, 0);
    SAY(r, "AT+CMQTTTOPIC=0,3\r", "\r\n>");
    SAY(r, "a/b", OKAY);
    SAY(r, "AT+CMQTTSUBTOPIC=0,3,1\r", "\r\n>");
    SAY(r, "a/b", OKAY);
    SAY(r, "AT+CMQTTUNSUBTOPIC=0,3\r", "\r\n>");
    SAY(r, "a/b", OKAY);
    if (column == BUSY) {
        SAY(r, "AT+CMQTTPUB=0,1,60\r", OKAY);
    }
}

static void expect(const struct row *row, const char *want, bool async, struct buf *out)
{
    const char *index = row->indexed ? "0," : "";
    if (strcmp(want, "OK") == 0 || (strcmp(want, "...") == 0 && async)) {
        (void)buf_addf(out, OKAY);
    } else if (strcmp(want, "E") == 0) {
        (void)buf_addf(out, ERR);
    } else if (strcmp(want, ">") == 0) {
        (void)buf_addf(out, "\r\n>");
    } else if (strcmp(want, "0 OK") == 0) {
        (void)buf_addf(out, LN("%s: %s0") OKAY, row->name, index);
    } else if (strcmp(want, "OK 0") == 0) {
        (void)buf_addf(out, OKAY LN("%s: %s0"), row->name, index);
    } else if (strncmp(want, "DISC", 4) == 0) {
        (void)buf_addf(out, "\r\n+CMQTTDISC: 0,%c\r\n+CMQTTDISC: 1,%c\r\n" OKAY, want[5], want[7]);
    } else if (strcmp(want, "...") != 0) {
        (void)buf_addf(out, LN("%s: %s%s") ERR, row->name, index, want);
    }
}

static void try_all(const char *profile, bool async)
{
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        for (enum column c = STOPPED; c < COLUMNS; c++) {
            if (c == BUSY && !async) {
                continue; /* the port is blocked then: see modem_data_test.c */
            }
            struct rig r;
            enter(&r, c, profile);
            rig_type(&r, span_str(table[i].line));
            TYPE(&r, "\r");
            struct buf want;
            buf_init(&want, 4096);
            expect(&table[i], table[i].want[c], async, &want);
            rig_said(&r, buf_span(&want), table[i].line, column_names[c], (int)i);
            buf_fini(&want);
            rig_end(&r);
        }
    }
}

static void every_command_in_every_state(void **state)
{
    (void)state;
    try_all("", false);
}

static void every_command_in_every_state_async(void **state)
{
    (void)state;
    try_all("result_style = async", true);
}

/* 2.1: a CONNECT that is under way makes the client busy, too: 14 comes before 11. */
static void busy_while_connecting(void **state)
{
    (void)state;
    struct rig r;
    rig_started(&r, "result_style = async");
    SAY(&r, "AT+CMQTTACCQ=0,\"dev0\"\r", OKAY);
    SAY(&r, "AT+CMQTTCONNECT=0,\"tcp://b.example\",60,1\r", OKAY);
    SAY(&r, "AT+CMQTTCONNECT=0,\"tcp://b.example\",60,1\r", LN("+CMQTTCONNECT: 0,14") ERR);
    SAY(&r, "AT+CMQTTTOPIC=0,3\r", LN("+CMQTTTOPIC: 0,14") ERR);
    SAY(&r, "AT+CMQTTWILLTOPIC=0,3\r", LN("+CMQTTWILLTOPIC: 0,14") ERR);
    SAY(&r, "AT+CMQTTDISC=0,60\r", LN("+CMQTTDISC: 0,14") ERR);
    SAY(&r, "AT+CMQTTREL=0\r", LN("+CMQTTREL: 0,14") ERR);
    SAY(&r, "AT+CMQTTSSLCFG=0,0\r", ERR);
    SAY(&r, "AT+CMQTTDISC?\r", "\r\n+CMQTTDISC: 0,1\r\n+CMQTTDISC: 1,1\r\n" OKAY);
    /* The other client is not concerned. */
    SAY(&r, "AT+CMQTTACCQ=1,\"dev1\"\r", OKAY);
    SAY(&r, "AT+CMQTTTOPIC=1,3\r", LN("+CMQTTTOPIC: 1,11") ERR);
    rig_end(&r);
}

struct exchange {
    const char *line, *want;
};

static void try_lines(struct rig *r, const struct exchange *e, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        rig_type(r, span_str(e[i].line));
        TYPE(r, "\r");
        rig_said(r, span_str(e[i].want), e[i].line, __FILE__, (int)i);
    }
}

/* 2.1, steps 1, 2 and 6: syntax, index, range; and the order among them. */
static void bad_values_when_connected(void **state)
{
    (void)state;
    static const struct exchange e[] = {
        { "AT+CMQTTACCQ=2,\"x\"", LN("+CMQTTACCQ: 2,10") ERR },
        { "AT+CMQTTACCQ=-1,\"x\"", LN("+CMQTTACCQ: -1,10") ERR },
        { "AT+CMQTTREL=2", LN("+CMQTTREL: 2,10") ERR },
        { "AT+CMQTTTOPIC=2,3", LN("+CMQTTTOPIC: 2,10") ERR },
        { "AT+CMQTTSSLCFG=2,0", ERR },
        { "AT+CMQTTCFG=\"checkUTF8\",2,0", ERR },
        { "AT+CMQTTTOPIC=0,0", LN("+CMQTTTOPIC: 0,22") ERR },
        { "AT+CMQTTTOPIC=0,1025", LN("+CMQTTTOPIC: 0,22") ERR },
        { "AT+CMQTTPAYLOAD=0,0", LN("+CMQTTPAYLOAD: 0,22") ERR },
        { "AT+CMQTTPAYLOAD=0,10241", LN("+CMQTTPAYLOAD: 0,22") ERR },
        { "AT+CMQTTSUBTOPIC=0,1025,0", LN("+CMQTTSUBTOPIC: 0,22") ERR },
        { "AT+CMQTTSUBTOPIC=0,3,3", LN("+CMQTTSUBTOPIC: 0,12") ERR },
        { "AT+CMQTTSUBTOPIC=0,3", ERR },
        { "AT+CMQTTUNSUBTOPIC=0,0", LN("+CMQTTUNSUBTOPIC: 0,22") ERR },
        { "AT+CMQTTSUB=0,2", LN("+CMQTTSUB: 0,12") ERR },
        { "AT+CMQTTSUB=0,0,1", LN("+CMQTTSUB: 0,22") ERR },
        { "AT+CMQTTSUB=0,3,3", LN("+CMQTTSUB: 0,12") ERR },
        { "AT+CMQTTSUB=0,3,1,2", LN("+CMQTTSUB: 0,12") ERR },
        { "AT+CMQTTSUB=0,3,1,0,0", ERR },
        { "AT+CMQTTSUB=0,\"a/b\",1", LN("+CMQTTSUB: 0,12") ERR },
        { "AT+CMQTTSUB=2,\"a/b\",1", LN("+CMQTTSUB: 2,10") ERR },
        { "AT+CMQTTSUB=1,\"a/b\",1", LN("+CMQTTSUB: 1,11") ERR },
        { "AT+CMQTTSUB=\"0\",\"a/b\",1", ERR },
        { "AT+CMQTTSUB=0", LN("+CMQTTSUB: 0,18") ERR },
        { "AT+CMQTTUNSUB=0,0", LN("+CMQTTUNSUB: 0,18") ERR },
        { "AT+CMQTTUNSUB=0", LN("+CMQTTUNSUB: 0,18") ERR },
        { "AT+CMQTTUNSUB=0,1025", LN("+CMQTTUNSUB: 0,22") ERR },
        { "AT+CMQTTUNSUB=0,1025,0", LN("+CMQTTUNSUB: 0,22") ERR },
        { "AT+CMQTTUNSUB=0,3,2", LN("+CMQTTUNSUB: 0,12") ERR },
        { "AT+CMQTTPUB=0,1,60", LN("+CMQTTPUB: 0,18") ERR },
        { "AT+CMQTTPUB=0,3,60", LN("+CMQTTPUB: 0,12") ERR },
        { "AT+CMQTTPUB=0,1,59", LN("+CMQTTPUB: 0,12") ERR },
        { "AT+CMQTTPUB=0,1,181", LN("+CMQTTPUB: 0,12") ERR },
        { "AT+CMQTTPUB=0,1,60,2", LN("+CMQTTPUB: 0,12") ERR },
        { "AT+CMQTTPUB=0,1,60,0,2", LN("+CMQTTPUB: 0,12") ERR },
        { "AT+CMQTTPUB=0,1", ERR },
        { "AT+CMQTTPUB=0,1,60,0,0,0", ERR },
        { "AT+CMQTTDISC=0,59", LN("+CMQTTDISC: 0,12") ERR },
        { "AT+CMQTTDISC=0,181", LN("+CMQTTDISC: 0,12") ERR },
        { "AT+CMQTTTOPIC=0,\"3\"", ERR },
        { "AT+CMQTTTOPIC=0,3x", ERR },
        { "AT+CMQTTTOPIC=0,99999999999999999999", ERR },
        { "AT+CMQTTTOPIC=,3", ERR },
        { "AT+CMQTTTOPIC=0", ERR },
        { "AT+CMQTTTOPIC=", ERR },
        { "AT+CMQTTTOPIC", ERR },
    };
    struct rig r;
    rig_connected(&r, "");
    try_lines(&r, e, ARRAY_LEN(e));
    rig_end(&r);
}

static void bad_values_before_connect(void **state)
{
    (void)state;
    static const struct exchange e[] = {
        { "AT+CMQTTACCQ=1,\"\"", LN("+CMQTTACCQ: 1,22") ERR },
        { "AT+CMQTTACCQ=1,\"x\",2", LN("+CMQTTACCQ: 1,12") ERR },
        { "AT+CMQTTACCQ=1,\"x\",0,2", LN("+CMQTTACCQ: 1,12") ERR },
        { "AT+CMQTTACCQ=1,\"x\",0,5", LN("+CMQTTACCQ: 1,12") ERR },
        { "AT+CMQTTACCQ=1,\"x\",0,4,0", ERR },
        { "AT+CMQTTACCQ=1,\"x", ERR },
        { "AT+CMQTTACCQ=1,x\"", ERR },
        { "AT+CMQTTACCQ=1", ERR },
        { "AT+CMQTTACCQ=1,\"\xff\"", LN("+CMQTTACCQ: 1,2") ERR },
        { "AT+CMQTTSSLCFG=0,10", ERR },
        { "AT+CMQTTCFG=\"optimeout\",0,19", ERR },
        { "AT+CMQTTCFG=\"optimeout\",0,121", ERR },
        { "AT+CMQTTCFG=\"checkUTF8\",0,2", ERR },
        { "AT+CMQTTCFG=\"nothing\",0,1", ERR },
        { "AT+CMQTTCFG=0,1", ERR },
        { "AT+CMQTTCFG=\"CHECKutf8\",0,1", OKAY },
        { "AT+CMQTTCFG=\"aliauth\",0,\"p\",\"d\",\"s\"", OKAY },
        { "AT+CMQTTWILLTOPIC=0,0", LN("+CMQTTWILLTOPIC: 0,12") ERR },
        { "AT+CMQTTWILLTOPIC=0,1025", LN("+CMQTTWILLTOPIC: 0,22") ERR },
        { "AT+CMQTTWILLMSG=0,1025,0", LN("+CMQTTWILLMSG: 0,22") ERR },
        { "AT+CMQTTWILLMSG=0,3,3", LN("+CMQTTWILLMSG: 0,12") ERR },
        { "AT+CMQTTWILLMSG=0,3", ERR },
        { "AT+CMQTTCONNECT=0,\"tcp://b\",60", ERR },
        { "AT+CMQTTCONNECT=0,\"tcp://b.e\",0,1", LN("+CMQTTCONNECT: 0,12") ERR },
        { "AT+CMQTTCONNECT=0,\"tcp://b.e\",64801,1", LN("+CMQTTCONNECT: 0,12") ERR },
        { "AT+CMQTTCONNECT=0,\"tcp://b.e\",60,2", LN("+CMQTTCONNECT: 0,12") ERR },
        { "AT+CMQTTCONNECT=0,\"tcp://b.e\",60,1,\"\"", LN("+CMQTTCONNECT: 0,22") ERR },
        { "AT+CMQTTCONNECT=0,\"tcp://b\",60,1", LN("+CMQTTCONNECT: 0,22") ERR },
        { "AT+CMQTTCONNECT=0,\"b.example:1883\",60,1", LN("+CMQTTCONNECT: 0,12") ERR },
        { "AT+CMQTTCONNECT=0,\"mqtt://b.e\",60,1", LN("+CMQTTCONNECT: 0,12") ERR },
        { "AT+CMQTTCONNECT=0,\"tcp://:1883\",60,1", LN("+CMQTTCONNECT: 0,12") ERR },
        { "AT+CMQTTCONNECT=0,\"tcp://b.e:\",60,1", LN("+CMQTTCONNECT: 0,12") ERR },
        { "AT+CMQTTCONNECT=0,\"tcp://b.e:0\",60,1", LN("+CMQTTCONNECT: 0,12") ERR },
        { "AT+CMQTTCONNECT=0,\"tcp://b.e:65536\",60,1", LN("+CMQTTCONNECT: 0,12") ERR },
        { "AT+CMQTTCONNECT=0,\"tcp://b.e:1883/x\",60,1", LN("+CMQTTCONNECT: 0,12") ERR },
        { "AT+CMQTTCONNECT=0,\"tcp://[::1\",60,1", LN("+CMQTTCONNECT: 0,12") ERR },
        { "AT+CMQTTCONNECT=0,\"tcp://[::1]x\",60,1", LN("+CMQTTCONNECT: 0,12") ERR },
        { "AT+CMQTTCONNECT=0,\"tcp://[]:1883\",60,1", LN("+CMQTTCONNECT: 0,12") ERR },
    };
    struct rig r;
    rig_started(&r, "");
    SAY(&r, "AT+CMQTTACCQ=0,\"dev0\"\r", OKAY);
    try_lines(&r, e, ARRAY_LEN(e));
    assert_int_equal(r.link[0].dials, 0);
    rig_end(&r);
}

/* 1.1: spaces after commas, any case; an index is checked before the state (2.1). */
static void tolerances(void **state)
{
    (void)state;
    struct rig r;
    rig_start(&r, "");
    SAY(&r, "ATE0\r", "ATE0\r" OKAY);
    SAY(&r, "AT+CMQTTTOPIC=2,3\r", LN("+CMQTTTOPIC: 2,10") ERR);
    SAY(&r, "AT+CMQTTDISC=0, 120\r", LN("+CMQTTDISC: 0,11") ERR);
    SAY(&r, "at+cMqTtStArT\r", LN("+CMQTTSTART: 0") OKAY);
    SAY(&r, "AT + CMQTTACCQ = 0, \"a b\" , 1 , 3\r", OKAY);
    SAY(&r, "AT+CMQTTACCQ?\r", "\r\n+CMQTTACCQ: 0,\"a b\",1,3\r\n+CMQTTACCQ: 1,\"\",0,4\r\n" OKAY);
    rig_end(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_command_in_every_state),
        cmocka_unit_test(every_command_in_every_state_async),
        cmocka_unit_test(busy_while_connecting),
        cmocka_unit_test(bad_values_when_connected),
        cmocka_unit_test(bad_values_before_connect),
        cmocka_unit_test(tolerances),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
