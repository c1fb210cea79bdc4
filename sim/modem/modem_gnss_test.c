/* The GNSS receiver: sessions, fixes, where it is, what survives power-off. */
#include "sim/modem/gnss_track.h"
#include "sim/modem/modem_rig.h"

#define NO_FIX      LN("+CGPSINFO: ,,,,,,,,")
#define NO_LONG_FIX LN("+CGNSSINFO: ,,,,,,,,,,,,,,,")
/* Where the capture of general-commands.md B4.9 was made. */
#define CAPTURED_PLACE                                                                             \
    "gnss.lat = 48.910707050\ngnss.lon = 2.838222567\ngnss.alt = 17.6\ngnss.speed = 0\n"
#define PLACE "4854.642423,N,00250.293354,E"

/* Switched on, and as long as a first fix takes. */
static void start_fixed(struct rig *r, const char *profile)
{
    rig_start_quiet(r, profile);
    SAY(r, "AT+CGPS=1\r", OKAY);
    PASS(r, 30000, "");
}

/* --- sessions --- */

static void forms_of_cgps(void **state)
{
    (void)state;
    struct rig r;
    rig_start_quiet(&r, "");
    SAY(&r, "AT+CGPS=?\r", LN("+CGPS: (0-1),(1-3)") OKAY);
    SAY(&r, "AT+CGPS?\r", LN("+CGPS: 0,1") OKAY);
    SAY(&r, "AT+CGPS\r", ERR);
    SAY(&r, "AT+CGPS=2\r", ERR);
    SAY(&r, "AT+CGPS=1,0\r", ERR);
    SAY(&r, "AT+CGPS=1,4\r", ERR);
    SAY(&r, "AT+CGPS=0\r", ERR); /* it is off */
    SAY(&r, "AT+CGPS=1,2\r", OKAY);
    SAY(&r, "AT+CGPS?\r", LN("+CGPS: 1,2") OKAY);
    SAY(&r, "AT+CGPS=1\r", ERR); /* it is on */
    rig_end(&r);
}

static void it_stops_a_while_after_ok(void **state)
{
    (void)state;
    struct rig r;
    rig_start_quiet(&r, "");
    SAY(&r, "AT+CGPS=1,1\r", OKAY);
    SAY(&r, "AT+CGPS=0,1\r", OKAY);
    PASS(&r, 1999, "");
    SAY(&r, "AT+CGPS?\r", LN("+CGPS: 1,1") OKAY);
    SAY(&r, "AT+CGPS=0\r", ERR);
    SAY(&r, "AT+CGPS=1\r", ERR);
    SAY(&r, "AT+CGPSHOT\r", ERR);
    PASS(&r, 20, LN("+CGPS: 0"));
    SAY(&r, "AT+CGPS?\r", LN("+CGPS: 0,1") OKAY);
    SAY(&r, "AT+CGPS=1\r", OKAY);
    rig_end(&r);
}

static void cold_then_hot(void **state)
{
    (void)state;
    struct rig r;
    rig_start_quiet(&r, CAPTURED_PLACE);
    SAY(&r, "AT+CGPSINFO\r", NO_FIX OKAY); /* answers while it is off */
    SAY(&r, "AT+CGPS=1\r", OKAY);
    PASS(&r, 29999, "");
    SAY(&r, "AT+CGPSINFO;+CGNSSINFO\r", NO_FIX NO_LONG_FIX OKAY);
    PASS(&r, 1, "");
    SAY(&r, "AT+CGPSINFO\r", LN("+CGPSINFO: " PLACE ",170524,103526.00,17.6,0.0,") OKAY);
    SAY(&r, "AT+CGPS=0\r", OKAY);
    SAY(&r, "AT+CGPSINFO\r", NO_FIX OKAY);
    PASS(&r, 2000, LN("+CGPS: 0"));
    SAY(&r, "AT+CGPSHOT\r", OKAY);
    PASS(&r, 1999, "");
    SAY(&r, "AT+CGPSINFO\r", NO_FIX OKAY);
    PASS(&r, 1, "");
    SAY(&r, "AT+CGPSINFO\r", LN("+CGPSINFO: " PLACE ",170524,103530.00,17.6,0.0,") OKAY);
    rig_end(&r);
}

