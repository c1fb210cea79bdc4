/* What the receiver knows as text: the fields of its commands, and NMEA 0183 sentences as a
 * Qualcomm receiver writes them (general-commands.md B4.9; SIM7600 AT manual, chapter GPS). */
#include <stdio.h>

#include "base/check.h"
#include "sim/modem/gnss_track.h"
#include "sim/modem/modem_int.h"

#define NANO        INT64_C(1000000000)
#define MINUTE_UNIT INT64_C(1000000) /* minutes are printed with six places */

enum nmea_bits { GGA, RMC, GSV, GSA, VTG, GLGSV = 6, GNGSA, GNGNS };

/* The sky over every modem: satellites in the order in which they are heard first. */
struct satellite {
    int id, elevation, azimuth, signal;
};

static const struct satellite gps_sky[] = {
    { 4, 53, 57, 44 },   { 2, 55, 334, 44 },  { 10, 61, 23, 44 },  { 5, 45, 253, 43 },
    { 25, 10, 300, 40 }, { 17, 25, 147, 40 }, { 12, 22, 271, 38 }, { 13, 28, 53, 38 },
    { 26, 9, 187, 35 },  { 23, 6, 36, 34 },   { 24, 4, 89, 31 },   { 27, 3, 212, 30 },
};
static const struct satellite glonass_sky[] = {
    { 66, 48, 112, 41 }, { 67, 37, 24, 39 },  { 77, 30, 301, 36 },
    { 78, 22, 239, 33 }, { 68, 12, 155, 31 }, { 79, 8, 345, 28 },
};

/* Of a fix under an open sky; the log's. */
#define PDOP "1.2"
#define HDOP "0.9"
#define VDOP "0.9"

/* --- numbers --- */

static void add_tenths(struct buf *out, int32_t n)
{
    if (n != GNSS_UNKNOWN) {
        int32_t size = n < 0 ? -n : n;
        (void)buf_addf(out, "%s%d.%d", n < 0 ? "-" : "", (int)(size / 10), (int)(size % 10));
    }
}

/* "ddmm.mmmmmm,N": 'digits' of the degrees, and the letters of both directions. */
static void add_angle(struct buf *out, int64_t nano, int digits, const char *letters)
{
    int64_t size = nano < 0 ? -nano : nano;
    int64_t whole = size / NANO;
    int64_t minutes = (size % NANO * 60 + NANO / MINUTE_UNIT / 2) / (NANO / MINUTE_UNIT);
    if (minutes == 60 * MINUTE_UNIT) {
        whole++;
        minutes = 0;
    }
    (void)buf_addf(out, "%0*d%02d.%06d,%c", digits, (int)whole, (int)(minutes / MINUTE_UNIT),
                   (int)(minutes % MINUTE_UNIT), letters[nano < 0 ? 1 : 0]);
}

static void add_place(struct buf *out, const struct gnss_fix *f)
{
    add_angle(out, f->lat, 2, "NS");
    (void)buf_add_byte(out, ',');
    add_angle(out, f->lon, 3, "EW");
}

/* "hhmmss" and the tenths of the second with so many digits. */
static void add_time(struct buf *out, const struct gnss_fix *f, const char *more)
{
    int s = (int)(f->utc % 86400);
    (void)buf_addf(out, "%02d%02d%02d.%d%s", s / 3600, s / 60 % 60, s % 60, f->tenths, more);
}

static void add_date(struct buf *out, const struct gnss_fix *f, bool long_year)
{
    struct civil c = civil_from_days(f->utc / 86400);
    (void)buf_addf(out, "%02d%02d", (int)c.day, (int)c.month);
    (void)buf_addf(out, long_year ? "%04d" : "%02d", (int)(long_year ? c.year : c.year % 100));
}

/* ",alt,speed,course" */
static void add_motion(struct buf *out, const struct gnss_fix *f)
{
    (void)buf_add_byte(out, ',');
    add_tenths(out, f->alt_dm);
    (void)buf_add_byte(out, ',');
    add_tenths(out, f->speed_dkn);
    (void)buf_add_byte(out, ',');
    add_tenths(out, f->course_ddeg);
}

