#include "sim/modem/card.h"

#include "sim/modem/modem_int.h"

#define CARD_FILE "sim-card"

static void copy_code(char *to, struct span from)
{
    size_t n = from.n < CARD_CODE_MAX ? from.n : CARD_CODE_MAX;
    if (n > 0) {
        memcpy(to, from.p, n);
    }
    to[n] = '\0';
}

/* --- what the card remembers --- */

void card_store(struct modem *m)
{
    const struct card *c = &m->card;
    struct buf text;
    buf_init(&text, 256);
    (void)buf_addf(&text, "lock=%d\npin=%s\npin_left=%d\npuk_left=%d\n", c->lock ? 1 : 0, c->pin,
                   (int)c->pin_left, (int)c->puk_left);
    (void)nvram_put(m, CARD_FILE, buf_span(&text));
    buf_wipe(&text);
}

static void load_tries(struct span value, int32_t most, int32_t *ret)
{
    int32_t n = 0;
    if (schema_number(value, false, &n) && n >= 0 && n <= most) {
        *ret = n;
    }
}

void card_init(struct modem *m)
{
    struct card *c = &m->card;
    c->lock = m->profile->sim_lock != 0;
    copy_code(c->pin, span_str(m->profile->sim_pin));
    c->pin_left = CARD_PIN_TRIES;
    c->puk_left = CARD_PUK_TRIES;
    struct buf file;
    buf_init(&file, 4096);
    nvram_get(m, CARD_FILE, &file);
    struct span rest = buf_span(&file);
    struct span name;
    struct span value;
    while (nvram_line(&rest, &name, &value)) {
        if (span_eq(name, SPAN_LIT("lock"))) {
            c->lock = span_eq(value, SPAN_LIT("1"));
        } else if (span_eq(name, SPAN_LIT("pin"))) {
            copy_code(c->pin, value);
        } else if (span_eq(name, SPAN_LIT("pin_left"))) {
            load_tries(value, CARD_PIN_TRIES, &c->pin_left);
        } else if (span_eq(name, SPAN_LIT("puk_left"))) {
            load_tries(value, CARD_PUK_TRIES, &c->puk_left);
        }
    }
    buf_wipe(&file);
}

void card_fini(struct modem *m)
{
    timer_stop(&m->card.timer);
    timer_stop(&m->card.failure_timer);
}

/* --- power-on --- */

/* What it is once initialised. */
static enum card_state final_state(const struct modem *m)
{
    const struct card *c = &m->card;
    if (m->profile->sim_fault == SIM_FAULT_FAILURE || c->puk_left == 0) {
        return CARD_FAILED;
    }
    if (m->profile->sim_fault == SIM_FAULT_BUSY) {
        return CARD_BUSY;
    }
    if (c->pin_left == 0) {
        return CARD_PUK;
    }
    return c->lock ? CARD_PIN : CARD_READY;
}

static void phonebook_due(struct timer *t)
{
    struct modem *m = MODEM_OF(t, card.timer);
    m->card.phonebook_ready = true;
    urc_pb_done(m);
}

static void sms_due(struct timer *t)
{
    struct modem *m = MODEM_OF(t, card.timer);
    m->card.sms_ready = true;
    urc_sms_done(m);
    modem_after(m, &m->card.timer, m->profile->boot_pb_ms - m->profile->boot_sms_ms, phonebook_due);
}

static void become_ready(struct modem *m)
{
    m->card.state = CARD_READY;
    urc_cpin(m, "READY");
    modem_after(m, &m->card.timer, m->profile->boot_sms_ms - m->profile->boot_cpin_ms, sms_due);
    radio_update(m, false);
}

void card_unlocked(struct modem *m)
{
    become_ready(m);
}

