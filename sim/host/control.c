#include "sim/host/control.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "sim/host/listen.h"
#include "sim/host/trace_file.h"
#include "sim/host/trace_ring.h"

#define PEERS_MAX   16
#define ANSWERS_MAX ((size_t)1024 * 1024) /* unread answers of one peer */

struct peer {
    uv_pipe_t pipe;
    struct control *control; /* NULL once it is being closed */
    struct buf line;
    struct control_subscription subscription;
    struct buf events; /* of this turn of the loop */
    uint8_t rx[4096];
};

struct control {
    uv_pipe_t server;
    uv_prepare_t flush; /* runs while there are events to be sent */
    struct loop *loop;
    const struct control_facts *facts;
    struct trace_live *live;
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
    buf_fini(&p->events);
    free(p);
}

/* Whether anybody wants events decides whether the traces bring them. */
static void count_subscribers(struct control *c);

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
    count_subscribers(c);
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

/* Sends 'text', and takes it over. */
static void send_text(struct peer *p, struct buf *text)
{
    struct answer *a = xcalloc(1, sizeof *a);
    a->text = *text;
    buf_init(text, ANSWERS_MAX);
    a->req.data = a;
    uv_buf_t b = uv_buf_init((char *)a->text.p, (unsigned)a->text.n);
    if (uv_write(&a->req, (uv_stream_t *)&p->pipe, &b, 1, on_answered) != 0) {
        buf_fini(&a->text);
        free(a);
        drop(p);
    }
}

/* Tells a peer why it goes. One that does not read what is on its way already goes without. */
static void refuse(uv_pipe_t *pipe, size_t max, const char *of_what)
{
    char line[128];
    int n = snprintf(line, sizeof line, "{\"error\":\"there are at most %zu %s\"}\n", max, of_what);
    uv_buf_t b = uv_buf_init(line, (unsigned)n);
    (void)uv_try_write((uv_stream_t *)pipe, &b, 1);
}

/* --- events --- */

static void send_events(uv_prepare_t *flush)
{
    struct control *c = flush->data;
    (void)uv_prepare_stop(flush);
    for (size_t i = 0; i < PEERS_MAX; i++) {
        struct peer *p = c->peers[i];
        if (p == NULL || p->events.n == 0) {
            continue;
        }
        if (uv_stream_get_write_queue_size((uv_stream_t *)&p->pipe) > ANSWERS_MAX) {
            drop(p); /* subscribed and never reads */
        } else {
            send_text(p, &p->events);
        }
    }
}

/* Adds an event to what a peer gets with the end of this turn. Too much of it: the peer goes. */
static void add_event(struct peer *p, const char *line)
{
    bool ok = buf_add(&p->events, span_str(line)) && buf_add_byte(&p->events, '\n');
    (void)uv_prepare_start(&p->control->flush, send_events);
    if (!ok) {
        drop(p);
    }
}

static char *event_line(uint64_t ms, unsigned modem, const char *event,
                        const struct trace_field *fields, size_t n)
{
    cJSON *object = trace_object(ms, modem, event, fields, n);
    char *line = cJSON_PrintUnformatted(object);
    cJSON_Delete(object);
    return line;
}

/* An event happens now: one line for all who want it. */
static void on_event(void *ctx, uint64_t ms, unsigned modem, const char *event,
                     const struct trace_field *fields, size_t n)
{
    struct control *c = ctx;
    char *line = NULL;
    for (size_t i = 0; i < PEERS_MAX; i++) {
        struct peer *p = c->peers[i];
        if (p != NULL && control_wants(&p->subscription, modem, event)) {
            line = line != NULL ? line : event_line(ms, modem, event, fields, n);
            add_event(p, line != NULL ? line : "");
        }
    }
    cJSON_free(line);
}

static void count_subscribers(struct control *c)
{
    bool any = false;
    for (size_t i = 0; i < PEERS_MAX; i++) {
        any = any || (c->peers[i] != NULL && c->peers[i]->subscription.active);
    }
    *c->live = (struct trace_live){ .event = any ? on_event : NULL, .ctx = c };
}

static void on_past_event(void *arg, uint64_t ms, unsigned modem, const char *event,
                          const struct trace_field *fields, size_t n)
{
    struct peer *p = arg;
    if (p->control == NULL || !control_wants(&p->subscription, modem, event)) {
        return;
    }
    char *line = event_line(ms, modem, event, fields, n);
    add_event(p, line != NULL ? line : "");
    cJSON_free(line);
}

/* --- requests --- */

static void answer(struct peer *p, struct span request)
{
    struct buf text;
    struct control *c = p->control;
    if (uv_stream_get_write_queue_size((uv_stream_t *)&p->pipe) > ANSWERS_MAX) {
        drop(p); /* asks and never reads */
        return;
    }
    buf_init(&text, ANSWERS_MAX);
    control_answer(c->facts, request, &p->subscription, &text);
    send_text(p, &text);
    buf_fini(&text);
    if (p->subscription.fresh && p->control != NULL) {
        p->subscription.fresh = false;
        count_subscribers(c);
        if (c->facts->ring != NULL) {
            trace_ring_each(c->facts->ring, p->subscription.last, on_past_event, p);
        }
    }
}

static void take_lines(struct peer *p, struct span bytes)
{
    while (bytes.n > 0 && p->control != NULL) {
        const uint8_t *end = memchr(bytes.p, '\n', bytes.n);
        size_t n = end == NULL ? bytes.n : (size_t)(end - bytes.p);
        if (!buf_add(&p->line, (struct span){ bytes.p, n })) {
            refuse(&p->pipe, CONTROL_LINE_MAX, "bytes in a line");
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
    buf_init(&p->events, ANSWERS_MAX);
    (void)uv_pipe_init(&c->loop->uv, &p->pipe, 0);
    p->pipe.data = p;
    size_t slot = 0;
    while (slot < PEERS_MAX && c->peers[slot] != NULL) {
        slot++;
    }
    int rc = uv_accept(server, (uv_stream_t *)&p->pipe);
    if (rc == 0 && slot == PEERS_MAX) {
        refuse(&p->pipe, PEERS_MAX, "connections; close one first");
    }
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
                             struct trace_live *live, struct reason *why)
{
    int fd;
    if (!listen_unix(path, &fd, why)) {
        return NULL;
    }
    struct control *c = xcalloc(1, sizeof *c);
    c->loop = l;
    c->facts = facts;
    c->live = live;
    (void)snprintf(c->path, sizeof c->path, "%s", path);
    (void)uv_prepare_init(&l->uv, &c->flush);
    c->flush.data = c;
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

static void on_flush_closed(uv_handle_t *h)
{
    free(h->data);
}

static void on_server_closed(uv_handle_t *h)
{
    struct control *c = h->data;
    uv_close((uv_handle_t *)&c->flush, on_flush_closed);
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
