#include "sim/modem/fault.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"

#define SHOWN 64 /* of what somebody wrote, in an error */

const char *const fault_hook_names[FAULT_HOOKS] = {
    [FAULT_UART] = "uart", [FAULT_COMMAND] = "command", [FAULT_URC] = "urc",
    [FAULT_LINK] = "link", [FAULT_MQTT] = "mqtt",       [FAULT_MODEM] = "modem",
};

/* A text that a fault owns; all of them go with it. */
struct fault_text {
    struct fault_text *next;
    uint8_t bytes[];
};

/* --- checking what somebody wrote --- */

static bool say_wrong(char *error, size_t size, const struct buf *text)
{
    (void)snprintf(error, size, "%.*s", (int)text->n, (const char *)text->p);
    return false;
}

static int shown(struct span s)
{
    return (int)(s.n < SHOWN ? s.n : SHOWN);
}

static void add_takes(const struct param *p, struct buf *out)
{
    if (p->type == PARAM_STR) {
        (void)buf_addf(out, "text of %d to %d bytes", (int)p->lo, (int)p->hi);
    } else if (p->type == PARAM_INT) {
        (void)buf_addf(out, "a whole number from %d to %d", (int)p->lo, (int)p->hi);
    } else {
        for (int32_t n = 0; schema_word(p, n).n > 0; n++) {
            struct span word = schema_word(p, n);
            (void)buf_addf(out, "%s%.*s", n == 0 ? "" : ", ", (int)word.n, (const char *)word.p);
        }
    }
}

static bool wrong_param(const struct fault_row *row, const struct param *p, const char *what,
                        char *error, size_t size)
{
    struct buf text;
    buf_init(&text, size);
    (void)buf_addf(&text, "%s: parameter '%s' %s ", row->name, p->name, what);
    add_takes(p, &text);
    (void)say_wrong(error, size, &text);
    buf_fini(&text);
    return false;
}

/* The part of a name before the point. */
static struct span family(struct span name)
{
    const uint8_t *point = name.n == 0 ? NULL : memchr(name.p, '.', name.n);
    return span_of(name.p, point == NULL ? 0 : (size_t)(point - name.p));
}

static const struct fault_row *find_row(struct span name, char *error, size_t size)
{
    struct buf text;
    buf_init(&text, size);
    (void)buf_addf(&text, "there is no fault '%.*s'; sim7600 --dump faults lists all", shown(name),
                   (const char *)name.p);
    const char *before = ", of these:";
    for (size_t t = 0; t < fault_tables_n; t++) {
        for (size_t i = 0; i < fault_tables[t]->n; i++) {
            const struct fault_row *row = &fault_tables[t]->rows[i];
            struct span known = span_str(row->name);
            if (span_eq(name, known)) {
                buf_fini(&text);
                return row;
            }
            if (family(name).n > 0 && span_eq(family(name), family(known))) {
                (void)buf_addf(&text, "%s %s", before, row->name);
                before = ",";
            }
        }
    }
    (void)say_wrong(error, size, &text);
    buf_fini(&text);
    return NULL;
}

static bool known_params(const struct fault_row *row, const struct fault_arg *args, size_t n,
                         char *error, size_t size)
{
    for (size_t a = 0; a < n; a++) {
        bool known = false;
        for (unsigned i = 0; i < row->n_params; i++) {
            known = known || span_eq(args[a].name, span_str(row->params[i].name));
        }
        if (!known) {
            struct buf text;
            buf_init(&text, size);
            (void)buf_addf(&text, "%s: unknown parameter '%.*s'; it takes", row->name,
                           shown(args[a].name), (const char *)args[a].name.p);
            for (unsigned i = 0; i < row->n_params; i++) {
                (void)buf_addf(&text, "%s %s", i == 0 ? "" : ",", row->params[i].name);
            }
            (void)say_wrong(error, size, &text);
            buf_fini(&text);
            return false;
        }
    }
    return true;
}

static bool take(const struct param *p, const struct fault_arg *arg, struct value *ret)
{
    *ret = (struct value){ .present = true, .quoted = !arg->is_number };
    if (arg->is_number != (p->type == PARAM_INT)) {
        return false;
    }
    if (arg->is_number) {
        ret->num = arg->num;
    } else {
        ret->str = arg->text;
        ret->num = p->type == PARAM_WORD ? schema_word_place(p, arg->text) : 0;
    }
    return schema_in_range(p, NULL, ret);
}

