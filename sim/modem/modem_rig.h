/* A whole modem with virtual time and a world in memory, for its tests: links are recorded and
 * answered by the test, files are kept in arrays, the trace is collected as text. The rig checks on
 * the way that the modem keeps its side of struct modem_host. The test owns the rig. For tests
 * only.
 */
#ifndef SIM_MODEM_MODEM_RIG_H
#define SIM_MODEM_MODEM_RIG_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/check.h"
#include "sim/modem/exchange.h"
#include "sim/modem/modem.h"
#include "sim/modem/modem_query_rig.h"
#include "sim/modem/profile.h"

#define RIG_CAP   ((size_t)4 << 20)
#define RIG_FILES 20

#define LN(text) "\r\n" text "\r\n"
#define OKAY     LN("OK")
#define ERR      LN("ERROR")

struct rig_file {
    enum modem_file kind;
    char name[300];
    struct buf content;
};

/* What the last dial of a link asked for, and what happened on it. */
struct rig_link {
    unsigned dials, hangups;
    bool open, up, flushed;
    char host[300];
    uint16_t port;
    uint32_t connect_ms;
    bool tls;
    struct tls_params params; /* its spans are in ca, cert, key, password */
    struct buf ca, cert, key, password;
    struct buf sent;
};

struct rig {
    struct sched sched;
    struct trace trace;
    struct buf trail; /* the trace: "event name=value …", each with a line feed */
    struct profile profile;
    struct modem_cfg cfg;
    struct modem *m;
    struct buf said; /* what the modem wrote and the test has not looked at */
    bool deaf;       /* nobody reads the port */
    struct rig_link link[MODEM_LINKS];
    struct rig_query query[MODEM_QUERIES];
    struct rig_file file[RIG_FILES];
    size_t files;
    int file_error; /* not 0: every file function fails with it */
    unsigned tx_ready;
    bool port_gone;
    uint32_t baud; /* of the UART, once it was changed */
    struct exchange *exchange;
    unsigned index;     /* of the modem */
    struct rig *beside; /* the modem is one more on the exchange and the clock of this rig */
};

static inline struct sched *rig_sched(struct rig *r)
{
    return r->beside == NULL ? &r->sched : &r->beside->sched;
}

/* --- the host --- */

static void rig_dial(void *ctx, unsigned link, const struct dial *d)
{
    struct rig *r = ctx;
    struct rig_link *l = &r->link[link];
    assert_false(l->open);
    l->dials++;
    l->open = true;
    l->up = l->flushed = false;
    (void)snprintf(l->host, sizeof l->host, "%.*s", (int)d->host.n, (const char *)d->host.p);
    l->port = d->port;
    l->connect_ms = d->connect_ms;
    l->tls = d->tls != NULL;
    buf_clear(&l->sent);
    if (d->tls != NULL) {
        l->params = *d->tls;
        assert_true(buf_set(&l->ca, d->tls->ca));
        assert_true(buf_set(&l->cert, d->tls->cert));
        assert_true(buf_set(&l->key, d->tls->key));
        assert_true(buf_set(&l->password, d->tls->key_password));
    }
}

static void rig_send(void *ctx, unsigned link, struct span bytes)
{
    struct rig *r = ctx;
    assert_true(r->link[link].open && r->link[link].up);
    assert_true(buf_add(&r->link[link].sent, bytes));
}

static void rig_hangup(void *ctx, unsigned link, bool flush)
{
    struct rig *r = ctx;
    assert_true(r->link[link].open);
    r->link[link].open = r->link[link].up = false;
    r->link[link].flushed = flush;
    r->link[link].hangups++;
}

static void rig_ask(void *ctx, unsigned id, const struct query *q)
{
    struct rig *r = ctx;
    assert_true(id < MODEM_QUERIES);
    rig_query_begin(&r->query[id], q);
}

static void rig_ask_no_more(void *ctx, unsigned id)
{
    struct rig *r = ctx;
    assert_true(id < MODEM_QUERIES);
    rig_query_cancel(&r->query[id]);
}

