/* Faults on purpose: what goes wrong in the modem because somebody asked for it over the control
 * socket. A fault is a row (name, hook, parameters, doc); checks, error texts, --dump faults and
 * docs/FAULTS.md follow from it. Armed faults belong to one modem, and outlive its resets.
 *
 * A hook is a place in the modem that asks faults_find for a row of its own, and calls fault_fire
 * when it does what the fault says. Nobody else knows that there are faults. */
#ifndef SIM_MODEM_FAULT_H
#define SIM_MODEM_FAULT_H

#include "base/buf.h"
#include "base/schema.h"

#define FAULT_PARAMS_MAX 4
#define FAULTS_MAX       64      /* of one modem, those that have done their part included */
#define FAULT_COUNT_MAX  1000000 /* how often one may fire */

/* Where in the modem it strikes. */
enum fault_hook {
    FAULT_COMMAND, /* in the place of what an AT command would do */
};

#define FAULT_HOOKS 1

extern const char *const fault_hook_names[FAULT_HOOKS];

struct fault_row {
    const char *name;
    enum fault_hook hook;
    const struct param *params;
    unsigned n_params;
    /* Values that are each in range but not possible together or for this modem. Says why in
     * 'error'. May be NULL. */
    bool (*check)(const struct value *values, char *error, size_t error_size);
    const char *doc;    /* what happens, in full sentences */
    const char *clause; /* where the behaviour is described or shown */
};

extern const struct fault_row fault_rows[];
extern const size_t fault_rows_n;

/* The rows that hooks look for. */
enum { FAULT_MQTT_RESULT, FAULT_COMMAND_ANSWER };

/* The words of command.answer, in order. */
enum { FAULT_ANSWER_ERROR, FAULT_ANSWER_CME, FAULT_ANSWER_CMS, FAULT_ANSWER_NONE };

/* An armed fault. */
struct fault {
    struct fault *next; /* in the order of arming */
    const struct fault_row *row;
    uint32_t number;                      /* from 1, by which it is spoken of */
    struct value value[FAULT_PARAMS_MAX]; /* of the row's parameters; owns its text */
    uint8_t *text[FAULT_PARAMS_MAX];      /* what value[].str points to */
    uint32_t left; /* how often it will still fire; 0: it has done its part */
    uint32_t fired;
};

struct faults {
    struct fault *head;
    uint32_t last; /* number given last */
};

/* A parameter as somebody wrote it. */
struct fault_arg {
    struct span name;
    bool is_number;
    int32_t num;
    struct span text;
};

/* What somebody asks for: row 'name' with 'n' parameters, to strike 'count' times. Borrowed. */
struct fault_order {
    struct span name;
    const struct fault_arg *args;
    size_t n;
    uint32_t count;
};

/* Arms a fault. Returns it; NULL with the field and what it takes in 'error', and nothing has
 * changed. */
struct fault *faults_arm(struct faults *f, const struct fault_order *order, char *error,
                         size_t error_size);

/* Forgets fault 'number'; 0: all. False: there is none of that number. */
bool faults_clear(struct faults *f, uint32_t number);

/* The first armed fault of row 'row' (enum above) from 'after' on (NULL: from the first) that may
 * still fire; NULL when there is none. */
struct fault *faults_next(const struct faults *f, unsigned row, const struct fault *after);

/* It does what it is for, once. */
void fault_fire(struct fault *fault);

/* The documents of sim7600 --dump faults. */
void faults_dump_md(struct buf *out);
void faults_dump_json(struct buf *out);

#endif
