/* The command-line reader (V.250 5.2; general-commands.md A2, A3, A6, A7): bytes in, complete
 * bodies out, echo on the way. It waits for the prefix AT in any case, ignores what stands before
 * it, edits with S5, ends a line with S3, and swallows the one LF that terminals send behind the
 * CR. */
#ifndef SIM_AT_LINE_H
#define SIM_AT_LINE_H

#include "sim/at/out.h"

enum line_state { LINE_HUNT, LINE_GOT_A, LINE_BODY };

enum line_event {
    LINE_MORE,  /* nothing to do yet */
    LINE_READY, /* body and overlong describe a complete line */
};

struct line {
    enum line_state state;
    struct buf body; /* characters behind AT; after A/ the body of the last line again */
    bool overlong;   /* more than the limit came: the line must be answered with ERROR */
    bool echo_junk;  /* what stands outside a command line is echoed, too */
    bool lf_follows; /* the last byte was the terminator: one LF is dropped */
    size_t max;
};

void line_init(struct line *l, size_t max);
void line_fini(struct line *l);
void line_reset(struct line *l);

/* Takes one byte; echoes it to 'out' as E says. */
enum line_event line_feed(struct line *l, uint8_t byte, struct out *out);

/* True while a line has begun and its terminator is missing. */
static inline bool line_open(const struct line *l)
{
    return l->state != LINE_HUNT;
}

#endif
