#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"

#define BUF_FIRST_SIZE 64

void *xcalloc(size_t count, size_t size)
{
    void *p = calloc(count, size);
    CHECK(p != NULL);
    return p;
}

void *xrealloc(void *p, size_t size)
{
    void *q = realloc(p, size);
    CHECK(q != NULL);
    return q;
}

void buf_init(struct buf *b, size_t cap)
{
    *b = (struct buf){ .cap = cap };
}

void buf_fini(struct buf *b)
{
    free(b->p);
    *b = (struct buf){ .cap = b->cap };
}

void buf_wipe(struct buf *b)
{
    volatile uint8_t *p = b->p; /* volatile: the stores must not be optimised away before free */
    for (size_t i = 0; i < b->size; i++) {
        p[i] = 0;
    }
    buf_fini(b);
}

static bool reserve(struct buf *b, size_t more)
{
    if (more > b->cap - b->n) {
        return false;
    }
    if (b->n + more <= b->size) {
        return true;
    }
    size_t size = b->size == 0 ? BUF_FIRST_SIZE : b->size;
    while (size < b->n + more) {
        size *= 2;
    }
    b->p = xrealloc(b->p, size);
    b->size = size;
    return true;
}

bool buf_add(struct buf *b, struct span bytes)
{
    if (!reserve(b, bytes.n)) {
        return false;
    }
    if (bytes.n > 0) {
        memcpy(b->p + b->n, bytes.p, bytes.n);
        b->n += bytes.n;
    }
    return true;
}

bool buf_add_byte(struct buf *b, uint8_t byte)
{
    return buf_add(b, span_of(&byte, 1));
}

bool buf_addf(struct buf *b, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    va_list measure;
    va_copy(measure, ap);
    int n = vsnprintf(NULL, 0, fmt, measure);
    va_end(measure);
    CHECK(n >= 0);
    /* vsnprintf always writes a NUL, so one byte more than the text is needed for a moment. */
    bool ok = (size_t)n < b->cap - b->n && reserve(b, (size_t)n + 1);
    if (ok) {
        (void)vsnprintf((char *)b->p + b->n, (size_t)n + 1, fmt, ap);
        b->n += (size_t)n;
    }
    va_end(ap);
    return ok;
}

void buf_add_quoted(struct buf *b, struct span text)
{
    (void)buf_add_byte(b, '"');
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '"' || text.p[i] == '\\') {
            (void)buf_add_byte(b, '\\');
        }
        (void)buf_add_byte(b, text.p[i]);
    }
    (void)buf_add_byte(b, '"');
}

void buf_drop(struct buf *b, size_t n)
{
    CHECK(n <= b->n);
    if (n == 0) {
        return;
    }
    memmove(b->p, b->p + n, b->n - n);
    b->n -= n;
}

bool buf_set(struct buf *b, struct span bytes)
{
    if (bytes.n > b->cap) {
        return false;
    }
    buf_clear(b);
    return buf_add(b, bytes);
}
