#include "sim/mqtt/cursor.h"

#include "base/check.h"

struct reader reader_of(struct span bytes)
{
    return (struct reader){ .rest = bytes };
}

struct span reader_bytes(struct reader *r, size_t n)
{
    if (r->failed || n > r->rest.n) {
        r->failed = true;
        return (struct span){ NULL, 0 };
    }
    struct span bytes = { r->rest.p, n };
    r->rest = span_from(r->rest, n);
    return bytes;
}

uint8_t reader_u8(struct reader *r)
{
    struct span b = reader_bytes(r, 1);
    return b.n == 1 ? b.p[0] : 0;
}

uint16_t reader_u16(struct reader *r)
{
    struct span b = reader_bytes(r, 2);
    return b.n == 2 ? (uint16_t)((unsigned)b.p[0] << 8 | b.p[1]) : 0;
}

struct span reader_string(struct reader *r)
{
    return reader_bytes(r, reader_u16(r));
}

struct writer writer_of(struct buf *to)
{
    return (struct writer){ .to = to, .start = to->n };
}

void writer_bytes(struct writer *w, struct span bytes)
{
    if (!w->failed && !buf_add(w->to, bytes)) {
        w->failed = true;
    }
}

void writer_u8(struct writer *w, uint8_t v)
{
    writer_bytes(w, span_of(&v, 1));
}

void writer_u16(struct writer *w, uint16_t v)
{
    const uint8_t b[2] = { (uint8_t)(v >> 8), (uint8_t)(v & 0xff) };
    writer_bytes(w, span_of(b, sizeof b));
}

void writer_string(struct writer *w, struct span bytes)
{
    CHECK(bytes.n <= UINT16_MAX);
    writer_u16(w, (uint16_t)bytes.n);
    writer_bytes(w, bytes);
}

bool writer_end(struct writer *w)
{
    if (w->failed) {
        w->to->n = w->start;
    }
    return !w->failed;
}
