/* A growable byte buffer with a hard cap. The owner embeds it, calls buf_init once and buf_fini at
 * the end. Appending beyond the cap fails as a whole and changes nothing; running out of memory
 * aborts. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/span.h"

struct buf {
    uint8_t *p;
    size_t n;    /* bytes in use */
    size_t size; /* bytes allocated */
    size_t cap;  /* most bytes it may ever hold */
};

/* Makes an empty buffer that may grow to 'cap' bytes. Allocates nothing yet. */
void buf_init(struct buf *b, size_t cap);

/* Releases the memory. The buffer is empty afterwards and may be used again with the same cap. */
void buf_fini(struct buf *b);

/* Overwrites the whole allocation with zeros, then releases it: for keys and passwords. */
void buf_wipe(struct buf *b);

/* Appends bytes. Returns false, and changes nothing, when the cap would be exceeded. */
bool buf_add(struct buf *b, struct span bytes);
bool buf_add_byte(struct buf *b, uint8_t byte);

/* Appends formatted text (no NUL). Returns false when the cap would be exceeded. */
bool buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Appends the text between double quotes, with a backslash before '"' and '\'. For text without
 * control characters that is a JSON string. Stops at the cap. */
void buf_add_quoted(struct buf *b, struct span text);

/* Removes the first n bytes (n <= b->n). */
void buf_drop(struct buf *b, size_t n);

/* Empties the buffer and keeps its memory. */
static inline void buf_clear(struct buf *b)
{
    b->n = 0;
}

/* What the buffer holds; valid until the next call that changes it. */
static inline struct span buf_span(const struct buf *b)
{
    return (struct span){ b->p, b->n };
}

/* Replaces the content. Returns false, and changes nothing, when the cap would be exceeded. */
bool buf_set(struct buf *b, struct span bytes);

/* malloc/realloc that abort when there is no memory: no error path that cannot be tested. */
void *xcalloc(size_t count, size_t size);
void *xrealloc(void *p, size_t size);

#endif
