/* What is asked of the network: names, pings, the time (general-commands.md B4.5, B4.10; capture
 * lilygo90). The network's answers are the test's. */
#include "sim/modem/modem_rig.h"

enum { NAME, PING, TIME }; /* ids of host->query: enum ask of the modem */

#define FAR_YEAR INT64_C(3471292800) /* 2080-01-01, which a clock with two digits cannot say */

static void start(struct rig *r, const char *keys)
{
    rig_start(r, keys);
    TYPE(r, "ATE0\r");
    buf_clear(&r->said);
}

/* What was asked: kind and target, one of its kind. */
static void asked(const struct rig *r, unsigned id, enum query_kind kind, const char *target)
{
    assert_true(r->query[id].open);
    assert_int_equal(r->query[id].kind, kind);
    assert_string_equal(r->query[id].target, target);
}

static void answer(struct rig *r, unsigned id, const struct query_result *result)
{
    assert_true(r->query[id].open);
    r->query[id].open = false;
    modem_query_done(r->m, id, result);
    rig_read(r);
}

#define ANSWER(r, id, ...) answer((r), (id), &(const struct query_result){ __VA_ARGS__ })

/* --- names --- */

static void name_is_found(void **state)
{
    (void)state;
    struct rig r;
    start(&r, "");
    SAY(&r, "AT+CDNSGIP=\"h.example\";+CSQ\r", "");
    asked(&r, NAME, QUERY_RESOLVE, "h.example");
    assert_int_equal(r.query[NAME].limit_ms, 40000);
    ANSWER(&r, NAME, .text = SPAN_LIT("192.0.2.7"));
    SAID(&r, LN("+CDNSGIP: 1,\"h.example\",\"192.0.2.7\"") LN("+CSQ: 16,99") OKAY);
    SAY(&r, "AT+CIPDNSSET=3,30000,0\r", OKAY);
    SAY(&r, "AT+CDNSGHNAME=\"192.0.2.7\"\r", "");
    asked(&r, NAME, QUERY_REVERSE, "192.0.2.7");
    assert_int_equal(r.query[NAME].limit_ms, 5000);
    ANSWER(&r, NAME, .text = SPAN_LIT("h.example"));
    SAID(&r, LN("+CDNSGHNAME: 1,\"h.example\",\"192.0.2.7\"") OKAY);
    SAY(&r, "AT+CDNSGIP=?\r", OKAY);
    SAY(&r, "AT+CDNSGIP?\r", ERR);
    SAY(&r, "AT+CDNSGIP=\"\"\r", ERR);
    rig_end(&r);
}

/* lilygo90: the line, and plain ERROR whatever CMEE says; the rest of the command line is dropped.
 */
static void name_is_not_found(void **state)
{
    (void)state;

    static const enum query_end ends[] = { QUERY_NO_NAME, QUERY_UNREACHABLE, QUERY_TIMEOUT };
    struct rig r;
    start(&r, "");
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        SAY(&r, "AT+CDNSGIP=\"google.com\";+CSQ\r", "");
        ANSWER(&r, NAME, .end = ends[i]);
        SAID(&r, LN("+CDNSGIP: 0,10") ERR);
    }
    rig_end(&r);
}

/* A name server is foreign: what it says must not end the quoted string or the line. */
static void names_are_foreign(void **state)
{
    (void)state;
    static const char *const names[] = { "", "a\"b", "a\r\nOK", "a b", "a\x80" };
    struct rig r;
    start(&r, "");
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        SAY(&r, "AT+CDNSGHNAME=\"192.0.2.7\"\r", "");
        ANSWER(&r, NAME, .text = span_str(names[i]));
        SAID(&r, LN("+CDNSGHNAME: 0,10") ERR);
    }
    rig_end(&r);
}

static void name_without_an_answer(void **state)
{
    (void)state;
    struct rig r;
    start(&r, "");
    SAY(&r, "AT+CDNSGIP=\"h.example\"\r", "");
    PASS(&r, 119999, "");
    PASS(&r, 1, ERR); /* the host broke its word; the line does not stay blocked */
    SAY(&r, "AT+CDNSGIP=\"h2.example\"\r", "");
    assert_int_equal(r.query[NAME].cancelled, 1);
    asked(&r, NAME, QUERY_RESOLVE, "h2.example");
    ANSWER(&r, NAME, .text = SPAN_LIT("192.0.2.8"));
    SAID(&r, LN("+CDNSGIP: 1,\"h2.example\",\"192.0.2.8\"") OKAY);
    rig_end(&r);
}

