#include "sim/host/modem_port.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/check.h"

#define READ_MAX       4096
#define CATCH_UP_READS 64 /* more than a socket holds; an end to a client that never stops */

/* One per attached descriptor: libuv frees handles later than we detach them. */
struct attachment {
    uv_poll_t poll;
    struct modem_port *port; /* NULL once detached */
};

struct modem_port {
    struct loop *loop;
    struct modem *modem;
    modem_port_gone_fn *gone;
    void *ctx;
    struct attachment *at;
    int fd;
    bool owned;
    struct port *serial;
    bool paused;     /* not reading: the modem has no room */
    bool fd_is_full; /* waiting for POLLOUT */
    uv_prepare_t
        after; /* runs once before the loop sleeps, and only when something is left to do */
};

static void flush(struct modem_port *p);
static void on_poll(uv_poll_t *poll, int status, int events);

static void free_attachment(uv_handle_t *h)
{
    free(h->data);
}

static void detach(struct modem_port *p)
{
    if (p->at == NULL) {
        return;
    }
    p->at->port = NULL;
    (void)uv_poll_stop(&p->at->poll);
    uv_close((uv_handle_t *)&p->at->poll, free_attachment);
    p->at = NULL;
    port_close(&p->serial);
    if (p->owned) {
        (void)close(p->fd);
    }
    p->fd = -1;
    p->paused = false;
    p->fd_is_full = false;
}

static void lost(struct modem_port *p, int err)
{
    detach(p);
    p->gone(p->ctx, err);
}

static void set_events(struct modem_port *p)
{
    int events = (p->paused ? 0 : UV_READABLE) | (p->fd_is_full ? UV_WRITABLE : 0);
    if (events == 0) {
        (void)uv_poll_stop(&p->at->poll);
        return;
    }
    (void)uv_poll_start(&p->at->poll, events, on_poll);
}

/* Both give what base/port.h promises: bytes, 0 for "not now", -EPIPE for "gone", or -errno. */
static ssize_t read_some(struct modem_port *p, uint8_t *ret, size_t cap)
{
    if (p->serial != NULL) {
        return port_read(p->serial, ret, cap);
    }
    ssize_t n = read(p->fd, ret, cap);
    if (n > 0) {
        return n;
    }
    if (n == 0) {
        return -EPIPE;
    }
    return errno == EAGAIN || errno == EINTR ? 0 : -errno;
}

static ssize_t write_some(struct modem_port *p, struct span bytes)
{
    if (p->serial != NULL) {
        return port_write(p->serial, bytes.p, bytes.n);
    }
    ssize_t n = write(p->fd, bytes.p, bytes.n);
    if (n >= 0) {
        return n;
    }
    return errno == EAGAIN || errno == EINTR ? 0 : -errno;
}

static void after_callbacks(uv_prepare_t *h)
{
    struct modem_port *p = h->data;
    flush(p);
    if (p->paused && modem_rx_room(p->modem) > 0) {
        p->paused = false;
        set_events(p);
    }
    if (!p->paused) {
        (void)uv_prepare_stop(&p->after);
    }
}

static void discard(struct modem_port *p)
{
    for (struct span s = modem_tx(p->modem); s.n > 0; s = modem_tx(p->modem)) {
        modem_tx_done(p->modem, s.n);
    }
}

static void flush(struct modem_port *p)
{
    if (p->at == NULL) {
        discard(p);
        return;
    }
    if (p->fd_is_full) {
        return;
    }
    for (struct span s = modem_tx(p->modem); s.n > 0; s = modem_tx(p->modem)) {
        ssize_t n = write_some(p, s);
        if (n < 0) {
            lost(p, n == -EPIPE || n == -ECONNRESET ? 0 : (int)n);
            return;
        }
        modem_tx_done(p->modem, (size_t)n);
        if ((size_t)n < s.n) {
            p->fd_is_full = true;
            set_events(p);
            return;
        }
    }
}

static void pause_reading(struct modem_port *p)
{
    p->paused = true;
    set_events(p);
    (void)uv_prepare_start(&p->after, after_callbacks);
}

/* Returns false when there was nothing to read, or no more. */
static bool receive(struct modem_port *p)
{
    uint8_t bytes[READ_MAX];
    size_t room = modem_rx_room(p->modem);
    if (room == 0) {
        pause_reading(p);
        return false;
    }
    ssize_t n = read_some(p, bytes, room < sizeof bytes ? room : sizeof bytes);
    if (n < 0) {
        lost(p, n == -EPIPE || n == -ECONNRESET ? 0 : (int)n);
        return false;
    }
    if (n > 0) {
        modem_rx(p->modem, span_of(bytes, (size_t)n));
    }
    return n > 0;
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    const struct attachment *a = poll->data;
    struct modem_port *p = a->port;
    if (p == NULL) {
        return;
    }
    loop_tick(p->loop);
    if (p->at != a) {
        return; /* a timer of the tick took the descriptor away */
    }
    if (status < 0) {
        lost(p, status);
        return;
    }
    if ((events & UV_WRITABLE) != 0 && p->fd_is_full) {
        p->fd_is_full = false;
        set_events(p);
    }
    if ((events & UV_READABLE) != 0) {
        (void)receive(p);
    }
    if (p->at != NULL) {
        flush(p);
    }
    if (!p->paused && uv_is_active((uv_handle_t *)&p->after)) {
        (void)uv_prepare_stop(&p->after); /* tx_ready came while we were at it: done */
    }
}

struct modem_port *modem_port_new(struct loop *l, struct modem *m, modem_port_gone_fn *gone,
                                  void *ctx)
{
    struct modem_port *p = xcalloc(1, sizeof *p);
    p->loop = l;
    p->modem = m;
    p->gone = gone;
    p->ctx = ctx;
    p->fd = -1;
    (void)uv_prepare_init(&l->uv, &p->after);
    p->after.data = p;
    return p;
}

int modem_port_attach(struct modem_port *p, int fd, bool owned)
{
    CHECK(p->at == NULL);
    struct attachment *a = xcalloc(1, sizeof *a);
    int rc = uv_poll_init(&p->loop->uv, &a->poll, fd);
    if (rc != 0) {
        free(a);
        return rc;
    }
    a->poll.data = a;
    a->port = p;
    p->at = a;
    p->fd = fd;
    p->owned = owned;
    set_events(p);
    modem_port_tx_ready(p); /* what was said before anyone listened */
    return 0;
}

int modem_port_attach_serial(struct modem_port *p, struct port **serial)
{
    int rc = modem_port_attach(p, port_fd(*serial), false);
    if (rc == 0) {
        p->serial = *serial;
        *serial = NULL;
    }
    return rc;
}

void modem_port_catch_up(struct modem_port *p)
{
    int reads = 0;
    while (p->at != NULL && !p->paused && reads < CATCH_UP_READS && receive(p)) {
        reads++;
        flush(p); /* a half-closed client still wants its answer */
    }
    flush(p); /* where the client is gone: its answers are not for the next one */
}

void modem_port_detach(struct modem_port *p)
{
    detach(p);
    discard(p);
}

bool modem_port_attached(const struct modem_port *p)
{
    return p->at != NULL;
}

void modem_port_tx_ready(struct modem_port *p)
{
    (void)uv_prepare_start(&p->after, after_callbacks);
}

static void on_after_closed(uv_handle_t *h)
{
    free(h->data);
}

void modem_port_free(struct modem_port **pp)
{
    struct modem_port *p = *pp;
    *pp = NULL;
    if (p == NULL) {
        return;
    }
    detach(p);
    uv_close((uv_handle_t *)&p->after, on_after_closed);
}
