/* The modem's clock: AT+CCLK, and the network's time (general-commands.md B4.2). A clock that
 * nobody has set says 1980 and knows no zone. */
#include <stdio.h>

#include "sim/modem/modem_int.h"

/* Seconds since 1970 of 1980-01-06 00:00:00 UTC: what a clock says that nobody has set. */
#define CLOCK_UNSET INT64_C(315964800)

/* Days since 1970-01-01 of a civil date (proleptic Gregorian calendar). */
static int64_t days_from_civil(int64_t y, int64_t month, int64_t day)
{
    y -= month <= 2 ? 1 : 0;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t yoe = y - era * 400;
    int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return era * 146097 + doe - 719468;
}

struct civil civil_from_days(int64_t days)
{
    int64_t z = days + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    struct civil c = { .day = doy - (153 * mp + 2) / 5 + 1, .month = mp + (mp < 10 ? 3 : -9) };
    c.year = yoe + era * 400 + (c.month <= 2 ? 1 : 0);
    return c;
}

static int64_t uptime(const struct modem *m)
{
    return (int64_t)(sched_now(m->sched) / 1000);
}

int64_t modem_clock(const struct modem *m)
{
    return m->clock_base + uptime(m);
}

int64_t modem_utc(const struct modem *m)
{
    return m->cfg.utc + uptime(m);
}

void clock_set_utc(struct modem *m, int64_t utc, int32_t zone)
{
    m->clock_base = utc - uptime(m);
    m->clock_zone = zone;
    m->clock_has_zone = true;
}

void clock_init(struct modem *m)
{
    m->clock_base = CLOCK_UNSET - uptime(m);
}

/* "yy/MM/dd,hh:mm:ss" */
static void clock_text(int64_t time, char *out, size_t size)
{
    struct civil c = civil_from_days(time / 86400);
    int64_t s = time % 86400;
    (void)snprintf(out, size, "%02d/%02d/%02d,%02d:%02d:%02d", (int)(c.year % 100), (int)c.month,
                   (int)c.day, (int)(s / 3600), (int)(s / 60 % 60), (int)(s % 60));
}

void clock_stamp(const struct modem *m, char *out, size_t size)
{
    char time[32];
    clock_text(modem_clock(m) + (int64_t)m->clock_zone * 900, time, sizeof time);
    (void)snprintf(out, size, "%s%+03d", time, (int)m->clock_zone);
}

void clock_network_stamp(const struct modem *m, char *out, size_t size)
{
    char time[32];
    int32_t zone = m->profile->network_zone;
    clock_text(modem_utc(m) + (int64_t)zone * 900, time, sizeof time);
    (void)snprintf(out, size, "%s%+03d", time, (int)zone);
}

void clock_nitz(struct modem *m)
{
    if (m->profile->network_nitz == 0) {
        return;
    }
    if (m->set.ctzu == 1) {
        clock_set_utc(m, modem_utc(m), m->profile->network_zone);
    }
    if (m->set.ctzr == 1) {
        char time[32];
        clock_text(modem_utc(m), time, sizeof time);
        urc_ctzv(m, (int)m->profile->network_zone, time);
    }
}

static struct at_result clock_read(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    const struct modem *m = modem_of(ch);
    char time[48];
    if (m->clock_has_zone) {
        clock_stamp(m, time, sizeof time);
    } else {
        clock_text(modem_clock(m), time, sizeof time);
    }
    at_info(ch, "+CCLK: \"%s\"", time);
    return AT_OK;
}

static bool two_digits(const uint8_t *p, int lo, int hi, int *ret)
{
    if (p[0] < '0' || p[0] > '9' || p[1] < '0' || p[1] > '9') {
        return false;
    }
    *ret = (p[0] - '0') * 10 + (p[1] - '0');
    return *ret >= lo && *ret <= hi;
}

/* "yy/MM/dd,hh:mm:ss±zz", zone in quarters of an hour and optional. */
static struct at_result clock_set(struct at_chan *ch, const struct at_call *call)
{
    struct modem *m = modem_of(ch);
    const uint8_t *t = call->arg[0].str.p;
    size_t n = call->arg[0].str.n;
    static const char separators[] = "//,::";
    int v[6];
    static const int lo[] = { 0, 1, 1, 0, 0, 0 };
    static const int hi[] = { 99, 12, 31, 23, 59, 59 };
    bool ok = n == 17 || n == 20;
    for (size_t i = 0; ok && i < 6; i++) {
        ok = two_digits(t + i * 3, lo[i], hi[i], &v[i]) &&
             (i == 5 || t[i * 3 + 2] == (uint8_t)separators[i]);
    }
    int zone = 0;
    if (ok && n == 20) {
        ok = (t[17] == '+' || t[17] == '-') && two_digits(t + 18, 0, 96, &zone);
        zone = t[17] == '-' ? -zone : zone;
    }
    if (!ok) {
        return AT_ERROR;
    }
    int64_t year = v[0] >= 80 ? 1900 + v[0] : 2000 + v[0]; /* a fresh clock says 80 */
    int64_t days = days_from_civil(year, v[1], v[2]);
    if (civil_from_days(days).day != v[2]) {
        return AT_ERROR; /* no such day in that month */
    }
    int64_t local = days * 86400 + v[3] * 3600 + v[4] * 60 + v[5];
    clock_set_utc(m, local - (int64_t)zone * 900, zone);
    return AT_OK;
}

/* clang-format off */
#define CLAUSE .clause = "general-commands.md B4.2"

static const struct at_cmd rows[] = {
    { .name = "+CCLK", .doc = "The modem's own clock; TLS validity is checked against it when ignorelocaltime is 0.",
      CLAUSE, .evidence = EV_LOG, .read = clock_read, .set = clock_set, .flags = AT_ROW_TEST_OK,
      AT_PARAMS(P_STR("time", 17, 20, "yy/MM/dd,hh:mm:ss+zz, zone in quarters of an hour")), .reply = "+CCLK: \"<time>\"" },
    { .name = "+CTZU", .doc = "The network's time sets the clock.", CLAUSE, .evidence = EV_MANUAL,
      AT_SETTING(struct settings, ctzu, AT_SET_AUTO, P_INT("onoff", 0, 1, "1: it does", .def = 1)) },
    { .name = "+CTZR", .doc = "The network's time is reported, +CTZV.", CLAUSE, .evidence = EV_MANUAL,
      AT_SETTING(struct settings, ctzr, AT_SET_FACTORY, P_INT("onoff", 0, 1, "1: it is", .def = 0)) },
};
/* clang-format on */

const struct at_service service_clock = { "Clock", rows, ARRAY_LEN(rows) };
