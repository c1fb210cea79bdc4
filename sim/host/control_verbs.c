#include "sim/host/control_verbs.h"

#include <stdio.h>

#include "base/check.h"
#include "sim/host/trace_file.h"
#include "sim/host/trace_ring.h"
#include "sim/modem/fault.h"
#include "sim/modem/modem.h"
#include "sim/modem/profile.h"
#include "sim/mqtt/utf8.h"

#define VALUE_MAX    160 /* of one profile key, escapes included */
#define PROFILE_JSON ((size_t)256 * 1024)

static bool answer_version(const struct control_request *r, cJSON *answer, struct reason *why)
{
    (void)why;
    (void)cJSON_AddStringToObject(answer, "version", r->facts->version);
    return true;
}

static bool answer_list(const struct control_request *r, cJSON *answer, struct reason *why)
{
    const struct control_facts *f = r->facts;
    cJSON *modems = cJSON_AddArrayToObject(answer, "modems");
    (void)why;
    for (size_t i = 0; i < f->n; i++) {
        cJSON *m = cJSON_CreateObject();
        (void)cJSON_AddStringToObject(m, "name", f->modems[i].name);
        (void)cJSON_AddStringToObject(m, "path", f->modems[i].path);
        (void)cJSON_AddStringToObject(m, "profile", f->modems[i].profile);
        (void)cJSON_AddItemToArray(modems, m);
    }
    return true;
}

/* --- keys of the profile --- */

/* The value of a key as it would stand in a profile file. */
static bool key_text(const cJSON *key, char *text, size_t size, struct reason *why)
{
    int n = -1;
    if (cJSON_IsString(key)) {
        n = snprintf(text, size, "%s", key->valuestring);
    } else if (cJSON_IsNumber(key) && (double)key->valueint == key->valuedouble) {
        n = snprintf(text, size, "%d", key->valueint);
    } else {
        return reason_set(why, "set: %.60s: takes a string or a whole number", key->string);
    }
    return (size_t)n < size || reason_set(why, "set: %.60s: longer than any value", key->string);
}

/* PINs are in no log. */
static bool is_secret(const char *key)
{
    static const char *const secret[] = { "sim.pin", "sim.puk" };
    bool found = false;
    for (size_t i = 0; i < ARRAY_LEN(secret); i++) {
        found = found || strcmp(key, secret[i]) == 0;
    }
    return found;
}

static void trace_set(const struct trace *t, const char *key, const char *text)
{
    trace_emit(t, "control", TRACE_STR("verb", "set"), TRACE_STR("key", key),
               TRACE_STR("value", is_secret(key) ? "(not shown)" : text));
}

/* All keys are tried on a copy before the first one is changed. */
static bool answer_set(const struct control_request *r, cJSON *answer, struct reason *why)
{
    struct modem *m = r->modem->modem;
    struct profile tried;
    char text[VALUE_MAX];
    char error[256];
    const cJSON *key = NULL;
    (void)answer;
    profile_copy(&tried, modem_profile(m));
    cJSON_ArrayForEach(key, r->object[1])
    {
        if (!key_text(key, text, sizeof text, why)) {
            return false;
        }
        if (!profile_set_live(&tried, span_str(key->string), span_str(text), error, sizeof error)) {
            return reason_set(why, "set: %s", error);
        }
    }
    cJSON_ArrayForEach(key, r->object[1])
    {
        CHECK(key_text(key, text, sizeof text, why));
        trace_set(r->modem->trace, key->string, text);
        CHECK(modem_set(m, span_str(key->string), span_str(text), error, sizeof error));
    }
    return true;
}

static bool answer_get(const struct control_request *r, cJSON *answer, struct reason *why)
{
    struct buf text;
    (void)why;
    buf_init(&text, PROFILE_JSON);
    profile_dump_json(modem_profile(r->modem->modem), &text);
    bool is_text = utf8_valid(buf_span(&text));
    for (size_t i = 0; i < text.n && !is_text; i++) {
        text.p[i] = text.p[i] < 0x80 ? text.p[i] : '?'; /* a profile file may hold any bytes */
    }
    cJSON *keys = cJSON_ParseWithLength((const char *)text.p, text.n);
    buf_fini(&text);
    CHECK(keys != NULL);
    (void)cJSON_AddItemToObject(answer, "keys", keys);
    return true;
}

