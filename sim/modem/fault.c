#include "sim/modem/fault.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"

#define SHOWN 64 /* of what somebody wrote, in an error */

const char *const fault_hook_names[FAULT_HOOKS] = { [FAULT_COMMAND] = "command" };

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

static const struct fault_row *find_row(struct span name, char *error, size_t size)
{
    for (size_t i = 0; i < fault_rows_n; i++) {
        if (span_eq(name, span_str(fault_rows[i].name))) {
            return &fault_rows[i];
        }
    }
    struct buf text;
    buf_init(&text, size);
    (void)buf_addf(&text, "there is no fault '%.*s'; known:", shown(name), (const char *)name.p);
    for (size_t i = 0; i < fault_rows_n; i++) {
        (void)buf_addf(&text, "%s %s", i == 0 ? "" : ",", fault_rows[i].name);
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
    for (unsigned i = 0; i < gone->row->n_params; i++) {
        free(gone->text[i]);
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

/* A copy of the fault's own of what its value points to. */
static void own_text(struct fault *fault, unsigned i)
{
    struct span *text = &fault->value[i].str;
    if (text->n == 0) {
        *text = (struct span){ NULL, 0 };
        return;
    }
    fault->text[i] = xcalloc(1, text->n);
    memcpy(fault->text[i], text->p, text->n);
    text->p = fault->text[i];
}

struct fault *faults_arm(struct faults *f, const struct fault_order *order, char *error,
                         size_t error_size)
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
    struct fault *new = xcalloc(1, sizeof *new);
    new->row = row;
    new->number = ++f->last;
    new->left = order->count;
    for (unsigned i = 0; i < row->n_params; i++) {
        new->value[i] = value[i];
        own_text(new, i);
    }
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

struct fault *faults_next(const struct faults *f, unsigned row, const struct fault *after)
{
    struct fault *at = after == NULL ? f->head : after->next;
    while (at != NULL && (at->row != &fault_rows[row] || at->left == 0)) {
        at = at->next;
    }
    return at;
}

void fault_fire(struct fault *fault)
{
    CHECK(fault->left > 0);
    fault->left--;
    fault->fired++;
}
