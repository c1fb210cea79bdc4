/* A track: where a modem is at which second. Read from text with one point in a line,
 *
 *     seconds,latitude,longitude[,altitude[,speed[,course]]]
 *
 * in s since the start of the emulator, degrees, degrees, m, knots and degrees. Lines that begin
 * with '#' and empty lines count for nothing. Between two points the modem moves in a straight
 * line; before the first it is at the first, behind the last it stays at the last. Speed and course
 * are those of the point before. */
#ifndef SIM_MODEM_GNSS_TRACK_H
#define SIM_MODEM_GNSS_TRACK_H

#include "base/buf.h"
#include "base/span.h"

#define GNSS_TRACK_POINTS_MAX 200000
#define GNSS_UNKNOWN          INT32_MIN /* of altitude, speed and course */

struct gnss_point {
    int64_t ms;
    int64_t lat, lon; /* 1e-9 degrees */
    int32_t alt_dm;   /* tenths of a metre, of a knot, of a degree */
    int32_t speed_dkn;
    int32_t course_ddeg;
};

struct gnss_track {
    struct gnss_point *points; /* at least one, in order of time */
    size_t n;
};

/* Reads a whole file. False with "line N: …" in 'error', and *ret is empty. */
bool gnss_track_parse(struct gnss_track *ret, struct span text, char *error, size_t error_size);
void gnss_track_free(struct gnss_track *t);

/* Where the modem is 'ms' after the start. */
struct gnss_point gnss_track_at(const struct gnss_track *t, int64_t ms);

#endif
