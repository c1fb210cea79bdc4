#include "sim/host/control_rig.h"
#include "sim/host/trace_file.h"

#define KNOWN                                                                                      \
    "known: list, add, remove, version, get, set, script, time, lines, urc, raw, power, call, "    \
    "sms, fault, faults, "                                                                         \
    "clear, state, coverage, snapshot, why, verbs, subscribe, trace"

static void answers(void **state)
{
    static const struct {
        const char *request, *answer;
    } cases[] = {
        { "{`verb`:`version`}", "{`version`:`1.2.3`,`control`:1}" },
        { " { `verb` : `version` }\r", "{`version`:`1.2.3`,`control`:1}" },
        { "{`verb`:`list`}", "{`modems`:[{`name`:`modem0`,`path`:`/run/a\\`b`,`profile`:`sim7600`},"
                             "{`name`:`modem1`,`path`:`tcp:h:1`,`profile`:`x`}]}" },
        { "{`verb`:`faults`,`modem`:`modem0`}", "{`faults`:[]}" },
        { "{`verb`:`fault`,`modem`:`modem0`,`name`:`mqtt.result`,`count`:2,"
          "`parameters`:{`command`:`+CMQTTPUB`,`code`:4}}",
          "{`fault`:1}" },
        { "{`verb`:`faults`,`modem`:`modem0`}",
          "{`faults`:[{`fault`:1,`name`:`mqtt.result`,`parameters`:{`command`:`+CMQTTPUB`,"
          "`code`:4},`left`:2,`fired`:0}]}" },
        { "{`verb`:`faults`,`modem`:`modem1`}", "{`faults`:[]}" },
        { "{`verb`:`clear`,`modem`:`modem0`,`fault`:2}",
          "{`error`:`clear: there is no fault 2; 'faults' lists them`}" },
        { "{`verb`:`clear`,`modem`:`modem0`,`fault`:1}", "{}" },
        { "{`verb`:`clear`,`modem`:`modem0`}", "{}" },
        { "{`verb`:`trace`,`last`:5}", "{`events`:[]}" },
        { "{`verb`:`dance`}", "{`error`:`unknown verb 'dance'; " KNOWN "`}" },
        { "{`verb`:`\\\\u0000`}", "{`error`:`unknown verb '\\\\\\\\u0000'; " KNOWN "`}" },
        { "{`verb`:7}", "{`error`:`expected a JSON object with a member \\`verb\\` on one line`}" },
        { "[]", "{`error`:`expected a JSON object with a member \\`verb\\` on one line`}" },
        { "version", "{`error`:`not a line of JSON`}" },
        { "", "{`error`:`not a line of JSON`}" },
        { "{`verb`:`version`} x", "{`error`:`not a line of JSON`}" },
        { "{`verb`:`version\\u0000`}", "{`error`:`not a line of JSON`}" },
        { "{`verb`:`\xFF`}", "{`error`:`not a line of JSON`}" },
        { "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
          "{`error`:`not a line of JSON`}" },
    };
    struct pair p;

    (void)state;
    pair_start(&p);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        ask(&p.facts, cases[i].request, cases[i].answer);
    }
    pair_end(&p);
}

