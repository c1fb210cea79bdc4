/* What armed faults of the hook "link" do to a connection: its bytes, TLS included, go through here
 * in both directions while there are any. sim/modem/fault_link.c has the rows and says when they
 * strike. */
#include <stdlib.h>

#include "base/check.h"
#include "sim/host/conn_int.h"
#include "sim/link/tls_records.h"
#include "sim/modem/fault_link.h"
#include "sim/modem/modem.h"

#define WAY_MAX ((size_t)2 * 1024 * 1024)

/* One direction. */
struct way {
    struct conn_fault *f;
    enum link_direction direction;
    struct buf in;  /* not yet past the faults */
    struct buf out; /* past them */
    bool held;      /* nothing passes until the timer */
    bool late;      /* what is there has waited for its latency */
    uint64_t bytes; /* that passed */
    struct tls_records record;
    uint32_t records;
    struct timer timer;
};

struct conn_fault {
    struct conn *c;
    struct way way[LINK_DIRECTIONS];
    struct link_places places;
    uint32_t latency, jitter, rate, slice, slice_delay, slow_close; /* 0: none */
    unsigned asked;  /* bits of the rows for which the connection was an opportunity */
    bool stopped;    /* nothing passes any more */
    bool half_open;  /* ... and neither side sees the other's end */
    bool cut, reset; /* the end is on its way */
    int end;         /* the peer's end waits for what came before it; 0: none */
    struct timer timer;
};

static struct modem *modem_of(const struct conn *c)
{
    return c->owner.modem;
}

/* --- the end of a connection --- */

static void on_cut(struct timer *t)
{
    struct conn_fault *f =
        (struct conn_fault *)(void *)((char *)t - offsetof(struct conn_fault, timer));
    f->cut = true;
    conn_cut(f->c, f->reset);
}

static void cut_soon(struct conn_fault *f, bool reset, uint32_t ms)
{
    f->reset = reset;
    f->stopped = true;
    timer_arm(&f->c->env->loop->sched, &f->timer, ms, on_cut);
}

static void way_due(struct timer *t);

/* The longer of two waits counts. */
static void hold(struct way *w, uint32_t ms)
{
    struct sched *s = &w->f->c->env->loop->sched;
    if (!w->held || w->timer.due < sched_now(s) + ms) {
        timer_arm(s, &w->timer, ms, way_due);
    }
    w->held = true;
}

/* One that ends or stops the connection. */
static void strike(struct conn_fault *f, const struct fault *fault)
{
    uint32_t timeout = fault_link_number(fault, "timeout");
    switch (fault_link_which(fault)) {
    case LINK_FAULT_CLOSE:
    case LINK_FAULT_LIMIT_DATA:
        cut_soon(f, false, 0);
        break;
    case LINK_FAULT_RESET_PEER:
        cut_soon(f, true, 0);
        break;
    case LINK_FAULT_TIMEOUT:
        f->stopped = true;
        if (timeout > 0) {
            cut_soon(f, false, timeout);
        }
        break;
    case LINK_FAULT_HALF_OPEN:
        f->stopped = f->half_open = true;
        break;
    case LINK_FAULT_STALL:
        hold(&f->way[LINK_UPSTREAM], fault_link_number(fault, "ms"));
        hold(&f->way[LINK_DOWNSTREAM], fault_link_number(fault, "ms"));
        break;
    default:
        break;
    }
}

/* --- bytes --- */

/* What goes past in one piece: up to the next place, the end of a record, or a slice. */
static size_t piece(const struct way *w, size_t until_place)
{
    struct tls_records record = w->record;
    struct span rest = buf_span(&w->in);
    uint32_t length = 0;
    (void)tls_records_next(&record, &rest, &length);
    size_t n = w->in.n - rest.n;
    n = n < until_place ? n : until_place;
    if (w->f->slice > 0 && n > w->f->slice) {
        n = w->f->slice;
    }
    if (w->f->rate > 0 && n > w->f->rate) {
        n = w->f->rate; /* of a millisecond: 1 KB/s is a byte a millisecond */
    }
    return n;
}

