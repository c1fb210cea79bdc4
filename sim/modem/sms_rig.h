/* Dialogues about messages on the modem rig. For tests only. */
#ifndef SIM_MODEM_SMS_RIG_H
#define SIM_MODEM_SMS_RIG_H

#include "sim/modem/modem_rig.h"

struct step {
    const char *line; /* typed; then 2 s pass */
    struct span want;
};

#define S(line, want)                                                                              \
    {                                                                                              \
        (line), SPAN_LIT(want)                                                                     \
    }

static inline void sms_quiet(struct rig *r)
{
    TYPE(r, "ATE0+CMGF=1\r");
    rig_pass(r, 1000);
    buf_clear(&r->said);
}

/* A modem in text mode, echo off, at 10:34:57 by the network's clock. */
static inline void sms_start(struct rig *r, const char *profile)
{
    rig_start(r, profile);
    sms_quiet(r);
}

static inline void sms_steps(struct rig *r, const struct step *steps, size_t n, int line)
{
    for (size_t i = 0; i < n; i++) {
        rig_type(r, span_str(steps[i].line));
        rig_pass(r, 2000);
        rig_said(r, steps[i].want, steps[i].line, "the steps that end here", line);
    }
}

#define TRY(r, ...)                                                                                \
    sms_steps((r), (const struct step[]){ __VA_ARGS__ },                                           \
              sizeof((const struct step[]){ __VA_ARGS__ }) / sizeof(struct step), __LINE__)

static inline void sms_receive(struct rig *r, const char *from, const char *text)
{
    modem_sms(r->m, from, span_str(text));
    rig_pass(r, 100);
}

struct pair {
    struct rig a, b;
};

/* Two modems of one process, both in text mode, at 10:34:58. */
static inline void both(struct pair *p, const char *profile)
{
    sms_start(&p->a, profile);
    rig_start_beside(&p->b, &p->a, profile);
    sms_quiet(&p->b);
}

static inline void forget(struct rig *r)
{
    rig_read(r);
    buf_clear(&r->said);
}

static inline void end(struct pair *p)
{
    rig_end(&p->b);
    rig_end(&p->a);
}

#endif
