/* --trace FILE: the event log as JSON Lines. One object per event, written at once:
 *     {"t":12,"modem":0,"event":"tcp","link":0,"step":"connected"}
 * 't' is milliseconds since the program's start, the other members are the event's fields. Texts
 * are UTF-8; so that any bytes can stand in one, a backslash is written as \\ and a NUL or a byte
 * that is not part of UTF-8 as \xHH (and JSON doubles those backslashes once more). What must not
 * be in a log never gets here: see base/trace.h. */
#ifndef SIM_HOST_TRACE_FILE_H
#define SIM_HOST_TRACE_FILE_H

#include "base/buf.h"
#include "base/trace.h"
#include "sim/host/loop.h"
#include "sim/host/say.h"

struct cJSON;
struct trace_file;
struct trace_ring;
struct modem;

/* Creates or empties 'path' (mode 0600: client ids and topics are nobody's business). NULL with the
 * reason. */
struct trace_file *trace_file_open(const char *path, struct reason *why);
void trace_file_close(struct trace_file **tp);

/* An event as the object that a line of the file is; the caller deletes it. */
struct cJSON *trace_object(uint64_t ms, unsigned modem, const char *event,
                           const struct trace_field *fields, size_t n);

/* Who wants every event at once: the control socket, while it has subscribers. */
struct trace_live {
    void (*event)(void *ctx, uint64_t ms, unsigned modem, const char *event,
                  const struct trace_field *fields, size_t n); /* NULL: nobody */
    void *ctx;
};

/* Where the events of the process go. 'file' and 'ring' may be NULL; without both a trace has no
 * sink. */
struct trace_targets {
    struct trace_file *file;
    struct trace_ring *ring;
    struct trace_live live;
    struct loop *loop;
    uint64_t start; /* the loop's time that is 0 in the trace */
};

/* One modem's way into the file, the ring and to subscribers; embedded in its owner, who passes
 * 'trace' on. */
struct trace_writer {
    const struct trace_targets *to;
    unsigned modem;
    struct modem *faults; /* whose faults may wait for an event; NULL while there is none */
    struct trace trace;
};

/* 'w' must not move afterwards; 'to' must outlive it. */
void trace_writer_init(struct trace_writer *w, const struct trace_targets *to, unsigned modem);

/* Appends 'text' as UTF-8 with the escapes above. False when 'out' is full. */
bool trace_escape(struct buf *out, struct span text);

#endif
