#include "sim/modem/modem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim/modem/exchange.h"
#include "sim/modem/modem_int.h"

#define EVERY_MIN_MS   50
#define URC_TEXT_MAX   1536  /* a burst of NMEA sentences */
#define SLEEP_AFTER_MS 15000 /* idle before it sleeps: 15 to 20 s (general-commands.md A21) */

static void send_urc(struct modem *m, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void send_urc(struct modem *m, const char *fmt, ...)
{
    char text[URC_TEXT_MAX];
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

static void line_out(void *owner)
{
    ri_urc(owner);
}

static void store_settings(void *owner)
{
    nvram_store_settings(owner);
}

void modem_after(struct modem *m, struct timer *t, int32_t ms, timer_fn *fn)
{
    int64_t scaled = ms > 0 ? (int64_t)ms * m->profile->time_percent / 100 : 0;
    timer_arm(m->sched, t, (uint64_t)scaled, fn);
}

void modem_every(struct modem *m, struct timer *t, int32_t ms, timer_fn *fn)
{
    int64_t scaled = (int64_t)ms * m->profile->time_percent / 100;
    timer_arm(m->sched, t, scaled < EVERY_MIN_MS ? EVERY_MIN_MS : (uint64_t)scaled, fn);
}

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
        .echo_junk = p->echo_junk != 0,
        .input_dropped = p->input_while_busy == INPUT_DROP,
        .abort_ok = p->abort_result == ABORT_OK,
        .urc_while_pending = p->urc_while_pending != 0,
        .urc_guard_ms = (uint32_t)p->urc_guard_ms,
        .typing_hold_ms = (uint32_t)p->typing_hold_ms,
        .data_timeout_ms = (uint32_t)p->data_timeout_ms,
        .prompt = span_str(p->prompt),
        .text_prompt = span_str(p->text_prompt),
        .ranges = m->ranges,
        .offered = profile_offers(p),
    };
}

