/* The verbs 'script', and 'add' and 'remove': what changes with time, and which modems there are.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"
#include "sim/host/control_verbs.h"
#include "sim/modem/modem.h"
#include "sim/modem/profile.h"

#define AFTER_MAX  86400000 /* ms */
#define STEPS_MAX  1000
#define KEYS_BYTES ((size_t)64 * 1024)

/* --- scripts --- */

struct script {
    struct script *next;
    struct control_scripts *all;
    struct modem *modem;
    const struct trace *trace;
    cJSON *steps;
    const cJSON *step; /* the next one */
    int32_t left;      /* rounds, this one included */
    bool for_ever;
    struct timer timer;
};

struct control_scripts {
    struct sched *sched;
    struct script *head;
};

struct control_scripts *control_scripts_new(struct sched *s)
{
    struct control_scripts *all = xcalloc(1, sizeof *all);
    all->sched = s;
    return all;
}

/* Ends the scripts of a modem; NULL: of all. */
static void end_scripts(struct control_scripts *all, const struct modem *m)
{
    for (struct script **at = &all->head; *at != NULL;) {
        struct script *one = *at;
        if (m != NULL && one->modem != m) {
            at = &one->next;
            continue;
        }
        *at = one->next;
        timer_stop(&one->timer);
        cJSON_Delete(one->steps);
        free(one);
    }
}

void control_scripts_free(struct control_scripts **sp)
{
    if (*sp != NULL) {
        end_scripts(*sp, NULL);
        free(*sp);
        *sp = NULL;
    }
}

static const cJSON *member(const cJSON *step, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(step, name);
}

static void wait_for_step(struct script *s);

static void step_due(struct timer *t)
{
    struct script *s = (struct script *)(void *)((char *)t - offsetof(struct script, timer));
    control_keys_set(s->modem, s->trace, member(s->step, "keys"));
    s->step = s->step->next;
    if (s->step == NULL && (s->for_ever || --s->left > 0)) {
        s->step = s->steps->child;
    }
    if (s->step != NULL) {
        wait_for_step(s);
        return;
    }
    end_scripts(s->all, s->modem);
}

static void wait_for_step(struct script *s)
{
    timer_arm(s->all->sched, &s->timer, (uint64_t)member(s->step, "after_ms")->valueint, step_due);
}

/* A step has after_ms and keys and nothing else, and its keys fit what those before made. */
static bool check_step(const cJSON *step, int n, struct profile *tried, struct reason *why)
{
    const cJSON *after = member(step, "after_ms");
    const cJSON *keys = member(step, "keys");
    if (!cJSON_IsNumber(after) || (double)after->valueint != after->valuedouble ||
        after->valueint < 0 || after->valueint > AFTER_MAX) {
        return reason_set(why,
                          "script: step %d: field 'after_ms' takes a whole number from 0 to %d", n,
                          AFTER_MAX);
    }
    if (!cJSON_IsObject(keys) || keys->child == NULL || cJSON_GetArraySize(step) != 2) {
        return reason_set(why, "script: step %d takes after_ms and keys, an object", n);
    }
    char verb[32];
    (void)snprintf(verb, sizeof verb, "script: step %d", n);
    return control_keys_try(tried, keys, verb, why);
}

static bool check_steps(const cJSON *steps, int32_t repeat, const struct modem *m,
                        struct reason *why)
{
    struct profile tried;
    const cJSON *step = NULL;
    int n = 0;
    int total = 0;
    profile_copy(&tried, modem_profile(m));
    cJSON_ArrayForEach(step, steps)
    {
        if (++n > STEPS_MAX) {
            return reason_set(why, "script: field 'steps' takes at most %d steps", STEPS_MAX);
        }
        if (!check_step(step, n, &tried, why)) {
            return false;
        }
        total += member(step, "after_ms")->valueint > 0 ? 1 : 0;
    }
    return repeat == 1 || total > 0 ||
           reason_set(why, "script: one that repeats must have a step with after_ms above 0");
}

bool control_script(const struct control_request *r, cJSON *answer, struct reason *why)
{
    const cJSON *steps = r->object[1];
    int32_t repeat = r->value[2].num;
    (void)answer;
    if (steps != NULL && !check_steps(steps, repeat, r->modem->modem, why)) {
        return false;
    }
    end_scripts(r->facts->scripts, r->modem->modem);
    trace_emit(r->modem->trace, "control", TRACE_STR("verb", "script"),
               TRACE_NUM("steps", steps == NULL ? 0 : cJSON_GetArraySize(steps)));
    if (steps == NULL) {
        return true;
    }
    struct script *s = xcalloc(1, sizeof *s);
    s->all = r->facts->scripts;
    s->modem = r->modem->modem;
    s->trace = r->modem->trace;
    s->steps = cJSON_Duplicate(steps, true);
    CHECK(s->steps != NULL);
    s->step = s->steps->child;
    s->left = repeat;
    s->for_ever = repeat == 0;
    s->next = s->all->head;
    s->all->head = s;
    wait_for_step(s);
    return true;
}

/* --- modems that come and go --- */

bool control_add(const struct control_request *r, cJSON *answer, struct reason *why)
{
    const struct value *link = &r->value[0];
    const struct value *profile = &r->value[1];
    struct buf keys;
    if (r->facts->host.add == NULL) {
        return reason_set(why, "add: not possible here");
    }
    buf_init(&keys, KEYS_BYTES);
    const struct control_modem *m = NULL;
    if (control_keys_text(r->object[2], "add", &keys, why)) {
        m = r->facts->host.add(r->facts->host.ctx, link->present ? (const char *)link->str.p : NULL,
                               profile->present ? (const char *)profile->str.p : NULL,
                               buf_span(&keys), why);
    }
    buf_fini(&keys);
    if (m != NULL) {
        (void)cJSON_AddStringToObject(answer, "name", m->name);
        (void)cJSON_AddStringToObject(answer, "path", m->path);
    }
    return m != NULL;
}

bool control_remove(const struct control_request *r, cJSON *answer, struct reason *why)
{
    (void)answer;
    if (r->facts->host.remove == NULL) {
        return reason_set(why, "remove: not possible here");
    }
    end_scripts(r->facts->scripts, r->modem->modem);
    return r->facts->host.remove(r->facts->host.ctx, r->modem, why);
}