/* What does not fit a verb's row: the answer names the field and what it takes. */
static void wrong_fields(void **state)
{
    static const struct {
        const char *request, *error;
    } cases[] = {
        { "`verb`:`version`,`more`:1", "version: unknown field 'more'; it takes nothing" },
        { "`verb`:`list`,`modem`:`modem0`", "list: unknown field 'modem'; it takes nothing" },
        { "`verb`:`power`,`modem`:`modem0`,`action`:`key`,`x`:1",
          "power: unknown field 'x'; it takes modem, action" },
        { "`verb`:`get`,`verb`:`set`", "get: field 'verb' is there twice" },
        { "`verb`:`get`,`modem`:`modem1`,`modem`:`modem0`", "get: field 'modem' is there twice" },
        { "`verb`:`get`", "get: field 'modem' must say which: modem0 to modem1" },
        { "`verb`:`get`,`modem`:`modem2`", "get: field 'modem' takes modem0 to modem1" },
        { "`verb`:`get`,`modem`:0", "get: field 'modem' takes modem0 to modem1" },
        { "`verb`:`power`,`modem`:`modem0`",
          "power: field 'action' is missing; it takes key, reset, cut" },
        { "`verb`:`power`,`modem`:`modem0`,`action`:`kick`",
          "power: field 'action' takes key, reset, cut" },
        { "`verb`:`power`,`modem`:`modem0`,`action`:1",
          "power: field 'action' takes key, reset, cut" },
        { "`verb`:`subscribe`,`events`:[]",
          "subscribe: field 'events' takes a list: names of events, all when left out" },
        { "`verb`:`subscribe`,`events`:[``]",
          "subscribe: field 'events' takes up to 16 names of 1 to 31 bytes" },
        { "`verb`:`subscribe`,`modem`:`modem7`",
          "subscribe: field 'modem' takes a name of 'list'" },
        { "`verb`:`trace`,`last`:1001", "trace: field 'last' takes a whole number from 1 to 1000" },
        { "`verb`:`trace`,`last`:1.5", "trace: field 'last' takes a whole number from 1 to 1000" },
        { "`verb`:`fault`,`modem`:`modem0`,`name`:`x`,`parameters`:{`a`:1}",
          "fault: there is no fault 'x'; sim7600 --dump faults lists all" },
        { "`verb`:`fault`,`modem`:`modem0`,`name`:`mqtt.result`,`parameters`:{`code`:true}",
          "fault: parameter 'code' takes a string or a whole number" },
        { "`verb`:`fault`,`modem`:`modem0`,`name`:`command.answer`,`when`:{`packet`:`PUBLISH`}",
          "fault: 'when' lacks the field 'event', the name of an event of the trace" },
        { "`verb`:`fault`,`modem`:`modem0`,`name`:`command.answer`,`when`:{`event`:`mqtt`,`nth`:0}",
          "fault: field 'nth' of 'when' takes a whole number from 1 to 1000000" },
        { "`verb`:`fault`,`modem`:`modem0`,`name`:`command.answer`,`until`:{`event`:`mqtt`}",
          "fault: 'until' goes with 'when', which wakes it" },
        { "`verb`:`fault`,`modem`:`modem0`,`name`:`command.answer`,`chance`:101",
          "fault: field 'chance' takes a whole number from 1 to 100" },
        { "`verb`:`set`,`modem`:`modem0`",
          "set: field 'keys' is missing; it takes an object: profile keys and their new values" },
        { "`verb`:`set`,`modem`:`modem0`,`keys`:`network`",
          "set: field 'keys' takes an object: profile keys and their new values" },
        { "`verb`:`set`,`modem`:`modem0`,`keys`:{}",
          "set: field 'keys' takes an object: profile keys and their new values" },
    };
    struct pair p;
    char request[200];
    char answer[200];

    (void)state;
    pair_start(&p);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        (void)snprintf(request, sizeof request, "{%s}", cases[i].request);
        (void)snprintf(answer, sizeof answer, "{`error`:`%s`}", cases[i].error);
        ask(&p.facts, request, answer);
    }
    pair_end(&p);
}

