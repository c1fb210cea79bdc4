/* Calls that come: ringing, waiting, the answer; what the other ends of calls say; and somebody
 * outside who calls (modem.h). */
#include "sim/modem/voice_int.h"

#define RING_MS 5000 /* of real time, from one RING to the next (general-commands.md B4.8) */

/* --- ringing --- */

static void ring(struct call *c)
{
    struct modem *m = c->m;
    if (m->set.crc == 1) {
        urc_cring(m);
    } else {
        at_urc_code(m->ch, AT_CODE_RING);
    }
    if (m->set.clip == 1) {
        const char *number = voice_shown_number(c);
        char name[HOST_TEXT_SIZE];
        urc_clip(m, number, voice_number_type(number, true),
                 host_text(m, phonebook_name(m, number), name), c->withheld ? 1 : 0);
    }
    c->rings++;
}

static void ring_due(struct timer *t);

/* Between two rings; after as many as S0 says the call is taken. */
static void rang(struct call *c)
{
    struct modem *m = c->m;
    if (m->set.s0 > 0 && c->rings >= (unsigned)m->set.s0) {
        urc_voice_begin(m);
        voice_accept(c);
    } else {
        voice_ring_after(m, &m->voice.ring_timer, RING_MS, ring_due);
    }
}

static void ring_due(struct timer *t)
{
    struct call *c = voice_in_state(MODEM_OF(t, voice.ring_timer), CALL_INCOMING);
    if (c != NULL) {
        ring(c);
        rang(c);
    }
}

static void begin_ringing(struct call *c)
{
    ri_ring(c->m); /* before the line, which may pull it, too */
    ring(c);
    voice_enter(c, CALL_INCOMING); /* CLCC comes behind the first RING */
    rang(c);
}

void voice_let_waiting_ring(struct modem *m)
{
    struct call *c = voice_in_state(m, CALL_WAITING);
    if (c != NULL && voice_count(m) == 1) {
        begin_ringing(c);
    }
}

void voice_accept(struct call *c)
{
    struct modem *m = c->m;
    timer_stop(&c->timer);
    timer_stop(&m->voice.ring_timer);
    ri_ring_end(m);
    voice_tell_peer(c, EXCHANGE_ANSWER, 0);
    c->begun = sched_now(m->sched);
    voice_enter(c, CALL_ACTIVE);
    phonebook_note(m, PB_RC, voice_shown_number(c), voice_number_type(c->number, true));
}

/* --- coming in --- */

/* Why a call cannot come in, or 0. Beside another call it can when the network offers that. */
static enum call_cause refusal(struct modem *m)
{
    bool talking = voice_in_state(m, CALL_ACTIVE) != NULL || voice_in_state(m, CALL_HELD) != NULL;
    if (!voice_served(m)) {
        return CAUSE_OUT_OF_ORDER;
    }
    bool room = voice_count(m) == 0 ||
                (voice_count(m) < VOICE_CALLS && talking && m->voice.waiting_service);
    return room ? CAUSE_NONE : CAUSE_BUSY;
}

/* Rings, or waits beside the other call. */
static void come_in(struct call *c)
{
    struct modem *m = c->m;
    bool waits = voice_count(m) > 0; /* this one is not counted yet */
    voice_tell_peer(c, EXCHANGE_ALERT, waits ? 1 : 0);
    if (!waits) {
        begin_ringing(c);
        return;
    }
    if (m->set.ccwa == 1) {
        const char *number = voice_shown_number(c);
        urc_ccwa(m, number, voice_number_type(number, true));
    }
    voice_enter(c, CALL_WAITING);
}

static void setup(struct modem *m, const struct exchange_message *msg)
{
    enum call_cause cause = refusal(m);
    struct call *c = cause == CAUSE_NONE ? voice_new(m, true, msg->from) : NULL;
    if (c == NULL) {
        struct exchange_message no = { .what = EXCHANGE_RELEASE, .number = (int32_t)cause };
        no.call = -msg->call;
        memcpy(no.from, msg->to, sizeof no.from);
        memcpy(no.to, msg->from, sizeof no.to);
        (void)exchange_post(m->cfg.exchange, &no);
        return;
    }
    c->outside = false;
    c->reference = msg->call;
    c->withheld = msg->number == 1;
    come_in(c);
}

/* --- messages of the exchange --- */

static struct call *call_of(struct modem *m, const struct exchange_message *msg)
{
    for (size_t i = 0; i < VOICE_CALLS; i++) {
        struct call *c = &m->voice.call[i];
        int32_t reference = c->incoming ? c->reference : -c->reference;
        if (c->state != CALL_FREE && !c->outside && reference == msg->call &&
            strcmp(c->number, msg->from) == 0) {
            return c;
        }
    }
    return NULL;
}

static void progress(struct call *c, const struct exchange_message *msg)
{
    struct modem *m = c->m;
    bool calling = c->state == CALL_DIALING || c->state == CALL_ALERTING;
    switch (msg->what) {
    case EXCHANGE_ALERT:
        if (c->state == CALL_DIALING) {
            voice_enter(c, CALL_ALERTING);
        }
        if (msg->number == 1 && m->set.cssn[0] == 1) {
            urc_cssi(m, 3);
        }
        break;
    case EXCHANGE_ANSWER:
        if (calling) {
            voice_answered(c);
        }
        break;
    case EXCHANGE_RELEASE:
        voice_released(c, (enum call_cause)msg->number);
        break;
    case EXCHANGE_DTMF:
        if (c->state == CALL_ACTIVE) {
            urc_rxdtmf(m, (char)msg->number);
        }
        break;
    case EXCHANGE_HOLD:
        if (m->set.cssn[1] == 1) {
            urc_cssu(m, msg->number == 1 ? 2 : 3);
        }
        break;
    case EXCHANGE_SETUP:
    case EXCHANGE_SMS:
        break;
    }
}

void voice_deliver(struct modem *m, const struct exchange_message *msg)
{
    if (msg->what == EXCHANGE_SETUP) {
        setup(m, msg);
        return;
    }
    struct call *c = call_of(m, msg);
    if (c != NULL) { /* else of a call that has ended meanwhile */
        progress(c, msg);
    }
}

/* --- somebody outside --- */

static void gave_up(struct timer *t)
{
    voice_released(CALL_OF(t), CAUSE_NORMAL);
}

void modem_call(struct modem *m, const char *from)
{
    struct call *c = refusal(m) == CAUSE_NONE ? voice_new(m, true, from) : NULL;
    if (c == NULL) {
        return; /* the caller hears why */
    }
    c->withheld = c->number[0] == '\0';
    voice_ring_after(m, &c->timer, VOICE_RING_OUT_MS, gave_up);
    come_in(c);
}

void modem_call_end(struct modem *m)
{
    for (size_t i = VOICE_CALLS; i > 0; i--) {
        struct call *c = &m->voice.call[i - 1];
        if (c->outside && c->state != CALL_FREE && c->state != CALL_DIALING) {
            voice_released(c, c->state == CALL_ALERTING ? CAUSE_BUSY : CAUSE_NORMAL);
            return;
        }
    }
}

void modem_call_answer(struct modem *m)
{
    struct call *c = voice_in_state(m, CALL_ALERTING);
    if (c != NULL && c->outside) {
        voice_answered(c);
    }
}
