/* The inside of the AT channel, shared by the files that make it up: chan.c (lines, input,
 * tickets), dispatch.c (one command), chan_out.c (answers and what comes unasked). Not for anybody
 * else. */
#ifndef SIM_AT_CHAN_INT_H
#define SIM_AT_CHAN_INT_H

#include "sim/at/chan.h"
#include "sim/at/lex.h"
#include "sim/at/line.h"

#define CHAN_IN_MAX        (64U * 1024)
#define CHAN_ANSWER_MAX    (640U * 1024) /* the largest file and what stands around it */
#define CHAN_TX_HIGH_WATER (32U * 1024)  /* above: no input is taken and no URC is released */

enum chan_state {
    CHAN_LINE,    /* waits for a command line, or is inside one */
    CHAN_RUNNING, /* a handler is at work: what comes unasked waits for the final result */
    CHAN_DATA,    /* collects data behind a prompt */
    CHAN_PARKED,  /* a command waits for at_finish */
};

struct at_chan {
    struct at_chan_cfg cfg;
    struct out out;
    struct line line;
    enum chan_state state;
    bool mute;
    struct buf in;

    struct buf body;  /* the running line without its spaces; call and rest point into it */
    struct span rest; /* commands still to run */
    struct at_call call;
    struct buf info, traced; /* answer of the running command, and what the trace shows of it */
    struct buf after;        /* framed lines that follow the final result */

    struct buf data;
    size_t data_need;
    bool data_text; /* it ends with Ctrl-Z, and may be shorter */
    bool data_lf;   /* a LF may still come that belongs to the command's CR */
    bool wary;      /* key material came last: see redact.h */
    uint64_t line_end_at;

    uint32_t ticket;
    at_fn *put_off; /* the handler of a command that waits for at_carry_out; NULL: a setting */
    uint64_t guard_until, typed_at;
    struct timer hold_timer, limit_timer;
};

#define CHAN_OF(timer_ptr, member)                                                                 \
    ((struct at_chan *)(void *)((char *)(timer_ptr)-offsetof(struct at_chan, member)))

/* Traces the line that begins now, without its secrets. */
void chan_trace_line(struct at_chan *ch);

/* Traces what the host sent before it could have seen the answer: behind the line that begins now,
 * behind its data, or while a command is parked. Line ends do not count. */
void chan_trace_early(const struct at_chan *ch, struct span bytes);

/* Runs one command of a line: finds the row, checks, calls the handler. The answer is in ch->info.
 */
struct at_result chan_run_word(struct at_chan *ch, const struct at_word *w);

/* True when something else happens instead of the running command: see at_chan_cfg.instead. */
bool chan_instead(struct at_chan *ch, bool data, struct at_result *ret);

/* Carries the running command out at last, whatever 'instead' would say. */
struct at_result chan_carry_out(struct at_chan *ch);

/* Tells the owner that a line which is no answer has gone out. */
void chan_line_out(const struct at_chan *ch);

/* Hands the collected answer to the UART as one unit. */
void chan_flush_info(struct at_chan *ch);

/* Releases what may go out now, arms the timer for what must wait, and tells the owner about
 * output. */
void chan_settle(struct at_chan *ch);

#endif
