/* Power-on, reset, power-off and functionality (general-commands.md A19, A20; field-failures.md
 * F13). What is lost and what survives: RAM (settings back to the stored profile, SSL contexts,
 * MQTT service, registration URCs) goes; NVRAM, certificates and the clock stay. */
#include "sim/modem/modem_int.h"

/* --- power-on --- */

void modem_defaults(struct modem *m)
{
    at_settings_default(m->ch, &modem_table, 0);
    m->set.at.cmee = m->profile->cmee_default;
    m->set.iprex = m->cfg.baud != 0 ? (int32_t)m->cfg.baud : m->set.iprex;
    nvram_load_settings(m);
    m->set.ipr = m->set.iprex;
    m->cfun = 1;
    for (size_t i = 0; i < modem_parts_n; i++) {
        if (modem_parts[i].reset != NULL) {
            modem_parts[i].reset(m);
        }
    }
}

static void ready_due(struct timer *t)
{
    struct modem *m = MODEM_OF(t, boot_timer);
    m->power = POWER_ON;
    at_chan_mute(m->ch, false);
    urc_ready(m, m->profile->boot_ready);
    card_power_on(m, false);
    radio_update(m, false);
    gnss_power_on(m);
    hw_power_on(m);
}

void modem_power_on(struct modem *m)
{
    m->power = POWER_BOOTING;
    modem_defaults(m);
    modem_speed_changed(m);
    at_chan_mute(m->ch, true);
    m->host->port_present(m->host_ctx, true); /* 'usb' may have been on until now */
    modem_after(m, &m->boot_timer, m->profile->boot_rdy_ms, ready_due);
}

/* --- reset and power-off --- */

/* Everything stops where it is. */
static void power_down(struct modem *m)
{
    timer_stop(&m->boot_timer);
    timer_stop(&m->reset_timer);
    timer_stop(&m->sleep_timer);
    m->asleep = false;
    mqtt_stop_all(m, false);
    card_power_off(m);
    m->power = POWER_OFF;
    modem_defaults(m);
    at_chan_mute(m->ch, true);
    if (m->profile->usb != 0) {
        m->host->port_present(m->host_ctx, false);
    }
}

static void reset_due(struct timer *t)
{
    struct modem *m = MODEM_OF(t, reset_timer);
    at_release(m->ch); /* the farewell goes out before the modem falls silent */
    power_down(m);
    if (!m->off_after_reset) {
        modem_power_on(m);
    }
}

static void go_down(struct modem *m, bool off)
{
    m->off_after_reset = off;
    modem_after(m, &m->reset_timer, m->profile->reset_ms, reset_due);
}

/* The farewell of F13: which lines come depends on what was open. They follow the OK. */
void modem_reset_soon(struct modem *m)
{
    voice_end_all(m);
    query_stop(m);
    net_bearer_lost(m);
    go_down(m, false);
}

/* No farewell is documented for power-off (A20). */
void modem_off_soon(struct modem *m)
{
    go_down(m, true);
}

void modem_press(struct modem *m, enum modem_press what)
{
    switch (what) {
    case MODEM_PWRKEY:
        if (m->power == POWER_OFF) {
            modem_power_on(m);
        } else {
            modem_off_soon(m);
        }
        break;
    case MODEM_RESET:
    case MODEM_CUT:
        power_down(m);
        modem_power_on(m);
        break;
    }
}

static struct at_result reset_exec(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    modem_reset_soon(modem_of(ch));
    return AT_OK;
}

static struct at_result off_exec(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    modem_off_soon(modem_of(ch));
    return AT_OK;
}

/* --- functionality --- */

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
    int32_t was = m->cfun;
    if ((fun == 1 && call->arg[1].num == 1) || fun == 6) {
        modem_reset_soon(m);
        return AT_OK;
    }
    if (was == 7) {
        return AT_ERROR; /* only a reset leads out of it (A20) */
    }
    m->cfun = fun;
    if (fun == 0 && was != 0) {
        card_power_off(m);
        radio_update(m, false);
        urc_simcard(m);
        return AT_OK;
    }
    if (fun != 0 && was == 0) {
        card_power_on(m, false);
    }
    radio_update(m, false);
    return AT_OK;
}

/* clang-format off */
static const struct at_cmd rows[] = {
    { .name = "+CRESET", .doc = "Resets the module.", .clause = "general-commands.md A20; p10-creset-while-connected", .evidence = EV_LOG,
      .exec = reset_exec, .flags = AT_ROW_TEST_OK },
    { .name = "+CPOF", .doc = "Switches the module off; only PWRKEY brings it back.", .clause = "general-commands.md A20", .evidence = EV_MANUAL,
      .exec = off_exec, .flags = AT_ROW_TEST_OK },
    { .name = "+CFUN", .doc = "Functionality: 0 minimum, 1 full, 4 RF off, 6 reset, 7 offline; second parameter 1 resets.",
      .clause = "general-commands.md A20", .evidence = EV_LOG, .read = cfun_read, .set = cfun_set,
      AT_PARAMS(P_INT("fun", 0, 7, "functionality", .list = "0,1,4,5,6,7"),
                P_INT("rst", 0, 1, "1: reset first", .list = "0,1", .flags = PARAM_OPTIONAL)), .reply = "+CFUN: <fun>" },
};
/* clang-format on */

const struct at_service service_power = { "Power and functionality", rows, ARRAY_LEN(rows) };
