/* The verbs of the control socket about faults (sim/modem/fault.h). */
#include <limits.h>

#include "base/check.h"
#include "sim/host/control_verbs.h"
#include "sim/modem/fault.h"
#include "sim/modem/modem.h"

/* --- a request --- */

/* A member with a text or a whole number. */
static bool take_arg(const cJSON *one, struct fault_arg *ret)
{
    bool number = cJSON_IsNumber(one) && (double)one->valueint == one->valuedouble;
    if (!number && !cJSON_IsString(one)) {
        return false;
    }
    *ret = (struct fault_arg){ .name = span_str(one->string),
                               .is_number = number,
                               .num = number ? one->valueint : 0,
                               .text = span_str(number ? "" : one->valuestring) };
    return true;
}

/* The members of an object as 'what' that 'max' of them may be. */
static bool take_args(const cJSON *given, const char *what, size_t max, struct fault_arg *args,
                      size_t *ret_n, struct reason *why)
{
    size_t n = 0;
    const cJSON *one = NULL;
    cJSON_ArrayForEach(one, given)
    {
        struct fault_arg arg;
        if (!take_arg(one, &arg)) {
            return reason_set(why, "fault: %s '%.60s' takes a string or a whole number", what,
                              one->string);
        }
        if (cJSON_GetObjectItemCaseSensitive(given, one->string) != one || n == max) {
            return reason_set(why, "fault: %s '%.60s' is there twice, or one too many (at most %u)",
                              what, one->string, (unsigned)max);
        }
        args[n++] = arg;
    }
    *ret_n = n;
    return true;
}

/* A member of 'when' (ret_nth not NULL) or 'until': the event's name, its number, or a field. */
static bool take_member(const struct fault_arg *arg, const char *what, struct fault_event *ret,
                        uint32_t *ret_nth, struct reason *why)
{
    if (span_eq(arg->name, SPAN_LIT("event"))) {
        ret->name = arg->text;
        return arg->text.n > 0 ||
               reason_set(why, "fault: field 'event' of '%s' takes the name of an event", what);
    }
    if (ret_nth != NULL && span_eq(arg->name, SPAN_LIT("nth"))) {
        *ret_nth = (uint32_t)arg->num;
        return (arg->is_number && arg->num >= 1 && arg->num <= FAULT_COUNT_MAX) ||
               reason_set(why, "fault: field 'nth' of '%s' takes a whole number from 1 to %d", what,
                          FAULT_COUNT_MAX);
    }
    if (ret->n == FAULT_FIELDS_MAX) {
        return reason_set(why, "fault: '%s' takes at most %d fields of an event", what,
                          FAULT_FIELDS_MAX);
    }
    ret->field[ret->n++] = *arg;
    return true;
}

static bool take_event(const cJSON *given, const char *what, struct fault_event *ret,
                       uint32_t *ret_nth, struct reason *why)
{
    struct fault_arg args[FAULT_FIELDS_MAX + 2];
    size_t n = 0;
    if (given == NULL) {
        return true;
    }
    bool ok = take_args(given, what, ARRAY_LEN(args), args, &n, why);
    for (size_t i = 0; ok && i < n; i++) {
        ok = take_member(&args[i], what, ret, ret_nth, why);
    }
    return ok && (ret->name.n > 0 ||
                  reason_set(why,
                             "fault: '%s' lacks the field 'event', the name of an event of the "
                             "trace",
                             what));
}

