#include <sys/socket.h>

#include "sim/host/conn_int.h"

#define PLAIN_SIZE 4096

/* ---- sending ---- */

static void stream_failed(struct conn *c, int rc)
{
    enum link_end why = conn_stream_error(rc);
    if (c->phase == DRAINING) {
        conn_go(c);
        return;
    }
    if (c->tls != NULL) {
        tls_feed_end(c->tls, true);
        why = tls_why(c->tls);
        conn_fail_later(c, why, tls_detail(c->tls));
        return;
    }
    conn_fail_later(c, why, uv_strerror(rc));
}

static void on_written(uv_write_t *req, int status)
{
    struct conn *c = req->data;
    c->pending--;
    c->writing = false;
    buf_clear(&c->flying);
    if (c->phase == GONE) {
        conn_release(c);
        return;
    }
    loop_tick(c->env->loop);
    if (status < 0) {
        stream_failed(c, status);
        return;
    }
    conn_pump(c);
}

static void on_shutdown(uv_shutdown_t *req, int status)
{
    struct conn *c = req->data;
    c->pending--;
    if (c->phase == DRAINING && (status < 0 || c->peer_ended)) {
        conn_go(c);
        return;
    }
    conn_release(c);
}

static void begin_shutdown(struct conn *c)
{
    c->shutting = true;
    c->shutdown.data = c;
    if (uv_shutdown(&c->shutdown, (uv_stream_t *)&c->tcp, on_shutdown) != 0) {
        conn_go(c);
        return;
    }
    c->pending++;
}

static void write_rest(struct conn *c, struct buf *out)
{
    struct buf empty = c->flying;
    c->flying = *out;
    *out = empty;
    out->cap = c->flying.cap; /* what it may hold stays the same */
    c->write.data = c;
    uv_buf_t b = uv_buf_init((char *)c->flying.p, (unsigned)c->flying.n);
    int rc = uv_write(&c->write, (uv_stream_t *)&c->tcp, &b, 1, on_written);
    if (rc != 0) {
        stream_failed(c, rc);
        return;
    }
    c->writing = true;
    c->pending++;
}

/* Sends the queue: at once what the socket takes, the rest through libuv; when draining, FIN behind
 * it. */
void conn_pump(struct conn *c)
{
    if (c->writing || !c->tcp_live || c->shutting) {
        return;
    }
    struct buf *out = conn_is_faulty(c) ? conn_fault_out(c) : &c->out;
    if (out->n > 0) {
        uv_buf_t b = uv_buf_init((char *)out->p, (unsigned)out->n);
        int n = uv_try_write((uv_stream_t *)&c->tcp, &b, 1);
        if (n < 0 && n != UV_EAGAIN) {
            stream_failed(c, n);
            return;
        }
        buf_drop(out, n > 0 ? (size_t)n : 0);
        if (out->n > 0) {
            write_rest(c, out);
            return;
        }
    }
    if (c->phase == DRAINING && !conn_fault_waits(c) && !conn_fault_is_mute(c)) {
        begin_shutdown(c);
    }
}

void conn_send(struct conn *c, struct span bytes)
{
    if (c->phase != OPEN) {
        return;
    }
    if (c->tls != NULL) {
        tls_write(c->tls, bytes);
        if (tls_state(c->tls) == TLS_ENDED) {
            conn_fail_later(c, tls_why(c->tls), tls_detail(c->tls));
            return;
        }
    } else if (!buf_add(&c->out, bytes)) {
        conn_fail_later(c, LINK_BROKEN, "the peer does not take what is sent to it: queue full");
        return;
    }
    conn_pump(c);
}

/* ---- receiving ---- */

static void open_up(struct conn *c)
{
    timer_stop(&c->timer);
    c->phase = OPEN;
    c->owner.events->up(c->owner.ctx, c->owner.link);
}