/* --- pings --- */

static void ping_runs(void **state)
{
    (void)state;
    struct rig r;
    start(&r, "");
    SAY(&r, "AT+CPING=\"h.example\",1,3,64,1000,10000, 255\r", OKAY);
    asked(&r, PING, QUERY_RESOLVE, "h.example");
    ANSWER(&r, PING, .text = SPAN_LIT("119.75.217.56"));
    asked(&r, PING, QUERY_PING, "119.75.217.56");
    assert_int_equal(r.query[PING].limit_ms, 10000);
    assert_int_equal(r.query[PING].bytes, 64);
    assert_int_equal(r.query[PING].ttl, 255);
    PASS(&r, 346, "");
    ANSWER(&r, PING, .ms = 346, .ttl = 52);
    SAID(&r, LN("+CPING: 1,119.75.217.56,64,346,255"));
    SAY(&r, "AT+CPING=\"h.example\",1\r", ERR); /* one at a time */
    PASS(&r, 999, "");
    assert_int_equal(r.query[PING].asked, 2);
    PASS(&r, 1, "");
    assert_int_equal(r.query[PING].asked, 3);
    ANSWER(&r, PING, .ms = 444, .ttl = 52);
    SAID(&r, LN("+CPING: 1,119.75.217.56,64,444,255"));
    PASS(&r, 1000, "");
    ANSWER(&r, PING, .end = QUERY_TIMEOUT);
    SAID(&r, LN("+CPING: 2") LN("+CPING: 3,3,2,1,346,444,395"));
    PASS(&r, 10000, "");
    SAY(&r, "AT+CPING=?\r",
        LN("+CPING: IP address,(1,2),(1-100),(4-188),(1000-10000),(10000-100000),(16-255)") OKAY);
    rig_end(&r);
}

/* RT-Thread's, with empty places: their defaults count. */
static void ping_defaults(void **state)
{
    (void)state;
    struct rig r;
    start(&r, "");
    SAY(&r, "AT+CPING=\"192.0.2.1\",1,1,32,,,64\r", OKAY);
    ANSWER(&r, PING, .text = SPAN_LIT("192.0.2.1"));
    assert_int_equal(r.query[PING].bytes, 32);
    assert_int_equal(r.query[PING].ttl, 64);
    assert_int_equal(r.query[PING].limit_ms, 10000);
    ANSWER(&r, PING, .end = QUERY_UNREACHABLE);
    PASS(&r, 100, LN("+CPING: 2") LN("+CPING: 3,1,0,1,0,0,0"));
    SAY(&r, "AT+CPING=\"192.0.2.1\",1\r", OKAY);
    ANSWER(&r, PING, .text = SPAN_LIT("192.0.2.1"));
    assert_int_equal(r.query[PING].bytes, 64);
    assert_int_equal(r.query[PING].ttl, 255);
    for (int i = 0; i < 3; i++) {
        ANSWER(&r, PING, .ms = 5);
        PASS(&r, 1999, LN("+CPING: 1,192.0.2.1,64,5,255"));
        assert_false(r.query[PING].open);
        PASS(&r, 1, "");
    }
    ANSWER(&r, PING, .ms = 5);
    PASS(&r, 100, LN("+CPING: 1,192.0.2.1,64,5,255") LN("+CPING: 3,4,4,0,5,5,5"));
    rig_end(&r);
}

static void ping_ranges(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "\"\",1",
        "\"h\"",
        "\"h\",0",
        "\"h\",3",
        "\"h\",1,0",
        "\"h\",1,101",
        "\"h\",1,1,3",
        "\"h\",1,1,189",
        "\"h\",1,1,4,999",
        "\"h\",1,1,4,10001",
        "\"h\",1,1,4,,9999",
        "\"h\",1,1,4,,100001",
        "\"h\",1,1,4,,,15",
        "\"h\",1,1,4,,,256",
        "\"h\",1,1,4,,,16,1",
    };
    struct rig r;
    start(&r, "");
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        rig_type(&r, SPAN_LIT("AT+CPING="));
        rig_type(&r, span_str(wrong[i]));
        SAY(&r, "\r", ERR);
    }
    assert_int_equal(r.query[PING].asked, 0);
    rig_end(&r);
}

