/* What the client reports to the shadow of its thing: a JSON object, and what a delta of AWS IoT's
 * shadow service changes in it. Knows no modem and no clock. */
#ifndef GOOD_SHADOW_H
#define GOOD_SHADOW_H

#include <stddef.h>

#define SHADOW_STATE_MAX 1024 /* bytes of the object, without white space */

enum shadow_result {
    SHADOW_TAKEN,
    SHADOW_UNREADABLE, /* no JSON, or nested too deep */
    SHADOW_NO_STATE,   /* JSON, but no object with an object "state" in it */
    SHADOW_TOO_LONG    /* the state would not have room */
};

struct shadow {
    char state[SHADOW_STATE_MAX + 1]; /* a JSON object, ends with NUL */
};

/* The state of a thing that was told nothing yet. */
void shadow_init(struct shadow *s);

/* A message of .../shadow/update/delta: {"state":{...},...}. What its state names becomes so,
 * objects member by member; everything else stays. All of it or, where the result is not
 * SHADOW_TAKEN, nothing. */
enum shadow_result shadow_apply(struct shadow *s, const char *bytes, size_t n);

/* The result for people: "it is no JSON ...". */
const char *shadow_words(enum shadow_result result);

#endif