static void wrong_keys(void **state)
{
    static const struct {
        const char *keys, *error;
    } cases[] = {
        { "`network`:true", "network: takes a string or a whole number" },
        { "`network`:[]", "network: takes a string or a whole number" },
        { "`signal.dbm`:-80.5", "signal.dbm: takes a string or a whole number" },
        { "`signal.dbm`:1e300", "signal.dbm: takes a string or a whole number" },
        { "`signal.dbm`:-114", "signal.dbm: '-114' is not valid, it takes -113 to -51" },
        { "`signal.dbm`:-50", "signal.dbm: '-50' is not valid, it takes -113 to -51" },
        { "`time_percent`:1001", "time_percent: '1001' is not valid, it takes 0-1000" },
        { "`network`:`5G`", "network: '5G' is not valid, it takes none|home|roaming|denied" },
        { "`sim.pin`:`123456789`",
          "sim.pin: '123456789' is not valid, it takes text of at most 8 bytes" },
        { "`nonsense`:1", "unknown key 'nonsense'; 'sim7600 --dump profile' lists all" },
        { "`imei`:`1`", "imei: cannot be changed while the modem runs; give it in a profile" },
    };
    struct pair p;
    char request[200];
    char answer[200];

    (void)state;
    pair_start(&p);
    p.facts.n = 1;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        (void)snprintf(request, sizeof request, "{`verb`:`set`,`keys`:{`signal.dbm`:-99,%s}}",
                       cases[i].keys);
        (void)snprintf(answer, sizeof answer, "{`error`:`set: %s`}", cases[i].error);
        ask(&p.facts, request, answer);
    }
    /* all or nothing: the good key before the bad one was not taken either */
    assert_int_equal(modem_profile(p.rig[0].m)->signal_dbm, -81);
    pair_end(&p);
}

static void set_and_get(void **state)
{
    struct pair p;
    struct buf out;

    (void)state;
    pair_start(&p);
    SAY(&p.rig[1], "ATE0;+CSQ\r", "ATE0;+CSQ\r" LN("+CSQ: 16,99") OKAY);
    ask(&p.facts,
        "{`verb`:`set`,`modem`:`modem1`,`keys`:{`signal.dbm`:-51,`network.plmn`:`26201`,"
        "`sim.pin`:4711}}",
        "{}");
    SAY(&p.rig[1], "AT+CSQ\r", LN("+CSQ: 31,99") OKAY);
    assert_int_equal(modem_profile(p.rig[0].m)->signal_dbm, -81);
    assert_true(buf_add_byte(&p.rig[1].trail, 0));
    const char *trail = (const char *)p.rig[1].trail.p;
    assert_non_null(strstr(trail, "control verb=set key=signal.dbm value=-51\n"));
    assert_non_null(strstr(trail, "control verb=set key=sim.pin value=(not shown)\n"));
    assert_null(strstr(trail, "4711"));

    buf_init(&out, CONTROL_LINE_MAX);
    struct control_subscription subscription = { .active = false };
    control_answer(&p.facts, SPAN_LIT("{\"verb\":\"get\",\"modem\":\"modem1\"}"), &subscription,
                   &out);
    static const char *const wanted[] = { "{\"keys\":{", "\"signal.dbm\":-51,",
                                          "\"network.plmn\":\"26201\",", "\"network\":\"home\"," };
    assert_true(buf_add_byte(&out, 0));
    for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
        assert_non_null(strstr((const char *)out.p, wanted[i]));
    }
    buf_fini(&out);
    pair_end(&p);
}

static void call(void **state)
{
    struct pair p;

    (void)state;
    pair_start(&p);
    p.facts.n = 1;
    SAY(&p.rig[0], "ATE0\r", "ATE0\r" OKAY);
    ask(&p.facts, "{`verb`:`call`,`action`:`end`,`from`:`1`}",
        "{`error`:`call: field 'from' goes with the action ring only`}");
    ask(&p.facts, "{`verb`:`call`,`from`:``}",
        "{`error`:`call: field 'from' takes a string of 1 to 20 bytes`}");
    ask(&p.facts, "{`verb`:`call`,`from`:`+4930123`}", "{}");
    PASS(&p.rig[0], 1000, LN("RING"));
    ask(&p.facts, "{`verb`:`call`,`action`:`end`}", "{}");
    rig_pass(&p.rig[0], 1000);
    assert_non_null(memchr(p.rig[0].said.p, 'M', p.rig[0].said.n)); /* MISSED_CALL: … */
    pair_end(&p);
}

