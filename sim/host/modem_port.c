#include "sim/host/modem_port.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "sim/host/say.h"
#include "sim/host/uart.h"
#include "sim/modem/profile.h"

#define READ_MAX       4096
#define CATCH_UP_READS 64 /* more than a socket holds; an end to a client that never stops */

/* One per attached descriptor: libuv frees handles later than we detach them. */
struct attachment {
    uv_poll_t poll;
    struct modem_port *port; /* NULL once detached */
};

struct modem_port {
    struct modem_port_cfg cfg;
    struct attachment *at;
    struct uart uart;
    bool paused;     /* not reading: the modem has no room */
    bool fd_is_full; /* waiting for POLLOUT */
    uv_prepare_t
        after; /* runs once before the loop sleeps, and only when something is left to do */

    /* A change of speed that is due when so many more bytes have been written. */
    bool changes;
    size_t before_change;
    uint32_t next_speed;
    struct timer drain; /* armed while these bytes leave a serial port */
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
    timer_stop(&p->drain);
    uart_close(&p->uart);
    p->paused = false;
    p->fd_is_full = false;
}

static void lost(struct modem_port *p, int err)
{
    detach(p);
    p->cfg.gone(p->cfg.ctx, err);
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

static void after_callbacks(uv_prepare_t *h)
{
    struct modem_port *p = h->data;
    flush(p);
    if (p->paused && modem_rx_room(p->cfg.modem) > 0) {
        p->paused = false;
        set_events(p);
    }
    if (!p->paused) {
        (void)uv_prepare_stop(&p->after);
    }
}

/* --- the modem's speed --- */

static void apply_speed(struct modem_port *p)
{
    int rc = uart_set_speed(&p->uart, p->next_speed);
    p->changes = false;
    if (rc != 0) {
        say("the serial port cannot run at %u bit/s: %s", p->next_speed, strerror(-rc));
    }
}

static void drained(struct timer *t)
{
    flush((struct modem_port *)(void *)((char *)t - offsetof(struct modem_port, drain)));
}

static void discard(struct modem_port *p)
{
    if (p->changes) {
        apply_speed(p);
    }
    for (struct span s = modem_tx(p->cfg.modem); s.n > 0; s = modem_tx(p->cfg.modem)) {
        modem_tx_done(p->cfg.modem, s.n);
    }
}

/* False while bytes at the old speed are still in the serial port. */
static bool change_speed(struct modem_port *p)
{
    size_t waiting = uart_in_port(&p->uart);
    if (waiting > 0) {
        uint32_t speed = p->uart.speed != 0 ? p->uart.speed : MODEM_BAUD;
        uint64_t ms = 1 + waiting * 10 * 1000 / speed; /* ten bits a byte */
        timer_arm(&p->cfg.loop->sched, &p->drain, ms, drained);
        return false;
    }
    apply_speed(p);
    return true;
}

/* --- out --- */

static void wait_for_room(struct modem_port *p)
{
    p->fd_is_full = true;
    set_events(p);
}

/* What the modem has said and may be written at the present speed. */
static struct span next_bytes(struct modem_port *p)
{
    struct span s = modem_tx(p->cfg.modem);
    if (p->changes && p->before_change < s.n) {
        s.n = p->before_change;
    }
    return s;
}

/* Writes part of what the modem has said. False when that was all, or no more can be written now.
 */
static bool write_part(struct modem_port *p)
{
    struct span s = next_bytes(p);
    ssize_t n = uart_write(&p->uart, s);
    if (n < 0) {
        lost(p, n == -EPIPE || n == -ECONNRESET ? 0 : (int)n);
        return false;
    }
    modem_tx_done(p->cfg.modem, (size_t)n);
    p->before_change -= p->changes ? (size_t)n : 0;
    if ((size_t)n < s.n || uart_has_unsent(&p->uart)) {
        wait_for_room(p);
        return false;
    }
    if (p->changes && p->before_change == 0) {
        return change_speed(p);
    }
    return modem_tx(p->cfg.modem).n > 0;
}

static void flush(struct modem_port *p)
{
    if (p->at == NULL) {
        discard(p);
        return;
    }
    if (p->fd_is_full || timer_armed(&p->drain) ||
        (modem_tx(p->cfg.modem).n == 0 && !p->changes && !uart_has_unsent(&p->uart))) {
        return;
    }
    p->uart.checked = modem_profile(p->cfg.modem)->baud == BAUD_CHECKED;
    while (write_part(p)) {
    }
}

/* --- in --- */

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
    size_t room = modem_rx_room(p->cfg.modem);
    if (room == 0) {
        pause_reading(p);
        return false;
    }
    struct span heard;
    p->uart.checked = modem_profile(p->cfg.modem)->baud == BAUD_CHECKED;
    ssize_t n = uart_read(&p->uart, bytes, room < sizeof bytes ? room : sizeof bytes, &heard);
    if (n < 0) {
        lost(p, n == -EPIPE || n == -ECONNRESET ? 0 : (int)n);
        return false;
    }
    if (heard.n > 0) {
        modem_rx(p->cfg.modem, heard); /* garbage may be more than there is room for: an overrun */
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
    loop_tick(p->cfg.loop);
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

struct modem_port *modem_port_new(const struct modem_port_cfg *cfg)
{
    struct modem_port *p = xcalloc(1, sizeof *p);
    p->cfg = *cfg;
    uart_init(&p->uart, cfg->trace, cfg->speed);
    (void)uv_prepare_init(&cfg->loop->uv, &p->after);
    p->after.data = p;
    return p;
}

int modem_port_attach(struct modem_port *p, int fd, bool owned)
{
    CHECK(p->at == NULL);
    struct attachment *a = xcalloc(1, sizeof *a);
    int rc = uv_poll_init(&p->cfg.loop->uv, &a->poll, fd);
    if (rc != 0) {
        free(a);
        return rc;
    }
    a->poll.data = a;
    a->port = p;
    p->at = a;
    uart_open(&p->uart, fd, owned);
    set_events(p);
    modem_port_tx_ready(p); /* what was said before anyone listened */
    return 0;
}

int modem_port_attach_serial(struct modem_port *p, struct port **serial)
{
    int rc = modem_port_attach(p, port_fd(*serial), false);
    if (rc == 0) {
        p->uart.serial = *serial;
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

void modem_port_set_speed(struct modem_port *p, uint32_t speed)
{
    p->changes = true;
    p->next_speed = speed;
    p->before_change = modem_tx(p->cfg.modem).n;
    modem_port_tx_ready(p);
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
