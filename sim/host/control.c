#include "sim/host/control.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "sim/host/listen.h"

#define PEERS_MAX   16
#define ANSWERS_MAX ((size_t)1024 * 1024) /* unread answers of one peer */

struct peer {
    uv_pipe_t pipe;
    struct control *control; /* NULL once it is being closed */
    struct buf line;
    uint8_t rx[4096];
};

struct control {
    uv_pipe_t server;
    struct loop *loop;
    const struct control_facts *facts;
    struct peer *peers[PEERS_MAX];
    char path[PATH_MAX];
};

/* One answer on its way. */
struct answer {
    uv_write_t req;
    struct buf text;
};

static void on_peer_closed(uv_handle_t *h)
{
    struct peer *p = h->data;
    buf_fini(&p->line);
    free(p);
}

static void drop(struct peer *p)
{
    struct control *c = p->control;
    if (c == NULL) {
        return;
    }
    for (size_t i = 0; i < PEERS_MAX; i++) {
        if (c->peers[i] == p) {
            c->peers[i] = NULL;
        }
    }
    p->control = NULL;
    uv_close((uv_handle_t *)&p->pipe, on_peer_closed);
}

static void on_answered(uv_write_t *req, int status)
{
    struct answer *a = req->data;
    struct peer *p = req->handle->data;
    buf_fini(&a->text);
    free(a);
    if (status < 0) {
        drop(p);
    }
}

static void answer(struct peer *p, struct span request)
{
    if (uv_stream_get_write_queue_size((uv_stream_t *)&p->pipe) > ANSWERS_MAX) {
        drop(p); /* asks and never reads */
        return;
    }
    struct answer *a = xcalloc(1, sizeof *a);
    buf_init(&a->text, ANSWERS_MAX);
    control_answer(p->control->facts, request, &a->text);
    a->req.data = a;
    uv_buf_t b = uv_buf_init((char *)a->text.p, (unsigned)a->text.n);
    if (uv_write(&a->req, (uv_stream_t *)&p->pipe, &b, 1, on_answered) != 0) {
        buf_fini(&a->text);
        free(a);
        drop(p);
    }
}

static void take_lines(struct peer *p, struct span bytes)
{
    while (bytes.n > 0 && p->control != NULL) {
        const uint8_t *end = memchr(bytes.p, '\n', bytes.n);
        size_t n = end == NULL ? bytes.n : (size_t)(end - bytes.p);
        if (!buf_add(&p->line, (struct span){ bytes.p, n })) {
            drop(p);
            return;
        }
        if (end == NULL) {
            return;
        }
        if (p->line.n > 0) {
            answer(p, buf_span(&p->line));
        }
        buf_clear(&p->line);
        bytes = span_from(bytes, n + 1);
    }
}

static void on_buffer(uv_handle_t *h, size_t suggested, uv_buf_t *ret)
{
    struct peer *p = h->data;
    (void)suggested;
    *ret = uv_buf_init((char *)p->rx, sizeof p->rx);
}

static void on_read(uv_stream_t *s, ssize_t n, const uv_buf_t *b)
{
    struct peer *p = s->data;
    if (p->control == NULL || n == 0) {
        return;
    }
    loop_tick(p->control->loop);
    if (n < 0) {
        drop(p);
        return;
    }
    take_lines(p, span_of(b->base, (size_t)n));
}

static void on_peer(uv_stream_t *server, int status)
{
    struct control *c = server->data;
    if (status < 0) {
        return;
    }
    struct peer *p = xcalloc(1, sizeof *p);
    buf_init(&p->line, CONTROL_LINE_MAX);
    (void)uv_pipe_init(&c->loop->uv, &p->pipe, 0);
    p->pipe.data = p;
    size_t slot = 0;
    while (slot < PEERS_MAX && c->peers[slot] != NULL) {
        slot++;
    }
    int rc = uv_accept(server, (uv_stream_t *)&p->pipe);
    if (rc != 0 || slot == PEERS_MAX) {
        uv_close((uv_handle_t *)&p->pipe, on_peer_closed);
        return;
    }
    p->control = c;
    c->peers[slot] = p;
    if (uv_read_start((uv_stream_t *)&p->pipe, on_buffer, on_read) != 0) {
        drop(p);
    }
}

struct control *control_open(const char *path, struct loop *l, const struct control_facts *facts,
                             struct reason *why)
{
    int fd;
    if (!listen_unix(path, &fd, why)) {
        return NULL;
    }
    struct control *c = xcalloc(1, sizeof *c);
    c->loop = l;
    c->facts = facts;
    (void)snprintf(c->path, sizeof c->path, "%s", path);
    (void)uv_pipe_init(&l->uv, &c->server, 0);
    c->server.data = c;
    int rc = uv_pipe_open(&c->server, fd);
    rc = rc != 0 ? rc : uv_listen((uv_stream_t *)&c->server, PEERS_MAX, on_peer);
    if (rc != 0) {
        (void)reason_set(why, "cannot listen on %s: %s", path, uv_strerror(rc));
        control_close(&c);
    }
    return c;
}

static void on_server_closed(uv_handle_t *h)
{
    free(h->data);
}

void control_close(struct control **cp)
{
    struct control *c = *cp;
    *cp = NULL;
    if (c == NULL) {
        return;
    }
    for (size_t i = 0; i < PEERS_MAX; i++) {
        if (c->peers[i] != NULL) {
            drop(c->peers[i]);
        }
    }
    (void)unlink(c->path);
    uv_close((uv_handle_t *)&c->server, on_server_closed);
}
