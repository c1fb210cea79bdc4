/* The verbs of the control socket as rows: dispatch, checks, error texts and documents all follow
 * from them. A verb is a row and its function in control_verbs.c; nothing else knows it.
 * Only for control_answer.c, which checks a request against its row before the function runs. */
#ifndef SIM_HOST_CONTROL_VERBS_H
#define SIM_HOST_CONTROL_VERBS_H

#include <cjson/cJSON.h>

#include "base/schema.h"
#include "sim/host/control.h"

#define CONTROL_FIELDS_MAX 10

enum control_kind {
    CONTROL_NONE,   /* ends the row's fields */
    CONTROL_PARAM,  /* a JSON string: text, or one of the parameter's words; a number */
    CONTROL_MODEM,  /* a modem's name; may be left out where there is one modem */
    CONTROL_LIST,   /* a JSON array with at least one element */
    CONTROL_OBJECT, /* a JSON object; with at least one member unless it may be left out */
};

struct control_field {
    enum control_kind kind;
    struct param param; /* name, doc, PARAM_OPTIONAL; for CONTROL_PARAM also type and range */
};

/* A request that fits its row. */
struct control_request {
    const struct control_facts *facts;
    struct control_subscription *subscription; /* of the connection */
    const struct control_modem *modem;       /* CONTROL_MODEM; NULL for a verb without that field */
    struct value value[CONTROL_FIELDS_MAX];  /* CONTROL_PARAM, at the field's place in the row */
    const cJSON *object[CONTROL_FIELDS_MAX]; /* CONTROL_OBJECT and CONTROL_LIST, the same */
};

struct control_verb {
    const char *name;
    const char *doc;    /* one sentence */
    const char *answer; /* what it looks like */
    struct control_field field[CONTROL_FIELDS_MAX];
    /* Fills the answer, an empty object. False with the reason, and nothing has changed. */
    bool (*run)(const struct control_request *r, cJSON *answer, struct reason *why);
};

/* --- control_fault.c: fault, faults, clear --- */
enum {
    FAULT_NAME = 1, /* the fields of 'fault' */
    FAULT_PARAMETERS,
    FAULT_COUNT,
    FAULT_NTH,
    FAULT_CHANCE,
    FAULT_SEED,
    FAULT_WHEN,
    FAULT_UNTIL,
};

bool control_fault(const struct control_request *r, cJSON *answer, struct reason *why);
bool control_faults(const struct control_request *r, cJSON *answer, struct reason *why);
bool control_clear(const struct control_request *r, cJSON *answer, struct reason *why);

/* --- control_keys.c: get, set --- */
struct profile;
bool control_get(const struct control_request *r, cJSON *answer, struct reason *why);
bool control_set(const struct control_request *r, cJSON *answer, struct reason *why);
/* Lays keys of the world over 'p'. False with the reason, in the name of 'verb'. */
bool control_keys_try(struct profile *p, const cJSON *keys, const char *verb, struct reason *why);
/* Changes keys that were tried. */
void control_keys_set(struct modem *m, const struct trace *trace, const cJSON *keys);
/* Takes PINs out of what 'get' answered. */
void control_keys_hide(cJSON *keys);
/* Keys as lines of a profile file. */
bool control_keys_text(const cJSON *keys, const char *verb, struct buf *out, struct reason *why);

/* --- control_modem.c --- */
bool control_state(const struct control_request *r, cJSON *answer, struct reason *why);
bool control_urc(const struct control_request *r, cJSON *answer, struct reason *why);
bool control_raw(const struct control_request *r, cJSON *answer, struct reason *why);
bool control_time(const struct control_request *r, cJSON *answer, struct reason *why);
bool control_lines(const struct control_request *r, cJSON *answer, struct reason *why);
bool control_coverage(const struct control_request *r, cJSON *answer, struct reason *why);
bool control_snapshot(const struct control_request *r, cJSON *answer, struct reason *why);
bool control_schema(const struct control_request *r, cJSON *answer, struct reason *why);

/* --- control_verbs.c --- */
bool control_trace(const struct control_request *r, cJSON *answer, struct reason *why);

/* --- control_script.c: add and remove, too --- */
bool control_script(const struct control_request *r, cJSON *answer, struct reason *why);
bool control_add(const struct control_request *r, cJSON *answer, struct reason *why);
bool control_remove(const struct control_request *r, cJSON *answer, struct reason *why);

/* --- control_why.c --- */
bool control_why(const struct control_request *r, cJSON *answer, struct reason *why);

/* --- control_subscribe.c --- */
bool control_subscribe(const struct control_request *r, cJSON *answer, struct reason *why);

extern const struct control_verb control_verbs[];
extern const size_t control_verbs_n;

#endif
