/* A pointer and a length: bytes that somebody else owns. A span never owns, is passed by value,
 * and stays valid only as long as the bytes it points to. */
#ifndef BASE_SPAN_H
#define BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct span {
    const uint8_t *p; /* NULL only together with n == 0 */
    size_t n;
};

/* A span over a string literal, without its NUL. */
#define SPAN_LIT(s) ((struct span){ (const uint8_t *)(s), sizeof(s) - 1 })

static inline struct span span_of(const void *p, size_t n)
{
    return (struct span){ p, n };
}

static inline struct span span_str(const char *s)
{
    return s == NULL ? (struct span){ NULL, 0 } : (struct span){ (const uint8_t *)s, strlen(s) };
}

static inline bool span_eq(struct span a, struct span b)
{
    /* a.p is looked at only for gcc 12, which believes that a literal NULL could reach memcmp */
    return a.n == b.n &&
           (a.n == 0 || a.p == b.p || (a.p != NULL && b.p != NULL && memcmp(a.p, b.p, a.n) == 0));
}

/* ASCII letters fold, other bytes compare exactly: the rule for AT names (V.250 5.4.1). */
static inline char ascii_upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static inline bool span_eq_nocase(struct span a, struct span b)
{
    if (a.n != b.n) {
        return false;
    }
    for (size_t i = 0; i < a.n; i++) {
        if (ascii_upper((char)a.p[i]) != ascii_upper((char)b.p[i])) {
            return false;
        }
    }
    return true;
}

static inline bool span_has_prefix(struct span s, struct span prefix)
{
    return s.n >= prefix.n && span_eq(span_of(s.p, prefix.n), prefix);
}

static inline bool span_has_suffix_nocase(struct span s, struct span suffix)
{
    return s.n >= suffix.n &&
           span_eq_nocase((struct span){ s.p + (s.n - suffix.n), suffix.n }, suffix);
}

/* The part of s from 'at' on; empty when 'at' is at or behind the end. */
static inline struct span span_from(struct span s, size_t at)
{
    return at >= s.n ? (struct span){ NULL, 0 } : (struct span){ s.p + at, s.n - at };
}

#endif
