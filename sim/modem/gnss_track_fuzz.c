/* Any bytes as a track: refused with the number of a line, or taken, and then its points are in
 * range and in order, and the modem is somewhere on the earth at every time. */
#include <stdio.h>

#include "base/check.h"
#include "sim/modem/gnss_track.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NANO INT64_C(1000000000)

static void on_earth(struct gnss_point p)
{
    CHECK(p.lat >= -90 * NANO && p.lat <= 90 * NANO);
    CHECK(p.lon >= -180 * NANO && p.lon <= 180 * NANO);
    CHECK(p.alt_dm == GNSS_UNKNOWN || (p.alt_dm >= -10000 && p.alt_dm <= 180000));
    CHECK(p.speed_dkn == GNSS_UNKNOWN || (p.speed_dkn >= 0 && p.speed_dkn <= 10000));
    CHECK(p.course_ddeg == GNSS_UNKNOWN || (p.course_ddeg >= 0 && p.course_ddeg <= 3600));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gnss_track t;
    char error[256] = "";
    if (!gnss_track_parse(&t, span_of(data, size), error, sizeof error)) {
        CHECK(strncmp(error, "line ", 5) == 0 && strlen(error) + 1 < sizeof error);
        CHECK(t.points == NULL && t.n == 0);
        return 0;
    }
    CHECK(t.n > 0);
    for (size_t i = 0; i < t.n; i++) {
        int64_t ms = t.points[i].ms;
        CHECK(i == 0 || ms > t.points[i - 1].ms);
        struct gnss_point here = gnss_track_at(&t, ms);
        CHECK(here.lat == t.points[i].lat && here.lon == t.points[i].lon);
        on_earth(here);
        on_earth(gnss_track_at(&t, ms + 1));
        on_earth(gnss_track_at(&t, ms + 123456789));
    }
    on_earth(gnss_track_at(&t, 0));
    gnss_track_free(&t);
    return 0;
}