static void pass(struct way *w, size_t n)
{
    struct span bytes = span_of(w->in.p, n);
    uint32_t length = 0;
    (void)buf_add(&w->out, bytes);
    w->bytes += n;
    if (tls_records_next(&w->record, &bytes, &length)) {
        w->records++;
    }
    buf_drop(&w->in, n);
}

static void ask(struct conn_fault *f)
{
    struct modem *m = modem_of(f->c);
    unsigned link = f->c->owner.link;
    for (enum fault_link what = LINK_FAULT_CLOSE; m != NULL && what < LINK_FAULTS; what++) {
        if ((f->asked & 1U << what) != 0 || !fault_link_awake(m, what)) {
            continue;
        }
        f->asked |= 1U << what;
        const struct fault *hit = fault_link_hit(m, what, link);
        if (hit == NULL) {
            continue;
        }
        strike(f, hit);
        f->latency += fault_link_number(hit, "latency");
        f->jitter += fault_link_number(hit, "jitter");
        f->rate = what == LINK_FAULT_BANDWIDTH ? fault_link_number(hit, "rate") : f->rate;
        if (what == LINK_FAULT_SLICER) {
            f->slice = fault_link_number(hit, "size");
            f->slice_delay = fault_link_number(hit, "delay");
        }
        f->slow_close += what == LINK_FAULT_SLOW_CLOSE ? fault_link_number(hit, "delay") : 0;
    }
}

/* Between 0 and jitter, from what has passed: the same run, the same waits. */
static uint32_t jitter_of(const struct way *w)
{
    uint32_t mixed = (uint32_t)(w->bytes * 2654435761U) >> 8;
    return w->f->jitter == 0 ? 0 : mixed % (w->f->jitter + 1);
}

/* Bytes wait before they pass: late, or after a slice. */
static bool waits_before(struct way *w)
{
    if (w->f->latency + w->f->jitter > 0 && !w->late) {
        w->late = true;
        hold(w, w->f->latency + jitter_of(w));
        return true;
    }
    return false;
}

static void run(struct way *w)
{
    struct conn_fault *f = w->f;
    while (w->in.n > 0 && !w->held && !f->stopped && !waits_before(w)) {
        const struct link_moment now = { f->c->owner.link, w->direction, w->bytes, w->records,
                                         &f->places };
        size_t until = SIZE_MAX;
        struct modem *m = modem_of(f->c);
        const struct fault *reached = m == NULL ? NULL : fault_link_reached(m, &now, &until);
        if (reached != NULL) {
            strike(f, reached);
            continue;
        }
        size_t n = piece(w, until);
        pass(w, n);
        if (f->rate > 0 || f->slice > 0) {
            hold(w, f->slice_delay + (f->rate > 0 ? (uint32_t)((n + f->rate - 1) / f->rate) : 0));
        }
    }
    w->late = w->late && w->in.n > 0;
    if (f->half_open) {
        buf_clear(&w->in);
    }
}

static void give(struct way *w)
{
    struct conn *c = w->f->c;
    if (w->direction == LINK_UPSTREAM) {
        conn_pump(c);
        return;
    }
    struct buf bytes = w->out;
    int end = w->in.n == 0 && !w->held && !w->f->stopped ? w->f->end : 0;
    buf_init(&w->out, WAY_MAX);
    if (bytes.n > 0) {
        conn_heard(c, buf_span(&bytes));
    }
    buf_fini(&bytes);
    if (end != 0 && c->phase != GONE) {
        w->f->end = 0;
        conn_ended(c, end);
    }
}

static void way_due(struct timer *t)
{
    struct way *w = (struct way *)(void *)((char *)t - offsetof(struct way, timer));
    w->held = false;
    run(w);
    give(w);
}