static void sms(void **state)
{
    struct pair p;

    (void)state;
    pair_start(&p);
    p.facts.n = 1;
    SAY(&p.rig[0], "ATE0;+CNMI=2,1;+CMGF=1\r", "ATE0;+CNMI=2,1;+CMGF=1\r" OKAY);
    ask(&p.facts, "{`verb`:`sms`,`text`:`hello`}",
        "{`error`:`sms: field 'from' is missing; it takes a string of 1 to 21 bytes`}");
    ask(&p.facts, "{`verb`:`sms`,`from`:`+4930123`,`text`:`hello`}", "{}");
    PASS(&p.rig[0], 1000, LN("+CMTI: \"SM\",0"));
    assert_true(buf_add_byte(&p.rig[0].trail, 0));
    assert_non_null(strstr((const char *)p.rig[0].trail.p, "control verb=sms from=+4930123\n"));
    p.rig[0].trail.n--;
    pair_end(&p);
}

static void power(void **state)
{
    struct pair p;

    (void)state;
    pair_start(&p);
    p.facts.n = 1;
    SAY(&p.rig[0], "ATE0\r", "ATE0\r" OKAY);
    ask(&p.facts, "{`verb`:`power`,`action`:`key`}", "{}");
    PASS(&p.rig[0], 2000, "");
    SAY(&p.rig[0], "AT\r", ""); /* it is off */
    ask(&p.facts, "{`verb`:`power`,`action`:`key`}", "{}");
    PASS(&p.rig[0], 2000, LN("RDY") LN("+CPIN: READY") LN("SMS DONE") LN("PB DONE"));
    ask(&p.facts, "{`verb`:`power`,`action`:`cut`}", "{}");
    PASS(&p.rig[0], 2000, LN("RDY") LN("+CPIN: READY") LN("SMS DONE") LN("PB DONE"));
    ask(&p.facts, "{`verb`:`power`,`action`:`reset`}", "{}");
    PASS(&p.rig[0], 2000, LN("RDY") LN("+CPIN: READY") LN("SMS DONE") LN("PB DONE"));
    pair_end(&p);
}

