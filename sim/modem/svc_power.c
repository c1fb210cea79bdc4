/* Power-on, reset, functionality and the modem's clock (general-commands.md A19, A20;
 * field-failures.md F13). */
#include <stdio.h>

#include "sim/modem/modem_int.h"

/* --- clock --- */

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

struct civil {
    int64_t year, month, day;
};

static struct civil civil_from_days(int64_t z)
{
    z += 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    struct civil c = { .day = doy - (153 * mp + 2) / 5 + 1, .month = mp + (mp < 10 ? 3 : -9) };
    c.year = yoe + era * 400 + (c.month <= 2 ? 1 : 0);
    return c;
}

int64_t modem_clock(const struct modem *m)
{
    return m->clock_base + (int64_t)(sched_now(m->sched) / 1000);
}

static struct at_result clock_read(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    const struct modem *m = modem_of(ch);
    int64_t local = modem_clock(m) + (int64_t)m->clock_zone * 900;
    struct civil c = civil_from_days(local / 86400);
    int64_t s = local % 86400;
    at_info(ch, "+CCLK: \"%02d/%02d/%02d,%02d:%02d:%02d%+03d\"", (int)(c.year % 100), (int)c.month,
            (int)c.day, (int)(s / 3600), (int)(s / 60 % 60), (int)(s % 60), (int)m->clock_zone);
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
    m->clock_zone = zone;
    m->clock_base = local - (int64_t)zone * 900 - (int64_t)(sched_now(m->sched) / 1000);
    return AT_OK;
}

/* --- power-on --- */

void modem_defaults(struct modem *m)
{
    at_settings_default(m->ch, &modem_table, 0);
    m->set.at.cmee = m->profile->cmee_default;
    ssl_defaults(m);
    m->bearer_up = true;
    m->net_open = m->net_opening = false;
    m->cfun = 1;
}

static void boot_due(struct timer *t)
{
    struct modem *m = (struct modem *)(void *)((char *)t - offsetof(struct modem, boot_timer));
    const int32_t at[] = { m->profile->boot_rdy_ms, m->profile->boot_cpin_ms,
                           m->profile->boot_sms_ms, m->profile->boot_pb_ms };
    switch (m->boot_step++) {
    case 0:
        m->power = POWER_ON;
        at_chan_mute(m->ch, false);
        net_attach(m);
        urc_rdy(m);
        break;
    case 1:
        urc_cpin(m, "READY");
        break;
    case 2:
        urc_sms_done(m);
        break;
    default:
        urc_pb_done(m);
        return;
    }
    int32_t wait = at[m->boot_step] - at[m->boot_step - 1];
    timer_arm(m->sched, &m->boot_timer, wait > 0 ? (uint64_t)wait : 0, boot_due);
}

void modem_power_on(struct modem *m)
{
    m->power = POWER_BOOTING;
    m->boot_step = 0;
    modem_defaults(m);
    m->bearer_up = false;
    at_chan_mute(m->ch, true);
    timer_arm(m->sched, &m->boot_timer, (uint64_t)m->profile->boot_rdy_ms, boot_due);
}

static void reset_due(struct timer *t)
{
    struct modem *m = (struct modem *)(void *)((char *)t - offsetof(struct modem, reset_timer));
    at_release(m->ch); /* the farewell goes out before the modem falls silent */
    mqtt_stop_all(m, false);
    modem_power_on(m);
}

/* The farewell of F13: which lines come depends on what was open. They follow the OK. */
void modem_reset_soon(struct modem *m)
{
    net_bearer_lost(m);
    timer_arm(m->sched, &m->reset_timer, (uint64_t)m->profile->reset_ms, reset_due);
}

static struct at_result reset_exec(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    modem_reset_soon(modem_of(ch));
    return AT_OK;
}

static struct at_result cfun_read(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    at_info(ch, "+CFUN: %d", (int)modem_of(ch)->cfun);
    return AT_OK;
}

static struct at_result cfun_set(struct at_chan *ch, const struct at_call *call)
{
    struct modem *m = modem_of(ch);
    int32_t fun = call->arg[0].num;
    if ((fun == 1 && call->arg[1].num == 1) || fun == 6) {
        modem_reset_soon(m);
        return AT_OK;
    }
    if (m->cfun == 7) {
        return AT_ERROR; /* only a reset leads out of it (A20) */
    }
    if (fun != 1 && m->cfun == 1) {
        net_bearer_lost(m);
    }
    if (fun == 0 && m->cfun != 0) {
        urc_simcard(m);
    }
    if (fun == 1 && m->cfun != 1) {
        net_attach(m);
        if (m->cfun == 0) {
            m->boot_step = 1;
            timer_arm(m->sched, &m->boot_timer, (uint64_t)m->profile->boot_cpin_ms, boot_due);
        }
    }
    m->cfun = fun;
    return AT_OK;
}

/* clang-format off */
static const struct at_cmd rows[] = {
    { .name = "+CRESET", .doc = "Resets the module.", .clause = "general-commands.md A20; p10-creset-while-connected", .evidence = EV_LOG,
      .exec = reset_exec, .flags = AT_ROW_TEST_OK },
    { .name = "+CFUN", .doc = "Functionality: 0 minimum, 1 full, 4 RF off, 6 reset, 7 offline; second parameter 1 resets.",
      .clause = "general-commands.md A20", .evidence = EV_LOG, .read = cfun_read, .set = cfun_set,
      AT_PARAMS(P_INT("fun", 0, 7, "functionality", .list = "0,1,4,5,6,7"),
                P_INT("rst", 0, 1, "1: reset first", .list = "0,1", .flags = PARAM_OPTIONAL)), .reply = "+CFUN: <fun>" },
    { .name = "+CCLK", .doc = "The modem's own clock; TLS validity is checked against it when ignorelocaltime is 0.",
      .clause = "general-commands.md B4.2", .evidence = EV_LOG, .read = clock_read, .set = clock_set, .flags = AT_ROW_TEST_OK,
      AT_PARAMS(P_STR("time", 17, 20, "yy/MM/dd,hh:mm:ss+zz, zone in quarters of an hour")), .reply = "+CCLK: \"<time>\"" },
};
/* clang-format on */

const struct at_service service_power = { "Power, functionality, clock", rows, ARRAY_LEN(rows) };
