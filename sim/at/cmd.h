/* One row per AT command: the only truth about it. From a row follow dispatch, the allowed forms,
 * argument parsing and ranges, the '=?' answer, read and default of plain settings, the documents
 * (sim7600 --dump commands), the lint test and the boundary scenarios.
 *
 * Rows are const and are collected in service tables (struct at_service); the channel looks them up
 * by name. A form exists because its function (or bound setting) exists; it is not listed a second
 * time. */
#ifndef SIM_AT_CMD_H
#define SIM_AT_CMD_H

#include "base/check.h"
#include "base/schema.h"

#define AT_ARGS_MAX 12

struct at_chan;
struct at_cmd;
struct at_variant;

enum at_form { AT_EXEC, AT_SET, AT_READ, AT_TEST };

#define AT_FORMS 4

/* A validated call. Handlers see only complete calls whose values are in range. */
struct at_call {
    const struct at_cmd *cmd;
    const struct at_variant *variant; /* of a keyed command (+CSSLCFG="key",…), else NULL */
    enum at_form form;
    unsigned argc; /* arguments written, the key of a keyed command not counted */
    struct value arg[AT_ARGS_MAX];
};

/* What a handler says. A value, not a call: the channel acts on it. */
enum at_verdict {
    AT_V_OK,
    AT_V_ERROR,
    AT_V_CME,       /* number: +CME ERROR as CMEE says */
    AT_V_CMS,       /* number: +CMS ERROR as CMEE says */
    AT_V_CODE,      /* number: another final result code (enum at_code) */
    AT_V_NO_RESULT, /* no final result at all */
    AT_V_DATA,      /* number: prompt, then that many bytes go to the row's 'data' */
    AT_V_TEXT,      /* number: prompt "> ", then text of at most so many bytes up to Ctrl-Z goes to
                       the row's 'data'; ESC ends the line with OK and nothing done */
    AT_V_PENDING,   /* parked: at_finish() with the ticket of at_park() ends it */
};

#define AT_VERDICTS (AT_V_PENDING + 1)

struct at_result {
    enum at_verdict verdict;
    uint32_t number;
};

#define AT_OK        ((struct at_result){ AT_V_OK, 0 })
#define AT_ERROR     ((struct at_result){ AT_V_ERROR, 0 })
#define AT_CME(n)    ((struct at_result){ AT_V_CME, (n) })
#define AT_CMS(n)    ((struct at_result){ AT_V_CMS, (n) })
#define AT_CODE(n)   ((struct at_result){ AT_V_CODE, (n) })
#define AT_DATA(n)   ((struct at_result){ AT_V_DATA, (n) })
#define AT_TEXT(n)   ((struct at_result){ AT_V_TEXT, (n) })
#define AT_PENDING   ((struct at_result){ AT_V_PENDING, 0 })
#define AT_NO_RESULT ((struct at_result){ AT_V_NO_RESULT, 0 })

typedef struct at_result at_fn(struct at_chan *ch, const struct at_call *call);
typedef struct at_result at_data_fn(struct at_chan *ch, const struct at_call *call,
                                    struct span data);

/* One schema per quoted key: +CSSLCFG, +CMQTTCFG. */
struct at_variant {
    const char *key;
    const struct param *params;
    unsigned n_params;
    at_fn *set;
    unsigned offered; /* bit of the profile's key set that must be on; 0: always */
    const char *doc;
};

/* A plain parameter command (V.250 5.3): bound to int32_t fields of the settings struct, no code.
 * Several parameters are an array there; one that is left out keeps its value. */
struct at_setting {
    size_t offset;              /* of the field in the settings struct given to at_chan_init */
    const struct param *params; /* numbers and words; def is the factory value */
    unsigned n;
    unsigned flags;
    /* Values that are each in range but do not go together: 0, or as struct at_group.check. The
     * ones left out are still what they were. May be NULL. */
    int (*check)(struct at_chan *ch, const struct at_call *call);
    void (*changed)(struct at_chan *ch); /* it was set; may be NULL */
};

enum at_setting_flags {
    AT_SET_BARE_DEFAULT = 1U << 0, /* bare AT+X (A11), and of basic commands bare X instead of X0
                                      (A4), sets the default */
    AT_SET_SAVED = 1U << 1,        /* AT&W stores it, ATZ brings it back */
    AT_SET_FACTORY = 1U << 2,      /* AT&F sets the factory value */
    AT_SET_AUTO = 1U << 3,         /* stored by itself when set; the value survives power-off */
    AT_SET_3DIGITS = 1U << 4,      /* an S-register: read as three digits, without a name */
};

/* Where the knowledge of a row or form comes from; the fidelity ledger prints it. EV_UNSTATED, of a
 * form: as the row says. */
enum at_evidence { EV_UNSTATED, EV_INFERRED, EV_CLIENT, EV_MANUAL, EV_LOG };

enum at_row_flags {
    AT_ROW_SECRET_DATA = 1U << 0, /* what comes after the prompt is never traced (keys) */
    AT_ROW_NO_TEST = 1U << 1,     /* no '=?' although there is a schema */
    AT_ROW_TEST_OK = 1U << 2,     /* '=?' answers just OK */
    AT_ROW_NO_COLON = 1U << 3, /* old firmware prints '=?' without the colon (profile test_colon) */
};