static void escapes(void **state)
{
    const struct {
        struct span text;
        const char *escaped;
    } cases[] = {
        { SPAN_LIT("AT+CGMI"), "AT+CGMI" },
        { SPAN_LIT("a\\b"), "a\\\\b" },
        { SPAN_LIT("gr\xC3\xBC\xC3\x9F"), "gr\xC3\xBC\xC3\x9F" },
        { SPAN_LIT("\x00\x01"), "\\x00\x01" },
        { SPAN_LIT("\xFF\xFE"), "\\xFF\\xFE" },
        { SPAN_LIT("\xC3"), "\\xC3" },          /* cut off */
        { SPAN_LIT("\xC0\x80"), "\\xC0\\x80" }, /* overlong */
        { SPAN_LIT("\xE0\x80\x80"), "\\xE0\\x80\\x80" },
        { SPAN_LIT("\xED\xA0\x80"), "\\xED\\xA0\\x80" }, /* surrogate */
        { SPAN_LIT("\xF4\x90\x80\x80"), "\\xF4\\x90\\x80\\x80" },
        { SPAN_LIT("\xF0\x9F\x98\x80"), "\xF0\x9F\x98\x80" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf out;
        buf_init(&out, 100);
        assert_true(trace_escape(&out, cases[i].text));
        if (!span_eq(buf_span(&out), span_str(cases[i].escaped))) {
            fail_msg("case %zu gave '%.*s'", i, (int)out.n, (const char *)out.p);
        }
        buf_fini(&out);
    }
}

/* What 'subscribe' makes of a connection's subscription. */
static void subscriptions(void **state)
{
    (void)state;
    struct pair p;
    struct control_subscription s = { .active = false };
    struct buf out;
    pair_start(&p);
    buf_init(&out, CONTROL_LINE_MAX);
    assert_false(control_wants(&s, 0, "at"));
    control_answer(&p.facts,
                   SPAN_LIT("{\"verb\":\"subscribe\",\"modem\":\"modem1\",\"last\":7,"
                            "\"events\":[\"at\",\"mqtt\"]}"),
                   &s, &out);
    assert_true(s.fresh && s.last == 7 && control_wants(&s, 1, "mqtt"));
    assert_false(control_wants(&s, 0, "at") || control_wants(&s, 1, "tcp"));
    control_answer(&p.facts, SPAN_LIT("{\"verb\":\"subscribe\",\"events\":[5]}"), &s, &out);
    assert_true(control_wants(&s, 1, "at") && !control_wants(&s, 0, "at")); /* as it was */
    control_answer(&p.facts, SPAN_LIT("{\"verb\":\"subscribe\"}"), &s, &out);
    assert_true(control_wants(&s, 0, "tcp") && control_wants(&s, 1, "at") && s.last == 0);
    buf_fini(&out);
    pair_end(&p);
}

/* What reaches the port, and what the lines say. */
static void port_verbs(void **state)
{
    (void)state;
    struct pair p;
    pair_start(&p);
    struct rig *r = &p.rig[1];
    rig_type(r, SPAN_LIT("ATE0\r"));
    buf_clear(&r->said);
    ask(&p.facts, "{`verb`:`urc`,`modem`:`modem1`,`text`:`+CMTI: \\`SM\\`,3`}", "{}");
    PASS(r, 1000, LN("+CMTI: \"SM\",3"));
    ask(&p.facts, "{`verb`:`raw`,`modem`:`modem1`,`text`:`\\\\x00A\\\\r`}", "{}");
    PASS(r, 0, "\0A\r");
    ask(&p.facts, "{`verb`:`lines`,`modem`:`modem1`}",
        "{`dtr`:`on`,`rts`:`on`,`dcd`:`on`,`ri`:`off`}");
    SAY(r, "AT+IFC=2,2;&C1\r", OKAY);
    ask(&p.facts, "{`verb`:`lines`,`modem`:`modem1`,`rts`:`off`}",
        "{`dtr`:`on`,`rts`:`off`,`dcd`:`off`,`ri`:`off`}");
    SAY(r, "AT\r", "");
    ask(&p.facts, "{`verb`:`lines`,`modem`:`modem1`,`rts`:`on`}",
        "{`dtr`:`on`,`rts`:`on`,`dcd`:`off`,`ri`:`off`}");
    SAID(r, OKAY);
    ask(&p.facts, "{`verb`:`time`,`modem`:`modem1`,`percent`:0}", "{}");
    ask(&p.facts, "{`verb`:`power`,`modem`:`modem1`,`action`:`cut`}", "{}");
    ask(&p.facts, "{`verb`:`urc`,`modem`:`modem1`,`text`:`x`}",
        "{`error`:`urc: modem1 is off or still booting; 'power' switches it on`}");
    rig_pass(r, 0);
    assert_true(rig_traced(r, "control verb=time percent=0"));
    ask(&p.facts, "{`verb`:`add`}", "{`error`:`add: not possible here`}");
    pair_end(&p);
}

static void scripts(void **state)
{
    (void)state;
    struct pair p;
    pair_start(&p);
    struct rig *r = &p.rig[0];
    rig_type(r, SPAN_LIT("ATE0;+CREG=1\r"));
    buf_clear(&r->said);
    ask(&p.facts,
        "{`verb`:`script`,`modem`:`modem0`,`repeat`:2,`steps`:[{`after_ms`:100,`keys`:{`network`:`"
        "none`}},"
        "{`after_ms`:50,`keys`:{`network`:`home`}}]}",
        "{}");
    PASS(r, 99, "");
    PASS(r, 1, LN("+CREG: 2"));
    PASS(r, 50, LN("+CREG: 1"));
    PASS(r, 150, LN("+CREG: 2") LN("+CREG: 1"));
    PASS(r, 1000, "");
    ask(&p.facts,
        "{`verb`:`script`,`modem`:`modem0`,`repeat`:0,`steps`:[{`after_ms`:10,`keys`:{`network`:`"
        "none`}}]}",
        "{}");
    ask(&p.facts, "{`verb`:`script`,`modem`:`modem0`}", "{}");
    PASS(r, 1000, "");
    static const char *const wrong[][2] = {
        { "[{`after_ms`:-1,`keys`:{`network`:`none`}}]",
          "step 1: field 'after_ms' takes a whole number from 0 to 86400000" },
        { "[{`after_ms`:1,`keys`:{`network`:`none`}},{`after_ms`:1,`keys`:{}}]",
          "step 2 takes after_ms and keys, an object" },
        { "[{`after_ms`:1,`keys`:{`network`:`none`}},{`after_ms`:1,`keys`:{`signal.dbm`:-1}}]",
          "step 2: signal.dbm: '-1' is not valid, it takes -113 to -51" },
        { "[{`after_ms`:1,`keys`:{`network`:`none`},`x`:1}]",
          "step 1 takes after_ms and keys, an object" },
        { "[{`after_ms`:0,`keys`:{`network`:`none`}}],`repeat`:0",
          "one that repeats must have a step with after_ms above 0" },
        { "[7]", "step 1: field 'after_ms' takes a whole number from 0 to 86400000" },
    };
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        char request[400];
        char answer[400];
        (void)snprintf(request, sizeof request, "{`verb`:`script`,`modem`:`modem0`,`steps`:%s}",
                       wrong[i][0]);
        (void)snprintf(answer, sizeof answer, "{`error`:`script: %s`}", wrong[i][1]);
        ask(&p.facts, request, answer);
    }
    pair_end(&p);
}