/* Orbits are forgotten by CGPSDEL, CGPSCOLD and time. */
static void starts_that_are_cold(void **state)
{
    (void)state;

    static const struct {
        const char *line;
        uint64_t wait;
        bool hot;
    } tries[] = {
        { "AT+CGPS=1\r", 0, true },
        { "AT+CGPSHOT\r", 0, true },
        { "AT+CGPSCOLD\r", 0, false },
        { "AT+CGPSDEL;+CGPSHOT\r", 0, false },
        { "AT+CGPS=1\r", (uint64_t)4 * 3600 * 1000, false },
        { "AT+CGPS=1\r", (uint64_t)4 * 3600 * 1000 - 3000, true },
    };

    for (size_t i = 0; i < ARRAY_LEN(tries); i++) {
        struct rig r;
        start_fixed(&r, "");
        SAY(&r, "AT+CGPSCOLD\r", ERR); /* it is on */
        SAY(&r, "AT+CGPSDEL\r", ERR);
        SAY(&r, "AT+CGPS=0\r", OKAY);
        PASS(&r, 2000, LN("+CGPS: 0"));
        rig_pass(&r, tries[i].wait);
        rig_type(&r, span_str(tries[i].line));
        rig_pass(&r, 2000);
        buf_clear(&r.said);
        TYPE(&r, "AT+CGNSSINFO\r");
        bool fixed = r.said.n > strlen(NO_LONG_FIX OKAY);
        assert_int_equal(fixed, tries[i].hot);
        rig_end(&r);
    }
}

/* The start after a power-on with CGPSAUTO=1; without it nothing runs. */
static void it_starts_by_itself(void **state)
{
    (void)state;
    struct rig r;
    rig_start_quiet(&r, "");
    SAY(&r, "AT+CGPSAUTO=?\r", LN("+CGPSAUTO: (0,1)") OKAY);
    SAY(&r, "AT+CGPSAUTO?\r", LN("+CGPSAUTO: 0") OKAY);
    SAY(&r, "AT+CGPSAUTO=1;+CGPS?\r", LN("+CGPS: 0,1") OKAY);
    rig_reset(&r);
    SAY(&r, "AT+CGPSAUTO?;+CGPS?\r", LN("+CGPSAUTO: 1") LN("+CGPS: 1,1") OKAY);
    SAY(&r, "AT+CPOF\r", OKAY);
    PASS(&r, 50, "");
    SAY(&r, "AT+CGPSINFO\r", "");
    PASS(&r, 100000, ""); /* off: nothing is left that could report */
    modem_press(r.m, MODEM_PWRKEY);
    rig_pass(&r, 1000);
    buf_clear(&r.said);
    SAY(&r, "ATE0\r", "ATE0\r" OKAY);
    SAY(&r, "AT+CGPS?;+CGPSAUTO=0\r", LN("+CGPS: 1,1") OKAY);
    rig_reset(&r);
    SAY(&r, "AT+CGPS?\r", LN("+CGPS: 0,1") OKAY);
    rig_end(&r);
}

/* --- what the sky allows --- */

static void the_sky_changes(void **state)
{
    (void)state;
    struct rig r;
    rig_start_quiet(&r, CAPTURED_PLACE "gnss.fix = none\n");
    SAY(&r, "AT+CGPS=1\r", OKAY);
    PASS(&r, 100000, "");
    SAY(&r, "AT+CGPSINFO\r", NO_FIX OKAY);
    rig_set(&r, "gnss.fix", "2d");
    PASS(&r, 30000, "");
    SAY(&r, "AT+CGNSSINFO\r",
        LN("+CGNSSINFO: 2,06,03,00," PLACE ",170524,103706.0,17.6,0.0,,1.2,0.9,0.9") OKAY);
    rig_set(&r, "gnss.fix", "3d");
    rig_set(&r, "gnss.course", "359.96");
    rig_set(&r, "gnss.speed", "12.34");
    SAY(&r, "AT+CGNSSINFO\r",
        LN("+CGNSSINFO: 3,06,03,00," PLACE ",170524,103706.0,17.6,12.3,360.0,1.2,0.9,0.9") OKAY);
    rig_set(&r, "gnss.satellites", "2"); /* lost at once */
    SAY(&r, "AT+CGNSSINFO\r", NO_LONG_FIX OKAY);
    rig_set(&r, "gnss.satellites", "3");
    PASS(&r, 2000, ""); /* orbits are known */
    SAY(&r, "AT+CGNSSINFO\r",
        LN("+CGNSSINFO: 2,02,01,00," PLACE ",170524,103708.0,17.6,12.3,360.0,1.2,0.9,0.9") OKAY);
    rig_set(&r, "gnss.satellites", "18");
    rig_set(&r, "gnss.lat", "-33.999999999"); /* rounds to the next degree */
    rig_set(&r, "gnss.lon", "-0.5");
    rig_set(&r, "gnss.alt", "-0.5");
    SAY(&r, "AT+CGNSSINFO\r",
        LN("+CGNSSINFO: 3,12,06,00,3400.000000,S,00030.000000,W,170524,103708.0,-0.5,12.3,360.0,"
           "1.2,0.9,0.9") OKAY);
    rig_end(&r);
}

