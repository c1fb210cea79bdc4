/* The verbs of the control socket that look at one modem, or work its port and its time. */
#include "sim/modem/modem.h"

#include "base/check.h"
#include "sim/host/control_verbs.h"
#include "sim/host/trace_ring.h"
#include "sim/modem/fault.h"

#define STATE_JSON ((size_t)512 * 1024)

static bool add_state(const struct control_modem *m, cJSON *to)
{
    struct buf text;
    buf_init(&text, STATE_JSON);
    modem_state_json(m->modem, &text);
    cJSON *state = cJSON_ParseWithLength((const char *)text.p, text.n);
    buf_fini(&text);
    CHECK(state != NULL);
    (void)cJSON_AddStringToObject(state, "name", m->name);
    (void)cJSON_AddStringToObject(state, "path", m->path);
    (void)cJSON_AddStringToObject(state, "profile", m->profile);
    return cJSON_AddItemToObject(to, "state", state);
}

bool control_state(const struct control_request *r, cJSON *answer, struct reason *why)
{
    (void)why;
    return add_state(r->modem, answer);
}

/* --- what the client is sent --- */

bool control_urc(const struct control_request *r, cJSON *answer, struct reason *why)
{
    (void)answer;
    trace_emit(r->modem->trace, "control", TRACE_STR("verb", "urc"),
               TRACE_SPAN("text", r->value[1].str));
    return modem_urc(r->modem->modem, r->value[1].str) ||
           reason_set(why, "urc: %s is off or still booting; 'power' switches it on",
                      r->modem->name);
}

bool control_raw(const struct control_request *r, cJSON *answer, struct reason *why)
{
    struct buf bytes;
    (void)answer;
    (void)why;
    buf_init(&bytes, r->value[1].str.n + 1);
    fault_bytes(r->value[1].str, &bytes);
    trace_emit(r->modem->trace, "control", TRACE_STR("verb", "raw"),
               TRACE_NUM("length", (int64_t)bytes.n));
    modem_raw(r->modem->modem, buf_span(&bytes));
    buf_fini(&bytes);
    return true;
}

bool control_time(const struct control_request *r, cJSON *answer, struct reason *why)
{
    (void)answer;
    (void)why;
    trace_emit(r->modem->trace, "control", TRACE_STR("verb", "time"),
               TRACE_NUM("percent", r->value[1].num));
    modem_time(r->modem->modem, r->value[1].num);
    return true;
}

/* --- the lines beside the bytes --- */

static void add_line(cJSON *to, const char *name, bool on)
{
    (void)cJSON_AddStringToObject(to, name, on ? "on" : "off");
}

bool control_lines(const struct control_request *r, cJSON *answer, struct reason *why)
{
    const struct value *dtr = &r->value[1];
    const struct value *rts = &r->value[2];
    struct modem *m = r->modem->modem;
    struct modem_lines now = modem_lines(m);
    (void)why;
    if (dtr->present || rts->present) {
        modem_set_lines(m, dtr->present ? dtr->num != 0 : now.dtr,
                        rts->present ? rts->num != 0 : now.rts);
        now = modem_lines(m);
        trace_emit(r->modem->trace, "control", TRACE_STR("verb", "lines"),
                   TRACE_NUM("dtr", now.dtr), TRACE_NUM("rts", now.rts));
    }
    add_line(answer, "dtr", now.dtr);
    add_line(answer, "rts", now.rts);
    add_line(answer, "dcd", now.dcd);
    add_line(answer, "ri", now.ri);
    return true;
}

/* --- coverage --- */

struct coverage {
    cJSON *hit, *never;
};

static void add_row(void *arg, const char *command, const char *form, const char *verdict,
                    uint32_t count)
{
    const struct coverage *c = arg;
    if (form == NULL) {
        (void)cJSON_AddItemToArray(c->never, cJSON_CreateString(command));
        return;
    }
    cJSON *one = cJSON_CreateObject();
    (void)cJSON_AddStringToObject(one, "command", command);
    (void)cJSON_AddStringToObject(one, "form", form);
    (void)cJSON_AddStringToObject(one, "verdict", verdict);
    (void)cJSON_AddNumberToObject(one, "count", count);
    (void)cJSON_AddItemToArray(c->hit, one);
}