/* --- fields of commands --- */

void gnss_info_text(const struct gnss_fix *f, struct buf *out)
{
    if (f->dims == 0) {
        (void)buf_addf(out, ",,,,,,,,");
        return;
    }
    add_place(out, f);
    (void)buf_add_byte(out, ',');
    add_date(out, f, false);
    (void)buf_add_byte(out, ',');
    add_time(out, f, "0"); /* hundredths, unlike all other places */
    add_motion(out, f);
}

void gnss_info_long_text(const struct gnss_fix *f, struct buf *out)
{
    if (f->dims == 0) {
        (void)buf_addf(out, ",,,,,,,,,,,,,,,");
        return;
    }
    (void)buf_addf(out, "%d,%02u,%02u,00,", f->dims, f->gps, f->glonass);
    add_place(out, f);
    (void)buf_add_byte(out, ',');
    add_date(out, f, false);
    (void)buf_add_byte(out, ',');
    add_time(out, f, "");
    add_motion(out, f);
    (void)buf_addf(out, "," PDOP "," HDOP "," VDOP);
}

void gnss_assisted_text(const struct gnss_fix *f, struct buf *out)
{
    (void)buf_addf(out, "%lld,%lld,", (long long)(f->lat / 10), (long long)(f->lon / 10));
    add_tenths(out, f->alt_dm);
    (void)buf_add_byte(out, ',');
    add_date(out, f, true);
    (void)buf_add_byte(out, ',');
    add_time(out, f, "");
}

/* --- NMEA --- */

/* Begins a sentence; its place in 'out' is for end_sentence. */
static size_t begin_sentence(struct buf *out, const char *name)
{
    (void)buf_addf(out, "%s$%s,", out->n == 0 ? "" : "\r\n", name);
    return out->n - strlen(name) - 1;
}

static void end_sentence(struct buf *out, size_t from)
{
    uint8_t sum = 0;
    for (size_t i = from; i < out->n; i++) {
        sum ^= out->p[i];
    }
    (void)buf_addf(out, "*%02X", sum);
}

static void add_gsv(struct buf *out, const char *name, const struct satellite *sky, unsigned n)
{
    unsigned sentences = n == 0 ? 1 : (n + 3) / 4;
    for (unsigned s = 0; s < sentences; s++) {
        size_t from = begin_sentence(out, name);
        (void)buf_addf(out, "%u,%u,%02u", sentences, s + 1, n);
        for (unsigned i = s * 4; i < n && i < s * 4 + 4; i++) {
            (void)buf_addf(out, ",%02d,%02d,%03d,%02d", sky[i].id, sky[i].elevation, sky[i].azimuth,
                           sky[i].signal);
        }
        end_sentence(out, from);
    }
}

static void add_gga(struct buf *out, const struct gnss_fix *f)
{
    size_t from = begin_sentence(out, "GPGGA");
    if (f->dims == 0) {
        (void)buf_addf(out, ",,,,,0,,,,,,,,");
    } else {
        add_time(out, f, "");
        (void)buf_add_byte(out, ',');
        add_place(out, f);
        (void)buf_addf(out, ",1,%02u," HDOP ",", f->gps + f->glonass);
        add_tenths(out, f->alt_dm);
        (void)buf_addf(out, ",M,0,M,,");
    }
    end_sentence(out, from);
}

static void add_vtg(struct buf *out, const struct gnss_fix *f)
{
    size_t from = begin_sentence(out, "GPVTG");
    if (f->dims == 0) {
        (void)buf_addf(out, ",T,,M,,N,,K,N");
    } else {
        if (f->course_ddeg == GNSS_UNKNOWN) {
            (void)buf_addf(out, "NaN");
        }
        add_tenths(out, f->course_ddeg);
        (void)buf_addf(out, ",T,,M,");
        add_tenths(out, f->speed_dkn);
        (void)buf_addf(out, ",N,");
        add_tenths(out, (int32_t)((f->speed_dkn * INT64_C(1852) + 500) / 1000)); /* km/h */
        (void)buf_addf(out, ",K,A");
    }
    end_sentence(out, from);
}

