#include "sim/at/chan.h"

#include <stdlib.h>

#include "base/check.h"
#include "sim/at/chan_int.h"

#define LF_GRACE_MS    50  /* mqtt-ssl-commands.md 1.2, rule 7 */
#define ABORT_GRACE_MS 125 /* V.250 5.6.1: characters so close to the line do not abort it */
#define CTRL_Z         0x1A
#define ESC            0x1B

static void pump(struct at_chan *ch);

static void final_result(struct at_chan *ch, struct at_result result)
{
    switch (result.verdict) {
    case AT_V_OK:
        out_code(&ch->out, AT_CODE_OK);
        break;
    case AT_V_ERROR:
        out_code(&ch->out, AT_CODE_ERROR);
        break;
    case AT_V_CODE:
        out_code(&ch->out, (enum at_code)result.number);
        break;
    case AT_V_CME:
        out_cme(&ch->out, result.number);
        break;
    case AT_V_CMS:
        out_cms(&ch->out, result.number);
        break;
    case AT_V_NO_RESULT:
    case AT_V_DATA:
    case AT_V_TEXT:
    case AT_V_PENDING:
        break;
    }
}

static void end_of_line(struct at_chan *ch, struct at_result result)
{
    chan_flush_info(ch);
    final_result(ch, result);
    if (ch->after.n > 0) {
        out_raw(&ch->out, buf_span(&ch->after));
        out_traced(&ch->out, buf_span(&ch->after));
        chan_line_out(ch);
        buf_clear(&ch->after);
    }
    ch->rest = (struct span){ NULL, 0 };
    ch->state = CHAN_LINE;
    ch->guard_until = sched_now(ch->cfg.sched) + ch->cfg.rules.urc_guard_ms;
}

/* --- lines --- */

static void limit_due(struct timer *t)
{
    struct at_chan *ch = CHAN_OF(t, limit_timer);
    if (ch->state == CHAN_DATA) {
        buf_wipe(&ch->data);
        end_of_line(ch, AT_ERROR);
        chan_settle(ch);
        pump(ch);
    } else {
        (void)at_finish(ch, ch->ticket, AT_ERROR);
    }
}

static void begin_data(struct at_chan *ch, size_t need, bool text)
{
    chan_flush_info(ch);
    out_raw(&ch->out, text ? ch->cfg.rules.text_prompt : ch->cfg.rules.prompt);
    ch->state = CHAN_DATA;
    ch->data_need = need;
    ch->data_text = text;
    trace_emit(ch->cfg.trace, "at.prompt", TRACE_STR("command", ch->call.cmd->name),
               TRACE_NUM("length", (int64_t)(text ? 0 : need)));
    ch->data_lf = ch->line.lf_follows;
    ch->line.lf_follows = false;
    buf_init(&ch->data, need);
    if (ch->cfg.rules.data_timeout_ms > 0) {
        timer_arm(ch->cfg.sched, &ch->limit_timer, ch->cfg.rules.data_timeout_ms, limit_due);
    }
}

/* Acts on a verdict; true when the next command of the line may run. */
static bool act_on(struct at_chan *ch, struct at_result r)
{
    if (ch->call.cmd != NULL) {
        at_index_hit(ch->cfg.index, ch->call.cmd, ch->call.form, r.verdict);
    }
    switch (r.verdict) {
    case AT_V_OK:
        chan_flush_info(ch);
        return true;
    case AT_V_DATA:
    case AT_V_TEXT:
        begin_data(ch, r.number, r.verdict == AT_V_TEXT);
        return false;
    case AT_V_PENDING:
        ch->state = CHAN_PARKED;
        CHECK(ch->call.cmd != NULL);
        if (ch->call.cmd->limit_ms > 0) {
            timer_arm(ch->cfg.sched, &ch->limit_timer, ch->call.cmd->limit_ms, limit_due);
        }
        return false;
    case AT_V_ERROR:
    case AT_V_CME:
    case AT_V_CMS:
    case AT_V_CODE:
    case AT_V_NO_RESULT:
        break;
    }
    end_of_line(ch, r);
    return false;
}

static void run_line(struct at_chan *ch)
{
    struct at_word w;
    ch->state = CHAN_RUNNING;
    for (;;) {
        int rc = lex_next(&ch->rest, &w);
        if (rc <= 0) {
            end_of_line(ch, rc == 0 ? AT_OK : AT_ERROR);
            return;
        }
        if (!act_on(ch, chan_run_word(ch, &w))) {
            return;
        }
    }
}

