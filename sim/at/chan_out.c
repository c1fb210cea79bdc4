#include <stdarg.h>
#include <stdio.h>

#include "sim/at/chan_int.h"

/* --- output that is not an answer --- */

static bool may_release(struct at_chan *ch, const struct out_unit *u, uint64_t *ret_wait)
{
    uint64_t now = sched_now(ch->cfg.sched);
    *ret_wait = 0;
    if (ch->mute || ch->out.tx.n > CHAN_TX_HIGH_WATER || ch->state == CHAN_DATA ||
        ch->state == CHAN_RUNNING) {
        return false;
    }
    if (ch->state == CHAN_PARKED) {
        return ch->cfg.rules.urc_while_pending && u->class == OUT_URC;
    }
    if (line_open(&ch->line)) {
        uint64_t until = ch->typed_at + ch->cfg.rules.typing_hold_ms;
        *ret_wait = until > now ? until - now : 0;
        return *ret_wait == 0;
    }
    if (u->class == OUT_URC && ch->guard_until > now) {
        *ret_wait = ch->guard_until - now;
        return false;
    }
    return true;
}

void chan_line_out(const struct at_chan *ch)
{
    if (ch->cfg.line_out != NULL) {
        ch->cfg.line_out(ch->cfg.owner);
    }
}

static void release_first(struct at_chan *ch)
{
    out_release(&ch->out);
    chan_line_out(ch);
}

static void release_held(struct at_chan *ch)
{
    uint64_t wait = 0;
    while (ch->out.head != NULL && may_release(ch, ch->out.head, &wait)) {
        release_first(ch);
    }
    if (ch->out.head == NULL || wait == 0) {
        timer_stop(&ch->hold_timer);
    }
}

static void tell_tx(struct at_chan *ch)
{
    if (ch->out.tx.n > 0) {
        ch->cfg.tx_ready(ch->cfg.owner);
    }
}

static void hold_due(struct timer *t);

/* Releases what may go and, when something must wait for a known time, arms the timer for it. */
void chan_settle(struct at_chan *ch)
{
    release_held(ch);
    uint64_t wait = 0;
    if (ch->out.head != NULL && !may_release(ch, ch->out.head, &wait) && wait > 0) {
        timer_arm(ch->cfg.sched, &ch->hold_timer, wait, hold_due);
    }
    tell_tx(ch);
}

static void hold_due(struct timer *t)
{
    chan_settle(CHAN_OF(t, hold_timer));
}

static void hold_past(struct at_chan *ch, enum out_class class, struct span unit)
{
    if (!ch->mute) {
        out_hold(&ch->out, class, unit);
        chan_settle(ch);
    }
}

static void hold_unit(struct at_chan *ch, enum out_class class, struct span unit)
{
    bool asks = class == OUT_URC && ch->cfg.urc != NULL && !ch->mute;
    if (!asks || !ch->cfg.urc(ch->cfg.owner, unit)) {
        hold_past(ch, class, unit);
    }
}

void at_urc_past(struct at_chan *ch, struct span unit)
{
    hold_past(ch, OUT_URC, unit);
}

void at_release(struct at_chan *ch)
{
    while (ch->out.head != NULL) {
        release_first(ch);
    }
    tell_tx(ch);
}

void at_urc_unit(struct at_chan *ch, struct span unit)
{
    hold_unit(ch, OUT_URC, unit);
}

static void hold_framed(struct at_chan *ch, enum out_class class, struct span text)
{
    struct buf unit;
    buf_init(&unit, CHAN_ANSWER_MAX);
    out_frame(&ch->out, text, &unit);
    hold_unit(ch, class, buf_span(&unit));
    buf_fini(&unit);
}

void at_urc_text(struct at_chan *ch, struct span text)
{
    hold_framed(ch, OUT_URC, text);
}

void at_urc_line(struct at_chan *ch, const char *text)
{
    at_urc_text(ch, span_str(text));
}

void at_urc_code(struct at_chan *ch, enum at_code code)
{
    struct buf unit;
    buf_init(&unit, CHAN_ANSWER_MAX);
    out_code_unit(&ch->out, code, &unit);
    if (unit.n > 0) {
        hold_unit(ch, OUT_URC, buf_span(&unit));
    }
    buf_fini(&unit);
}

/* --- answers --- */

void at_info_secret(struct at_chan *ch, struct span text, struct span traced)
{
    if (ch->info.n > 0) {
        (void)buf_add(&ch->info, SPAN_LIT("\r\n"));
        (void)buf_add(&ch->traced, SPAN_LIT("\r\n"));
    }
    (void)buf_add(&ch->info, text);
    (void)buf_add(&ch->traced, traced);
}

/* Formats into a buffer of its own: handlers hand over text of any length. */
#define FORMAT_TO(buffer, fmt)                                                                     \
    do {                                                                                           \
        va_list ap_;                                                                               \
        va_start(ap_, fmt);                                                                        \
        (void)vsnprintf((buffer), sizeof(buffer), (fmt), ap_);                                     \
        va_end(ap_);                                                                               \
    } while (0)

void at_info(struct at_chan *ch, const char *fmt, ...)
{
    char text[2048];
    FORMAT_TO(text, fmt);
    at_info_secret(ch, span_str(text), span_str(text));
}

void at_after(struct at_chan *ch, const char *fmt, ...)
{
    char text[256];
    FORMAT_TO(text, fmt);
    out_frame(&ch->out, span_str(text), &ch->after);
}

void at_late_result(struct at_chan *ch, const char *fmt, ...)
{
    char text[256];
    FORMAT_TO(text, fmt);
    hold_framed(ch, OUT_RESULT, span_str(text));
}

void chan_flush_info(struct at_chan *ch)
{
    if (ch->info.n > 0) {
        out_info(&ch->out, buf_span(&ch->info), buf_span(&ch->traced));
        buf_clear(&ch->info);
        buf_clear(&ch->traced);
    }
}

void at_next_unit(struct at_chan *ch)
{
    chan_flush_info(ch);
}