unsigned profile_offers(const struct profile *p)
{
    return (p->cfg_optimeout != 0 ? OFFER_CFG_OPTIMEOUT : 0U) |
           (p->cfg_aliauth != 0 ? OFFER_CFG_ALIAUTH : 0U) |
           (p->cfg_version != 0 ? OFFER_CFG_VERSION : 0U) |
           (p->csslcfg_fields > 8 ? OFFER_SSL_SNI : 0U) |
           (p->csslcfg_fields == 11 ? OFFER_SSL_KEYPWD | OFFER_SSL_CIPHERS : 0U) |
           (p->csslcfg_fields == 10 ? OFFER_SSL_PASSWORD : 0U) |
           (p->accq_version_param != 0 ? OFFER_ACCQ_VERSION : 0U) |
           (p->gnss_commands != 0 ? OFFER_GNSS : 0U);
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

bool modem_set_imei(struct modem *m, struct span imei)
{
    char digits[16];
    int32_t half = 0;
    bool ok = imei.n == 15 && schema_number(span_of(imei.p, 7), false, &half) &&
              schema_number(span_of(imei.p + 7, 8), false, &half) && imei.p[0] != '-' &&
              imei.p[7] != '-';
    if (ok) {
        memcpy(digits, imei.p, 15);
        digits[15] = '\0';
        ok = imei_check_digit(digits) == digits[14];
    }
    if (ok) {
        memcpy(m->imei, digits, sizeof digits);
    }
    return ok;
}

/* The profile's number for modem0; the others count its last digits up. */
static void make_number(struct modem *m)
{
    const char *base = m->profile->number;
    size_t n = strlen(base); /* the profile key takes at most 20 bytes */
    size_t digits = 0;
    while (digits < n && digits < 8 && base[n - digits - 1] >= '0' && base[n - digits - 1] <= '9') {
        digits++;
    }
    memcpy(m->number, base, n + 1);
    int32_t tail = 0;
    if (m->cfg.index == 0 || !schema_number(span_of(base + n - digits, digits), false, &tail)) {
        return;
    }
    tail += (int32_t)m->cfg.index;
    for (size_t i = 0; i < digits; i++) {
        m->number[n - 1 - i] = (char)('0' + tail % 10);
        tail /= 10;
    }
}

/* What other modems send to our number. */
static void modem_deliver(struct modem *m, const struct exchange_message *msg)
{
    if (msg->what == EXCHANGE_SMS) {
        sms_deliver(m, msg);
    } else {
        voice_deliver(m, msg);
    }
}

static void make_channel(struct modem *m)
{
    struct at_chan_cfg ch = {
        .index = m->index,
        .rules = rules_of(m),
        .settings = &m->set.at,
        .sched = m->sched,
        .trace = m->trace,
        .owner = m,
        .tx_ready = tx_ready,
        .store_settings = store_settings,
        .instead = fault_instead,
        .urc = fault_urc,
        .line_out = line_out,
    };
    m->ch = at_chan_new(&ch);
}

struct modem *modem_new(const struct modem_cfg *cfg, struct sched *s, const struct modem_host *host,
                        void *host_ctx)
{
    struct modem *m = xcalloc(1, sizeof *m);
    m->cfg = *cfg;
    profile_copy(&m->own, cfg->profile);
    m->profile = &m->own;
    m->sched = s;
    m->host = host;
    m->host_ctx = host_ctx;
    m->trace = cfg->trace;
    m->baud = cfg->baud != 0 ? cfg->baud : MODEM_BAUD;
    make_ranges(m);
    m->index = at_index_new(&modem_table);
    make_channel(m);
    fault_uart_init(m);
    make_imei(m);
    make_number(m);
    exchange_join(cfg->exchange, m, m->number, modem_deliver);
    mqtt_init(m);
    for (size_t i = 0; i < modem_parts_n; i++) {
        if (modem_parts[i].init != NULL) {
            modem_parts[i].init(m);
        }
    }
    if (cfg->boot) {
        modem_power_on(m);
        return m;
    }
    modem_defaults(m);
    m->power = POWER_ON;
    card_power_on(m, true);
    radio_update(m, true);
    gnss_power_on(m);
    hw_power_on(m);
    modem_speed_changed(m);
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
    timer_stop(&m->speed_timer);
    timer_stop(&m->sleep_timer);
    timer_stop(&m->fault_timer);
    for (size_t i = 0; i < modem_parts_n; i++) {
        if (modem_parts[i].fini != NULL) {
            modem_parts[i].fini(m);
        }
    }
    exchange_leave(m->cfg.exchange, m);
    (void)faults_clear(&m->faults, 0);
    fault_uart_fini(m);
    fault_modem_fini(m);
    fault_urc_fini(m);
    timer_stop(&m->put_off.timer);
    mqtt_fini(m);
    at_chan_free(&m->ch);
    at_index_free(&m->index);
    free(m);
    *mp = NULL;
}

/* --- the world --- */

const struct profile *modem_profile(const struct modem *m)
{
    return m->profile;
}

void modem_world_changed(struct modem *m)
{
    card_world_changed(m);
    radio_world_changed(m);
    gnss_world_changed(m);
    hw_world_changed(m);
    modem_may_sleep(m);
}

bool modem_set(struct modem *m, struct span key, struct span value, char *error, size_t error_size)
{
    if (!profile_set_live(&m->own, key, value, error, error_size)) {
        return false;
    }
    modem_world_changed(m);
    return true;
}

/* --- the UART --- */

static void speed_due(struct timer *t)
{
    struct modem *m = MODEM_OF(t, speed_timer);
    if (m->baud != (uint32_t)m->set.ipr) {
        m->baud = (uint32_t)m->set.ipr;
        m->host->line_speed(m->host_ctx, m->baud);
    }
}

/* Later, so that the OK still goes out at the old speed (general-commands.md A16). */
void modem_speed_changed(struct modem *m)
{
    timer_arm(m->sched, &m->speed_timer, 0, speed_due);
}

static void fall_asleep(struct timer *t)
{
    MODEM_OF(t, sleep_timer)->asleep = true;
}

/* Under CSCLK=1 with DTR off it falls asleep after a while without input; DTR wakes it (A21). */
void modem_may_sleep(struct modem *m)
{
    timer_stop(&m->sleep_timer);
    m->asleep = false;
    if (m->set.csclk == 1 && m->profile->uart_dtr == 0) {
        modem_after(m, &m->sleep_timer, SLEEP_AFTER_MS, fall_asleep);
    }
}

size_t modem_rx_room(const struct modem *m)
{
    size_t room = at_chan_rx_room(m->ch);
    size_t held = m->uart.line[UART_FROM_HOST].in.n;
    return room > held ? room - held : 0;
}

void modem_rx(struct modem *m, struct span bytes)
{
    m->traffic.from_host += bytes.n;
    if (fault_uart_active(m, UART_FROM_HOST)) {
        fault_uart_rx(m, bytes);
        return;
    }
    modem_hear(m, bytes);
}

void modem_hear(struct modem *m, struct span bytes)
{
    if (m->asleep) {
        trace_emit(m->trace, "uart.asleep", TRACE_NUM("dropped_bytes", (int64_t)bytes.n));
        return;
    }
    if (timer_armed(&m->sleep_timer)) {
        modem_may_sleep(m);
    }
    if (m->urcs != NULL) {
        fault_urc_before_echo(m);
    }
    at_chan_rx(m->ch, bytes);
}

struct span modem_tx(struct modem *m)
{
    if (m->rts_off && (m->set.ifc[0] == 2 || m->set.ifc[1] == 2)) {
        return (struct span){ NULL, 0 };
    }
    return fault_uart_active(m, UART_FROM_MODEM) ? fault_uart_tx(m) : at_chan_tx(m->ch);
}

void modem_tx_done(struct modem *m, size_t n)
{
    m->traffic.from_modem += n;
    if (m->uart.line[UART_FROM_MODEM].out.n > 0) {
        fault_uart_tx_done(m, n);
        return;
    }
    at_chan_tx_done(m->ch, n);
}

struct modem_traffic modem_traffic(const struct modem *m)
{
    return m->traffic;
}
