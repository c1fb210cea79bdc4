/* Words for people: log lines on stderr, and the one-line reason why something could not be set up.
 * The caller of a function that takes 'struct reason' owns it and prints it; nothing here knows
 * options. */
#ifndef SIM_HOST_SAY_H
#define SIM_HOST_SAY_H

#include <stdbool.h>

struct reason {
    char text[512];
};

/* Writes the reason (cut at its size) and returns false, so that a failing function ends in one
 * statement. */
bool reason_set(struct reason *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* One line on stderr, "sim7600: " before it; control characters in it become '?'. */
void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The text on the heap, exactly as long as it is; the caller frees it. */
char *text_copy(const char *text);

#endif
