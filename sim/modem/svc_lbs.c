/* AT+CLBS: where the modem is as the network's cells tell (general-commands.md B4.10). The service
 * is the network's; it answers with the place of the keys cell.*. */
#include <stdio.h>
#include <stdlib.h>

#include "sim/modem/modem_int.h"

#define LBS_MS       5000 /* 5 to 20 s */
#define LBS_LIMIT_MS 120000
#define MILLION      1000000

enum { LBS_PLACE = 1, LBS_PLACE_AND_TIME = 4 };

enum { RET_OK = 0, RET_FAILED = 3 };

/* TinyGSM reads an OK behind a failure, too (C1.6). */
static struct at_result failed(struct at_chan *ch)
{
    at_info(ch, "+CLBS: %d", RET_FAILED);
    return AT_OK;
}

static void degrees_text(int32_t millionths, char *out, size_t size)
{
    int32_t n = abs(millionths);
    (void)snprintf(out, size, "%s%d.%06d", millionths < 0 ? "-" : "", n / MILLION, n % MILLION);
}

static void tell_place(struct modem *m)
{
    char lat[24];
    char lon[24];
    char when[64] = "";
    degrees_text(m->profile->cell_lat, lat, sizeof lat);
    degrees_text(m->profile->cell_lon, lon, sizeof lon);
    if (m->lbs.with_time) {
        struct civil c = civil_from_days(modem_utc(m) / 86400);
        int s = (int)(modem_utc(m) % 86400);
        (void)snprintf(when, sizeof when, ",%04d/%02d/%02d,%02d:%02d:%02d", (int)c.year,
                       (int)c.month, (int)c.day, s / 3600, s / 60 % 60, s % 60);
    }
    at_info(m->ch, "+CLBS: %d,%s,%s,%d%s", RET_OK, lat, lon, (int)m->profile->cell_accuracy, when);
}

static void answer_due(struct timer *t)
{
    struct modem *m = MODEM_OF(t, lbs.timer);
    struct at_result r = AT_OK;
    if (!at_parked(m->ch, m->lbs.ticket)) {
        return;
    }
    if (net_data(m)) {
        tell_place(m);
    } else {
        r = failed(m->ch);
    }
    (void)at_finish(m->ch, m->lbs.ticket, r);
}

static struct at_result lbs_set(struct at_chan *ch, const struct at_call *call)
{
    struct modem *m = modem_of(ch);
    if (!net_data(m)) {
        return failed(ch);
    }
    m->lbs.with_time = call->arg[0].num == LBS_PLACE_AND_TIME;
    m->lbs.ticket = at_park(ch);
    modem_after(m, &m->lbs.timer, LBS_MS, answer_due);
    return AT_PENDING;
}

void lbs_reset(struct modem *m)
{
    timer_stop(&m->lbs.timer);
}

/* clang-format off */
static const struct at_cmd rows[] = {
    { .name = "+CLBS", .doc = "Place by the cells of the network; needs packet data.", .clause = "general-commands.md B4.10, C1.6", .evidence = EV_MANUAL,
      .set = lbs_set, .limit_ms = LBS_LIMIT_MS, .reply = "+CLBS: <ret_code>[,<latitude>,<longitude>,<acc>[,<date>,<time>]]",
      AT_PARAMS(P_INT("type", LBS_PLACE, LBS_PLACE_AND_TIME, "1 place, 4 place and time", .list = "1,4"),
                P_INT("cid", 1, 179, "of no effect", .list = "1-24,100-179", .def = 1, .flags = PARAM_OPTIONAL)) },
};
/* clang-format on */

const struct at_service service_lbs = { "Place by the network", rows, ARRAY_LEN(rows) };
