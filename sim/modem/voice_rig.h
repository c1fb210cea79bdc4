/* Voice calls in the tests: the lines they are made of, somebody outside, and two modems of one
 * process. For tests only. */
#ifndef SIM_MODEM_VOICE_RIG_H
#define SIM_MODEM_VOICE_RIG_H

#include "sim/modem/modem_rig.h"

#define BEGIN      LN("VOICE CALL: BEGIN")
#define END(time)  LN("VOICE CALL: END: " time)
#define UNANSWERED LN("VOICE CALL: END")
#define NO_CARRIER LN("NO CARRIER")
#define RING       LN("RING")
#define BOOT       LN("RDY") LN("+CPIN: READY") LN("SMS DONE") LN("PB DONE")

/* Long enough behind the last result. */
static inline void voice_comes(struct rig *r, const char *from)
{
    rig_pass(r, 20);
    modem_call(r->m, from);
    rig_read(r);
}

static inline void voice_gone(struct rig *r)
{
    modem_call_end(r->m);
    rig_read(r);
}

/* An active call that we have made. */
static inline void voice_talk(struct rig *r, const char *profile)
{
    rig_start_quiet(r, profile);
    SAY(r, "ATD10011;\r", OKAY);
    PASS(r, 5000, BEGIN);
}

/* --- two modems: +12025550100 and +12025550101 --- */

struct pair {
    struct rig a, b;
};

static inline void pair_start(struct pair *p, const char *profile_a, const char *profile_b)
{
    rig_start(&p->a, profile_a);
    rig_start_beside(&p->b, &p->a, profile_b);
    SAY(&p->a, "ATE0\r", "ATE0\r" OKAY);
    SAY(&p->b, "ATE0\r", "ATE0\r" OKAY);
    rig_pass(&p->a, 20);
}

static inline void pair_end(struct pair *p)
{
    rig_end(&p->b);
    rig_end(&p->a);
}

/* Lets time pass; both must write exactly this in it. */
#define BOTH(p, ms, want_a, want_b)                                                                \
    (rig_pass(&(p)->a, (ms)), SAID(&(p)->a, want_a), SAID(&(p)->b, want_b))

#endif
