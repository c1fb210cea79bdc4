/* When to try again: exponential back-off with jitter, so that a thousand devices that lost the
 * same broker do not all come back in the same second. */
#ifndef GOOD_BACKOFF_H
#define GOOD_BACKOFF_H

#include <stdint.h>

struct backoff {
    unsigned failures;
    uint32_t random; /* state of its generator, not 0 */
};

/* A seed of its own for each device and each start. */
void backoff_init(struct backoff *b);

/* Milliseconds until the next attempt: 1 s, 2 s, 4 s, ... 64 s, plus 0 to 100 % of that. Counts a
 * failure. */
long backoff_next(struct backoff *b);

/* After a connection that lasted. Not after each connect: a connection that breaks at once would
 * hammer. */
void backoff_succeeded(struct backoff *b);

#endif
