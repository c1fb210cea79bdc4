#include "sim/modem/voice.h"

#include <stdio.h>

#include "sim/modem/voice_int.h"

void voice_ring_after(struct modem *m, struct timer *t, int32_t ms, timer_fn *fn)
{
    int32_t percent = m->profile->time_percent;
    timer_arm(m->sched, t, (uint64_t)ms * (uint64_t)(percent > 0 ? percent : 1) / 100, fn);
}

/* --- places and numbers --- */

struct call *voice_in_state(struct modem *m, enum call_state state)
{
    for (size_t i = 0; i < VOICE_CALLS; i++) {
        if (m->voice.call[i].state == state) {
            return &m->voice.call[i];
        }
    }
    return NULL;
}

unsigned voice_count(const struct modem *m)
{
    unsigned n = 0;
    for (size_t i = 0; i < VOICE_CALLS; i++) {
        n += m->voice.call[i].state != CALL_FREE ? 1 : 0;
    }
    return n;
}

struct call *voice_any(struct modem *m)
{
    struct call *c = voice_in_state(m, CALL_WAITING);
    for (size_t i = 0; i < VOICE_CALLS && c == NULL; i++) {
        c = m->voice.call[i].state != CALL_FREE ? &m->voice.call[i] : NULL;
    }
    return c;
}

int voice_number_type(const char *number, bool incoming)
{
    return number[0] == '+' ? 145 : incoming ? 128 : 129;
}

const char *voice_shown_number(const struct call *c)
{
    return c->incoming && c->withheld ? "" : c->number;
}

void voice_copy_number(char out[VOICE_NUMBER_MAX + 1], struct span text)
{
    size_t n = 0;
    for (size_t i = 0; i < text.n && n < VOICE_NUMBER_MAX; i++) {
        bool plus = text.p[i] == '+' && n == 0;
        if (plus || voice_is_digit(text.p[i])) {
            out[n++] = ascii_upper((char)text.p[i]);
        }
    }
    out[n] = '\0';
}

struct call *voice_new(struct modem *m, bool incoming, const char *number)
{
    struct call *c = voice_in_state(m, CALL_FREE);
    if (c != NULL) {
        *c = (struct call){ .m = m, .incoming = incoming, .outside = true };
        voice_copy_number(c->number, span_str(number));
    }
    return c;
}

/* A party of a conference that is left alone is in no conference. */
static void forget(struct call *c)
{
    struct modem *m = c->m;
    timer_stop(&c->timer);
    *c = (struct call){ .m = m };
    for (size_t i = 0; i < VOICE_CALLS; i++) {
        m->voice.call[i].multiparty = false;
    }
    if (voice_in_state(m, CALL_INCOMING) == NULL) {
        timer_stop(&m->voice.ring_timer);
        ri_ring_end(m);
    }
    m->voice.pcm = m->voice.pcm && voice_in_state(m, CALL_ACTIVE) != NULL;
}

/* --- states --- */

void voice_enter(struct call *c, enum call_state state)
{
    static const char *const names[] = { "free",     "active",   "held",    "dialing",
                                         "alerting", "incoming", "waiting", "ended" };
    struct modem *m = c->m;
    int id = (int)(c - m->voice.call) + 1;
    c->state = state;
    trace_emit(m->trace, "call", TRACE_NUM("id", id), TRACE_STR("state", names[state]),
               TRACE_STR("number", c->number));
    if (m->set.clcc == 1) {
        const char *number = voice_shown_number(c);
        urc_clcc(m, id, c->incoming ? 1 : 0, (int)state - 1, c->multiparty ? 1 : 0, number,
                 voice_number_type(number, c->incoming));
    }
}

void voice_time(const struct call *c, char out[VOICE_TIME_MAX])
{
    out[0] = '\0';
    if (c->state == CALL_ACTIVE || c->state == CALL_HELD) {
        uint64_t s = (sched_now(c->m->sched) - c->begun) / 1000;
        (void)snprintf(out, VOICE_TIME_MAX, ": %02u%02u%02u", (unsigned)(s / 3600 % 100),
                       (unsigned)(s / 60 % 60), (unsigned)(s % 60));
    }
}

bool voice_post(const struct call *c, enum exchange_what what, int32_t number)
{
    struct exchange_message msg = { .what = what, .number = number };
    msg.call = c->incoming ? -c->reference : c->reference;
    size_t n = strlen(c->number);
    if (n >= sizeof msg.to) {
        return false; /* longer than any number of the exchange */
    }
    memcpy(msg.from, c->m->number, strlen(c->m->number));
    memcpy(msg.to, c->number, n);
    return exchange_post(c->m->cfg.exchange, &msg);
}

