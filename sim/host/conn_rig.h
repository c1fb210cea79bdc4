/* A connection over a loopback socket and its owner, who checks that events come one at a time and
 * never from inside a call. For tests only. */
#ifndef SIM_HOST_CONN_RIG_H
#define SIM_HOST_CONN_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"
#include "sim/host/conn_int.h"
#include "sim/host/host_rig.h"

#define DEADLINE_MS 20000
#define BIG         ((size_t)512 * 1024)

struct fixture {
    struct loop loop;
    struct connect_to connect_to;
    struct conn_env env;
    struct conn *conn;
    int listener;
    int peer; /* accepted, -1: none */
    uint16_t port;
    struct modem *modem; /* whose faults strike; NULL: none */
    unsigned ups, downs;
    bool inside; /* a call into conn is running: no event may come */
    enum link_end why;
    char detail[200];
    struct buf got;
    struct timer deadline;
    bool late;
    uv_prepare_t prepare;
};

static void on_up(void *ctx, unsigned link)
{
    struct fixture *f = ctx;
    assert_int_equal(link, 1);
    assert_false(f->inside);
    f->ups++;
    uv_stop(&f->loop.uv);
}

static void on_data(void *ctx, unsigned link, struct span bytes)
{
    struct fixture *f = ctx;
    assert_int_equal(link, 1);
    assert_int_equal(f->ups, 1);
    assert_true(buf_add(&f->got, bytes));
    uv_stop(&f->loop.uv);
}

static void on_down(void *ctx, unsigned link, enum link_end why, const char *detail)
{
    struct fixture *f = ctx;
    assert_int_equal(link, 1);
    assert_false(f->inside);
    f->downs++;
    uv_stop(&f->loop.uv);
    f->conn = NULL;
    f->why = why;
    (void)snprintf(f->detail, sizeof f->detail, "%s", detail);
}

static const struct conn_events events = { on_up, on_data, on_down };

static void on_deadline(struct timer *t)
{
    struct fixture *f = (struct fixture *)(void *)((char *)t - offsetof(struct fixture, deadline));
    f->late = true;
    uv_stop(&f->loop.uv);
}

static inline int set_up(void **state)
{
    struct fixture *f = xcalloc(1, sizeof *f);
    CHECK(loop_init(&f->loop) == 0);
    f->env.loop = &f->loop;
    f->env.connect_to = &f->connect_to;
    f->env.rng = tls_rng_new(NULL);
    buf_init(&f->got, BIG * 2);
    f->peer = -1;
    f->listener = rig_socket(SOCK_STREAM, &f->port);
    CHECK(listen(f->listener, 4) == 0);
    timer_arm(&f->loop.sched, &f->deadline, DEADLINE_MS, on_deadline);
    *state = f;
    return 0;
}

static inline int tear_down(void **state)
{
    struct fixture *f = *state;
    conn_hangup(&f->conn, false);
    conn_env_close(&f->env);
    timer_stop(&f->deadline);
    bool clean = loop_fini(&f->loop);
    tls_rng_free(&f->env.rng);
    buf_fini(&f->got);
    if (f->peer >= 0) {
        (void)close(f->peer);
    }
    (void)close(f->listener);
    free(f);
    return clean ? 0 : -1; /* -1: a handle was left over */
}

static inline void dial_to(struct fixture *f, const char *host, uint16_t port,
                           const struct tls_params *tls)
{
    const struct conn_owner owner = { .events = &events, .ctx = f, .link = 1, .modem = f->modem };
    const struct dial d = {
        .host = span_str(host), .port = port, .connect_ms = DEADLINE_MS, .tls = tls
    };
    f->inside = true;
    f->conn = conn_dial(&f->env, &owner, &d);
    f->inside = false;
}

static inline void run_until(struct fixture *f, const unsigned *count)
{
    while (*count == 0 && !f->late) {
        (void)uv_run(&f->loop.uv, UV_RUN_DEFAULT);
    }
    assert_false(f->late);
}

static inline void connected(struct fixture *f)
{
    dial_to(f, "127.0.0.1", f->port, NULL);
    f->peer = accept(f->listener, NULL, NULL);
    assert_true(f->peer >= 0);
    run_until(f, &f->ups);
}

static inline void assert_down(struct fixture *f, enum link_end why)
{
    run_until(f, &f->downs);
    assert_int_equal(f->downs, 1);
    if (f->why != why) {
        fail_msg("ended with %d (%s), not %d", f->why, f->detail, why);
    }
}

#endif