/* --- pins --- */

static bool answer_power(const struct control_request *r, cJSON *answer, struct reason *why)
{
    static const struct {
        const char *word;
        enum modem_press press;
    } actions[] = { { "key", MODEM_PWRKEY }, { "reset", MODEM_RESET }, { "cut", MODEM_CUT } };

    int32_t n = r->value[1].num;
    (void)answer;
    (void)why;
    trace_emit(r->modem->trace, "control", TRACE_STR("verb", "power"),
               TRACE_STR("action", actions[n].word));
    modem_press(r->modem->modem, actions[n].press);
    return true;
}

/* --- the telephone network --- */

static bool answer_call(const struct control_request *r, cJSON *answer, struct reason *why)
{
    struct modem *m = r->modem->modem;

    static const char *const words[] = { "ring", "end", "answer" };

    enum { RING, END, ANSWER } action = (unsigned)r->value[1].num;
    const struct value *from = &r->value[2];
    (void)answer;
    if (action != RING && from->present) {
        return reason_set(why, "call: field 'from' goes with the action ring only");
    }
    trace_emit(r->modem->trace, "control", TRACE_STR("verb", "call"),
               TRACE_STR("action", words[action]), TRACE_SPAN("from", from->str));
    if (action == RING) {
        modem_call(m, from->present ? (const char *)from->str.p : "");
    } else if (action == END) {
        modem_call_end(m);
    } else {
        modem_call_answer(m);
    }
    return true;
}

static bool answer_sms(const struct control_request *r, cJSON *answer, struct reason *why)
{
    struct span from = r->value[1].str;
    (void)answer;
    (void)why;
    trace_emit(r->modem->trace, "control", TRACE_STR("verb", "sms"), TRACE_SPAN("from", from));
    modem_sms(r->modem->modem, (const char *)from.p, r->value[2].str);
    return true;
}

/* --- the trace --- */

static void add_event(void *arg, uint64_t ms, unsigned modem, const char *event,
                      const struct trace_field *fields, size_t n)
{
    (void)cJSON_AddItemToArray(arg, trace_object(ms, modem, event, fields, n));
}

static bool answer_trace(const struct control_request *r, cJSON *answer, struct reason *why)
{
    cJSON *events = cJSON_AddArrayToObject(answer, "events");
    (void)why;
    if (r->facts->ring != NULL) {
        trace_ring_each(r->facts->ring, (size_t)r->value[0].num, add_event, events);
    }
    return true;
}

/* --- the table --- */

#define MODEM_FIELD                                                                                \
    {                                                                                              \
        CONTROL_MODEM,                                                                             \
        {                                                                                          \
            .name = "modem", .flags = PARAM_OPTIONAL,                                              \
            .doc = "name as in 'list'; may be left out where there is one modem"                   \
        }                                                                                          \
    }