static bool too_many_commands(const struct at_chan *ch)
{
    struct span rest = buf_span(&ch->body);
    struct at_word w;
    unsigned n = 0;
    while (lex_next(&rest, &w) > 0) {
        n++;
    }
    return n > ch->cfg.rules.commands_max;
}

static void begin_line(struct at_chan *ch, struct span behind)
{
    ch->line_end_at = sched_now(ch->cfg.sched);
    buf_clear(&ch->body);
    lex_strip(buf_span(&ch->line.body), &ch->body);
    ch->rest = buf_span(&ch->body);
    chan_trace_line(ch);
    chan_trace_early(ch, behind);
    if (ch->line.overlong || too_many_commands(ch)) {
        end_of_line(ch, AT_ERROR);
        return;
    }
    run_line(ch);
}

/* --- input --- */

static void data_complete(struct at_chan *ch, struct span behind)
{
    timer_stop(&ch->limit_timer);
    const struct at_cmd *row = ch->call.cmd;
    bool secret = (row->flags & AT_ROW_SECRET_DATA) != 0;
    trace_emit(ch->cfg.trace, "at.data", TRACE_STR("command", row->name),
               TRACE_NUM("length", (int64_t)ch->data.n),
               TRACE_SPAN("data", secret ? SPAN_LIT("***") : buf_span(&ch->data)));
    chan_trace_early(ch, behind);
    struct buf data = ch->data;
    ch->data = (struct buf){ 0 };
    ch->state = CHAN_RUNNING;
    struct at_result r;
    if (!chan_instead(ch, true, &r)) {
        r = row->data(ch, &ch->call, buf_span(&data));
    }
    if (secret) {
        ch->wary = true;
        buf_wipe(&data);
    } else {
        buf_fini(&data);
    }
    if (act_on(ch, r)) {
        run_line(ch);
    }
}

/* Does the first byte behind the prompt, a LF, still belong to the command's CR
 * (mqtt-ssl-commands.md 1.2, rule 7)? Yes when it was queued behind the CR. One that comes later
 * counts as such for a short while, but not when it comes as the first of exactly the bytes that
 * were announced: then the host has waited for the prompt. */
static bool lf_of_command(const struct at_chan *ch, struct span bytes, bool queued)
{
    if (!ch->data_lf || bytes.p[0] != '\n') {
        return false;
    }
    bool late = sched_now(ch->cfg.sched) - ch->line_end_at > LF_GRACE_MS;
    bool is_data = bytes.n > 1 && bytes.n == ch->data_need;
    return queued || (!late && !is_data);
}

/* The first of these characters, of a text that ends with Ctrl-Z (27.005 3.5.1). */
static void feed_text(struct at_chan *ch, struct span bytes)
{
    uint8_t c = bytes.p[0];
    bool echo = ch->cfg.settings->echo != 0 && ch->cfg.rules.echo_data;
    if (c == CTRL_Z) {
        data_complete(ch, span_from(bytes, 1));
    } else if (c == ESC) {
        timer_stop(&ch->limit_timer);
        buf_wipe(&ch->data);
        end_of_line(ch, AT_OK);
    } else if (c == (uint8_t)ch->cfg.settings->s5) {
        if (ch->data.n > 0) {
            ch->data.n--;
            out_raw(&ch->out, echo ? SPAN_LIT("\b \b") : span_of(NULL, 0));
        }
    } else {
        (void)buf_add_byte(&ch->data, c); /* the row's 'data' sees that it is as long as allowed */
        out_raw(&ch->out, echo ? span_of(&c, 1) : span_of(NULL, 0));
        if (c == '\r') {
            out_raw(&ch->out, ch->cfg.rules.text_prompt);
        }
    }
}

/* Takes bytes behind the prompt; returns how many. 'queued': they came together with the command.
 */
static size_t feed_data(struct at_chan *ch, struct span bytes, bool queued)
{
    bool drop = lf_of_command(ch, bytes, queued);
    ch->data_lf = false;
    if (drop) {
        return 1;
    }
    if (ch->data_text) {
        feed_text(ch, bytes);
        return 1;
    }
    size_t n = bytes.n < ch->data_need - ch->data.n ? bytes.n : ch->data_need - ch->data.n;
    (void)buf_add(&ch->data, span_of(bytes.p, n));
    if (ch->cfg.settings->echo != 0 && ch->cfg.rules.echo_data) {
        out_raw(&ch->out, span_of(bytes.p, n));
    }
    if (ch->data.n == ch->data_need) {
        data_complete(ch, span_from(bytes, n));
    }
    return n;
}