static inline struct rig_file *rig_find(struct rig *r, enum modem_file kind, struct span name)
{
    for (size_t i = 0; i < r->files; i++) {
        if (r->file[i].kind == kind && span_eq(span_str(r->file[i].name), name)) {
            return &r->file[i];
        }
    }
    return NULL;
}

static int rig_put(void *ctx, enum modem_file kind, struct span name, struct span content)
{
    struct rig *r = ctx;
    assert_null(memchr(name.p, '/', name.n));
    if (r->file_error != 0) {
        return r->file_error;
    }
    struct rig_file *f = rig_find(r, kind, name);
    if (f == NULL) {
        size_t at = 0;
        while (at < r->files && memcmp(r->file[at].name, name.p, name.n) < 0) {
            at++;
        }
        assert_true(r->files < RIG_FILES && name.n < sizeof f->name);
        memmove(&r->file[at + 1], &r->file[at], (r->files - at) * sizeof r->file[0]);
        r->files++;
        f = &r->file[at];
        f->kind = kind;
        (void)snprintf(f->name, sizeof f->name, "%.*s", (int)name.n, (const char *)name.p);
        buf_init(&f->content, RIG_CAP);
    }
    assert_true(buf_set(&f->content, content));
    return 0;
}

static int rig_get(void *ctx, enum modem_file kind, struct span name, struct buf *ret_content)
{
    struct rig *r = ctx;
    const struct rig_file *f = rig_find(r, kind, name);
    if (r->file_error != 0) {
        return r->file_error;
    }
    return f == NULL ? -ENOENT : (buf_set(ret_content, buf_span(&f->content)) ? 0 : -EFBIG);
}

static int rig_remove(void *ctx, enum modem_file kind, struct span name)
{
    struct rig *r = ctx;
    struct rig_file *f = rig_find(r, kind, name);
    if (f == NULL || r->file_error != 0) {
        return f == NULL ? -ENOENT : r->file_error;
    }
    size_t at = (size_t)(f - r->file);
    buf_fini(&f->content);
    r->files--;
    memmove(f, f + 1, (r->files - at) * sizeof *f);
    return 0;
}

static int rig_list(void *ctx, enum modem_file kind, void (*each)(void *arg, struct span name),
                    void *arg)
{
    struct rig *r = ctx;
    for (size_t i = 0; r->file_error == 0 && i < r->files; i++) {
        if (r->file[i].kind == kind) {
            each(arg, span_str(r->file[i].name));
        }
    }
    return r->file_error;
}

static void rig_tx_ready(void *ctx)
{
    struct rig *r = ctx;
    r->tx_ready++;
}

static void rig_port_present(void *ctx, bool present)
{
    struct rig *r = ctx;
    r->port_gone = !present;
}

static void rig_line_speed(void *ctx, uint32_t baud)
{
    struct rig *r = ctx;
    r->baud = baud;
}

static const struct modem_host rig_host = {
    .dial = rig_dial,
    .send = rig_send,
    .hangup = rig_hangup,
    .query = rig_ask,
    .query_cancel = rig_ask_no_more,
    .file_put = rig_put,
    .file_get = rig_get,
    .file_remove = rig_remove,
    .file_list = rig_list,
    .tx_ready = rig_tx_ready,
    .port_present = rig_port_present,
    .line_speed = rig_line_speed,
};

static void rig_trace(void *ctx, const char *event, const struct trace_field *fields, size_t n)
{
    struct rig *r = ctx;
    assert_true(buf_addf(&r->trail, "%s", event));
    for (size_t i = 0; i < n; i++) {
        assert_true(buf_addf(&r->trail, " %s=", fields[i].name));
        if (fields[i].type == TRACE_INT) {
            assert_true(buf_addf(&r->trail, "%lld", (long long)fields[i].num));
        } else {
            assert_true(buf_add(&r->trail, fields[i].text));
        }
    }
    assert_true(buf_add_byte(&r->trail, '\n'));
    if (r->m != NULL) {
        modem_see(r->m, event, fields, n);
    }
}

/* --- life --- */