/* Everything in one object, and no secret. */
static void snapshot(void **state)
{
    (void)state;
    struct pair p;
    struct buf out;
    struct control_subscription none = { .active = false };
    pair_start(&p);
    rig_type(&p.rig[0], SPAN_LIT("AT+CMQTTSTART\r"));
    rig_type(&p.rig[0], SPAN_LIT("AT+CMQTTACCQ=0,\"back\\slash\",0\r"));
    rig_type(&p.rig[0], SPAN_LIT("AT+CSSLCFG=\"keypwd\",0,\"hidden-word\"\r"));
    rig_type(&p.rig[0], SPAN_LIT("AT+CMQTTWILLTOPIC=0,5\rab"));
    buf_init(&out, CONTROL_LINE_MAX * 4);
    control_answer(&p.facts, SPAN_LIT("{\"verb\":\"snapshot\",\"modem\":\"modem0\"}"), &none, &out);
    (void)buf_add_byte(&out, 0);
    const char *text = (const char *)out.p;
    static const char *const parts[] = {
        "\"power\":\"on\"",
        "\"state\":\"acquired\"",
        "\"password_set\":true",
        "\"at\":\"data\",\"command\":\"+CMQTTWILLTOPIC\",\"data_missing\":3",
        "{\"command\":\"+CMQTTSTART\",\"form\":\"execute\",\"verdict\":\"OK\",\"count\":1}",
        "\"network\":\"home\"",
        "\"faults\":[]",
        "\"events\":[",
    };
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        if (strstr(text, parts[i]) == NULL) {
            fail_msg("no %s in %s", parts[i], text);
        }
    }
    assert_null(strstr(text, "hidden-word"));
    assert_null(strstr(text, "sim.pin"));
    buf_fini(&out);
    pair_end(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers),       cmocka_unit_test(wrong_fields),
        cmocka_unit_test(wrong_keys),    cmocka_unit_test(set_and_get),
        cmocka_unit_test(call),          cmocka_unit_test(sms),
        cmocka_unit_test(power),         cmocka_unit_test(escapes),
        cmocka_unit_test(subscriptions), cmocka_unit_test(port_verbs),
        cmocka_unit_test(scripts),       cmocka_unit_test(snapshot),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
