/* What the trace tells of a channel's input. */
#include "sim/at/chan_int.h"
#include "sim/at/redact.h"

void chan_trace_line(struct at_chan *ch)
{
    if (!trace_on(ch->cfg.trace)) {
        ch->wary = false; /* nothing is shown, so nothing has to be hidden */
        return;
    }
    struct buf text;
    buf_init(&text, CHAN_ANSWER_MAX);
    if (redact_line(ch->cfg.index, buf_span(&ch->body), ch->wary, &text)) {
        ch->wary = false;
    }
    trace_emit(ch->cfg.trace, "at", TRACE_STR("from", "host"), TRACE_SPAN("text", buf_span(&text)));
    buf_fini(&text);
}

void chan_trace_early(const struct at_chan *ch, struct span bytes)
{
    size_t i = 0;
    while (i < bytes.n && (bytes.p[i] == '\r' || bytes.p[i] == '\n' || bytes.p[i] == '\0')) {
        i++;
    }
    if (i < bytes.n) {
        trace_emit(ch->cfg.trace, "at.early", TRACE_NUM("length", (int64_t)(bytes.n - i)));
    }
}
