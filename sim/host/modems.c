#include "sim/host/modems.h"

#include <stdlib.h>

#include "base/check.h"

const struct control_modem *modems_open(struct modems *ms, const struct profile *profile,
                                        const char *link, bool added, struct reason *why)
{
    if (ms->n == OPTIONS_MODEMS_MAX) {
        (void)reason_set(why, "there are %d modems already; remove one first", OPTIONS_MODEMS_MAX);
        return NULL;
    }
    struct instance *in = xcalloc(1, sizeof *in);
    const struct instance_spec spec = {
        .index = ms->next, .profile = profile, .link = link, .added = added
    };
    if (!instance_open(in, ms->env, ms->o, &spec, why)) {
        instance_close(in);
        in->next = ms->gone;
        ms->gone = in;
        return NULL;
    }
    ms->next++;
    struct control_modem *m = &ms->name[ms->n];
    ms->instance[ms->n++] = in;
    *m = (struct control_modem){
        .name = in->name,
        .number = in->index,
        .path = in->ready_path,
        .profile = modem_profile(in->modem)->name,
        .modem = in->modem,
        .trace = &in->trace.trace,
    };
    return m;
}

void modems_close(struct modems *ms, const struct control_modem *m)
{
    size_t i = (size_t)(m - ms->name);
    CHECK(i < ms->n);
    struct instance *in = ms->instance[i];
    instance_close(in);
    in->next = ms->gone;
    ms->gone = in;
    ms->n--;
    for (; i < ms->n; i++) {
        ms->instance[i] = ms->instance[i + 1];
        ms->name[i] = ms->name[i + 1];
    }
}

void modems_close_all(struct modems *ms)
{
    while (ms->n > 0) {
        modems_close(ms, &ms->name[ms->n - 1]);
    }
}

void modems_free(struct modems *ms)
{
    while (ms->gone != NULL) {
        struct instance *in = ms->gone;
        ms->gone = in->next;
        free(in);
    }
}