/* A stream with a hole in it would be worse than none. */
static void take(struct way *w, struct span bytes)
{
    if (!w->f->half_open && !buf_add(&w->in, bytes)) {
        conn_fail_later(w->f->c, LINK_BROKEN, "more waits for a fault to end than is kept");
    }
}

/* --- for the connection --- */

static struct conn_fault *faulty(struct conn *c)
{
    if (c->fault == NULL) {
        c->fault = xcalloc(1, sizeof *c->fault);
        c->fault->c = c;
        for (size_t i = 0; i < LINK_DIRECTIONS; i++) {
            struct way *w = &c->fault->way[i];
            w->f = c->fault;
            w->direction = (enum link_direction)i;
            buf_init(&w->in, WAY_MAX);
            buf_init(&w->out, WAY_MAX);
        }
    }
    return c->fault;
}

bool conn_is_faulty(struct conn *c)
{
    struct modem *m = modem_of(c);
    return c->fault != NULL || (m != NULL && fault_link_armed(m) && faulty(c) != NULL);
}

bool conn_fault_dials(struct conn *c)
{
    struct modem *m = modem_of(c);
    if (!conn_is_faulty(c)) { /* places count from the first byte on */
        return true;
    }
    if (fault_link_hit(m, LINK_FAULT_DNS, c->owner.link) != NULL) {
        conn_fail_later(c, LINK_DNS, "a fault: the name is not resolved");
        return false;
    }
    if (fault_link_hit(m, LINK_FAULT_DOWN, c->owner.link) != NULL) {
        conn_fail_later(c, LINK_REFUSED, "a fault: the connection is refused");
        return false;
    }
    return true;
}

struct buf *conn_fault_out(struct conn *c)
{
    struct conn_fault *f = c->fault;
    if (f == NULL) {
        return &c->out;
    }
    struct way *w = &f->way[LINK_UPSTREAM];
    if (f->cut) {
        return w->out.n > 0 ? &w->out : &c->out; /* what passed before the place */
    }
    if (c->out.n > 0) {
        ask(f);
        take(w, buf_span(&c->out));
        buf_clear(&c->out);
        run(w);
    }
    return &w->out;
}

bool conn_fault_in(struct conn *c, struct span bytes)
{
    struct conn_fault *f = c->fault;
    if (f == NULL || f->cut) {
        return false;
    }
    struct way *w = &f->way[LINK_DOWNSTREAM];
    ask(f);
    take(w, bytes);
    run(w);
    give(w);
    return true;
}

bool conn_fault_ends(struct conn *c, int rc)
{
    struct conn_fault *f = c->fault;
    if (f == NULL || f->cut || c->phase == DRAINING) {
        return false;
    }
    struct way *w = &f->way[LINK_DOWNSTREAM];
    if (f->stopped) {
        return true; /* nothing comes any more, the end neither */
    }
    if (f->slow_close > 0) {
        f->end = rc;
        hold(w, f->slow_close);
        f->slow_close = 0;
        return true;
    }
    if (w->in.n > 0 || w->held) {
        f->end = rc;
        return true;
    }
    return false;
}

bool conn_fault_waits(const struct conn *c)
{
    const struct conn_fault *f = c->fault;
    return f != NULL && !f->cut && !f->stopped && f->way[LINK_UPSTREAM].in.n > 0;
}

bool conn_fault_is_mute(const struct conn *c)
{
    return c->fault != NULL && c->fault->half_open;
}

void conn_strike(struct conn *c, const struct fault *fault)
{
    if (c->phase != GONE && c->phase != DRAINING) {
        strike(faulty(c), fault);
    }
}

void conn_fault_free(struct conn *c)
{
    struct conn_fault *f = c->fault;
    if (f == NULL) {
        return;
    }
    timer_stop(&f->timer);
    for (size_t i = 0; i < LINK_DIRECTIONS; i++) {
        timer_stop(&f->way[i].timer);
        buf_fini(&f->way[i].in);
        buf_fini(&f->way[i].out);
    }
    free(f);
    c->fault = NULL;
}