static size_t feed_lines(struct at_chan *ch, struct span bytes)
{
    size_t i = 0;
    while (i < bytes.n && ch->state == CHAN_LINE && ch->out.tx.n <= CHAN_TX_HIGH_WATER) {
        if (line_feed(&ch->line, bytes.p[i++], &ch->out) == LINE_READY) {
            begin_line(ch, span_from(bytes, i));
        }
    }
    ch->typed_at = sched_now(ch->cfg.sched);
    return i;
}

/* Works off the input until a command is parked, or until so much output waits that the rest has to
 * (at_chan_tx_done goes on then). */
static void pump(struct at_chan *ch)
{
    size_t at = 0;
    while (at < ch->in.n && ch->state != CHAN_PARKED && ch->out.tx.n <= CHAN_TX_HIGH_WATER) {
        struct span bytes = span_from(buf_span(&ch->in), at);
        at += ch->state == CHAN_DATA ? feed_data(ch, bytes, at > 0) : feed_lines(ch, bytes);
    }
    /* The LF of the command that is parked now: it must not count as data of a later prompt in the
     * same line. */
    if (ch->state == CHAN_PARKED && ch->line.lf_follows && at < ch->in.n) {
        at += ch->in.p[at] == '\n' ? 1 : 0;
        ch->line.lf_follows = false;
    }
    buf_drop(&ch->in, at);
}

static bool may_abort(const struct at_chan *ch)
{
    return ch->state == CHAN_PARKED && ch->call.cmd->abort != NULL && ch->in.n == 0 &&
           sched_now(ch->cfg.sched) - ch->line_end_at >= ABORT_GRACE_MS;
}

struct at_result at_aborted(const struct at_chan *ch)
{
    return ch->cfg.rules.abort_ok ? AT_OK : AT_ERROR;
}

void at_chan_rx(struct at_chan *ch, struct span bytes)
{
    if (ch->state == CHAN_PARKED && !may_abort(ch)) {
        chan_trace_early(ch, bytes);
    }
    if (ch->mute || (ch->state == CHAN_PARKED && ch->cfg.rules.input_dropped)) {
        return;
    }
    if (may_abort(ch) && bytes.n > 0) {
        struct at_result r = ch->call.cmd->abort(ch, &ch->call);
        (void)at_finish(ch, ch->ticket, r);
        bytes = span_from(bytes, 1); /* the character itself is lost */
    }
    if (!buf_add(&ch->in, bytes)) {
        trace_emit(ch->cfg.trace, "uart.overrun", TRACE_NUM("dropped_bytes", (int64_t)bytes.n));
        return;
    }
    pump(ch);
    chan_settle(ch);
}

size_t at_chan_rx_room(const struct at_chan *ch)
{
    return ch->out.tx.n > CHAN_TX_HIGH_WATER ? 0 : ch->in.cap - ch->in.n;
}

struct span at_chan_tx(const struct at_chan *ch)
{
    return buf_span(&ch->out.tx);
}

void at_chan_tx_done(struct at_chan *ch, size_t n)
{
    buf_drop(&ch->out.tx, n);
    if (ch->out.head != NULL || ch->in.n > 0) {
        pump(ch);
        chan_settle(ch);
    }
}

void at_raw(struct at_chan *ch, struct span bytes)
{
    out_raw(&ch->out, bytes);
    chan_settle(ch);
}

/* --- tickets --- */

uint32_t at_park(struct at_chan *ch)
{
    return ++ch->ticket;
}

bool at_parked(const struct at_chan *ch, uint32_t ticket)
{
    return ch->state == CHAN_PARKED && ticket == ch->ticket;
}

/* The parked command runs again; a second completion is stale. */
static void unpark(struct at_chan *ch)
{
    ch->ticket++;
    timer_stop(&ch->limit_timer);
    ch->state = CHAN_RUNNING;
}

static void go_on_with(struct at_chan *ch, struct at_result result)
{
    if (act_on(ch, result)) {
        run_line(ch);
    }
    pump(ch);
    chan_settle(ch);
}

bool at_finish(struct at_chan *ch, uint32_t ticket, struct at_result result)
{
    if (!at_parked(ch, ticket)) {
        return false;
    }
    unpark(ch);
    go_on_with(ch, result);
    return true;
}

bool at_carry_out(struct at_chan *ch, uint32_t ticket)
{
    if (!at_parked(ch, ticket)) {
        return false;
    }
    unpark(ch);
    go_on_with(ch, chan_carry_out(ch));
    return true;
}