static bool take_all(const struct fault_row *row, const struct fault_arg *args, size_t n,
                     struct value *ret, char *error, size_t size)
{
    if (!known_params(row, args, n, error, size)) {
        return false;
    }
    for (unsigned i = 0; i < row->n_params; i++) {
        const struct param *p = &row->params[i];
        const struct fault_arg *given = NULL;
        for (size_t a = 0; a < n; a++) {
            given = span_eq(args[a].name, span_str(p->name)) ? &args[a] : given;
        }
        ret[i] = (struct value){ .num = p->def };
        if (given == NULL && (p->flags & PARAM_OPTIONAL) == 0) {
            return wrong_param(row, p, "is missing; it takes", error, size);
        }
        if (given != NULL && !take(p, given, &ret[i])) {
            return wrong_param(row, p, "takes", error, size);
        }
    }
    return row->check == NULL || row->check(ret, error, size);
}

/* --- the list --- */

static void forget(struct fault **at)
{
    struct fault *gone = *at;
    *at = gone->next;
    for (struct fault_text *t = gone->texts; t != NULL;) {
        struct fault_text *next = t->next;
        free(t);
        t = next;
    }
    free(gone);
}

/* Room for one more; the oldest one that has done its part makes it. */
static bool make_room(struct faults *f)
{
    size_t n = 0;
    struct fault **spent = NULL;
    for (struct fault **at = &f->head; *at != NULL; at = &(*at)->next) {
        n++;
        spent = spent == NULL && (*at)->left == 0 ? at : spent;
    }
    if (n < FAULTS_MAX) {
        return true;
    }
    if (spent != NULL) {
        forget(spent);
    }
    return spent != NULL;
}

/* A copy of the fault's own of what a text points to. */
static void own(struct fault *fault, struct span *text)
{
    if (text->n == 0) {
        *text = (struct span){ NULL, 0 };
        return;
    }
    struct fault_text *t = xcalloc(1, sizeof *t + text->n);
    memcpy(t->bytes, text->p, text->n);
    t->next = fault->texts;
    fault->texts = t;
    text->p = t->bytes;
}

static void own_event(struct fault *fault, struct fault_event *ret, const struct fault_event *given)
{
    *ret = *given;
    own(fault, &ret->name);
    for (size_t i = 0; i < ret->n; i++) {
        own(fault, &ret->field[i].name);
        own(fault, &ret->field[i].text);
    }
}

static void wake(struct fault *f)
{
    f->awake = true;
    f->bytes = 0;
    f->passed = 0;
}

static bool acts_by_itself(const struct fault *f)
{
    return f->row->act != NULL && (f->row->acts == NULL || f->row->acts(f));
}

static uint32_t at_least_one(uint32_t n)
{
    return n > 0 ? n : 1;
}

static struct fault *make(const struct fault_row *row, const struct fault_order *order,
                          const struct value *value)
{
    struct fault *new = xcalloc(1, sizeof *new);
    new->row = row;
    new->for_ever = order->count == 0;
    new->left = at_least_one(order->count);
    new->nth = at_least_one(order->nth);
    new->when_nth = at_least_one(order->when_nth);
    new->chance = order->chance == 0 ? 100 : order->chance;
    for (unsigned i = 0; i < row->n_params; i++) {
        new->value[i] = value[i];
        own(new, &new->value[i].str);
    }
    own_event(new, &new->when, &order->when);
    own_event(new, &new->until, &order->until);
    if (new->when.name.n == 0) {
        wake(new);
        new->acts = acts_by_itself(new);
    }
    return new;
}

struct fault *faults_arm(struct faults *f, const struct fault_order *order, uint32_t seed,
                         char *error, size_t error_size)
{
    struct value value[FAULT_PARAMS_MAX] = { { 0 } };
    const struct fault_row *row = find_row(order->name, error, error_size);
    if (row == NULL || !take_all(row, order->args, order->n, value, error, error_size)) {
        return NULL;
    }
    if (!make_room(f)) {
        (void)snprintf(error, error_size, "%d faults are armed already; clear one first",
                       FAULTS_MAX);
        return NULL;
    }
    struct fault *new = make(row, order, value);
    new->number = ++f->last;
    new->seed = new->random = order->has_seed ? order->seed : seed + new->number;
    struct fault **at = &f->head;
    while (*at != NULL) {
        at = &(*at)->next;
    }
    *at = new;
    return new;
}

