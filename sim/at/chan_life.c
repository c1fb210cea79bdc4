/* The beginning, the reset and the end of a channel, and what it is at in between. */
#include <stdlib.h>

#include "sim/at/chan_int.h"

/* --- life --- */

void *at_owner(const struct at_chan *ch)
{
    return ch->cfg.owner;
}

const struct at_rules *at_rules(const struct at_chan *ch)
{
    return &ch->cfg.rules;
}

struct at_chan *at_chan_new(const struct at_chan_cfg *cfg)
{
    struct at_chan *ch = xcalloc(1, sizeof *ch);
    ch->cfg = *cfg;
    out_init(&ch->out, cfg->settings, cfg->trace);
    line_init(&ch->line, cfg->rules.line_max);
    ch->line.echo_junk = cfg->rules.echo_junk;
    buf_init(&ch->in, CHAN_IN_MAX);
    buf_init(&ch->body, cfg->rules.line_max);
    buf_init(&ch->info, CHAN_ANSWER_MAX);
    buf_init(&ch->traced, CHAN_ANSWER_MAX);
    buf_init(&ch->after, CHAN_ANSWER_MAX);
    return ch;
}

void at_chan_reset(struct at_chan *ch)
{
    timer_stop(&ch->hold_timer);
    timer_stop(&ch->limit_timer);
    line_reset(&ch->line);
    out_forget(&ch->out);
    buf_wipe(&ch->data);
    buf_clear(&ch->in);
    buf_clear(&ch->info);
    buf_clear(&ch->traced);
    buf_clear(&ch->after);
    ch->rest = (struct span){ NULL, 0 };
    ch->state = CHAN_LINE;
    ch->ticket++;
}

void at_chan_mute(struct at_chan *ch, bool mute)
{
    ch->mute = mute;
    if (mute) {
        at_chan_reset(ch);
    }
}

void at_chan_free(struct at_chan **chp)
{
    struct at_chan *ch = *chp;
    if (ch == NULL) {
        return;
    }
    at_chan_reset(ch);
    out_fini(&ch->out);
    line_fini(&ch->line);
    buf_wipe(&ch->in);
    buf_wipe(&ch->body);
    buf_fini(&ch->info);
    buf_fini(&ch->traced);
    buf_fini(&ch->after);
    free(ch);
    *chp = NULL;
}

/* --- what it is at --- */

enum at_doing at_doing(const struct at_chan *ch, const char **ret_command, size_t *ret_missing)
{
    if (ch->state == CHAN_LINE) {
        return line_open(&ch->line) || ch->in.n > 0 ? AT_READS_LINE : AT_DOES_NOTHING;
    }
    *ret_command = ch->call.cmd == NULL ? NULL : ch->call.cmd->name;
    if (ch->state == CHAN_DATA) {
        *ret_missing = ch->data_text ? 0 : ch->data_need - ch->data.n;
        return AT_READS_DATA;
    }
    return AT_WAITS;
}

bool at_idle(const struct at_chan *ch)
{
    return ch->state == CHAN_LINE && !line_open(&ch->line) && ch->in.n == 0;
}