static void add_rmc(struct buf *out, const struct gnss_fix *f)
{
    size_t from = begin_sentence(out, "GPRMC");
    if (f->dims == 0) {
        (void)buf_addf(out, ",V,,,,,,,,,,N");
    } else {
        add_time(out, f, "");
        (void)buf_addf(out, ",A,");
        add_place(out, f);
        (void)buf_add_byte(out, ',');
        add_tenths(out, f->speed_dkn);
        (void)buf_add_byte(out, ',');
        add_tenths(out, f->course_ddeg);
        (void)buf_add_byte(out, ',');
        add_date(out, f, false);
        (void)buf_addf(out, ",,,A");
    }
    end_sentence(out, from);
}

/* Twelve places for the satellites used, then the dilution of precision. */
static void add_gsa(struct buf *out, const char *name, const struct gnss_fix *f,
                    const struct satellite *sky, unsigned n)
{
    size_t from = begin_sentence(out, name);
    (void)buf_addf(out, "A,%d", f->dims == 0 ? 1 : f->dims);
    for (unsigned i = 0; i < 12; i++) {
        (void)buf_add_byte(out, ',');
        if (f->dims > 0 && i < n) {
            (void)buf_addf(out, "%02d", sky[i].id);
        }
    }
    (void)buf_addf(out, f->dims == 0 ? ",,," : "," PDOP "," HDOP "," VDOP);
    end_sentence(out, from);
}

static void add_gns(struct buf *out, const struct gnss_fix *f)
{
    size_t from = begin_sentence(out, "GNGNS");
    if (f->dims == 0) {
        (void)buf_addf(out, ",,,,,NN,,,,,,");
    } else {
        add_time(out, f, "");
        (void)buf_add_byte(out, ',');
        add_place(out, f);
        (void)buf_addf(out, ",A%c,%02u," HDOP ",", f->glonass > 0 ? 'A' : 'N', f->gps + f->glonass);
        add_tenths(out, f->alt_dm);
        (void)buf_addf(out, ",0,,");
    }
    end_sentence(out, from);
}

static bool wanted(uint32_t mask, enum nmea_bits bit)
{
    return (mask & 1U << bit) != 0;
}

void gnss_nmea_text(const struct gnss_fix *f, uint32_t mask, struct buf *out)
{
    if (wanted(mask, GSV)) {
        add_gsv(out, "GPGSV", gps_sky, f->gps);
    }
    if (wanted(mask, GLGSV) && f->has_glonass) {
        add_gsv(out, "GLGSV", glonass_sky, f->glonass);
    }
    if (wanted(mask, GGA)) {
        add_gga(out, f);
    }
    if (wanted(mask, VTG)) {
        add_vtg(out, f);
    }
    if (wanted(mask, RMC)) {
        add_rmc(out, f);
    }
    if (wanted(mask, GSA)) {
        add_gsa(out, "GPGSA", f, gps_sky, f->gps);
    }
    if (wanted(mask, GNGSA)) {
        add_gsa(out, "GNGSA", f, gps_sky, f->gps);
        if (f->dims > 0 && f->glonass > 0) {
            add_gsa(out, "GNGSA", f, glonass_sky, f->glonass);
        }
    }
    if (wanted(mask, GNGNS)) {
        add_gns(out, f);
    }
}

void gnss_signal_text(const struct gnss_fix *f, bool glonass, struct buf *out)
{
    const struct satellite *sky = glonass ? glonass_sky : gps_sky;
    unsigned n = glonass ? f->glonass : f->gps;
    for (unsigned i = 0; i < n; i++) {
        (void)buf_addf(out, "%s,%d,%d.0",
                       i > 0     ? ""
                       : glonass ? "$GLGSV"
                                 : "$GPGSV",
                       sky[i].id, sky[i].signal);
    }
}
