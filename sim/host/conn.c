#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"
#include "sim/host/conn_int.h"

#define QUEUE_MAX ((size_t)1024 * 1024)
#define LINGER_MS 5000 /* longest wait for a queue to drain and the peer's FIN after a hangup */

/* ---- the end ---- */

void conn_release(struct conn *c)
{
    if (c->phase != GONE || c->pending > 0) {
        return;
    }
    struct conn **at = &c->env->first;
    while (*at != c) {
        at = &(*at)->next;
    }
    *at = c->next;
    timer_stop(&c->timer);
    conn_fault_free(c);
    tls_free(&c->tls);
    if (c->addresses != NULL) {
        uv_freeaddrinfo(c->addresses);
    }
    buf_fini(&c->out);
    buf_fini(&c->flying);
    free(c);
}

static void on_closed(uv_handle_t *h)
{
    struct conn *c = h->data;
    c->pending--;
    conn_release(c);
}

void conn_go(struct conn *c)
{
    timer_stop(&c->timer);
    if (c->phase == RESOLVING && c->pending > 0) {
        (void)uv_cancel((uv_req_t *)&c->resolve);
    }
    c->phase = GONE;
    if (c->tcp_live) {
        c->tcp_live = false;
        uv_close((uv_handle_t *)&c->tcp, on_closed);
        return;
    }
    conn_release(c);
}

static void on_linger_over(struct timer *t)
{
    conn_go(conn_of(t));
}

/* Nobody listens any more: sends what is queued, then FIN, then waits for the peer's FIN. Without
 * that wait unread bytes would turn our close into a reset that may overtake the queue. */
static void drain(struct conn *c)
{
    c->owner.events = NULL;
    if (c->phase != HANDSHAKE && c->phase != OPEN) {
        conn_go(c);
        return;
    }
    c->phase = DRAINING;
    if (conn_fault_is_mute(c)) {
        timer_stop(&c->timer);
        return; /* until the peer gives it up */
    }
    timer_arm(&c->env->loop->sched, &c->timer, LINGER_MS, on_linger_over);
    conn_pump(c);
}

static void report_down(struct conn *c, enum link_end why, const char *detail)
{
    struct conn_owner owner = c->owner;
    if (owner.events == NULL) {
        return;
    }
    static const char *const names[] = {
#define NAME_(name, text) text,
        LINK_END_LIST(NAME_)
#undef NAME_
    };
    trace_emit(owner.trace, "tcp", TRACE_NUM("link", owner.link), TRACE_STR("step", "down"),
               TRACE_STR("why", names[why]), TRACE_STR("detail", detail));
    timer_stop(&c->timer);
    c->owner.events = NULL;
    owner.events->down(owner.ctx, owner.link, why, detail);
}

void conn_fail(struct conn *c, enum link_end why, const char *detail)
{
    report_down(c, why, detail);
    drain(c);
}

static void on_deferred_failure(struct timer *t)
{
    struct conn *c = conn_of(t);
    conn_fail(c, c->failure, c->detail);
}

void conn_fail_later(struct conn *c, enum link_end why, const char *detail)
{
    if (c->owner.events == NULL) {
        return;
    }
    c->failure = why;
    if (detail != c->detail) {
        (void)snprintf(c->detail, sizeof c->detail, "%s", detail);
    }
    timer_arm(&c->env->loop->sched, &c->timer, 0, on_deferred_failure);
}

void conn_cut(struct conn *c, bool reset)
{
    if (c->phase == GONE) {
        return;
    }
    buf_clear(&c->out);
    enum link_end why = conn_stream_error(reset ? UV_ECONNRESET : UV_EOF);
    const char *detail = reset ? "a fault: RST" : "a fault: FIN";
    if (c->tls != NULL) {
        tls_feed_end(c->tls, reset);
        why = tls_why(c->tls);
    }
    buf_clear(&c->out); /* no alert either */
    report_down(c, why, detail);
    if (reset && c->tcp_live) {
        timer_stop(&c->timer);
        c->phase = GONE;
        c->tcp_live = false;
        if (uv_tcp_close_reset(&c->tcp, on_closed) != 0) { /* a FIN is on its way already */
            uv_close((uv_handle_t *)&c->tcp, on_closed);
        }
        return;
    }
    drain(c);
}

static void on_connect_limit(struct timer *t)
{
    struct conn *c = conn_of(t);
    conn_fail(c, LINK_CONNECT_TIMEOUT,
              c->phase == RESOLVING ? "name not resolved in time" : "no answer to SYN in time");
}

/* ---- the beginning, and letting go ---- */

static void set_up_tls(struct conn *c, const struct dial *d)
{
    c->handshake_ms = d->tls->handshake_ms;
    c->tls = tls_new(d->tls, d->host, &c->out, c->env->rng, c->owner.trace, c->owner.link);
    if (tls_state(c->tls) == TLS_ENDED) {
        conn_fail_later(c, tls_why(c->tls), tls_detail(c->tls));
    }
}

struct conn *conn_dial(struct conn_env *env, const struct conn_owner *owner, const struct dial *d)
{
    struct conn *c = xcalloc(1, sizeof *c);
    c->env = env;
    c->next = env->first;
    env->first = c;
    c->owner = *owner;
    c->phase = RESOLVING;
    buf_init(&c->out, QUEUE_MAX);
    buf_init(&c->flying, QUEUE_MAX);
    struct span host = d->host;
    uint16_t port = d->port;
    char name[CONNECT_TO_HOST_MAX + 1];
    bool is_name = connect_to_name(env->connect_to, &host, &port, name);
    trace_emit(owner->trace, "tcp", TRACE_NUM("link", owner->link), TRACE_STR("step", "dial"),
               TRACE_SPAN("host", d->host), TRACE_NUM("port", d->port), TRACE_SPAN("to_host", host),
               TRACE_NUM("to_port", port));
    if (!is_name) {
        conn_fail_later(c, LINK_DNS, "not a host name");
        return c;
    }
    if (!conn_fault_dials(c)) {
        return c;
    }
    if (d->tls != NULL) {
        set_up_tls(c, d);
        if (timer_armed(&c->timer)) {
            return c;
        }
    }
    timer_arm(&env->loop->sched, &c->timer, d->connect_ms, on_connect_limit);
    conn_reach(c, name, port);
    return c;
}

void conn_hangup(struct conn **cp, bool flush)
{
    struct conn *c = *cp;
    *cp = NULL;
    if (c == NULL) {
        return;
    }
    trace_emit(c->owner.trace, "tcp", TRACE_NUM("link", c->owner.link),
               TRACE_STR("step", "hangup"));
    c->owner.events = NULL;
    if (conn_fault_is_mute(c)) {
        drain(c);
        return;
    }
    if (!flush || c->phase != OPEN) {
        conn_go(c);
        return;
    }
    if (c->tls != NULL) {
        tls_close(c->tls);
    }
    drain(c);
}

void conn_forget(struct conn_env *env, const struct modem *m)
{
    for (struct conn *c = env->first; c != NULL; c = c->next) {
        if (c->owner.modem == m) {
            c->owner.modem = NULL;
        }
    }
}

void conn_env_close(struct conn_env *env)
{
    struct conn *next;
    for (struct conn *c = env->first; c != NULL; c = next) {
        next = c->next;
        c->owner.events = NULL;
        if (c->phase != GONE) {
            conn_go(c);
        }
    }
}