/* lilygo90; an unknown name, and a bearer without IPv6, look the same. */
static void ping_that_cannot_begin(void **state)
{
    (void)state;
    struct rig r;
    start(&r, "network.data = refuse\n");
    SAY(&r, "AT+CPING=\"8.8.8.8\",1\r", OKAY);
    PASS(&r, 100, LN("+CPING: 3,0,0,0,0,0,0"));
    SAY(&r, "AT+CDNSGIP=\"google.com\"\r", LN("+CDNSGIP: 0,10") ERR);
    SAY(&r, "AT+CNTP\r", OKAY);
    PASS(&r, 100, LN("+CNTP: 4"));
    rig_world(&r, "network.data = accept\n");
    SAY(&r, "AT+CPING=\"h.example\",2\r", OKAY);
    PASS(&r, 100, LN("+CPING: 3,0,0,0,0,0,0"));
    assert_int_equal(r.query[PING].asked, 0);
    SAY(&r, "AT+CPING=\"h.example\",1\r", OKAY);
    ANSWER(&r, PING, .end = QUERY_NO_NAME);
    PASS(&r, 100, LN("+CPING: 3,0,0,0,0,0,0"));
    SAY(&r, "AT+CPING=\"h.example\",1\r", OKAY);
    ANSWER(&r, PING, .text = SPAN_LIT("no address"));
    PASS(&r, 100, LN("+CPING: 3,0,0,0,0,0,0"));
    rig_end(&r);
}

static void ping_is_stopped(void **state)
{
    (void)state;
    struct rig r;
    start(&r, "");
    SAY(&r, "AT+CPINGSTOP\r", ERR);
    SAY(&r, "AT+CPING=\"192.0.2.1\",1,100\r", OKAY);
    ANSWER(&r, PING, .text = SPAN_LIT("192.0.2.1"));
    ANSWER(&r, PING, .ms = 7);
    PASS(&r, 2000, LN("+CPING: 1,192.0.2.1,64,7,255")); /* the second is on its way */
    SAY(&r, "AT+CPINGSTOP\r", OKAY);
    PASS(&r, 60000, LN("+CPING: 3,2,1,1,7,7,7"));
    assert_int_equal(r.query[PING].cancelled, 1);
    SAY(&r, "AT+CPINGSTOP=?\r", OKAY);
    rig_end(&r);
}

static void ping_reports_the_reply(void **state)
{
    (void)state;
    struct rig r;
    start(&r, "cping_fields = reply\n");
    SAY(&r, "AT+CPING=\"192.0.2.1\",1,1\r", OKAY);
    ANSWER(&r, PING, .text = SPAN_LIT("192.0.2.1"));
    ANSWER(&r, PING, .ms = 25, .ttl = 52);
    PASS(&r, 100, LN("+CPING: 1,192.0.2.1,92,25,52") LN("+CPING: 3,1,1,0,25,25,25"));
    rig_end(&r);
}

/* --- the time --- */

static void time_sets_the_clock(void **state)
{
    (void)state;
    struct rig r;
    start(&r, "");
    SAY(&r, "AT+CNTP?\r", LN("+CNTP: \"pool.ntp.org\",0") OKAY);
    SAY(&r, "AT+CNTP=\"ntp.example\",-20\r", OKAY);
    SAY(&r, "AT+CNTP?\r", LN("+CNTP: \"ntp.example\",-20") OKAY);
    SAY(&r, "AT+CNTP\r", OKAY);
    asked(&r, TIME, QUERY_SNTP, "ntp.example");
    assert_int_equal(r.query[TIME].limit_ms, 5000);
    SAY(&r, "AT+CNTP\r", ERR); /* one runs */
    PASS(&r, 100, "");
    ANSWER(&r, TIME, .utc = RIG_UTC);
    SAID(&r, LN("+CNTP: 0"));
    SAY(&r, "AT+CCLK?\r", LN("+CCLK: \"24/05/17,05:34:56-20\"") OKAY);
    SAY(&r, "AT+CNTP=\"other.example\"\r", OKAY); /* without a zone: 0 */
    SAY(&r, "AT+CNTP\r", OKAY);
    asked(&r, TIME, QUERY_SNTP, "other.example");
    ANSWER(&r, TIME, .utc = FAR_YEAR - 1);
    PASS(&r, 100, LN("+CNTP: 0"));
    SAY(&r, "AT+CCLK?\r", LN("+CCLK: \"79/12/31,23:59:59+00\"") OKAY);
    SAY(&r, "AT+CNTP=?\r", LN("+CNTP: 255,(-96~96)") OKAY);
    rig_restart(&r);
    TYPE(&r, "ATE0\r");
    buf_clear(&r.said);
    SAY(&r, "AT+CNTP?\r", LN("+CNTP: \"pool.ntp.org\",0") OKAY);
    rig_end(&r);
}

