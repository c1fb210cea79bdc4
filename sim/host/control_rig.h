/* Two modems behind a control socket, for its tests. Only for them. */
#ifndef SIM_HOST_CONTROL_RIG_H
#define SIM_HOST_CONTROL_RIG_H

#include "base/check.h"
#include "sim/host/control.h"
#include "sim/modem/modem_rig.h"

/* Two modems of one process; a fresh pair for every test. */
struct pair {
    struct rig rig[2];
    struct control_modem modems[2];
    struct control_facts facts; /* of both; the tests of one modem look at the first only */
};

static inline void pair_start(struct pair *p)
{
    static const char *const names[] = { "modem0", "modem1" };
    static const char *const paths[] = { "/run/a\"b", "tcp:h:1" };
    static const char *const profiles[] = { "sim7600", "x" };
    for (size_t i = 0; i < 2; i++) {
        rig_start(&p->rig[i], "");
        p->modems[i] = (struct control_modem){
            .name = names[i],
            .path = paths[i],
            .profile = profiles[i],
            .number = (unsigned)i,
            .modem = p->rig[i].m,
            .trace = &p->rig[i].trace,
        };
    }
    p->facts = (struct control_facts){ .version = "1.2.3",
                                       .modems = p->modems,
                                       .n = 2,
                                       .scripts = control_scripts_new(&p->rig[0].sched) };
}

static inline void pair_end(struct pair *p)
{
    control_scripts_free(&p->facts.scripts);
    rig_end(&p->rig[0]);
    rig_end(&p->rig[1]);
}

/* ` stands for ". */
static inline void quote(char *text)
{
    for (; *text != '\0'; text++) {
        *text = (char)(*text == '`' ? '"' : *text);
    }
}

/* Asks, and demands an answer that begins so, or exactly this one. In both, ` stands for ". */
static inline void ask_for(const struct control_facts *f, const char *request, const char *answer,
                           bool all)
{
    char text[2][600];
    struct buf out;
    (void)snprintf(text[0], sizeof text[0], "%s", request);
    (void)snprintf(text[1], sizeof text[1], "%s%s", answer, all ? "\n" : "");
    quote(text[0]);
    quote(text[1]);
    buf_init(&out, CONTROL_LINE_MAX);
    struct control_subscription subscription = { .active = false };
    control_answer(f, span_str(text[0]), &subscription, &out);
    if (!span_has_prefix(buf_span(&out), span_str(text[1])) || (all && out.n != strlen(text[1]))) {
        fail_msg("%s gave %.*s", text[0], (int)out.n, (const char *)out.p);
    }
    buf_fini(&out);
}

static inline void ask(const struct control_facts *f, const char *request, const char *answer)
{
    ask_for(f, request, answer, true);
}

#endif
