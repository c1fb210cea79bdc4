/* The AT channel: runs command lines. Bytes come in with at_chan_rx, bytes for the UART pile up in
 * at_chan_tx. Between the two it reads lines (V.250 5.2), finds rows, checks arguments and
 * preconditions, calls handlers, collects the data behind a prompt, and holds what comes unasked
 * until it disturbs nobody.
 *
 * It owns no descriptor and no clock, and runs to completion: handlers return verdicts, and
 * everything that happens later comes back through at_finish, at_late_result or at_urc. */
#ifndef SIM_AT_CHAN_H
#define SIM_AT_CHAN_H

#include "base/sched.h"
#include "sim/at/cmd.h"
#include "sim/at/out.h"

/* How this firmware treats lines; filled from the profile. */
struct at_rules {
    size_t line_max;          /* characters behind AT (general-commands.md A6) */
    unsigned commands_max;    /* commands in one line */
    bool unquoted_strings;    /* strings without quotes are accepted */
    bool echo_data;           /* data behind a prompt is echoed under E1 */
    bool test_colon;          /* '=?' of the rows marked AT_ROW_NO_COLON prints the colon */
    bool echo_junk;           /* under E1 what stands outside a command line is echoed, too */
    bool input_dropped;       /* input is lost while a command waits, instead of queued */
    bool abort_ok;            /* an aborted command ends with OK instead of ERROR */
    bool urc_while_pending;   /* URCs may come between echo and final result of a pending command */
    uint32_t urc_guard_ms;    /* distance of a URC from the final result before it */
    uint32_t typing_hold_ms;  /* a line begun but not continued for so long holds URCs no more */
    uint32_t data_timeout_ms; /* 0: data entry waits for ever */
    struct span prompt;
    struct span text_prompt; /* of commands whose text ends with Ctrl-Z */
    schema_ranges ranges;
    unsigned offered; /* variants of keyed commands this firmware has */
};

struct at_chan_cfg {
    struct at_index *index; /* counts what its rows answer */
    struct at_rules rules;
    struct at_settings *settings; /* first member of the struct that settings rows are bound to */
    struct sched *sched;
    const struct trace *trace;           /* may be NULL */
    void *owner;                         /* for handlers: at_owner() */
    void (*tx_ready)(void *owner);       /* at_chan_tx has become non-empty */
    void (*store_settings)(void *owner); /* a row with AT_SET_AUTO was set; may be NULL */
    /* Asked before a command that may run, in any form but '=?', is carried out, and once more
     * ('data') when the bytes behind its prompt are complete. True: *ret is its result instead. May
     * be NULL. */
    bool (*instead)(struct at_chan *ch, const struct at_call *call, bool data,
                    struct at_result *ret);
    /* Asked for each unit that comes by itself, but late results. True: the owner has taken it, and
     * at_urc_past brings it when it wants to. May be NULL. */
    bool (*urc)(void *owner, struct span unit);
    /* A line has gone out that is no answer: one that came by itself, a late result, one behind a
     * final result. May be NULL. */
    void (*line_out)(void *owner);
};

/* Everything given must outlive the channel. */
struct at_chan *at_chan_new(const struct at_chan_cfg *cfg);
void at_chan_free(struct at_chan **chp);

/* Back to the state after power-on: half lines, pending commands and held units are gone. Settings
 * are the owner's. Not from inside a handler. */
void at_chan_reset(struct at_chan *ch);

/* What the channel is at: nothing, a line that has begun, data behind a prompt, a command that is
 * not done. The last two have a command, and data still wants 'ret_missing' bytes (0: Ctrl-Z). */
enum at_doing { AT_DOES_NOTHING, AT_READS_LINE, AT_READS_DATA, AT_WAITS };

enum at_doing at_doing(const struct at_chan *ch, const char **ret_command, size_t *ret_missing);

/* Bytes that go out here and now, in the middle of whatever they meet. */
void at_raw(struct at_chan *ch, struct span bytes);

/* While mute (power off, booting) input is lost and nothing is written; held units are dropped. */
void at_chan_mute(struct at_chan *ch, bool mute);

/* Room for input; at_chan_rx drops what is beyond it. */
size_t at_chan_rx_room(const struct at_chan *ch);
void at_chan_rx(struct at_chan *ch, struct span bytes);
struct span at_chan_tx(const struct at_chan *ch);
void at_chan_tx_done(struct at_chan *ch, size_t n);

/* --- for handlers and services --- */

void *at_owner(const struct at_chan *ch);
const struct at_rules *at_rules(const struct at_chan *ch);

/* Adds a line to the answer of the running command; several lines form one unit. */
void at_info(struct at_chan *ch, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The same for text that holds a secret: the trace shows 'traced' instead. */
void at_info_secret(struct at_chan *ch, struct span text, struct span traced);

/* What is added from here on is a unit of its own: the next message of CMGL. */
void at_next_unit(struct at_chan *ch);

/* A line that goes out directly after the final result of this command line. */
void at_after(struct at_chan *ch, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Parks the running command; the handler then returns AT_PENDING. */
uint32_t at_park(struct at_chan *ch);
/* True while the command with this ticket waits. Lines for its answer may only be added then. */
bool at_parked(const struct at_chan *ch, uint32_t ticket);
/* Ends a parked command and resumes the rest of its line. False: the ticket is stale, nothing
 * happens. */
bool at_finish(struct at_chan *ch, uint32_t ticket, struct at_result result);

/* For a command that 'instead' parked: carries it out after all. False: the ticket is stale. */
bool at_carry_out(struct at_chan *ch, uint32_t ticket);

/* No command runs, and no line has been begun. */
bool at_idle(const struct at_chan *ch);

/* Lets go what is held back, here and now: between the echo of the running command and its answer,
 * where real modems put URCs too (general-commands.md A13). For a command that the host would
 * misunderstand without. */
void at_release(struct at_chan *ch);

/* The result line of a command whose OK is long out. */
void at_late_result(struct at_chan *ch, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Unsolicited result codes: a framed line, or a complete unit as it stands (message blocks). */
void at_urc_line(struct at_chan *ch, const char *text);
void at_urc_text(struct at_chan *ch, struct span text); /* lines separated by CR LF, any bytes */
void at_urc_unit(struct at_chan *ch, struct span unit);
void at_urc_past(struct at_chan *ch, struct span unit); /* the same, without asking cfg.urc */

/* A result code that comes by itself: RING, NO CARRIER. Numeric under V0, nothing under Q1. */
void at_urc_code(struct at_chan *ch, enum at_code code);
/* The final result of a command that a character ended early (general-commands.md A12). */
struct at_result at_aborted(const struct at_chan *ch);

/* Appends the values of a setting as its read form prints them; and takes them back from such text.
 * False: the text is not within the row's schema, nothing changed. */
void at_setting_text(const struct at_chan *ch, const struct at_cmd *row, struct buf *out);
bool at_setting_load(struct at_chan *ch, const struct at_cmd *row, struct span text);

/* Factory values of the settings rows with one of 'flags' (0: of all). */
void at_settings_default(struct at_chan *ch, const struct at_table *table, unsigned flags);

#endif