static void time_is_not_got(void **state)
{
    (void)state;

    static const struct {
        struct query_result result;
        int code;
    } cases[] = {
        { { .end = QUERY_NO_NAME }, 4 }, { { .end = QUERY_UNREACHABLE }, 4 },
        { { .end = QUERY_TIMEOUT }, 6 }, { { .utc = INT64_C(315964799) }, 3 },
        { { .utc = FAR_YEAR }, 3 },
    };
    struct rig r;
    start(&r, "");
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char want[40];
        SAY(&r, "AT+CNTP\r", OKAY);
        PASS(&r, 100, "");
        answer(&r, TIME, &cases[i].result);
        (void)snprintf(want, sizeof want, "\r\n+CNTP: %d\r\n", cases[i].code);
        rig_said(&r, span_str(want), "+CNTP", __FILE__, __LINE__);
    }
    SAY(&r, "AT+CCLK?\r", LN("+CCLK: \"80/01/06,00:00:00\"") OKAY); /* untouched */
    rig_end(&r);
}

static void time_ranges(void **state)
{
    (void)state;
    struct rig r;
    start(&r, "");
    SAY(&r, "AT+CNTP=\"h\",-96\r", OKAY);
    SAY(&r, "AT+CNTP=\"h\",96\r", OKAY);
    SAY(&r, "AT+CNTP=\"h\",-97\r", ERR);
    SAY(&r, "AT+CNTP=\"h\",97\r", ERR);
    SAY(&r, "AT+CNTP=\"\",1\r", ERR);
    SAY(&r, "AT+CNTP=\"h\",1,2\r", ERR);
    SAY(&r, "AT+CNTP?\r", LN("+CNTP: \"h\",96") OKAY);
    rig_end(&r);
}

static void time_limit(void **state)
{
    (void)state;
    struct rig r;
    start(&r, "cntp_timeout_ms = 300\n");
    SAY(&r, "AT+CNTP\r", OKAY);
    assert_int_equal(r.query[TIME].limit_ms, 300);
    rig_end(&r);
}

/* --- the place of the cell --- */

static void place_of_the_cell(void **state)
{
    (void)state;
    struct rig r;
    start(&r, "");
    SAY(&r, "AT+CLBS=1,1\r", "");
    PASS(&r, 4999, "");
    PASS(&r, 1, LN("+CLBS: 0,31.228525,121.380295,500") OKAY);
    rig_world(&r, "cell.lat = -5\ncell.lon = -100000001\ncell.accuracy = 7\n");
    SAY(&r, "AT+CLBS=4,1;+CSQ\r", "");
    /* RIG_UTC, and the ten seconds until then */
    PASS(&r, 5000,
         LN("+CLBS: 0,-0.000005,-100.000001,7,2024/05/17,10:35:06") LN("+CSQ: 16,99") OKAY);
    SAY(&r, "AT+CLBS=4\r", ""); /* the context may be left out */
    rig_world(&r, "network = none\n");
    PASS(&r, 5000, LN("+CLBS: 3") OKAY); /* the network went meanwhile */
    SAY(&r, "AT+CLBS=1,1\r", LN("+CLBS: 3") OKAY);
    SAY(&r, "AT+CLBS=2,1\r", ERR);
    SAY(&r, "AT+CLBS=1,25\r", ERR);
    SAY(&r, "AT+CLBS\r", ERR);
    SAY(&r, "AT+CLBS?\r", ERR);
    rig_world(&r, "network = home\n");
    rig_pass(&r, 1000);
    buf_clear(&r.said);
    SAY(&r, "AT+CLBS=1,1\r", "");
    modem_press(r.m, MODEM_CUT);
    rig_end(&r); /* no timer is left */
}

