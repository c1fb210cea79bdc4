/* Reading and writing of MQTT's data representations (MQTT 3.1.1, 1.5): bytes, 16-bit integers in
 * network order, strings and binary data with a 16-bit length in front.
 *
 * The reader walks over foreign bytes: it never moves past their end. The first read that wants
 * more than is there sets 'failed', returns zero or an empty span, and so does every read after it;
 * one look at 'failed' at the end is enough. The writer appends our own bytes to a struct buf: a
 * string over 65535 bytes is a bug of ours, a full buffer sets 'failed' and takes nothing more.
 * Neither owns the bytes it works on. */
#ifndef SIM_MQTT_CURSOR_H
#define SIM_MQTT_CURSOR_H

#include "base/buf.h"
#include "base/span.h"

struct reader {
    struct span rest; /* bytes not read yet */
    bool failed;
};

struct writer {
    struct buf *to;
    size_t start; /* length of 'to' when the writer was made */
    bool failed;
};

/* A reader over 'bytes', which must outlive it. */
struct reader reader_of(struct span bytes);

/* One byte; 16 bits, most significant byte first (1.5.2). 0 when there are too few bytes. */
uint8_t reader_u8(struct reader *r);
uint16_t reader_u16(struct reader *r);

/* The next n bytes, as a part of the bytes given to reader_of. Empty when there are fewer. */
struct span reader_bytes(struct reader *r, size_t n);

/* A string or binary data: 16-bit length, then as many bytes (1.5.3). */
struct span reader_string(struct reader *r);

/* A writer that appends to 'to', which must outlive it. */
struct writer writer_of(struct buf *to);

void writer_u8(struct writer *w, uint8_t v);
void writer_u16(struct writer *w, uint16_t v);
void writer_bytes(struct writer *w, struct span bytes);

/* 16-bit length, then the bytes; at most 65535. */
void writer_string(struct writer *w, struct span bytes);

/* Ends the writing: true when all of it fitted; otherwise takes back what was written, returns
 * false. */
bool writer_end(struct writer *w);

#endif
