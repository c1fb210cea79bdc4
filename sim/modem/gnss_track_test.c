/* Track files: what is read, what is refused with which words, and where a modem is between points.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/check.h"
#include "sim/modem/gnss_track.h"

static struct gnss_track parsed(const char *text)
{
    struct gnss_track t;
    char error[256] = "";
    if (!gnss_track_parse(&t, span_str(text), error, sizeof error)) {
        fail_msg("%s", error);
    }
    return t;
}

static void every_field_is_read(void **state)
{
    (void)state;
    struct gnss_track t = parsed("# start\r\n"
                                 "\n"
                                 " 0 , 48.91070705 ,\t2.838222567, 17.6, 12.34, 359.95\r\n"
                                 "0.5,-90,-180\n"
                                 "100000000,90,180,,7,");
    assert_int_equal(t.n, 3);
    assert_int_equal(t.points[0].ms, 0);
    assert_int_equal(t.points[0].lat, INT64_C(48910707050));
    assert_int_equal(t.points[0].lon, 2838222567);
    assert_int_equal(t.points[0].alt_dm, 176);
    assert_int_equal(t.points[0].speed_dkn, 123);
    assert_int_equal(t.points[0].course_ddeg, 3600);
    assert_int_equal(t.points[1].ms, 500);
    assert_int_equal(t.points[1].lat, INT64_C(-90000000000));
    assert_int_equal(t.points[1].lon, INT64_C(-180000000000));
    assert_int_equal(t.points[1].alt_dm, GNSS_UNKNOWN);
    assert_int_equal(t.points[1].course_ddeg, GNSS_UNKNOWN);
    assert_int_equal(t.points[2].ms, INT64_C(100000000000));
    assert_int_equal(t.points[2].alt_dm, GNSS_UNKNOWN);
    assert_int_equal(t.points[2].speed_dkn, 70);
    gnss_track_free(&t);
    assert_null(t.points);
}

static const struct {
    const char *text, *error;
} refused[] = {
    { "", "line 1: no point in it; give lines of seconds,latitude,longitude" },
    { "# nothing\n\n", "line 1: no point in it; give lines of seconds,latitude,longitude" },
    { "0,1",
      "line 1: no longitude; expected seconds,latitude,longitude[,altitude[,speed[,course]]]" },
    { "0,1,2\n5",
      "line 2: no latitude; expected seconds,latitude,longitude[,altitude[,speed[,course]]]" },
    { "x,1,2", "line 1: seconds: 'x' is not a number from 0 to 100000000" },
    { "-1,1,2", "line 1: seconds: '-1' is not a number from 0 to 100000000" },
    { "0,90.000000001,2", "line 1: latitude: '90.000000001' is not a number from -90 to 90" },
    { "0,N48,2", "line 1: latitude: 'N48' is not a number from -90 to 90" },
    { "0,,2", "line 1: latitude: '' is not a number from -90 to 90" },
    { "0,1,-180.1", "line 1: longitude: '-180.1' is not a number from -180 to 180" },
    { "0,1,2,18001", "line 1: altitude: '18001' is not a number from -1000 to 18000" },
    { "0,1,2,3,-4", "line 1: speed: '-4' is not a number from 0 to 1000" },
    { "0,1,2,3,4,361", "line 1: course: '361' is not a number from 0 to 360" },
    { "0,1,2,3,4,5,6", "line 1: more than 6 fields" },
    { "0,1,2,3,4,5,", "line 1: more than 6 fields" },
    { "0,1.,2", "line 1: latitude: '1.' is not a number from -90 to 90" },
    { "# a\n5,1,2\n# b\n5,1,2\n", "line 4: seconds must grow from line to line" },
};

static void errors_name_the_line_and_the_field(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        struct gnss_track t;
        char error[256] = "";
        assert_false(gnss_track_parse(&t, span_str(refused[i].text), error, sizeof error));
        assert_string_equal(error, refused[i].error);
        assert_null(t.points);
        assert_int_equal(t.n, 0);
    }
}

static void many_points(void **state)
{
    (void)state;
    struct buf text;
    struct gnss_track t;
    char error[256] = "";
    buf_init(&text, (size_t)8 << 20);
    for (int i = 0; i <= GNSS_TRACK_POINTS_MAX; i++) {
        assert_true(buf_addf(&text, "%d,1,2\n", i));
    }
    assert_false(gnss_track_parse(&t, buf_span(&text), error, sizeof error));
    assert_string_equal(error, "line 200001: more than 200000 points");
    buf_drop(&text, strlen("0,1,2\n"));
    assert_true(gnss_track_parse(&t, buf_span(&text), error, sizeof error));
    assert_int_equal(gnss_track_at(&t, 1234567).ms, 1234000);
    gnss_track_free(&t);
    buf_fini(&text);
}

/* Where it is 'ms' after the start. */
static void at(const struct gnss_track *t, int64_t ms, int64_t lat, int64_t lon, int32_t alt)
{
    struct gnss_point p = gnss_track_at(t, ms);
    if (p.lat != lat || p.lon != lon || p.alt_dm != alt) {
        fail_msg("at %lld: %lld %lld %d", (long long)ms, (long long)p.lat, (long long)p.lon,
                 (int)p.alt_dm);
    }
}

#define DEG(n) ((int64_t)((n)*INT64_C(1000000000)))

static void it_moves_in_straight_lines(void **state)
{
    (void)state;
    struct gnss_track t = parsed("10,10,20,100\n20,20,-20,200\n30,0,0\n");
    at(&t, 0, DEG(10), DEG(20), 1000); /* before the first: there */
    at(&t, 10000, DEG(10), DEG(20), 1000);
    at(&t, 15000, DEG(15), DEG(0), 1500);
    at(&t, 17500, DEG(175) / 10, DEG(-10), 1750);
    at(&t, 20000, DEG(20), DEG(-20), 2000);
    at(&t, 25000, DEG(10), DEG(-10), 2000); /* no altitude to go to */
    at(&t, 30000, DEG(0), DEG(0), GNSS_UNKNOWN);
    at(&t, 3000000, DEG(0), DEG(0), GNSS_UNKNOWN); /* behind the last it stays */
    gnss_track_free(&t);
}

static void it_crosses_the_date_line_the_short_way(void **state)
{
    (void)state;
    struct gnss_track t = parsed("0,0,170\n10,0,-170\n20,0,170\n");
    at(&t, 2500, 0, DEG(175), GNSS_UNKNOWN);
    at(&t, 7500, 0, DEG(-175), GNSS_UNKNOWN);
    at(&t, 12500, 0, DEG(-175), GNSS_UNKNOWN);
    at(&t, 17500, 0, DEG(175), GNSS_UNKNOWN);
    gnss_track_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_field_is_read),
        cmocka_unit_test(errors_name_the_line_and_the_field),
        cmocka_unit_test(many_points),
        cmocka_unit_test(it_moves_in_straight_lines),
        cmocka_unit_test(it_crosses_the_date_line_the_short_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
