/* Faults on purpose: what goes wrong in the modem because somebody asked for it over the control
 * socket. A fault is a row (name, hook, parameters, doc); checks, error texts, --dump faults and
 * docs/FAULTS.md follow from it. Armed faults belong to one modem, and outlive its resets.
 *
 * A hook is a place in the modem that asks fault_ready for a row of its own and, where the row's
 * parameters fit, fault_strikes whether it is this fault's turn. Nobody else knows that there are
 * faults. A row with 'act' strikes by itself: when it is armed, or when its event comes.
 *
 * The rows of a hook stand beside its code (fault_command.c, fault_uart.c, …), in a table that
 * fault_rows.c lists. */
#ifndef SIM_MODEM_FAULT_H
#define SIM_MODEM_FAULT_H

#include "base/buf.h"
#include "base/schema.h"
#include "base/trace.h"

#define FAULT_PARAMS_MAX 6
#define FAULT_FIELDS_MAX 6       /* of an event that is waited for */
#define FAULTS_MAX       64      /* of one modem, those that have done their part included */
#define FAULT_COUNT_MAX  1000000 /* how often one may strike */

struct modem;
struct fault;

/* Where in the modem it strikes. */
enum fault_hook {
    FAULT_UART,    /* the bytes between the modem and its client */
    FAULT_COMMAND, /* in the place of what an AT command would do */
    FAULT_URC,     /* lines that come by themselves */
    FAULT_LINK,    /* TCP and TLS, in Toxiproxy's words where one fits */
    FAULT_MQTT,    /* MQTT packets */
    FAULT_MODEM,   /* the module, its card, the network */
    FAULT_HOOKS,
};

extern const char *const fault_hook_names[FAULT_HOOKS];

struct fault_row {
    const char *name;
    enum fault_hook hook;
    const struct param *params;
    unsigned n_params;
    /* Values that are each in range but not possible together or for this modem. Says why in
     * 'error'. May be NULL. */
    bool (*check)(const struct value *values, char *error, size_t error_size);
    /* Strikes by itself, from a timer of the modem: at once when armed without 'when', else
     * each time its event comes. NULL: its hook asks. */
    void (*act)(struct modem *m, struct fault *f);
    bool (*acts)(const struct fault *f); /* does this one? NULL: each one of the row */
    const char *doc;                     /* what happens, in full sentences */
    const char *clause;                  /* where the behaviour is described or shown */
};

struct fault_table {
    const struct fault_row *rows;
    size_t n;
};

extern const struct fault_table *const fault_tables[];
extern const size_t fault_tables_n;

/* The table of each hook; beside its code. */
extern const struct fault_table fault_table_uart, fault_table_command, fault_table_urc,
    fault_table_link, fault_table_mqtt, fault_table_modem;

/* A parameter, or a field of an event, as somebody wrote it. Borrowed. */
struct fault_arg {
    struct span name;
    bool is_number;
    int32_t num;
    struct span text; /* of an event's field: '*' stands for any bytes */
};

/* An event of the trace that is waited for: its name, and fields that must fit. */
struct fault_event {
    struct span name; /* empty: none is waited for */
    struct fault_arg field[FAULT_FIELDS_MAX];
    size_t n;
};

/* What somebody asks for: row 'name' with 'n' parameters. Borrowed. */
struct fault_order {
    struct span name;
    const struct fault_arg *args;
    size_t n;
    uint32_t count;  /* how often it strikes; 0: for ever */
    uint32_t nth;    /* from which opportunity on; 0 and 1: the first */
    uint32_t chance; /* in percent of the opportunities; 0 and 100: all */
    bool has_seed;   /* else the modem's and the fault's number make it */
    uint32_t seed;   /* of that chance */
    struct fault_event when, until;
    uint32_t when_nth; /* the how manieth 'when' wakes it; 0 and 1: the first */
};

/* An armed fault. */
struct fault {
    struct fault *next; /* in the order of arming */
    const struct fault_row *row;
    uint32_t number;                      /* from 1, by which it is spoken of */
    struct value value[FAULT_PARAMS_MAX]; /* of the row's parameters; owns its text */
    bool for_ever;                        /* then 'left' does not fall */
    uint32_t left; /* how often it will still strike; 0: it has done its part */
    uint32_t fired;
    uint32_t passed; /* opportunities so far, while awake */
    uint32_t nth, chance, seed;
    uint32_t random; /* the generator's state */
    struct fault_event when, until;
    uint32_t when_nth, when_seen;
    bool awake;
    bool acts;      /* a row with 'act': it is about to strike */
    uint64_t bytes; /* fault_uart.c: how many went by since it is awake, or since its last place */
    uint32_t run;   /* ... so many more belong to the present strike */
    bool before;    /* ... it struck before the byte that waits */
    struct fault_text *texts;
};

struct faults {
    struct fault *head;
    uint32_t last; /* number given last */
};

/* Arms a fault; 'seed' is for one whose order has none. Returns it; NULL with the field and what it
 * takes in 'error', and nothing has changed. */
struct fault *faults_arm(struct faults *f, const struct fault_order *order, uint32_t seed,
                         char *error, size_t error_size);

/* Forgets fault 'number'; 0: all. False: there is none of that number. */
bool faults_clear(struct faults *f, uint32_t number);

/* Takes note of an event of the trace: faults that wait for it wake, or go to sleep. True when a
 * fault of a row with 'act' is to strike now. */
bool faults_see(struct faults *f, const char *event, const struct trace_field *fields, size_t n);

/* The first fault of 'row' from 'after' on (NULL: from the first) that is armed, awake, and may
 * still strike; NULL when there is none. */
struct fault *fault_ready(const struct faults *f, const struct fault_row *row,
                          const struct fault *after);

/* A fault of this hook may still strike, or a strike of it is not over. */
bool faults_armed(const struct faults *f, enum fault_hook hook);

/* An opportunity: true when the fault strikes now, by 'nth' and 'chance', and that is counted. */
bool fault_strikes(struct modem *m, struct fault *f);

/* The first ready fault of 'row' that fits, by its parameters and 'arg', and strikes now; NULL:
 * none does. Each that fits has had an opportunity. */
struct fault *fault_hit(struct modem *m, const struct fault_row *row,
                        bool (*fits)(const struct fault *f, const void *arg), const void *arg);

/* The part of fault_strikes that needs no modem. */
bool fault_turn(struct fault *f);

/* Bytes as a fault's text writes them: \xHH, \r, \n, \\; anything else stands for itself. */
void fault_bytes(struct span text, struct buf *out);

/* The text of a parameter: a word of its list, or what was written. */
struct span fault_word(const struct fault *f, unsigned param);

/* "command=+CSQ answer=cme code=30" */
void fault_parameters(const struct fault *f, struct buf *out);

/* The documents of sim7600 --dump faults. */
void faults_dump_md(struct buf *out);
void faults_dump_json(struct buf *out);

#endif
