#include "sim/modem/modem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim/modem/modem_int.h"

static void send_urc(struct modem *m, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void send_urc(struct modem *m, const char *fmt, ...)
{
    char text[256];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (m->urc_behind) {
        at_after(m->ch, "%s", text);
    } else {
        at_urc_line(m->ch, text);
    }
}

#define URC(name, params, call, doc)                                                               \
    void urc_##name params                                                                         \
    {                                                                                              \
        send_urc call;                                                                             \
    }
#include "sim/modem/urc.def"
#undef URC

static void tx_ready(void *owner)
{
    struct modem *m = owner;
    m->host->tx_ready(m->host_ctx);
}

/* What a firmware that takes any timeout says and accepts. */
static void make_ranges(struct modem *m)
{
    memcpy(m->ranges, m->profile->ranges, sizeof m->ranges);
    if (m->profile->lenient_timeout != 0) {
        m->ranges[RANGE_pub_timeout] = "1-65535";
        m->ranges[RANGE_disc_timeout] = "0-65535";
    }
}

static struct at_rules rules_of(const struct modem *m)
{
    const struct profile *p = m->profile;
    return (struct at_rules){
        .line_max = (size_t)p->line_max,
        .commands_max = (unsigned)p->commands_max,
        .unquoted_strings = p->unquoted_strings != 0,
        .echo_data = p->echo_data != 0,
        .test_colon = p->test_colon != 0,
        .urc_while_pending = p->urc_while_pending != 0,
        .urc_guard_ms = (uint32_t)p->urc_guard_ms,
        .typing_hold_ms = (uint32_t)p->typing_hold_ms,
        .data_timeout_ms = (uint32_t)p->data_timeout_ms,
        .prompt = span_str(p->prompt),
        .ranges = m->ranges,
        .offered = profile_offers(p),
    };
}

unsigned profile_offers(const struct profile *p)
{
    return (p->cfg_optimeout != 0 ? OFFER_CFG_OPTIMEOUT : 0U) |
           (p->cfg_aliauth != 0 ? OFFER_CFG_ALIAUTH : 0U) |
           (p->csslcfg_fields > 8 ? OFFER_SSL_2020 : 0U);
}

/* Luhn digit of the 14 digits of an IMEI (3GPP TS 23.003, annex B). */
static char imei_check_digit(const char *digits)
{
    int sum = 0;
    for (int i = 0; i < 14; i++) {
        int d = digits[i] - '0';
        d = i % 2 == 1 ? d * 2 : d;
        sum += d > 9 ? d - 9 : d;
    }
    return (char)('0' + (10 - sum % 10) % 10);
}

/* modem0 has the profile's IMEI as it stands; the others count the serial number (digits 9 to 14)
 * up. */
static void make_imei(struct modem *m)
{
    memcpy(m->imei, m->profile->imei,
           sizeof m->imei - 1); /* the profile key takes at most 15 bytes */
    int32_t serial = 0;
    if (m->cfg.index == 0 || strlen(m->imei) != 15 ||
        !schema_number(span_of(m->imei + 8, 6), false, &serial)) {
        return;
    }
    uint32_t next = ((uint32_t)serial + m->cfg.index) % 1000000U;
    for (int i = 13; i >= 8; i--) {
        m->imei[i] = (char)('0' + next % 10);
        next /= 10;
    }
    m->imei[14] = imei_check_digit(m->imei);
}

struct modem *modem_new(const struct modem_cfg *cfg, struct sched *s, const struct modem_host *host,
                        void *host_ctx)
{
    struct modem *m = xcalloc(1, sizeof *m);
    m->cfg = *cfg;
    m->profile = cfg->profile;
    m->sched = s;
    m->host = host;
    m->host_ctx = host_ctx;
    m->trace = cfg->trace;
    m->clock_base = CLOCK_UNSET - (int64_t)(sched_now(s) / 1000);
    make_ranges(m);
    m->index = at_index_new(&modem_table);
    struct at_chan_cfg ch = {
        .index = m->index,
        .rules = rules_of(m),
        .settings = &m->set.at,
        .sched = s,
        .trace = m->trace,
        .owner = m,
        .tx_ready = tx_ready,
    };
    m->ch = at_chan_new(&ch);
    make_imei(m);
    modem_defaults(m);
    mqtt_init(m);
    m->power = POWER_ON;
    if (cfg->boot) {
        modem_power_on(m);
    }
    return m;
}

void modem_free(struct modem **mp)
{
    struct modem *m = *mp;
    if (m == NULL) {
        return;
    }
    timer_stop(&m->boot_timer);
    timer_stop(&m->reset_timer);
    timer_stop(&m->bearer_timer);
    mqtt_fini(m);
    at_chan_free(&m->ch);
    at_index_free(&m->index);
    free(m);
    *mp = NULL;
}

size_t modem_rx_room(const struct modem *m)
{
    return at_chan_rx_room(m->ch);
}

void modem_rx(struct modem *m, struct span bytes)
{
    at_chan_rx(m->ch, bytes);
}

struct span modem_tx(const struct modem *m)
{
    return at_chan_tx(m->ch);
}

void modem_tx_done(struct modem *m, size_t n)
{
    at_chan_tx_done(m->ch, n);
}
