#include "sim/host/control_verbs.h"

#include <stdio.h>

#include "base/check.h"
#include "sim/host/trace_file.h"
#include "sim/host/trace_ring.h"
#include "sim/modem/fault.h"
#include "sim/modem/modem.h"
#include "sim/mqtt/utf8.h"

static bool answer_version(const struct control_request *r, cJSON *answer, struct reason *why)
{
    (void)why;
    (void)cJSON_AddStringToObject(answer, "version", r->facts->version);
    (void)cJSON_AddNumberToObject(answer, "control", CONTROL_VERSION);
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

bool control_trace(const struct control_request *r, cJSON *answer, struct reason *why)
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
    { .name = "list", .doc = "The modems: name, port, profile.", .answer = "{\"modems\":[{\"name\":\"modem0\",\"path\":\"…\",\"profile\":\"sim7600\"}]}", .run = answer_list },
    { .name = "add", .doc = "One more modem, on a pty, while the others run.", .answer = "{\"name\":\"modem1\",\"path\":\"…\"}", .run = control_add,
      .field = { { CONTROL_PARAM, { .name = "link", .type = PARAM_STR, .flags = PARAM_OPTIONAL, .lo = 1, .hi = 1000, .doc = "the path of its pty; when left out that of --link with the modem's number" } },
                 { CONTROL_PARAM, { .name = "profile", .type = PARAM_STR, .flags = PARAM_OPTIONAL, .lo = 1, .hi = 1000, .doc = "a built-in profile or a file; that of the others when left out" } },
                 { CONTROL_OBJECT, { .name = "keys", .flags = PARAM_OPTIONAL, .doc = "profile keys and their values" } } } },
    { .name = "remove", .doc = "A modem goes, with its port and its connections; its stored files stay.", .answer = "{}", .run = control_remove,
      .field = { MODEM_FIELD } },
    { .name = "version", .doc = "The emulator's version.", .answer = "{\"version\":\"0.1.0\",\"control\":1}", .run = answer_version },
    { .name = "get", .doc = "All keys of the profile with their present values.", .answer = "{\"keys\":{\"network\":\"home\",\"signal.dbm\":-81,…}}", .run = control_get,
      .field = { MODEM_FIELD } },
    { .name = "set", .doc = "Changes keys while the modem runs: all of them, or none and an error.", .answer = "{}", .run = control_set,
      .field = { MODEM_FIELD,
                 { CONTROL_OBJECT, { .name = "keys", .doc = "profile keys and their new values" } } } },
    { .name = "script", .doc = "Changes keys step by step while time passes: a drive through a tunnel. One script a modem; without steps it ends.", .answer = "{}", .run = control_script,
      .field = { MODEM_FIELD,
                 { CONTROL_LIST, { .name = "steps", .flags = PARAM_OPTIONAL, .doc = "objects with after_ms (0 to 86400000, since the step before) and keys" } },
                 { CONTROL_PARAM, { .name = "repeat", .type = PARAM_INT, .flags = PARAM_OPTIONAL, .lo = 0, .hi = FAULT_COUNT_MAX, .def = 1, .doc = "how often: once when left out, 0 for ever" } } } },
    { .name = "time", .doc = "All modelled times take so many percent from now on; those that run already stay.", .answer = "{}", .run = control_time,
      .field = { MODEM_FIELD,
                 { CONTROL_PARAM, { .name = "percent", .type = PARAM_INT, .lo = 0, .hi = 1000, .doc = "100: as on hardware, 0: at once" } } } },
    { .name = "lines", .doc = "The lines of the UART: DTR and RTS may be set, DCD and RI are the modem's, and no port carries those two. RI is on (low) as AT+CFGRI says, and in the rhythm of a call that rings; the event ri tells each change.", .answer = "{\"dtr\":\"on\",\"rts\":\"on\",\"dcd\":\"on\",\"ri\":\"off\"}", .run = control_lines,
      .field = { MODEM_FIELD,
                 { CONTROL_PARAM, { .name = "dtr", .type = PARAM_WORD, .flags = PARAM_OPTIONAL, .list = "\"off\",\"on\"", .doc = "the client's DTR" } },
                 { CONTROL_PARAM, { .name = "rts", .type = PARAM_WORD, .flags = PARAM_OPTIONAL, .list = "\"off\",\"on\"", .doc = "the client's RTS; off holds the modem's bytes back under AT+IFC=2,2" } } } },
    { .name = "urc", .doc = "A line comes by itself, as if the modem had said it: when no command is under way.", .answer = "{}", .run = control_urc,
      .field = { MODEM_FIELD,
                 { CONTROL_PARAM, { .name = "text", .type = PARAM_STR, .lo = 1, .hi = 1024, .doc = "the line, without its line ends" } } } },
    { .name = "raw", .doc = "Bytes go to the client here and now, in the middle of whatever they meet.", .answer = "{}", .run = control_raw,
      .field = { MODEM_FIELD,
                 { CONTROL_PARAM, { .name = "text", .type = PARAM_STR, .lo = 1, .hi = 16384, .doc = "the bytes; \\xHH one by its number, \\r, \\n, \\\\" } } } },
    { .name = "power", .doc = "Works a pin: PWRKEY (on or off), RESET, or the supply, which breaks down and is back.", .answer = "{}", .run = answer_power,
      .field = { MODEM_FIELD,
                 { CONTROL_PARAM, { .name = "action", .type = PARAM_WORD, .list = "\"key\",\"reset\",\"cut\"", .doc = "which" } } } },
    { .name = "call", .doc = "Somebody outside calls the modem, ends the call, or answers the modem's.", .answer = "{}", .run = answer_call,
      .field = { MODEM_FIELD,
                 { CONTROL_PARAM, { .name = "action", .type = PARAM_WORD, .flags = PARAM_OPTIONAL, .list = "\"ring\",\"end\",\"answer\"", .doc = "ring when left out" } },
                 { CONTROL_PARAM, { .name = "from", .type = PARAM_STR, .flags = PARAM_OPTIONAL, .lo = 1, .hi = 20, .doc = "the caller's number; hidden when left out" } } } },
    { .name = "sms", .doc = "A short message arrives: one, with what fits into it.", .answer = "{}", .run = answer_sms,
      .field = { MODEM_FIELD,
                 { CONTROL_PARAM, { .name = "from", .type = PARAM_STR, .lo = 1, .hi = 21, .doc = "the sender: a number or a name" } },
                 { CONTROL_PARAM, { .name = "text", .type = PARAM_STR, .lo = 0, .hi = 1000, .doc = "the message" } } } },
    { .name = "fault", .doc = "Arms a fault: the modem does wrong on purpose.", .answer = "{\"fault\":1}", .run = control_fault,
      .field = { MODEM_FIELD,
                 [FAULT_NAME] = { CONTROL_PARAM, { .name = "name", .type = PARAM_STR, .lo = 1, .hi = 64, .doc = "which, of docs/FAULTS.md" } },
                 [FAULT_PARAMETERS] = { CONTROL_OBJECT, { .name = "parameters", .flags = PARAM_OPTIONAL, .doc = "the fault's parameters" } },
                 [FAULT_COUNT] = { CONTROL_PARAM, { .name = "count", .type = PARAM_INT, .flags = PARAM_OPTIONAL, .lo = 0, .hi = FAULT_COUNT_MAX, .def = 1, .doc = "how often it strikes: once when left out, 0 for ever" } },
                 [FAULT_NTH] = { CONTROL_PARAM, { .name = "nth", .type = PARAM_INT, .flags = PARAM_OPTIONAL, .lo = 1, .hi = FAULT_COUNT_MAX, .def = 1, .doc = "the opportunities before this one pass" } },
                 [FAULT_CHANCE] = { CONTROL_PARAM, { .name = "chance", .type = PARAM_INT, .flags = PARAM_OPTIONAL, .lo = 1, .hi = 100, .def = 100, .doc = "percent of the opportunities at which it strikes" } },
                 [FAULT_SEED] = { CONTROL_PARAM, { .name = "seed", .type = PARAM_INT, .flags = PARAM_OPTIONAL, .lo = 0, .hi = INT32_MAX, .doc = "of that chance; the emulator's and the fault's number when left out" } },
                 [FAULT_WHEN] = { CONTROL_OBJECT, { .name = "when", .flags = PARAM_OPTIONAL, .doc = "an event of docs/TRACE.md that wakes it: event, fields, nth" } },
                 [FAULT_UNTIL] = { CONTROL_OBJECT, { .name = "until", .flags = PARAM_OPTIONAL, .doc = "an event at which it sleeps again: event, fields" } } } },
    { .name = "faults", .doc = "The faults of a modem, those that have done their part included.", .answer = "{\"faults\":[{\"fault\":1,\"name\":\"uart.drop\",\"parameters\":{…},\"left\":1,\"fired\":0}]}", .run = control_faults,
      .field = { MODEM_FIELD } },
    { .name = "clear", .doc = "Forgets a fault, or all of them.", .answer = "{}", .run = control_clear,
      .field = { MODEM_FIELD,
                 { CONTROL_PARAM, { .name = "fault", .type = PARAM_INT, .flags = PARAM_OPTIONAL, .lo = 1, .hi = INT32_MAX, .doc = "its number; all when left out" } } } },
    { .name = "state", .doc = "What a modem is now: network, card, MQTT clients, SSL contexts, certificates, what it waits for.", .answer = "{\"state\":{\"power\":\"on\",\"network\":{…},\"sim\":{…},\"mqtt_clients\":[…],\"ssl_contexts\":[…],\"certificates\":[…],\"pending\":{…},…}}", .run = control_state,
      .field = { MODEM_FIELD } },
    { .name = "coverage", .doc = "Which commands were used in which form, and what they answered; and those that never were.", .answer = "{\"hit\":[{\"command\":\"+CSQ\",\"form\":\"execute\",\"verdict\":\"OK\",\"count\":1}],\"never\":[\"+CPOF\",…]}", .run = control_coverage,
      .field = { MODEM_FIELD } },
    { .name = "snapshot", .doc = "State, keys, faults, coverage and the latest events in one object: to keep when something failed.", .answer = "{\"version\":\"0.1.0\",\"state\":{…},\"keys\":{…},\"faults\":[…],\"hit\":[…],\"never\":[…],\"events\":[…]}", .run = control_snapshot,
      .field = { MODEM_FIELD,
                 { CONTROL_PARAM, { .name = "last", .type = PARAM_INT, .flags = PARAM_OPTIONAL, .lo = 1, .hi = TRACE_RING_EVENTS, .def = 200, .doc = "how many events; 200 when left out" } } } },
    { .name = "why", .doc = "Why a command of the host ended as it did, in plain words: the latest one, or the latest that fits.", .answer = "{\"first\":\"CONNECT got 20: client 0 is not acquired\",\"chain\":[\"…\"],\"remedy\":\"…\",\"likely\":false}", .run = control_why,
      .field = { MODEM_FIELD,
                 { CONTROL_PARAM, { .name = "command", .type = PARAM_STR, .flags = PARAM_OPTIONAL, .lo = 1, .hi = 1000, .doc = "a part of its line" } },
                 { CONTROL_PARAM, { .name = "client", .type = PARAM_INT, .flags = PARAM_OPTIONAL, .lo = 0, .hi = 1, .doc = "only of this MQTT client" } },
                 { CONTROL_LIST, { .name = "decisions", .flags = PARAM_OPTIONAL, .doc = "what the broker decided, oldest first: objects as they stand in the file of broker/run --decisions" } } } },
    { .name = "verbs", .doc = "The verbs and their fields, and the faults and theirs.", .answer = "{\"verbs\":[{\"verb\":\"list\",\"fields\":[…],\"doc\":\"…\"}],\"faults\":[…]}", .run = control_schema },
    { .name = "subscribe", .doc = "From now on every event comes on this connection as it happens, an object a line.", .answer = "{}", .run = control_subscribe,
      .field = { { CONTROL_PARAM, { .name = "modem", .type = PARAM_STR, .flags = PARAM_OPTIONAL, .lo = 1, .hi = 32, .doc = "only of this one, a name of 'list'; of all when left out" } },
                 { CONTROL_PARAM, { .name = "last", .type = PARAM_INT, .flags = PARAM_OPTIONAL, .lo = 0, .hi = TRACE_RING_EVENTS, .doc = "so many of the past first" } },
                 { CONTROL_LIST, { .name = "events", .flags = PARAM_OPTIONAL, .doc = "names of events, all when left out" } } } },
    { .name = "trace", .doc = "The latest events of all modems, oldest first.", .answer = "{\"events\":[{\"t\":12,\"modem\":0,\"event\":\"at\",…}]}", .run = control_trace,
      .field = { { CONTROL_PARAM, { .name = "last", .type = PARAM_INT, .flags = PARAM_OPTIONAL, .lo = 1, .hi = TRACE_RING_EVENTS, .def = TRACE_RING_EVENTS, .doc = "how many; all that are kept when left out" } } } },
};
/* clang-format on */

const size_t control_verbs_n = ARRAY_LEN(control_verbs);