/* clang-format off */
const struct control_verb control_verbs[] = {
    { .name = "list", .doc = "The modems: name, port, profile.", .run = answer_list },
    { .name = "version", .doc = "The emulator's version.", .run = answer_version },
    { .name = "get", .doc = "All keys of the profile with their present values.", .run = answer_get,
      .field = { MODEM_FIELD } },
    { .name = "set", .doc = "Changes keys while the modem runs: all of them, or none and an error.", .run = answer_set,
      .field = { MODEM_FIELD,
                 { CONTROL_OBJECT, { .name = "keys", .doc = "profile keys and their new values" } } } },
    { .name = "power", .doc = "Works a pin: PWRKEY (on or off), RESET, or the supply, which breaks down and is back.", .run = answer_power,
      .field = { MODEM_FIELD,
                 { CONTROL_PARAM, { .name = "action", .type = PARAM_WORD, .list = "\"key\",\"reset\",\"cut\"", .doc = "which" } } } },
    { .name = "call", .doc = "Somebody outside calls the modem, ends the call, or answers the modem's.", .run = answer_call,
      .field = { MODEM_FIELD,
                 { CONTROL_PARAM, { .name = "action", .type = PARAM_WORD, .flags = PARAM_OPTIONAL, .list = "\"ring\",\"end\",\"answer\"", .doc = "ring when left out" } },
                 { CONTROL_PARAM, { .name = "from", .type = PARAM_STR, .flags = PARAM_OPTIONAL, .lo = 1, .hi = 20, .doc = "the caller's number; hidden when left out" } } } },
    { .name = "sms", .doc = "A short message arrives: one, with what fits into it.", .run = answer_sms,
      .field = { MODEM_FIELD,
                 { CONTROL_PARAM, { .name = "from", .type = PARAM_STR, .lo = 1, .hi = 21, .doc = "the sender: a number or a name" } },
                 { CONTROL_PARAM, { .name = "text", .type = PARAM_STR, .lo = 0, .hi = 1000, .doc = "the message" } } } },
    { .name = "fault", .doc = "Arms a fault: the modem does wrong on purpose.", .run = control_fault,
      .field = { MODEM_FIELD,
                 [FAULT_NAME] = { CONTROL_PARAM, { .name = "name", .type = PARAM_STR, .lo = 1, .hi = 64, .doc = "which, of docs/FAULTS.md" } },
                 [FAULT_PARAMETERS] = { CONTROL_OBJECT, { .name = "parameters", .flags = PARAM_OPTIONAL, .doc = "the fault's parameters" } },
                 [FAULT_COUNT] = { CONTROL_PARAM, { .name = "count", .type = PARAM_INT, .flags = PARAM_OPTIONAL, .lo = 0, .hi = FAULT_COUNT_MAX, .def = 1, .doc = "how often it strikes: once when left out, 0 for ever" } },
                 [FAULT_NTH] = { CONTROL_PARAM, { .name = "nth", .type = PARAM_INT, .flags = PARAM_OPTIONAL, .lo = 1, .hi = FAULT_COUNT_MAX, .def = 1, .doc = "the opportunities before this one pass" } },
                 [FAULT_CHANCE] = { CONTROL_PARAM, { .name = "chance", .type = PARAM_INT, .flags = PARAM_OPTIONAL, .lo = 1, .hi = 100, .def = 100, .doc = "percent of the opportunities at which it strikes" } },
                 [FAULT_SEED] = { CONTROL_PARAM, { .name = "seed", .type = PARAM_INT, .flags = PARAM_OPTIONAL, .lo = 0, .hi = INT32_MAX, .doc = "of that chance; the emulator's and the fault's number when left out" } },
                 [FAULT_WHEN] = { CONTROL_OBJECT, { .name = "when", .flags = PARAM_OPTIONAL, .doc = "an event of docs/TRACE.md that wakes it: event, fields, nth" } },
                 [FAULT_UNTIL] = { CONTROL_OBJECT, { .name = "until", .flags = PARAM_OPTIONAL, .doc = "an event at which it sleeps again: event, fields" } } } },
    { .name = "faults", .doc = "The faults of a modem, those that have done their part included.", .run = control_faults,
      .field = { MODEM_FIELD } },
    { .name = "clear", .doc = "Forgets a fault, or all of them.", .run = control_clear,
      .field = { MODEM_FIELD,
                 { CONTROL_PARAM, { .name = "fault", .type = PARAM_INT, .flags = PARAM_OPTIONAL, .lo = 1, .hi = INT32_MAX, .doc = "its number; all when left out" } } } },
    { .name = "subscribe", .doc = "From now on every event comes on this connection as it happens, an object a line.", .run = control_subscribe,
      .field = { { CONTROL_PARAM, { .name = "modem", .type = PARAM_STR, .flags = PARAM_OPTIONAL, .lo = 1, .hi = 32, .doc = "only of this one, a name of 'list'; of all when left out" } },
                 { CONTROL_PARAM, { .name = "last", .type = PARAM_INT, .flags = PARAM_OPTIONAL, .lo = 0, .hi = TRACE_RING_EVENTS, .doc = "so many of the past first" } },
                 { CONTROL_LIST, { .name = "events", .flags = PARAM_OPTIONAL, .doc = "names of events, all when left out" } } } },
    { .name = "trace", .doc = "The latest events of all modems, oldest first.", .run = answer_trace,
      .field = { { CONTROL_PARAM, { .name = "last", .type = PARAM_INT, .flags = PARAM_OPTIONAL, .lo = 1, .hi = TRACE_RING_EVENTS, .def = TRACE_RING_EVENTS, .doc = "how many; all that are kept when left out" } } } },
};
/* clang-format on */

const size_t control_verbs_n = ARRAY_LEN(control_verbs);