/* What a family of commands has in common. */
struct at_group {
    /* Preconditions of row and form: 0 = may run, > 0 = service code for 'refuse', < 0 = plain
     * ERROR. */
    int (*check)(struct at_chan *ch, const struct at_call *call);
    /* Prints the family's failure line for 'code' and returns the final result. */
    struct at_result (*refuse)(struct at_chan *ch, const struct at_call *call, int code);
};

struct at_cmd {
    const char *name;   /* "+CMQTTSUB", "E", "&F", "S3" */
    const char *doc;    /* one sentence */
    const char *clause; /* where the behaviour is described or shown */
    enum at_evidence evidence;
    enum at_evidence form_evidence[AT_FORMS]; /* where a form's differs: { [AT_READ] = EV_LOG } */
    const struct param *params; /* schema of the SET form (of a basic command: its number) */
    unsigned n_params;
    const struct at_variant *variants; /* instead of params */
    unsigned n_variants;
    at_fn *exec, *read, *set, *test;
    at_data_fn *data;
    const struct at_setting *setting;
    const struct at_group *group;
    unsigned needs; /* meaning is the group's */
    unsigned flags;
    unsigned offered;       /* bit of the profile's offer that must be on; 0: always there */
    at_fn *abort;           /* while it is parked, any character ends it with this result */
    uint32_t limit_ms;      /* longest time it may stay pending; 0: cannot pend */
    const char *reply;      /* its lines, for documents */
    const char *test_quirk; /* verbatim '=?' line(s) where the device deviates from the schema */
};

/* Schema helpers: AT_PARAMS(P_INT(…), P_STR(…)). */
/* clang-format off */
#define AT_PARAMS(...)                                                                             \
    .params = (const struct param[]){ __VA_ARGS__ },                                               \
    .n_params = sizeof((const struct param[]){ __VA_ARGS__ }) / sizeof(struct param)
#define AT_VARIANTS(...)                                                                           \
    .variants = (const struct at_variant[]){ __VA_ARGS__ },                                        \
    .n_variants = sizeof((const struct at_variant[]){ __VA_ARGS__ }) / sizeof(struct at_variant)
/* P_INT(name, lo, hi, doc [, .field = value …]), P_WORD(name, "\"A\",\"B\"", doc […]) */
#define P_INT(n, l, h, ...) { .name = (n), .type = PARAM_INT, .lo = (l), .hi = (h), .doc = __VA_ARGS__ }
#define P_STR(n, l, h, ...) { .name = (n), .type = PARAM_STR, .lo = (l), .hi = (h), .doc = __VA_ARGS__ }
#define P_WORD(n, words, ...) { .name = (n), .type = PARAM_WORD, .list = (words), .doc = __VA_ARGS__ }
/* AT_SETTING(struct, field, flags, P_INT(…) …); AT_SETTING_HOOK has a function before the parameters,
 * AT_SETTING_CHECK a check before that. */
#define AT_SETTING(strct, field, fl, ...) AT_SETTING_HOOK(strct, field, fl, NULL, __VA_ARGS__)
#define AT_SETTING_HOOK(strct, field, fl, fn, ...) AT_SETTING_CHECK(strct, field, fl, NULL, fn, __VA_ARGS__)
#define AT_SETTING_CHECK(strct, field, fl, chk, fn, ...)                                           \
    .setting = &(const struct at_setting){ .offset = offsetof(strct, field), .flags = (fl), .check = (chk), .changed = (fn), \
                                           .params = (const struct param[]){ __VA_ARGS__ },        \
                                           .n = sizeof((const struct param[]){ __VA_ARGS__ }) / sizeof(struct param) }

/* clang-format on */

/* A table of rows, and the list of tables. */
struct at_service {
    const char *title;
    const struct at_cmd *rows;
    size_t n;
};

struct at_table {
    const struct at_service *const *services;
    size_t n;
};

/* Extended commands begin with one of these (V.250 5.4.1 and vendors' custom). */
static inline bool at_is_extended(char first)
{
    return first == '+' || first == '$' || first == '*' || first == '^';
}

/* Does the row answer this form? Any other form of the command is an ERROR. */
bool at_has_form(const struct at_cmd *cmd, enum at_form form);

/* What the form's answer is known from. */
enum at_evidence at_evidence_of(const struct at_cmd *cmd, enum at_form form);

/* Finds the row for a name (any case) and a number of arguments: overloads are rows of one name
 * with disjoint argument counts. With argc < 0 the first row of that name. When the name exists but
 * the count fits none, *ret_known is true and NULL is returned. Cost does not depend on the number
 * of rows. */
struct at_index;

/* How often a form of a row ended with a verdict; of a prompt or a parked command both the first
 * and the final one count. */
void at_index_hit(struct at_index *ix, const struct at_cmd *row, enum at_form form,
                  enum at_verdict verdict);
uint32_t at_index_hits(const struct at_index *ix, const struct at_cmd *row, enum at_form form,
                       enum at_verdict verdict);

struct at_index *at_index_new(const struct at_table *t);
void at_index_free(struct at_index **ip);
const struct at_cmd *at_index_find(const struct at_index *ix, struct span name, int argc,
                                   bool *ret_known);

/* Appends the lines of the '=?' answer, separated by CR LF. 'ranges' and 'offered' come from the
 * profile. */
void at_test_text(const struct at_cmd *cmd, schema_ranges ranges, unsigned offered, bool colon,
                  struct buf *out);

/* Fewest and most arguments of the SET form. */
unsigned at_min_args(const struct at_cmd *cmd);
unsigned at_max_args(const struct at_cmd *cmd);

#endif
