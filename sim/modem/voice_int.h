/* What the files of the voice calls share: voice.c (places, states, ends), voice_out.c (calls that
 * we make), voice_in.c (calls that come, and the other ends). Not for anybody else. */
#ifndef SIM_MODEM_VOICE_INT_H
#define SIM_MODEM_VOICE_INT_H

#include "sim/modem/exchange.h"
#include "sim/modem/modem_int.h"

#define VOICE_RING_OUT_MS 60000 /* nobody answers: the network, or the caller, gives up */

#define CALL_OF(timer_ptr)                                                                         \
    ((struct call *)(void *)((char *)(timer_ptr)-offsetof(struct call, timer)))

/* A place for one more call, with the other end outside; NULL when all are taken. */
struct call *voice_new(struct modem *m, bool incoming, const char *number);

/* Changes the state, which is told under CLCC=1. */
void voice_enter(struct call *c, enum call_state state);

/* Sends the other end a message. False: there is no modem at the other end. */
bool voice_post(const struct call *c, enum exchange_what what, int32_t number);
/* The same for a call that may be with somebody outside, who hears nothing. */
void voice_tell_peer(const struct call *c, enum exchange_what what, int32_t number);

/* A call of ours was answered. */
void voice_answered(struct call *c);

/* The other end or the network has ended a call, with all that is heard of that. */
void voice_released(struct call *c, enum call_cause cause);

/* Once no other call is left, one that waited rings. */
void voice_let_waiting_ring(struct modem *m);

#endif
