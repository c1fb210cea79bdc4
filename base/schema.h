/* Typed parameter lists: the one place where a parameter's name, type, range and meaning stand. AT
 * commands, profile keys and (later) faults use the same rows; validation, the text of '=?',
 * generated documents and boundary tests all read them here. */
#ifndef BASE_SCHEMA_H
#define BASE_SCHEMA_H

#include "base/buf.h"
#include "base/span.h"

enum param_type {
    PARAM_INT,  /* decimal; with PARAM_HEX also 0x… */
    PARAM_STR,  /* lo..hi is the length in bytes */
    PARAM_WORD, /* one of the words of 'list' ("\"IRA\",\"GSM\""); its number is the place there */
};

enum param_flags {
    PARAM_OPTIONAL = 1U << 0,  /* may be absent at the end or between two commas */
    PARAM_SECRET = 1U << 1,    /* never traced: passwords, PINs */
    PARAM_HIDDEN = 1U << 2,    /* the device's '=?' does not show it */
    PARAM_HEX = 1U << 3,       /* number may be written 0x… */
    PARAM_EARLY = 1U << 4,     /* range checked before the command's preconditions */
    PARAM_LITERAL = 1U << 5,   /* '=?' prints the name in quotes, without a range */
    PARAM_NON_ASCII = 1U << 6, /* may be written {non-ascii}"…" */
    PARAM_OR_NUMBER = 1U << 7, /* a string that is a plain number in another mode needs no quotes
                                  on any firmware; a word may be written as its number */
    PARAM_UNQUOTED = 1U << 8,  /* a string that may stand without quotes on all firmware */
    PARAM_RAW = 1U << 9,       /* all the text that is left, commas and quotes included */
};

struct param {
    const char *name; /* as the manual spells it */
    enum param_type type;
    unsigned flags;
    int32_t lo, hi;
    int32_t def; /* value of an absent optional number */
    const char
        *list;    /* instead of lo-hi: "0,60-180", "0x002F,0xFFFF"; '=?' prints it as it stands */
    uint8_t vary; /* not 0: the profile's range number 'vary' replaces lo, hi and list */
    unsigned offered; /* bit of the firmware's offer that must be on, or the parameter and those
                         behind it do not exist; 0: always there */
    int16_t refuse;   /* service code for a value out of range; 0: plain ERROR */
    int16_t
        refuse_type; /* service code for a quoted string where a number belongs; 0: plain ERROR */
    const char *doc; /* one sentence */
};

/* One argument after parsing. */
struct value {
    bool present;
    bool quoted;     /* was written in quotes */
    bool non_ascii;  /* was written {non-ascii}"…": str holds the hexadecimal digits */
    int32_t num;     /* PARAM_INT; 'def' when absent. PARAM_WORD: its place, -1: none of them */
    struct span str; /* PARAM_STR and PARAM_WORD, without quotes; empty: a word's number */
};

/* Range texts that a profile puts in the place of a row's own; index 0 is unused. */
typedef const char *const *schema_ranges;

/* True when the value (number, or length of the string) lies in the parameter's range. An absent
 * optional parameter is in range. */
bool schema_in_range(const struct param *p, schema_ranges vary, const struct value *v);

/* Calls each(arg, lo, hi) for every part of the range of numbers or lengths. */
void schema_each_part(const struct param *p, schema_ranges vary,
                      void (*each)(void *arg, int32_t lo, int32_t hi), void *arg);

/* Appends the range as '=?' prints it: "(0-1)", "(0,60-180)". */
void schema_range_text(const struct param *p, schema_ranges vary, struct buf *out);

/* How many of the parameters a firmware with this offer has. */
unsigned schema_offered(const struct param *p, unsigned n, unsigned offered);

/* Reads a range text such as "0,60-180,0x10" and calls each(arg, lo, hi) for every part. Returns
 * false, with nothing said about the parts before, when the text is not of that form. 'each' may be
 * NULL. */
bool schema_each_range(const char *text, void (*each)(void *arg, int32_t lo, int32_t hi),
                       void *arg);

/* The n-th word of a PARAM_WORD's list, without quotes; empty when there are fewer. */
struct span schema_word(const struct param *p, int32_t n);

/* The place of a word (any case) in a PARAM_WORD's list, or -1. */
int32_t schema_word_place(const struct param *p, struct span word);

/* Reads a decimal (or, when hex is allowed, 0x…) number that fills the span and fits in 32 bits. */
bool schema_number(struct span text, bool hex, int32_t *ret_num);

/* Reads a decimal fraction such as -17.6 that fills the span, in units of 10^-places (at most 9),
 * rounded. At most 18 - places digits before the point and 18 behind it. */
bool schema_decimal(struct span text, unsigned places, int64_t *ret_num);

#endif