/* --- what ends them early --- */

static void all_at_once(struct rig *r, const char *behind)
{
    start(r, "");
    SAY(r, "AT+CPING=\"h.example\",1,3\r", OKAY);
    ANSWER(r, PING, .text = SPAN_LIT("192.0.2.1"));
    SAY(r, "AT+CNTP\r", OKAY);
    TYPE(r, "AT+CDNSGIP=\"h.example\"");
    rig_type(r, span_str(behind));
    SAY(r, "\r", "");
}

static void network_is_lost(void **state)
{
    (void)state;
    struct rig r;
    all_at_once(&r, "");
    rig_world(&r, "network = none\n");
    PASS(&r, 100, LN("+CDNSGIP: 0,10") ERR LN("+CPING: 3,1,0,1,0,0,0") LN("+CNTP: 4"));
    assert_int_equal(r.query[NAME].cancelled + r.query[PING].cancelled + r.query[TIME].cancelled,
                     3);
    rig_end(&r);
}

/* Data is refused from one moment to the next: the ping that is due is not sent. */
static void data_is_refused(void **state)
{
    (void)state;
    struct rig r;
    start(&r, "");
    SAY(&r, "AT+CPING=\"192.0.2.1\",1,3\r", OKAY);
    ANSWER(&r, PING, .text = SPAN_LIT("192.0.2.1"));
    ANSWER(&r, PING, .ms = 9);
    PASS(&r, 100, LN("+CPING: 1,192.0.2.1,64,9,255"));
    rig_world(&r, "network.data = refuse\n");
    PASS(&r, 5000, LN("+CPING: 3,1,1,0,9,9,9"));
    rig_end(&r);
}

/* What waits behind them in the line must not run in the middle of the power-down. */
static void power_ends_them(void **state)
{
    (void)state;

    static const enum modem_press presses[] = { MODEM_CUT, MODEM_RESET };

    for (size_t i = 0; i < ARRAY_LEN(presses); i++) {
        struct rig r;
        all_at_once(&r, ";+CPOF");
        modem_press(r.m, presses[i]);
        for (unsigned id = 0; id < MODEM_QUERIES; id++) {
            assert_false(r.query[id].open);
        }
        PASS(&r, 49, ""); /* without a word */
        PASS(&r, 1000, LN("RDY") LN("+CPIN: READY") LN("SMS DONE") LN("PB DONE"));
        SAY(&r, "ATE0\r", "ATE0\r" OKAY); /* it is not off */
        rig_end(&r);
    }
}

static void reset_ends_them(void **state)
{
    (void)state;
    struct rig r;
    start(&r, "");
    SAY(&r, "AT+CPING=\"192.0.2.1\",1,3\r", OKAY);
    SAY(&r, "AT+CNTP=\"h\",4;+CNTP\r", OKAY);
    SAY(&r, "AT+CRESET\r", OKAY);
    PASS(&r, 99, "");
    assert_int_equal(r.query[PING].cancelled + r.query[TIME].cancelled, 2);
    PASS(&r, 1, LN("RDY"));
    rig_pass(&r, 200);
    TYPE(&r, "ATE0\r");
    rig_pass(&r, 2000);
    buf_clear(&r.said);
    SAY(&r, "AT+CNTP?\r", LN("+CNTP: \"pool.ntp.org\",0") OKAY);
    SAY(&r, "AT+CPINGSTOP\r", ERR);
    rig_end(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(name_is_found),       cmocka_unit_test(name_is_not_found),
        cmocka_unit_test(names_are_foreign),   cmocka_unit_test(name_without_an_answer),
        cmocka_unit_test(ping_runs),           cmocka_unit_test(ping_defaults),
        cmocka_unit_test(ping_ranges),         cmocka_unit_test(ping_that_cannot_begin),
        cmocka_unit_test(ping_is_stopped),     cmocka_unit_test(ping_reports_the_reply),
        cmocka_unit_test(time_sets_the_clock), cmocka_unit_test(time_is_not_got),
        cmocka_unit_test(time_ranges),         cmocka_unit_test(time_limit),
        cmocka_unit_test(place_of_the_cell),   cmocka_unit_test(network_is_lost),
        cmocka_unit_test(data_is_refused),     cmocka_unit_test(power_ends_them),
        cmocka_unit_test(reset_ends_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