bool control_coverage(const struct control_request *r, cJSON *answer, struct reason *why)
{
    struct coverage c = { cJSON_AddArrayToObject(answer, "hit"),
                          cJSON_AddArrayToObject(answer, "never") };
    (void)why;
    modem_coverage(r->modem->modem, add_row, &c);
    return true;
}

/* --- all of it at once --- */

bool control_snapshot(const struct control_request *r, cJSON *answer, struct reason *why)
{
    struct control_request part = *r;
    part.value[0] = r->value[1]; /* 'last', where 'trace' has it */
    (void)cJSON_AddStringToObject(answer, "version", r->facts->version);
    bool ok = add_state(r->modem, answer) && control_get(r, answer, why);
    control_keys_hide(cJSON_GetObjectItemCaseSensitive(answer, "keys"));
    return ok && control_faults(r, answer, why) && control_coverage(r, answer, why) &&
           control_trace(&part, answer, why);
}

/* --- the verbs themselves --- */

static const char *type_of(const struct control_field *f)
{
    switch (f->kind) {
    case CONTROL_MODEM:
        return "modem";
    case CONTROL_LIST:
        return "list";
    case CONTROL_OBJECT:
        return "object";
    default:
        return f->param.type == PARAM_INT    ? "number"
               : f->param.type == PARAM_WORD ? "word"
                                             : "string";
    }
}

static void add_field_words(const struct param *p, cJSON *to)
{
    cJSON *words = cJSON_AddArrayToObject(to, "words");
    for (int32_t n = 0; schema_word(p, n).n > 0; n++) {
        char word[32];
        struct span s = schema_word(p, n);
        CHECK(s.n < sizeof word);
        memcpy(word, s.p, s.n);
        word[s.n] = '\0';
        (void)cJSON_AddItemToArray(words, cJSON_CreateString(word));
    }
}

static cJSON *field_json(const struct control_field *f)
{
    const struct param *p = &f->param;
    cJSON *one = cJSON_CreateObject();
    (void)cJSON_AddStringToObject(one, "name", p->name);
    (void)cJSON_AddStringToObject(one, "type", type_of(f));
    (void)cJSON_AddBoolToObject(one, "optional", (p->flags & PARAM_OPTIONAL) != 0);
    if (f->kind == CONTROL_PARAM && p->type == PARAM_WORD) {
        add_field_words(p, one);
    } else if (f->kind == CONTROL_PARAM) {
        (void)cJSON_AddNumberToObject(one, "low", p->lo);
        (void)cJSON_AddNumberToObject(one, "high", p->hi);
    }
    (void)cJSON_AddStringToObject(one, "doc", p->doc);
    return one;
}

static void add_faults(cJSON *to)
{
    cJSON *faults = cJSON_AddArrayToObject(to, "faults");
    for (size_t t = 0; t < fault_tables_n; t++) {
        for (size_t i = 0; i < fault_tables[t]->n; i++) {
            const struct fault_row *row = &fault_tables[t]->rows[i];
            cJSON *one = cJSON_CreateObject();
            (void)cJSON_AddStringToObject(one, "name", row->name);
            cJSON *parameters = cJSON_AddArrayToObject(one, "parameters");
            for (unsigned k = 0; k < row->n_params; k++) {
                (void)cJSON_AddItemToArray(parameters, cJSON_CreateString(row->params[k].name));
            }
            (void)cJSON_AddItemToArray(faults, one);
        }
    }
}

bool control_schema(const struct control_request *r, cJSON *answer, struct reason *why)
{
    cJSON *verbs = cJSON_AddArrayToObject(answer, "verbs");
    (void)r;
    (void)why;
    for (size_t i = 0; i < control_verbs_n; i++) {
        const struct control_verb *v = &control_verbs[i];
        cJSON *one = cJSON_CreateObject();
        (void)cJSON_AddStringToObject(one, "verb", v->name);
        cJSON *fields = cJSON_AddArrayToObject(one, "fields");
        for (size_t k = 0; k < CONTROL_FIELDS_MAX && v->field[k].kind != CONTROL_NONE; k++) {
            (void)cJSON_AddItemToArray(fields, field_json(&v->field[k]));
        }
        (void)cJSON_AddStringToObject(one, "doc", v->doc);
        (void)cJSON_AddItemToArray(verbs, one);
    }
    add_faults(answer);
    return true;
}