/* Times as short as tests want them, each with its own value so that they can be told apart. */
#define RIG_TIMES                                                                                  \
    "time_percent = 100\nboot.rdy_ms = 50\nboot.cpin_ms = 60\nboot.sms_ms = 80\nboot.pb_ms = "     \
    "100\n"                                                                                        \
    "reset_ms = 50\nregister_ms = 0\nbearer_ms = 400\nscan_ms = 1000\n"
#define RIG_UTC INT64_C(1715942096) /* 2024-05-17 10:34:56 */

static inline void rig_make(struct rig *r, const char *profile, bool boot)
{
    r->trace = (struct trace){ .sink = rig_trace, .ctx = r };
    buf_init(&r->trail, RIG_CAP);
    buf_init(&r->said, RIG_CAP);
    for (unsigned i = 0; i < MODEM_LINKS; i++) {
        struct rig_link *l = &r->link[i];
        struct buf *all[] = { &l->ca, &l->cert, &l->key, &l->password, &l->sent };
        for (size_t j = 0; j < ARRAY_LEN(all); j++) {
            buf_init(all[j], RIG_CAP);
        }
    }
    char error[256] = "";
    profile_default(&r->profile);
    assert_true(profile_parse(&r->profile, span_str(RIG_TIMES), error, sizeof error));
    if (!profile_parse(&r->profile, span_str(profile), error, sizeof error)) {
        fail_msg("%s", error);
    }
    r->cfg = (struct modem_cfg){ .profile = &r->profile,
                                 .trace = &r->trace,
                                 .index = r->index,
                                 .exchange = r->exchange,
                                 .utc = RIG_UTC,
                                 .boot = boot };
    r->m = modem_new(&r->cfg, rig_sched(r), &rig_host, r);
}

/* A modem with the default profile changed by 'profile' (lines of a profile file), switched on. */
static inline void rig_start_boot(struct rig *r, const char *profile, bool boot)
{
    *r = (struct rig){ 0 };
    r->exchange = exchange_new(&r->sched);
    rig_make(r, profile, boot);
}

/* One more modem of the same process, with a host of its own. It must end before the first. */
static inline void rig_start_beside(struct rig *r, struct rig *first, const char *profile)
{
    *r = (struct rig){ .beside = first, .exchange = first->exchange, .index = first->index + 1 };
    rig_make(r, profile, false);
}

static inline void rig_start(struct rig *r, const char *profile)
{
    rig_start_boot(r, profile, false);
}

/* Changes keys of world.def: lines of a profile file. */
static inline void rig_world(struct rig *r, const char *lines)
{
    struct span rest = span_str(lines);
    while (rest.n > 0) {
        const uint8_t *end = memchr(rest.p, '\n', rest.n);
        struct span line = span_of(rest.p, end == NULL ? rest.n : (size_t)(end - rest.p));
        rest = span_from(rest, line.n + 1);
        const uint8_t *equals = memchr(line.p, '=', line.n);
        assert_non_null(equals);
        size_t at = (size_t)(equals - line.p);
        char error[256] = "";
        if (!modem_set(r->m, span_of(line.p, at - 1), span_from(line, at + 2), error,
                       sizeof error)) {
            fail_msg("%s", error);
        }
    }
}

/* The power is cut and comes back: what was in RAM is gone, files stay. */
static inline void rig_restart(struct rig *r)
{
    modem_free(&r->m);
    assert_null(r->sched.head);
    buf_clear(&r->said);
    r->m = modem_new(&r->cfg, &r->sched, &rig_host, r);
}

/* Nothing may be left over: no armed timer, no query; memory is the sanitizer's business. */
static inline void rig_end(struct rig *r)
{
    modem_free(&r->m);
    if (r->beside == NULL) {
        exchange_free(&r->exchange);
        assert_null(r->sched.head);
    }
    for (unsigned i = 0; i < MODEM_QUERIES; i++) {
        assert_false(r->query[i].open);
    }
    for (unsigned i = 0; i < MODEM_LINKS; i++) {
        struct rig_link *l = &r->link[i];
        struct buf *all[] = { &l->ca, &l->cert, &l->key, &l->password, &l->sent };
        for (size_t j = 0; j < ARRAY_LEN(all); j++) {
            buf_fini(all[j]);
        }
    }
    for (size_t i = 0; i < r->files; i++) {
        buf_fini(&r->file[i].content);
    }
    buf_fini(&r->trail);
    buf_fini(&r->said);
}