static void tls_received(struct conn *c, struct span bytes)
{
    uint8_t plain[PLAIN_SIZE];
    tls_feed(c->tls, bytes);
    for (;;) {
        size_t n = tls_read(c->tls, plain, sizeof plain);
        if (c->phase == HANDSHAKE && (n > 0 || tls_state(c->tls) == TLS_OPEN)) {
            conn_pump(c);
            open_up(c);
        }
        if (c->phase != OPEN || n == 0) {
            break;
        }
        c->owner.events->data(c->owner.ctx, c->owner.link, span_of(plain, n));
        if (c->phase != OPEN) {
            return; /* the owner hung up */
        }
    }
    if (c->owner.events == NULL) {
        return;
    }
    conn_pump(c);
    if (tls_state(c->tls) == TLS_ENDED) {
        conn_fail(c, tls_why(c->tls), tls_detail(c->tls));
    }
}

/* Where a reset comes together with the last bytes libuv reports them and then, without another
 * read, the end of the stream. */
static int end_or_reset(const struct conn *c, int rc)
{
    uv_os_fd_t fd;
    int err = 0;
    socklen_t size = sizeof err;
    if (rc == UV_EOF && uv_fileno((const uv_handle_t *)&c->tcp, &fd) == 0 &&
        getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &size) == 0 && err != 0) {
        return uv_translate_sys_error(err);
    }
    return rc;
}

void conn_ended(struct conn *c, int rc)
{
    c->peer_ended = true;
    if (c->phase == DRAINING) {
        if (!c->writing) {
            conn_go(c);
        }
        return;
    }
    if (c->tls != NULL) {
        tls_feed_end(c->tls, rc != UV_EOF);
        conn_fail(c, tls_why(c->tls), tls_detail(c->tls));
        return;
    }
    conn_fail(c, conn_stream_error(rc), rc == UV_EOF ? "FIN received" : uv_strerror(rc));
}

void conn_heard(struct conn *c, struct span bytes)
{
    if (c->phase == GONE || c->phase == DRAINING || c->owner.events == NULL) {
        return;
    }
    if (c->tls != NULL) {
        tls_received(c, bytes);
        return;
    }
    c->owner.events->data(c->owner.ctx, c->owner.link, bytes);
}

static void on_buffer(uv_handle_t *h, size_t suggested, uv_buf_t *ret)
{
    struct conn *c = h->data;
    (void)suggested;
    *ret = uv_buf_init((char *)c->env->rx, sizeof c->env->rx);
}

static void on_read(uv_stream_t *s, ssize_t n, const uv_buf_t *b)
{
    struct conn *c = s->data;
    loop_tick(c->env->loop);
    if (c->phase == GONE || n == 0) {
        return;
    }
    if (n < 0) {
        int rc = end_or_reset(c, (int)n);
        (void)uv_read_stop(s);
        if (!conn_is_faulty(c) || !conn_fault_ends(c, rc)) {
            conn_ended(c, rc);
        }
        return;
    }
    if (!conn_is_faulty(c) || !conn_fault_in(c, span_of(b->base, (size_t)n))) {
        conn_heard(c, span_of(b->base, (size_t)n));
    }
}

static void on_handshake_limit(struct timer *t)
{
    conn_fail(conn_of(t), LINK_TLS_TIMEOUT, "handshake not finished within negotiatetime");
}

void conn_connected(struct conn *c)
{
    timer_stop(&c->timer);
    (void)uv_tcp_nodelay(&c->tcp, 1);
    trace_emit(c->owner.trace, "tcp", TRACE_NUM("link", c->owner.link),
               TRACE_STR("step", "connected"));
    c->phase = HANDSHAKE;
    int rc = uv_read_start((uv_stream_t *)&c->tcp, on_buffer, on_read);
    if (rc != 0) {
        conn_fail(c, LINK_BROKEN, uv_strerror(rc));
        return;
    }
    if (c->tls == NULL) {
        open_up(c);
        return;
    }
    timer_arm(&c->env->loop->sched, &c->timer, c->handshake_ms, on_handshake_limit);
    conn_pump(c);
}
