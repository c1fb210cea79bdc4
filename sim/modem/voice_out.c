/* Calls that we make: dialling, ringing there, the answer; and what is done with two calls. */
#include "sim/modem/voice_int.h"

/* In ms of real time. */
#define ROUTE_MS   2000 /* from ATD to the network's first word */
#define PICK_UP_MS 3000 /* somebody outside who answers takes so long */

enum { CME_NOT_ALLOWED = 3, CME_NOT_SUPPORTED = 4 };

void voice_answered(struct call *c)
{
    struct modem *m = c->m;
    bool awaited = m->voice.awaited == c && at_parked(m->ch, m->voice.dial_ticket);
    timer_stop(&c->timer);
    c->begun = sched_now(m->sched);
    urc_voice_begin(m);
    voice_enter(c, CALL_ACTIVE);
    m->voice.awaited = NULL;
    if (awaited) {
        at_info(m->ch, "+COLP: \"%s\",%d", c->number, voice_number_type(c->number, false));
        (void)at_finish(m->ch, m->voice.dial_ticket, AT_OK);
    }
}

static void nobody_answered(struct timer *t)
{
    struct call *c = CALL_OF(t);
    voice_tell_peer(c, EXCHANGE_RELEASE, CAUSE_NO_ANSWER);
    voice_released(c, CAUSE_NO_ANSWER);
}

static void picked_up(struct timer *t)
{
    voice_answered(CALL_OF(t));
}

/* Somebody outside, as the key callee has it. */
static void route_outside(struct call *c)
{
    struct modem *m = c->m;
    switch (m->profile->callee) {
    case CALLEE_ANSWER:
        voice_enter(c, CALL_ALERTING);
        modem_after(m, &c->timer, PICK_UP_MS, picked_up);
        break;
    case CALLEE_RING:
        voice_enter(c, CALL_ALERTING);
        voice_ring_after(m, &c->timer, VOICE_RING_OUT_MS, nobody_answered);
        break;
    case CALLEE_BUSY:
        voice_released(c, CAUSE_BUSY);
        break;
    default:
        voice_released(c, CAUSE_UNASSIGNED);
        break;
    }
}

static void route(struct timer *t)
{
    struct call *c = CALL_OF(t);
    c->outside = !voice_post(c, EXCHANGE_SETUP, c->withheld ? 1 : 0);
    if (c->outside) {
        route_outside(c);
    } else {
        voice_ring_after(c->m, &c->timer, VOICE_RING_OUT_MS, nobody_answered);
    }
}

/* While a call is being set up in either direction, or waits, there is no other. */
static bool may_dial(struct modem *m)
{
    bool talking = voice_in_state(m, CALL_ACTIVE) != NULL || voice_in_state(m, CALL_HELD) != NULL;
    return voice_count(m) == (talking ? 1U : 0U);
}

struct call *voice_dial(struct modem *m, const char *number, bool withheld)
{
    struct call *c = may_dial(m) ? voice_new(m, false, number) : NULL;
    if (c == NULL) {
        return NULL;
    }
    struct call *active = voice_in_state(m, CALL_ACTIVE);
    if (active != NULL) {
        voice_hold(active, true); /* 22.030 6.5.5.1: it is held by itself */
    }
    m->voice.next_reference = m->voice.next_reference % INT32_MAX + 1;
    c->reference = m->voice.next_reference;
    c->withheld = withheld;
    phonebook_note(m, PB_DC, c->number, voice_number_type(c->number, false));
    voice_enter(c, CALL_DIALING);
    modem_after(m, &c->timer, ROUTE_MS, route);
    return c;
}

void voice_tone(struct modem *m, char tone)
{
    for (size_t i = 0; i < VOICE_CALLS; i++) {
        if (m->voice.call[i].state == CALL_ACTIVE) {
            voice_tell_peer(&m->voice.call[i], EXCHANGE_DTMF, tone);
        }
    }
}

/* --- two calls: CHLD (22.030 6.5.5) --- */

void voice_hold(struct call *c, bool hold)
{
    voice_tell_peer(c, EXCHANGE_HOLD, hold ? 1 : 0);
    voice_enter(c, hold ? CALL_HELD : CALL_ACTIVE);
}