bool faults_clear(struct faults *f, uint32_t number)
{
    bool found = number == 0;
    for (struct fault **at = &f->head; *at != NULL;) {
        if (number == 0 || (*at)->number == number) {
            forget(at);
            found = true;
        } else {
            at = &(*at)->next;
        }
    }
    return found;
}

/* --- when it strikes --- */

/* '*' stands for any bytes. */
static bool text_fits(struct span pattern, struct span text)
{
    size_t p = 0;
    size_t t = 0;
    size_t star = SIZE_MAX; /* the last '*', and how much of the text it has taken */
    size_t taken = 0;
    while (t < text.n) {
        if (p < pattern.n && pattern.p[p] == '*') {
            star = p++;
            taken = t;
        } else if (p < pattern.n && pattern.p[p] == text.p[t]) {
            p++;
            t++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            t = ++taken;
        } else {
            return false;
        }
    }
    while (p < pattern.n && pattern.p[p] == '*') {
        p++;
    }
    return p == pattern.n;
}

static bool field_fits(const struct fault_arg *wanted, const struct trace_field *fields, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!span_eq(wanted->name, span_str(fields[i].name))) {
            continue;
        }
        return fields[i].type == TRACE_INT
                   ? wanted->is_number && fields[i].num == wanted->num
                   : !wanted->is_number && text_fits(wanted->text, fields[i].text);
    }
    return false;
}

static bool event_fits(const struct fault_event *wanted, const char *event,
                       const struct trace_field *fields, size_t n)
{
    if (wanted->name.n == 0 || !span_eq(wanted->name, span_str(event))) {
        return false;
    }
    for (size_t i = 0; i < wanted->n; i++) {
        if (!field_fits(&wanted->field[i], fields, n)) {
            return false;
        }
    }
    return true;
}

bool faults_see(struct faults *f, const char *event, const struct trace_field *fields, size_t n)
{
    bool acts = false;
    if (strcmp(event, "fault") == 0) {
        return false; /* a fault is no reason for another one */
    }
    for (struct fault *at = f->head; at != NULL; at = at->next) {
        if (at->left > 0 && at->awake && event_fits(&at->until, event, fields, n)) {
            at->awake = false;
        }
        if (at->left == 0 || !event_fits(&at->when, event, fields, n) ||
            ++at->when_seen < at->when_nth) {
            continue;
        }
        if (!at->awake) {
            wake(at);
        }
        at->acts = acts_by_itself(at);
        acts = acts || at->acts;
    }
    return acts;
}

struct fault *fault_ready(const struct faults *f, const struct fault_row *row,
                          const struct fault *after)
{
    struct fault *at = after == NULL ? f->head : after->next;
    while (at != NULL && (at->row != row || at->left == 0 || !at->awake)) {
        at = at->next;
    }
    return at;
}

bool faults_armed(const struct faults *f, enum fault_hook hook)
{
    const struct fault *at = f->head;
    while (at != NULL && (at->row->hook != hook || (at->left == 0 && at->run == 0))) {
        at = at->next;
    }
    return at != NULL;
}

/* A linear congruential generator: the same seed gives the same run, on every machine. */
static uint32_t next_percent(struct fault *f)
{
    f->random = f->random * 1664525U + 1013904223U;
    return (f->random >> 8) % 100;
}

bool fault_turn(struct fault *f)
{
    CHECK(f->left > 0);
    if (++f->passed < f->nth || (f->chance < 100 && next_percent(f) >= f->chance)) {
        return false;
    }
    f->left -= f->for_ever ? 0 : 1;
    f->fired++;
    return true;
}

/* --- for people --- */

struct span fault_word(const struct fault *f, unsigned param)
{
    const struct param *p = &f->row->params[param];
    return p->type == PARAM_WORD ? schema_word(p, f->value[param].num) : f->value[param].str;
}

void fault_parameters(const struct fault *f, struct buf *out)
{
    for (unsigned i = 0; i < f->row->n_params; i++) {
        const struct param *p = &f->row->params[i];
        if (!f->value[i].present) {
            continue;
        }
        (void)buf_addf(out, "%s%s=", out->n == 0 ? "" : " ", p->name);
        if (p->type == PARAM_INT) {
            (void)buf_addf(out, "%d", (int)f->value[i].num);
        } else {
            (void)buf_add(out, fault_word(f, i));
        }
    }
}