void voice_tell_peer(const struct call *c, enum exchange_what what, int32_t number)
{
    if (!c->outside) {
        (void)voice_post(c, what, number);
    }
}

/* --- the end --- */

/* "hh:mmAM" by the modem's clock. */
static void clock_12h(const struct modem *m, char *out, size_t size)
{
    char stamp[48]; /* yy/MM/dd,hh:mm:ss+zz */
    clock_stamp(m, stamp, sizeof stamp);
    int hour = (stamp[9] - '0') * 10 + (stamp[10] - '0');
    (void)snprintf(out, size, "%02d:%.2s%s", hour % 12 == 0 ? 12 : hour % 12, stamp + 12,
                   hour < 12 ? "AM" : "PM");
}

static enum at_code code_of(enum call_cause cause)
{
    return cause == CAUSE_BUSY        ? AT_CODE_BUSY
           : cause == CAUSE_NO_ANSWER ? AT_CODE_NO_ANSWER
                                      : AT_CODE_NO_CARRIER;
}

/* The caller gave up. Beside a call that goes on there is no NO CARRIER. */
static void missed(struct modem *m, bool rang, const char *number)
{
    char time[12];
    clock_12h(m, time, sizeof time);
    if (rang) {
        at_urc_code(m->ch, AT_CODE_NO_CARRIER);
    }
    urc_missed_call(m, time, number);
    phonebook_note(m, PB_MC, number, voice_number_type(number, true));
}

void voice_released(struct call *c, enum call_cause cause)
{
    struct modem *m = c->m;
    const struct call was = *c;
    bool awaited = m->voice.awaited == c && at_parked(m->ch, m->voice.dial_ticket);
    bool answered = was.state == CALL_ACTIVE || was.state == CALL_HELD;
    char time[VOICE_TIME_MAX];
    voice_time(c, time);
    m->voice.cause = cause;
    m->voice.awaited = NULL;
    voice_enter(c, CALL_ENDED);
    forget(c);
    if (awaited) {
        at_info(m->ch, "VOICE CALL: END%s", time);
        (void)at_finish(m->ch, m->voice.dial_ticket, AT_CODE(code_of(cause)));
    } else if (was.state == CALL_INCOMING || was.state == CALL_WAITING) {
        missed(m, was.state == CALL_INCOMING, voice_shown_number(&was));
    } else {
        urc_voice_end(m, time);
        at_urc_code(m->ch, answered ? AT_CODE_NO_CARRIER : code_of(cause));
    }
    voice_let_waiting_ring(m);
}

void voice_hang_up(struct call *c)
{
    struct modem *m = c->m;
    bool refused = c->state == CALL_INCOMING || c->state == CALL_WAITING;
    voice_tell_peer(c, EXCHANGE_RELEASE, refused ? CAUSE_BUSY : CAUSE_NORMAL); /* 22.030 6.5.5.1 */
    m->voice.cause = CAUSE_NORMAL;
    m->voice.awaited = NULL;
    voice_enter(c, CALL_ENDED);
    forget(c);
}

void voice_end_all(struct modem *m)
{
    for (unsigned n = voice_count(m); n > 0; n--) {
        struct call *c = voice_any(m);
        if (c != NULL) {
            voice_tell_peer(c, EXCHANGE_RELEASE, CAUSE_OUT_OF_ORDER);
            voice_released(c, CAUSE_OUT_OF_ORDER);
        }
    }
}

bool voice_served(const struct modem *m)
{
    enum reg_state s = radio_cs(m);
    return m->power == POWER_ON && (s == REG_HOME || s == REG_ROAMING);
}

void voice_service_changed(struct modem *m)
{
    if (!voice_served(m)) {
        voice_end_all(m);
    }
}

/* --- life --- */

void voice_init(struct modem *m)
{
    for (size_t i = 0; i < VOICE_CALLS; i++) {
        m->voice.call[i].m = m;
    }
}

/* Without a word here; the other ends learn of it from the network. */
void voice_reset(struct modem *m)
{
    struct voice *v = &m->voice;
    for (size_t i = 0; i < VOICE_CALLS; i++) {
        if (v->call[i].state != CALL_FREE) {
            voice_tell_peer(&v->call[i], EXCHANGE_RELEASE, CAUSE_OUT_OF_ORDER);
            forget(&v->call[i]);
        }
    }
    timer_stop(&v->ring_timer);
    timer_stop(&v->service_timer);
    timer_stop(&v->data_timer);
    v->awaited = NULL;
    v->cause = CAUSE_NONE;
    v->pcm = false;
    m->set.ccwa = 0;
}