static void keys_take_numbers_in_range(void **state)
{
    (void)state;

    static const struct {
        const char *key, *value, *error;
    } wrong[] = {
        { "gnss.lat", "90.000000001",
          "gnss.lat: '90.000000001' is not valid, it takes a number from -90 to 90 such as 1.5" },
        { "gnss.lat", "",
          "gnss.lat: '' is not valid, it takes a number from -90 to 90 such as 1.5" },
        { "gnss.lon", "12,5",
          "gnss.lon: '12,5' is not valid, it takes a number from -180 to 180 such as 1.5" },
        { "gnss.course", "361",
          "gnss.course: '361' is not valid, it takes a number from 0 to 360 such as 1.5, or "
          "nothing" },
        { "gnss.fix", "4d", "gnss.fix: '4d' is not valid, it takes none|2d|3d" },
    };

    struct rig r;
    rig_start_quiet(&r, "");
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        char error[256] = "";
        assert_false(
            modem_set(r.m, span_str(wrong[i].key), span_str(wrong[i].value), error, sizeof error));
        assert_string_equal(error, wrong[i].error);
    }
    rig_set(&r, "gnss.lat", "-90");
    rig_set(&r, "gnss.lon", "180.000000000000000");
    rig_set(&r, "gnss.course", "");
    rig_end(&r);
}

static void a_fix_does_not_set_the_clock(void **state)
{
    (void)state;
    struct rig r;
    start_fixed(&r, "");
    SAY(&r, "AT+CCLK?\r", LN("+CCLK: \"80/01/06,00:00:30\"") OKAY);
    rig_end(&r);
}

/* --- a track --- */

static void it_moves_along_a_track(void **state)
{
    (void)state;
    struct gnss_track track;
    char error[256] = "";
    assert_true(gnss_track_parse(&track, SPAN_LIT("0,48,2,10,5,90\n100,49,2,,,\n200,49,-2,,0,\n"),
                                 error, sizeof error));
    struct rig r;
    rig_start_quiet(&r, "gnss.cold_ms = 0\ngnss.alt = 77\ngnss.speed = 1\n");
    modem_free(&r.m);
    r.cfg.track = &track;
    r.m = modem_new(&r.cfg, &r.sched, &rig_host, &r);
    SAY(&r, "ATE0\r", "ATE0\r" OKAY);
    SAY(&r, "AT+CGPS=1\r", OKAY);
    PASS(&r, 0, "");
    SAY(&r, "AT+CGPSINFO\r",
        LN("+CGPSINFO: 4800.000000,N,00200.000000,E,170524,103456.00,10.0,5.0,90.0") OKAY);
    PASS(&r, 50000, "");
    SAY(&r, "AT+CGPSINFO\r",
        LN("+CGPSINFO: 4830.000000,N,00200.000000,E,170524,103546.00,10.0,5.0,90.0") OKAY);
    PASS(&r, 100000, ""); /* what the file does not say the keys do */
    SAY(&r, "AT+CGPSINFO\r",
        LN("+CGPSINFO: 4900.000000,N,00000.000000,E,170524,103726.00,77.0,1.0,") OKAY);
    PASS(&r, 1000000, "");
    SAY(&r, "AT+CGPSINFO\r",
        LN("+CGPSINFO: 4900.000000,N,00200.000000,W,170524,105406.00,77.0,0.0,") OKAY);
    rig_end(&r);
    gnss_track_free(&track);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms_of_cgps),
        cmocka_unit_test(it_stops_a_while_after_ok),
        cmocka_unit_test(cold_then_hot),
        cmocka_unit_test(starts_that_are_cold),
        cmocka_unit_test(it_starts_by_itself),
        cmocka_unit_test(the_sky_changes),
        cmocka_unit_test(keys_take_numbers_in_range),
        cmocka_unit_test(a_fix_does_not_set_the_clock),
        cmocka_unit_test(it_moves_along_a_track),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