static void initialised(struct timer *t)
{
    struct modem *m = MODEM_OF(t, card.timer);
    struct card *c = &m->card;
    c->state = final_state(m);
    if (c->state == CARD_READY) {
        become_ready(m);
    } else if (c->state == CARD_PIN || c->state == CARD_PUK) {
        urc_cpin(m, card_word(m));
    }
}

/* card_error looks whether this timer runs. */
static void no_failure_now(struct timer *t)
{
    (void)t;
}

void card_power_on(struct modem *m, bool at_once)
{
    struct card *c = &m->card;
    timer_stop(&c->timer);
    c->sms_ready = c->phonebook_ready = false;
    if (m->profile->sim_card == 0) {
        c->state = CARD_ABSENT;
        return;
    }
    if (at_once) {
        c->state = final_state(m);
        c->sms_ready = c->phonebook_ready = c->state == CARD_READY;
        return;
    }
    c->state = CARD_BUSY;
    if (m->profile->boot_sim_failure_ms > m->profile->boot_rdy_ms) {
        modem_after(m, &c->failure_timer, m->profile->boot_sim_failure_ms - m->profile->boot_rdy_ms,
                    no_failure_now);
    }
    modem_after(m, &c->timer, m->profile->boot_cpin_ms - m->profile->boot_rdy_ms, initialised);
}

void card_power_off(struct modem *m)
{
    card_fini(m);
    m->card.state = CARD_ABSENT;
    m->card.sms_ready = m->card.phonebook_ready = false;
}

void card_world_changed(struct modem *m)
{
    struct card *c = &m->card;
    if (m->power != POWER_ON || m->cfun == 0) {
        return; /* seen at the next power-on */
    }
    bool there = m->profile->sim_card != 0;
    if (!there && c->state != CARD_ABSENT) {
        card_power_off(m);
        urc_simcard(m);
        radio_update(m, false);
    } else if (there && c->state == CARD_ABSENT) {
        card_power_on(m, false);
    } else if (there && !timer_armed(&c->timer)) {
        enum card_state fault = final_state(m);
        bool broken = fault == CARD_FAILED || fault == CARD_BUSY;
        bool was_broken = c->state == CARD_FAILED || c->state == CARD_BUSY;
        if (broken && c->state != fault) {
            c->state = fault;
            radio_update(m, false);
        } else if (!broken && was_broken) {
            card_power_on(m, false);
        }
    }
}

/* --- state --- */

uint32_t card_error(const struct modem *m)
{
    switch (m->card.state) {
    case CARD_ABSENT:
        return 10;
    case CARD_BUSY:
        return timer_armed(&m->card.failure_timer) ? 13 : 14;
    case CARD_PIN:
        return 11;
    case CARD_PUK:
        return 12;
    case CARD_FAILED:
        return 13;
    case CARD_READY:
        break;
    }
    return 0;
}

const char *card_word(const struct modem *m)
{
    return m->card.state == CARD_READY ? "READY"
           : m->card.state == CARD_PIN ? "SIM PIN"
                                       : "SIM PUK";
}

bool card_verify_pin(struct modem *m, struct span pin)
{
    struct card *c = &m->card;
    bool right = span_eq(pin, span_str(c->pin));
    if (right) {
        c->pin_left = CARD_PIN_TRIES;
    } else if (c->pin_left > 0) {
        c->pin_left--;
    }
    if (c->pin_left == 0) {
        c->state = CARD_PUK;
        radio_update(m, false);
    }
    card_store(m);
    return right;
}

bool card_unblock(struct modem *m, struct span puk, struct span new_pin)
{
    struct card *c = &m->card;
    bool right = span_eq(puk, span_str(m->profile->sim_puk));
    if (right) {
        copy_code(c->pin, new_pin);
        c->pin_left = CARD_PIN_TRIES;
        c->puk_left = CARD_PUK_TRIES;
    } else if (c->puk_left > 0) {
        c->puk_left--;
    }
    if (c->puk_left == 0) {
        c->state = CARD_FAILED;
    }
    card_store(m);
    return right;
}