/* --- the UART and time --- */

static inline void rig_read(struct rig *r)
{
    if (!r->deaf) {
        struct span tx = modem_tx(r->m);
        assert_true(buf_add(&r->said, tx));
        modem_tx_done(r->m, tx.n);
    }
}

static inline void rig_type(struct rig *r, struct span bytes)
{
    modem_rx(r->m, bytes);
    rig_read(r);
}

/* Lets 'ms' pass, with every timer at its own time. */
static inline void rig_pass(struct rig *r, uint64_t ms)
{
    struct sched *s = rig_sched(r);
    uint64_t until = s->now + ms;
    uint64_t due = 0;
    while (sched_next(s, &due) && due <= until) {
        sched_run(s, due);
        rig_read(r);
    }
    sched_run(s, until);
    rig_read(r);
}

static inline void rig_escape(struct span bytes, char *out, size_t size)
{
    size_t n = 0;
    for (size_t i = 0; i < bytes.n && n + 5 < size; i++) {
        uint8_t c = bytes.p[i];
        if (c >= 0x20 && c < 0x7F) {
            out[n++] = (char)c;
        } else {
            n += (size_t)snprintf(out + n, size - n,
                                  c == '\r'   ? "\\r"
                                  : c == '\n' ? "\\n"
                                              : "\\x%02x",
                                  c);
        }
    }
    out[n] = '\0';
}

static inline void rig_compare(struct span got, struct span want, const char *about,
                               const char *file, int line)
{
    if (!span_eq(got, want)) {
        char a[3000];
        char b[3000];
        rig_escape(want, a, sizeof a);
        rig_escape(got, b, sizeof b);
        print_error("%s:%d: %s\n  wanted: %s\n  got:    %s\n", file, line, about, a, b);
        fail();
    }
}

/* What the modem has written since the last look. */
static inline void rig_said(struct rig *r, struct span want, const char *about, const char *file,
                            int line)
{
    rig_read(r); /* another rig may have let the time pass */
    rig_compare(buf_span(&r->said), want, about, file, line);
    buf_clear(&r->said);
}

#define SAID(r, want) rig_said((r), SPAN_LIT(want), "output", __FILE__, __LINE__)
/* Types 'in'; the modem must write exactly 'want'. */
#define SAY(r, in, want)                                                                           \
    (rig_type((r), SPAN_LIT(in)), rig_said((r), SPAN_LIT(want), in, __FILE__, __LINE__))
/* Lets time pass; the modem must write exactly 'want' in it. */
#define PASS(r, ms, want)                                                                          \
    (rig_pass((r), (ms)), rig_said((r), SPAN_LIT(want), "after " #ms " ms", __FILE__, __LINE__))
#define TYPE(r, in) rig_type((r), SPAN_LIT(in))

/* --- the broker --- */

/* A modem that is up, its echo off. */
static inline void rig_start_quiet(struct rig *r, const char *profile)
{
    rig_start(r, profile);
    SAY(r, "ATE0\r", "ATE0\r" OKAY);
}

/* Changes one key of world.def; what follows at once is read. */
static inline void rig_set(struct rig *r, const char *key, const char *value)
{
    char error[256] = "";
    if (!modem_set(r->m, span_str(key), span_str(value), error, sizeof error)) {
        fail_msg("%s", error);
    }
    rig_pass(r, 0);
}

/* AT+CRESET, and the echo off again; what the modem said meanwhile is forgotten. */
static inline void rig_reset(struct rig *r)
{
    TYPE(r, "AT+CRESET\r");
    rig_pass(r, 5000);
    TYPE(r, "ATE0\r");
    rig_pass(r, 100);
    buf_clear(&r->said);
}

/* Text in the trace. */
static inline bool rig_traced(const struct rig *r, const char *text)
{
    struct span t = span_str(text);
    for (size_t i = 0; i + t.n <= r->trail.n; i++) {
        if (memcmp(r->trail.p + i, t.p, t.n) == 0) {
            return true;
        }
    }
    return false;
}

#endif
