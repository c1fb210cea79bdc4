/* Any bytes as deltas, divided by 0xFF: the state stays JSON within its size, and a delta that says
 * what is so already changes nothing. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "good_shadow.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool fine)
{
    if (!fine) {
        abort();
    }
}

static bool are_equal(const struct shadow *a, const struct shadow *b)
{
    return strcmp(a->state, b->state) == 0;
}

/* A block of its own, so that a sanitizer sees what is read behind it. */
static enum shadow_result apply(struct shadow *s, const void *bytes, size_t n)
{
    char *copy = malloc(n > 0 ? n : 1);
    check(copy != NULL);
    memcpy(copy, bytes, n);
    enum shadow_result result = shadow_apply(s, copy, n);
    free(copy);
    return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct shadow s;
    shadow_init(&s);
    while (size > 0) {
        const uint8_t *end = memchr(data, 0xFF, size);
        size_t n = end == NULL ? size : (size_t)(end - data);
        struct shadow before = s;
        if (apply(&s, data, n) != SHADOW_TAKEN) {
            check(are_equal(&before, &s));
        }
        check(memchr(s.state, '\0', sizeof(s.state)) != NULL);
        char same[SHADOW_STATE_MAX + 20];
        int length = snprintf(same, sizeof(same), "{\"state\":%s}", s.state);
        before = s;
        check(apply(&s, same, (size_t)length) == SHADOW_TAKEN);
        check(are_equal(&before, &s));
        size -= end == NULL ? size : n + 1;
        data += end == NULL ? n : n + 1;
    }
    return 0;
}
