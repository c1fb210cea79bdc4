#include "sim/host/uart.h"

#include <errno.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

#include "sim/host/tty_speed.h"
#include "sim/host/wire.h"

#define PART_MAX ((size_t)4096) /* bytes that are turned into garbage at a time */

void uart_init(struct uart *u, const struct trace *trace, uint32_t speed)
{
    *u = (struct uart){ .fd = -1, .speed = speed, .trace = trace };
    buf_init(&u->heard, PART_MAX * WIRE_GROWTH);
    buf_init(&u->unsent, PART_MAX * WIRE_GROWTH);
}

void uart_open(struct uart *u, int fd, bool owned)
{
    u->fd = fd;
    u->owned = owned;
    u->client = u->speed;
    u->packets = ioctl(fd, TIOCPKT, &(int){ 1 }) == 0;
}

void uart_close(struct uart *u)
{
    port_close(&u->serial);
    if (u->owned && u->fd >= 0) {
        (void)close(u->fd);
    }
    u->fd = -1;
    u->owned = false;
    u->packets = false;
    buf_fini(&u->heard);
    buf_fini(&u->unsent);
}

/* --- speeds --- */

/* False where both ends run at the same speed, or there is none. */
static bool differ(struct uart *u, uint32_t *ret_sends, uint32_t *ret_hears)
{
    if (!u->checked || u->serial != NULL || u->speed == 0 ||
        !tty_speeds(u->fd, ret_sends, ret_hears)) {
        return false;
    }
    if (*ret_sends != u->speed && *ret_sends != u->client) {
        trace_emit(u->trace, "uart.speed", TRACE_NUM("client", *ret_sends),
                   TRACE_NUM("modem", u->speed));
    }
    u->client = *ret_sends;
    return *ret_sends != u->speed || *ret_hears != u->speed;
}

/* Nothing passes at speed 0: the client has hung up. */
static void sample(struct span sent, uint32_t from, uint32_t to, struct buf *heard)
{
    if (from == to) {
        (void)buf_add(heard, sent);
    } else if (from != 0 && to != 0) {
        wire_sample(sent, from, to, heard);
    }
}

/* --- bytes --- */

static void trace_control(const struct uart *u, uint8_t kind)
{
    if ((kind & TIOCPKT_FLUSHREAD) != 0) {
        trace_emit(u->trace, "uart.flush", TRACE_STR("queue", "input"));
    }
}

/* As read(); a pty puts a byte before the data that says what it is, see ioctl_tty(2). */
static ssize_t read_packet(struct uart *u, uint8_t *room, size_t cap)
{
    for (;;) {
        uint8_t kind = TIOCPKT_DATA;
        struct iovec parts[] = { { &kind, 1 }, { room, cap } };
        ssize_t n = readv(u->fd, parts, 2);
        if (n <= 0 || (kind == TIOCPKT_DATA && n > 1)) {
            return n <= 0 ? n : n - 1;
        }
        trace_control(u, kind);
    }
}

static ssize_t read_some(struct uart *u, uint8_t *room, size_t cap)
{
    if (u->serial != NULL) {
        return port_read(u->serial, room, cap);
    }
    ssize_t n = u->packets ? read_packet(u, room, cap) : read(u->fd, room, cap);
    if (n > 0) {
        return n;
    }
    if (n == 0) {
        return -EPIPE;
    }
    return errno == EAGAIN || errno == EINTR ? 0 : -errno;
}

static ssize_t write_some(struct uart *u, struct span bytes)
{
    if (u->serial != NULL) {
        return port_write(u->serial, bytes.p, bytes.n);
    }
    ssize_t n = write(u->fd, bytes.p, bytes.n);
    if (n >= 0) {
        return n;
    }
    return errno == EAGAIN || errno == EINTR ? 0 : -errno;
}

ssize_t uart_read(struct uart *u, uint8_t *room, size_t cap, struct span *ret)
{
    uint32_t sends = 0;
    uint32_t hears = 0;
    ssize_t n = read_some(u, room, cap < PART_MAX ? cap : PART_MAX);
    *ret = span_of(room, n > 0 ? (size_t)n : 0);
    if (n > 0 && differ(u, &sends, &hears)) {
        buf_clear(&u->heard);
        sample(*ret, sends, u->speed, &u->heard);
        *ret = buf_span(&u->heard);
    }
    return n;
}

static ssize_t write_unsent(struct uart *u)
{
    ssize_t n = u->unsent.n == 0 ? 0 : write_some(u, buf_span(&u->unsent));
    if (n > 0) {
        buf_drop(&u->unsent, (size_t)n);
    }
    return n < 0 ? n : 0;
}

ssize_t uart_write(struct uart *u, struct span bytes)
{
    uint32_t sends = 0;
    uint32_t hears = 0;
    ssize_t rc = write_unsent(u);
    if (rc != 0 || u->unsent.n > 0 || bytes.n == 0) {
        return rc;
    }
    if (!differ(u, &sends, &hears)) {
        return write_some(u, bytes);
    }
    bytes.n = bytes.n < PART_MAX ? bytes.n : PART_MAX;
    sample(bytes, u->speed, hears, &u->unsent);
    rc = write_unsent(u);
    return rc < 0 ? rc : (ssize_t)bytes.n;
}

bool uart_has_unsent(const struct uart *u)
{
    return u->unsent.n > 0;
}

size_t uart_in_port(const struct uart *u)
{
    return u->serial == NULL ? 0 : port_unsent(u->serial);
}

int uart_set_speed(struct uart *u, uint32_t speed)
{
    u->speed = speed;
    return u->serial == NULL || speed == 0 ? 0 : port_set_speed(u->serial, speed);
}
