#include "sim/modem/gnss_track.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/schema.h"

#define NANO       INT64_C(1000000000)
#define FULL_TURN  (360 * NANO)
#define MILLIONTHS INT64_C(1000000)

/* The fields of a line, in order; each within lo to hi, in units of 10^-places. */
static const struct {
    const char *name;
    int32_t lo, hi;
    unsigned places;
    bool optional;
} fields[] = {
    { "seconds", 0, 100000000, 3, false }, { "latitude", -90, 90, 9, false },
    { "longitude", -180, 180, 9, false },  { "altitude", -1000, 18000, 1, true },
    { "speed", 0, 1000, 1, true },         { "course", 0, 360, 1, true },
};

static struct span trimmed(struct span s)
{
    while (s.n > 0 && (s.p[0] == ' ' || s.p[0] == '\t')) {
        s = span_from(s, 1);
    }
    while (s.n > 0 && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t' || s.p[s.n - 1] == '\r')) {
        s.n--;
    }
    return s;
}

/* Takes what stands before the next 'end' off *rest; false when nothing is left. */
static bool take_until(struct span *rest, char end, struct span *ret)
{
    if (rest->p == NULL) {
        return false;
    }
    const uint8_t *at = rest->n == 0 ? NULL : memchr(rest->p, end, rest->n);
    size_t n = at == NULL ? rest->n : (size_t)(at - rest->p);
    *ret = span_of(rest->p, n);
    *rest = at == NULL ? (struct span){ NULL, 0 } : span_of(at + 1, rest->n - n - 1);
    return true;
}

static int printable(struct span s)
{
    return (int)(s.n > 40 ? 40 : s.n);
}

/* One field; an empty optional one is GNSS_UNKNOWN. */
static bool read_field(size_t i, struct span text, int64_t *ret, char *error, size_t size)
{
    if (text.n == 0 && fields[i].optional) {
        *ret = GNSS_UNKNOWN;
        return true;
    }
    int64_t unit = 1;
    for (unsigned p = 0; p < fields[i].places; p++) {
        unit *= 10;
    }
    if (schema_decimal(text, fields[i].places, ret) && *ret >= fields[i].lo * unit &&
        *ret <= fields[i].hi * unit) {
        return true;
    }
    (void)snprintf(error, size, "%s: '%.*s' is not a number from %d to %d", fields[i].name,
                   printable(text), (const char *)text.p, (int)fields[i].lo, (int)fields[i].hi);
    return false;
}

static bool read_point(struct span line, struct gnss_point *ret, char *error, size_t size)
{
    int64_t v[ARRAY_LEN(fields)];
    for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
        struct span text = { NULL, 0 };
        if (!take_until(&line, ',', &text) && !fields[i].optional) {
            (void)snprintf(error, size,
                           "no %s; expected seconds,latitude,longitude[,altitude"
                           "[,speed[,course]]]",
                           fields[i].name);
            return false;
        }
        if (!read_field(i, trimmed(text), &v[i], error, size)) {
            return false;
        }
    }
    if (line.p != NULL) {
        (void)snprintf(error, size, "more than %zu fields", ARRAY_LEN(fields));
        return false;
    }
    *ret = (struct gnss_point){ .ms = v[0],
                                .lat = v[1],
                                .lon = v[2],
                                .alt_dm = (int32_t)v[3],
                                .speed_dkn = (int32_t)v[4],
                                .course_ddeg = (int32_t)v[5] };
    return true;
}

static bool add_point(struct gnss_track *t, size_t *room, struct gnss_point p, char *error,
                      size_t size)
{
    if (t->n > 0 && p.ms <= t->points[t->n - 1].ms) {
        (void)snprintf(error, size, "seconds must grow from line to line");
        return false;
    }
    if (t->n == GNSS_TRACK_POINTS_MAX) {
        (void)snprintf(error, size, "more than %d points", GNSS_TRACK_POINTS_MAX);
        return false;
    }
    if (t->n == *room) {
        *room = *room == 0 ? 64 : *room * 2;
        t->points = xrealloc(t->points, *room * sizeof *t->points);
    }
    t->points[t->n++] = p;
    return true;
}

bool gnss_track_parse(struct gnss_track *ret, struct span text, char *error, size_t error_size)
{
    *ret = (struct gnss_track){ NULL, 0 };
    size_t room = 0;
    struct span line;
    for (unsigned number = 1; take_until(&text, '\n', &line); number++) {
        line = trimmed(line);
        if (line.n == 0 || line.p[0] == '#') {
            continue;
        }
        struct gnss_point p;
        char why[160] = "";
        if (!read_point(line, &p, why, sizeof why) || !add_point(ret, &room, p, why, sizeof why)) {
            (void)snprintf(error, error_size, "line %u: %s", number, why);
            gnss_track_free(ret);
            return false;
        }
    }
    if (ret->n == 0) {
        (void)snprintf(error, error_size,
                       "line 1: no point in it; give lines of "
                       "seconds,latitude,longitude");
        return false;
    }
    return true;
}

void gnss_track_free(struct gnss_track *t)
{
    free(t->points);
    *t = (struct gnss_track){ NULL, 0 };
}

/* 'part' of a million on the way from a to b. */
static int64_t between(int64_t a, int64_t b, int64_t part)
{
    return a + (b - a) * part / MILLIONTHS;
}

/* The same for longitudes, the shorter way around. */
static int64_t between_lon(int64_t a, int64_t b, int64_t part)
{
    int64_t way = b - a;
    way += way > FULL_TURN / 2 ? -FULL_TURN : way < -FULL_TURN / 2 ? FULL_TURN : 0;
    int64_t lon = a + way * part / MILLIONTHS;
    return lon > FULL_TURN / 2 ? lon - FULL_TURN : lon < -FULL_TURN / 2 ? lon + FULL_TURN : lon;
}

/* The last point that is not later than 'ms', found by halving; the first when all are. */
static size_t last_before(const struct gnss_track *t, int64_t ms)
{
    size_t lo = 0;
    size_t hi = t->n;
    while (hi - lo > 1) {
        size_t mid = lo + (hi - lo) / 2;
        if (t->points[mid].ms <= ms) {
            lo = mid;
        } else {
            hi = mid;
        }
    }
    return lo;
}

struct gnss_point gnss_track_at(const struct gnss_track *t, int64_t ms)
{
    size_t i = last_before(t, ms);
    struct gnss_point p = t->points[i];
    if (i + 1 == t->n || ms <= p.ms) {
        return p;
    }
    const struct gnss_point *next = &t->points[i + 1];
    int64_t part = (ms - p.ms) * MILLIONTHS / (next->ms - p.ms);
    p.lat = between(p.lat, next->lat, part);
    p.lon = between_lon(p.lon, next->lon, part);
    if (p.alt_dm != GNSS_UNKNOWN && next->alt_dm != GNSS_UNKNOWN) {
        p.alt_dm = (int32_t)between(p.alt_dm, next->alt_dm, part);
    }
    return p;
}
