#include "sim/host/trace_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "sim/host/trace_ring.h"
#include "sim/modem/modem.h"

#define TEXT_MAX ((size_t)1024 * 1024)

struct trace_file {
    int fd; /* -1 after a write error */
};

struct trace_file *trace_file_open(const char *path, struct reason *why)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0) {
        (void)reason_set(why, "cannot write the trace file %.200s: %s; choose another with --trace",
                         path, strerror(errno));
        return NULL;
    }
    struct trace_file *t = xcalloc(1, sizeof *t);
    t->fd = fd;
    return t;
}

void trace_file_close(struct trace_file **tp)
{
    if (*tp == NULL) {
        return;
    }
    if ((*tp)->fd >= 0) {
        (void)close((*tp)->fd);
    }
    free(*tp);
    *tp = NULL;
}

/* Length of the well-formed UTF-8 sequence at the beginning of s (RFC 3629), 0 when there is none.
 */
static size_t utf8_length(struct span s)
{
    uint8_t b = s.p[0];
    size_t n = b < 0x80                 ? 1
               : b >= 0xC2 && b <= 0xDF ? 2
               : b >= 0xE0 && b <= 0xEF ? 3
               : b >= 0xF0 && b <= 0xF4 ? 4
                                        : 0;
    if (n > s.n) {
        return 0;
    }
    for (size_t i = 1; i < n; i++) {
        if ((s.p[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    bool overlong = (b == 0xE0 && s.p[1] < 0xA0) || (b == 0xF0 && s.p[1] < 0x90);
    bool no_character = (b == 0xED && s.p[1] > 0x9F) || (b == 0xF4 && s.p[1] > 0x8F);
    return overlong || no_character ? 0 : n;
}

bool trace_escape(struct buf *out, struct span text)
{
    while (text.n > 0) {
        size_t n = utf8_length(text);
        bool ok;
        if (n == 0 || text.p[0] == 0) {
            n = 1;
            ok = buf_addf(out, "\\x%02X", text.p[0]);
        } else if (text.p[0] == '\\') {
            ok = buf_add(out, SPAN_LIT("\\\\"));
        } else {
            ok = buf_add(out, span_of(text.p, n));
        }
        if (!ok) {
            return false;
        }
        text = span_from(text, n);
    }
    return true;
}

static void add_field(cJSON *object, const struct trace_field *f)
{
    if (f->type == TRACE_INT) {
        (void)cJSON_AddNumberToObject(object, f->name, (double)f->num);
        return;
    }
    struct buf text;
    buf_init(&text, TEXT_MAX);
    if (trace_escape(&text, f->text) && buf_add_byte(&text, 0)) {
        (void)cJSON_AddStringToObject(object, f->name, (const char *)text.p);
    } else {
        (void)cJSON_AddStringToObject(object, f->name, "(too long for the trace)");
    }
    buf_fini(&text);
}

/* One write per event, so that a reader never sees half a line of it. */
static void write_line(struct trace_file *t, char *json)
{
    size_t n = strlen(json);
    json[n] = '\n'; /* in the place of the NUL */
    const char *p = json;
    for (n++; n > 0;) {
        ssize_t done = write(t->fd, p, n);
        if (done < 0 && errno != EINTR) {
            say("the trace ends here: %s", strerror(errno));
            (void)close(t->fd);
            t->fd = -1;
            return;
        }
        p += done > 0 ? done : 0;
        n -= done > 0 ? (size_t)done : 0;
    }
}

cJSON *trace_object(uint64_t ms, unsigned modem, const char *event,
                    const struct trace_field *fields, size_t n)
{
    cJSON *object = cJSON_CreateObject();
    (void)cJSON_AddNumberToObject(object, "t", (double)ms);
    (void)cJSON_AddNumberToObject(object, "modem", modem);
    (void)cJSON_AddStringToObject(object, "event", event);
    for (size_t i = 0; i < n; i++) {
        add_field(object, &fields[i]);
    }
    return object;
}

static void sink(void *ctx, const char *event, const struct trace_field *fields, size_t n)
{
    const struct trace_writer *w = ctx;
    const struct trace_targets *to = w->to;
    uint64_t ms = uv_now(&to->loop->uv) - to->start;
    if (to->ring != NULL) {
        trace_ring_add(to->ring, ms, w->modem, event, fields, n);
    }
    if (to->live.event != NULL) {
        to->live.event(to->live.ctx, ms, w->modem, event, fields, n);
    }
    if (w->faults != NULL) {
        modem_see(w->faults, event, fields, n);
    }
    if (to->file == NULL || to->file->fd < 0) {
        return;
    }
    cJSON *object = trace_object(ms, w->modem, event, fields, n);
    char *json = cJSON_PrintUnformatted(object);
    cJSON_Delete(object);
    if (json != NULL) {
        write_line(to->file, json);
        cJSON_free(json);
    }
}

void trace_writer_init(struct trace_writer *w, const struct trace_targets *to, unsigned modem)
{
    *w = (struct trace_writer){ .to = to, .modem = modem };
    w->trace =
        (struct trace){ .sink = to->file == NULL && to->ring == NULL ? NULL : sink, .ctx = w };
}