/* With the line that says so; the other call may go on. */
static void end_here(struct call *c)
{
    char time[VOICE_TIME_MAX];
    struct modem *m = c->m;
    voice_time(c, time);
    voice_hang_up(c);
    urc_voice_end(m, time);
}

/* All calls of one state. True: there was one. */
static bool end_state(struct modem *m, enum call_state state)
{
    struct call *c = voice_in_state(m, state);
    bool any = c != NULL;
    for (; c != NULL; c = voice_in_state(m, state)) {
        end_here(c);
    }
    return any;
}

static struct call *knocking(struct modem *m)
{
    struct call *c = voice_in_state(m, CALL_WAITING);
    return c != NULL ? c : voice_in_state(m, CALL_INCOMING);
}

static void accept(struct call *c)
{
    urc_voice_begin(c->m);
    voice_accept(c);
}

/* 0: refuses the one that knocks, else ends the held ones. */
static bool end_held(struct modem *m)
{
    struct call *c = knocking(m);
    if (c != NULL) {
        voice_hang_up(c);
        return true;
    }
    return end_state(m, CALL_HELD);
}

/* 1: ends the active ones and takes the other. */
static bool end_active(struct modem *m)
{
    struct call *waiting = knocking(m);
    struct call *held = voice_in_state(m, CALL_HELD);
    bool ended = end_state(m, CALL_ACTIVE);
    if (waiting != NULL) {
        accept(waiting);
    } else if (held != NULL) {
        voice_hold(held, false);
    }
    return ended || waiting != NULL || held != NULL;
}

/* 2: active ones on hold, and the other is taken: the one that knocks, or the held one. */
static bool swap(struct modem *m)
{
    struct call *waiting = knocking(m);
    bool any = waiting != NULL;
    for (size_t i = 0; i < VOICE_CALLS; i++) {
        struct call *c = &m->voice.call[i];
        bool was_held = c->state == CALL_HELD && waiting == NULL;
        if (c->state == CALL_ACTIVE || was_held) {
            voice_hold(c, !was_held);
            any = true;
        }
    }
    if (waiting != NULL) {
        accept(waiting);
    }
    return any;
}

/* 2x: call x alone, the other on hold. */
static bool talk_to(struct modem *m, struct call *c)
{
    if (c->state != CALL_ACTIVE) {
        return false;
    }
    for (size_t i = 0; i < VOICE_CALLS; i++) {
        struct call *other = &m->voice.call[i];
        c->multiparty = other->multiparty = false;
        if (other != c && other->state == CALL_ACTIVE) {
            voice_hold(other, true);
        }
    }
    return true;
}

/* 3: a conference of both. */
static bool join(struct modem *m)
{
    struct call *active = voice_in_state(m, CALL_ACTIVE);
    struct call *held = voice_in_state(m, CALL_HELD);
    if (active == NULL || held == NULL) {
        return false;
    }
    active->multiparty = held->multiparty = true;
    voice_hold(held, false);
    return true;
}

/* x of 1x and 2x: the call with that id, or NULL. */
static struct call *by_id(struct modem *m, int32_t id)
{
    struct call *c = id >= 1 && id <= VOICE_CALLS ? &m->voice.call[id - 1] : NULL;
    return c != NULL && c->state != CALL_FREE ? c : NULL;
}

static bool chld_one(struct modem *m, int32_t n)
{
    struct call *c = by_id(m, n % 10);
    if (c == NULL || n / 10 == 2) {
        return c != NULL && talk_to(m, c);
    }
    end_here(c);
    voice_let_waiting_ring(m);
    return true;
}

struct at_result voice_chld(struct modem *m, int32_t n)
{
    bool done = false;
    if (n == 4) {
        return AT_CME(CME_NOT_SUPPORTED); /* the modelled network has no explicit call transfer */
    }
    switch (n) {
    case 0:
        done = end_held(m);
        break;
    case 1:
        done = end_active(m);
        break;
    case 2:
        done = swap(m);
        break;
    case 3:
        done = join(m);
        break;
    default:
        done = chld_one(m, n);
        break;
    }
    return done ? AT_OK : AT_CME(CME_NOT_ALLOWED);
}
