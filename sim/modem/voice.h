/* Voice calls: the current calls of 27.007, their states, and what is heard of them at the port
 * (general-commands.md B4.8). The other end of a call is a modem of the same process, reached over
 * the exchange, or somebody outside, whom the key callee and the modem_call functions play. Part of
 * struct modem. */
#ifndef SIM_MODEM_VOICE_H
#define SIM_MODEM_VOICE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/sched.h"
#include "base/span.h"
#include "sim/at/cmd.h"

#define VOICE_CALLS      2  /* one that is talked to, one held or waiting */
#define VOICE_NUMBER_MAX 40 /* digits, as in the phonebook */

struct exchange_message;
struct modem;

/* In the order of <stat> of CLCC, which is one less. */
enum call_state {
    CALL_FREE,
    CALL_ACTIVE,
    CALL_HELD,
    CALL_DIALING,
    CALL_ALERTING,
    CALL_INCOMING,
    CALL_WAITING,
    CALL_ENDED, /* only told, with CLCC=1 */
};

/* Causes of 24.008 10.5.4.11. */
enum call_cause {
    CAUSE_NONE = 0,
    CAUSE_UNASSIGNED = 1,
    CAUSE_NORMAL = 16,
    CAUSE_BUSY = 17,
    CAUSE_NO_ANSWER = 19,
    CAUSE_OUT_OF_ORDER = 27,
};

struct call {
    struct modem *m;
    enum call_state state;
    bool incoming;
    bool multiparty;
    bool withheld;     /* the other side hides its number, or we ours */
    bool outside;      /* the other end is no modem of this process, or not known yet */
    int32_t reference; /* of the call on the exchange, as its caller chose it */
    char number[VOICE_NUMBER_MAX + 1];
    unsigned rings;
    uint64_t begun; /* ms of the scheduler when it was answered */
    struct timer timer;
};

struct voice {
    struct call call[VOICE_CALLS]; /* <id> of CLCC is the place + 1 */
    int32_t next_reference;
    enum call_cause cause; /* of the last release, for CEER */
    struct timer ring_timer;
    bool pcm; /* CPCMREG */

    bool waiting_service; /* the network's, CCWA: no power-off of ours changes it */
    struct timer service_timer;
    uint32_t service_ticket; /* CCWA or CCFC asks the network */

    struct call *awaited; /* ATD waits for this call to be answered (COLP=1) */
    struct timer data_timer;
    uint32_t dial_ticket; /* of that ATD, or of one that begins a data call */
};

void voice_init(struct modem *m);
void voice_reset(struct modem *m);

/* Arms a timer for how long a telephone rings. Other than the delays of the network that never
 * takes no time at all: under time_percent 0 it would ring without end, and nobody could answer. */
void voice_ring_after(struct modem *m, struct timer *t, int32_t ms, timer_fn *fn);

/* A message of the exchange for us. */
void voice_deliver(struct modem *m, const struct exchange_message *msg);

/* The circuit domain serves us: calls are possible. */
bool voice_served(const struct modem *m);
/* The registration has changed: calls end where there is no service any more. */
void voice_service_changed(struct modem *m);
/* All calls end, with their lines: the farewell of a reset. */
void voice_end_all(struct modem *m);

/* The call in that state, or NULL. */
struct call *voice_in_state(struct modem *m, enum call_state state);
/* How many there are in all. */
unsigned voice_count(const struct modem *m);
/* One of them, a waiting one before the others; NULL: there is none. */
struct call *voice_any(struct modem *m);

/* Begins a call; an active one is held. NULL: as things are none can be made. */
struct call *voice_dial(struct modem *m, const char *number, bool withheld);
/* Takes an incoming or waiting call, without its BEGIN line. */
void voice_accept(struct call *c);
/* Ends a call from our side, without its lines; whether one that waits may ring now is the caller's
 * business. */
void voice_hang_up(struct call *c);
/* Puts an active call on hold, or takes a held one back. */
void voice_hold(struct call *c, bool hold);
/* CHLD: 0-4, or 10 and 20 plus an id. The final result. */
struct at_result voice_chld(struct modem *m, int32_t n);
/* Sends a DTMF tone to the other end of the active calls. */
void voice_tone(struct modem *m, char tone);

/* What numbers and tones are made of. */
static inline bool voice_is_digit(uint8_t c)
{
    return c != 0 && strchr("0123456789*#ABCDabcd", c) != NULL;
}

/* What follows "VOICE CALL: END": nothing, or ": hhmmss" of a call that was answered. */
#define VOICE_TIME_MAX 12
void voice_time(const struct call *c, char out[VOICE_TIME_MAX]);
/* <type> of a number: 145 international, else 129 of one we called, 128 of one that calls. */
int voice_number_type(const char *number, bool incoming);
/* What we know of the other end's number: "" when it is withheld. */
const char *voice_shown_number(const struct call *c);
/* Keeps of 'text' what can be dialled (0-9 * # + A-D), at most VOICE_NUMBER_MAX. */
void voice_copy_number(char out[VOICE_NUMBER_MAX + 1], struct span text);

/* --- voice_dial.c --- */
struct dialled {
    char number[VOICE_NUMBER_MAX + 1];
    bool voice; /* ';' at the end */
    int clir;   /* 'I' 1: hide our number, 'i' 2: show it, 0: as CLIR says */
};

/* Reads the dial string of ATD (V.250 6.3.1, 27.007 6.2-6.4); numbers of the phonebook are looked
 * up. AT_OK, or the final result that says what is wrong with it. */
struct at_result dial_read(struct modem *m, struct span text, struct dialled *ret);

#endif