bool control_fault(const struct control_request *r, cJSON *answer, struct reason *why)
{
    struct fault_arg args[FAULT_PARAMS_MAX];
    char error[256];
    struct fault_order order = {
        .name = r->value[FAULT_NAME].str,
        .args = args,
        .count = (uint32_t)r->value[FAULT_COUNT].num,
        .nth = (uint32_t)r->value[FAULT_NTH].num,
        .chance = (uint32_t)r->value[FAULT_CHANCE].num,
        .has_seed = r->value[FAULT_SEED].present,
        .seed = (uint32_t)r->value[FAULT_SEED].num,
    };
    if (!take_args(r->object[FAULT_PARAMETERS], "parameter", FAULT_PARAMS_MAX, args, &order.n,
                   why) ||
        !take_event(r->object[FAULT_WHEN], "when", &order.when, &order.when_nth, why) ||
        !take_event(r->object[FAULT_UNTIL], "until", &order.until, NULL, why)) {
        return false;
    }
    if (order.until.name.n > 0 && order.when.name.n == 0) {
        return reason_set(why, "fault: 'until' goes with 'when', which wakes it");
    }
    const struct fault *f = modem_fault(r->modem->modem, &order, error, sizeof error);
    if (f == NULL) {
        return reason_set(why, "fault: %s", error);
    }
    (void)cJSON_AddNumberToObject(answer, "fault", f->number);
    if (f->chance < 100) {
        (void)cJSON_AddNumberToObject(answer, "seed", f->seed);
    }
    return true;
}

/* --- answers --- */

static void add_text(cJSON *object, const char *name, struct span bytes)
{
    struct buf text;
    buf_init(&text, bytes.n + 1);
    (void)buf_add(&text, bytes);
    (void)buf_add_byte(&text, 0);
    (void)cJSON_AddStringToObject(object, name, (const char *)text.p);
    buf_fini(&text);
}

static cJSON *parameters_json(const struct fault *f)
{
    cJSON *parameters = cJSON_CreateObject();
    for (unsigned i = 0; i < f->row->n_params; i++) {
        const struct param *p = &f->row->params[i];
        const struct value *v = &f->value[i];
        if (v->present && p->type == PARAM_INT) {
            (void)cJSON_AddNumberToObject(parameters, p->name, v->num);
        } else if (v->present) {
            add_text(parameters, p->name, v->str);
        }
    }
    return parameters;
}

static void add_event(cJSON *to, const char *what, const struct fault_event *e, uint32_t nth)
{
    if (e->name.n == 0) {
        return;
    }
    cJSON *event = cJSON_AddObjectToObject(to, what);
    add_text(event, "event", e->name);
    for (size_t i = 0; i < e->n; i++) {
        struct buf name;
        buf_init(&name, e->field[i].name.n + 1);
        (void)buf_add(&name, e->field[i].name);
        (void)buf_add_byte(&name, 0);
        if (e->field[i].is_number) {
            (void)cJSON_AddNumberToObject(event, (const char *)name.p, e->field[i].num);
        } else {
            add_text(event, (const char *)name.p, e->field[i].text);
        }
        buf_fini(&name);
    }
    if (nth > 1) {
        (void)cJSON_AddNumberToObject(event, "nth", nth);
    }
}

static cJSON *fault_json(const struct fault *f)
{
    cJSON *one = cJSON_CreateObject();
    (void)cJSON_AddNumberToObject(one, "fault", f->number);
    (void)cJSON_AddStringToObject(one, "name", f->row->name);
    (void)cJSON_AddItemToObject(one, "parameters", parameters_json(f));
    add_event(one, "when", &f->when, f->when_nth);
    add_event(one, "until", &f->until, 1);
    if (f->nth > 1) {
        (void)cJSON_AddNumberToObject(one, "nth", f->nth);
    }
    if (f->chance < 100) {
        (void)cJSON_AddNumberToObject(one, "chance", f->chance);
        (void)cJSON_AddNumberToObject(one, "seed", f->seed);
    }
    (void)cJSON_AddNumberToObject(one, "left", f->for_ever ? -1 : (double)f->left);
    (void)cJSON_AddNumberToObject(one, "fired", f->fired);
    return one;
}

bool control_faults(const struct control_request *r, cJSON *answer, struct reason *why)
{
    cJSON *list = cJSON_AddArrayToObject(answer, "faults");
    (void)why;
    for (const struct fault *f = modem_faults(r->modem->modem); f != NULL; f = f->next) {
        (void)cJSON_AddItemToArray(list, fault_json(f));
    }
    return true;
}

bool control_clear(const struct control_request *r, cJSON *answer, struct reason *why)
{
    (void)answer;
    return modem_fault_clear(r->modem->modem, (uint32_t)r->value[1].num) ||
           reason_set(why, "clear: there is no fault %d; 'faults' lists them",
                      (int)r->value[1].num);
}
