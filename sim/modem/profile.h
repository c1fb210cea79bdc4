/* A profile: the quirks of one firmware as data, so that no handler asks for a firmware's name, and
 * what surrounds the modem. Keys and defaults are the rows of profile.def and world.def; files are
 * flat 'key = value' text. */
#ifndef SIM_MODEM_PROFILE_H
#define SIM_MODEM_PROFILE_H

#include "base/buf.h"
#include "base/schema.h"

#define PROFILE_NAME_MAX  64
#define PROFILE_TEXT_MAX  128
#define PROFILE_RANGE_MAX 32

#define PROFILE_DECIMAL_MAX 24

/* Ranges that a profile may change: indices for struct param.vary. */
enum profile_range {
    RANGE_NONE,

#define WORD(field, key, words, def, doc)
#define NUMBER(field, key, lo, hi, def, doc)
#define RANGE(field, key, lo, hi, def, doc) RANGE_##field,
#define TEXT(field, key, most, def, doc)
#include "sim/modem/profile.def"
#include "sim/modem/world.def"
#undef WORD
#undef NUMBER
#undef RANGE
#undef TEXT
    RANGE_COUNT
};

/* Values of WORD keys, in the order of the words in profile.def. */
enum { STYLE_SYNC, STYLE_ASYNC, STYLE_LINK };

enum { START_AUTO, START_URC_OK, START_OK_URC };

enum { STOP_URC_OK, STOP_OK_URC };

enum { DISC_OK_URC, DISC_URC_OK };

enum { REFUSAL_CODE, REFUSAL_PLAIN };

enum { PRESTART_TABLE, PRESTART_CODE9, PRESTART_PLAIN };

enum { PEER_CLOSE_PHASE, PEER_CLOSE_6, PEER_CLOSE_26 };

enum { DENY_SUBACK, DENY_CLOSE };

enum { WILL_LEN0_REFUSE, WILL_LEN0_CLEAR };

enum { UNSUB_FLAG_OR_LEN, UNSUB_FLAG };

enum { SSLCFG_CLEAR_FAILURE, SSLCFG_CLEAR_ALWAYS };

enum { RX_RAW, RX_EXTRA };

enum { INPUT_QUEUE, INPUT_DROP };

enum { ABORT_ERROR, ABORT_OK };

enum { SIM_FAULT_NONE, SIM_FAULT_BUSY, SIM_FAULT_FAILURE };

enum { NETWORK_NONE, NETWORK_HOME, NETWORK_ROAMING, NETWORK_DENIED };

enum { NETWORK_CS_FOLLOW, NETWORK_CS_DENIED };

enum { NETWORK_DATA_ACCEPT, NETWORK_DATA_REFUSE };

enum { CPSI_TENTHS, CPSI_INDEX };

enum { BAUD_IGNORED, BAUD_CHECKED };

enum { CPING_REQUEST, CPING_REPLY };

enum { RAT_GSM, RAT_WCDMA, RAT_LTE };

enum { CALLEE_NONE, CALLEE_ANSWER, CALLEE_BUSY, CALLEE_RING };

enum { GNSS_FIX_NONE, GNSS_FIX_2D, GNSS_FIX_3D };

struct profile {
    char name[PROFILE_NAME_MAX];
#define WORD(field, key, words, def, doc)    int32_t field;
#define NUMBER(field, key, lo, hi, def, doc) int32_t field;
#define RANGE(field, key, lo, hi, def, doc)  char field[PROFILE_RANGE_MAX];
#define TEXT(field, key, most, def, doc)     char field[PROFILE_TEXT_MAX];
#include "sim/modem/profile.def"
#include "sim/modem/world.def"
#undef WORD
#undef NUMBER
#undef RANGE
#undef TEXT
    const char
        *ranges[RANGE_COUNT]; /* schema_ranges; points into this struct, so it must not be copied */
};

/* Every key at its default: the reference device. */
void profile_default(struct profile *p);

/* Reads 'key = value' lines over what p holds; '#' begins a comment line; 'extend = NAME' first of
 * all takes the values of a built-in profile. Returns true; or false with the reason and line
 * number in 'error' (names the key and what it takes), and p is then not to be used. */
bool profile_parse(struct profile *p, struct span text, char *error, size_t error_size);

/* Fills p from the built-in profile of that name. False: there is none. */
bool profile_builtin(struct profile *p, const char *name);

/* A copy that can be changed on its own. */
void profile_copy(struct profile *to, const struct profile *from);

/* Changes one key of world.def. False with the reason in 'error': no such key, not one that may be
 * changed at run time, or not a value it takes. */
bool profile_set_live(struct profile *p, struct span name, struct span value, char *error,
                      size_t error_size);

/* Names of the built-in profiles, separated by ", ". */
const char *profile_builtin_names(void);

/* Appends every key: as a profile file that reads back to the same values; as a Markdown table; as
 * JSON. */
void profile_dump_text(const struct profile *p, struct buf *out);
void profile_dump_md(const struct profile *p, struct buf *out);
void profile_dump_json(const struct profile *p, struct buf *out);

#endif
