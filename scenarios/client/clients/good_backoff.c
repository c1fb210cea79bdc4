#include "good_backoff.h"

#include <time.h>
#include <unistd.h>

#define FIRST_MS    1000
#define MOST_DOUBLE 6 /* 64 s */

void backoff_init(struct backoff *b)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    b->failures = 0;
    b->random = ((uint32_t)t.tv_nsec ^ (uint32_t)t.tv_sec ^ ((uint32_t)getpid() << 16)) | 1U;
}

/* xorshift32 */
static uint32_t next_random(struct backoff *b)
{
    b->random ^= b->random << 13;
    b->random ^= b->random >> 17;
    b->random ^= b->random << 5;
    return b->random;
}

long backoff_next(struct backoff *b)
{
    unsigned doublings = b->failures < MOST_DOUBLE ? b->failures : MOST_DOUBLE;
    long base = FIRST_MS * (1L << doublings);
    b->failures++;
    return base + (long)(next_random(b) % (uint32_t)(base + 1));
}

void backoff_succeeded(struct backoff *b)
{
    b->failures = 0;
}
