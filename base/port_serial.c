/* Back end for hardware: libserialport. See port.h. */
#include "base/port.h"

#include <errno.h>
#include <fcntl.h>
#include <libserialport.h>
#include <limits.h>
#include <poll.h>

static int from_sp(enum sp_return rc)
{
    switch (rc) {
    case SP_OK:
        return 0;
    case SP_ERR_ARG:
        return -EINVAL;
    case SP_ERR_MEM:
        return -ENOMEM;
    case SP_ERR_SUPP:
        return -ENOTSUP;
    case SP_ERR_FAIL:
        break;
    }
    const int err = sp_last_error_code();
    return err > 0 ? -err : -EIO;
}

static ssize_t io_result(enum sp_return rc)
{
    if ((int)rc >= 0) {
        return (ssize_t)rc;
    }
    const int err = from_sp(rc);
    return err == -EIO || err == -ENXIO || err == -ENODEV ? -EPIPE : err;
}

/* libserialport reads with VMIN 0, where an unplugged adapter looks like "no bytes". */
static bool is_hung_up(int fd)
{
    struct pollfd pfd = { .fd = fd, .events = 0 };

    return poll(&pfd, 1, 0) == 1 && (pfd.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0;
}

static ssize_t serial_read(struct port *p, void *ret_buf, size_t cap)
{
    const ssize_t n = io_result(sp_nonblocking_read(p->handle, ret_buf, cap));

    return n == 0 && is_hung_up(p->fd) ? -EPIPE : n;
}

static ssize_t serial_write(struct port *p, const void *data, size_t len)
{
    return io_result(sp_nonblocking_write(p->handle, data, len));
}

static int serial_lines(struct port *p, bool dtr, bool rts)
{
    const int rc = from_sp(sp_set_dtr(p->handle, dtr ? SP_DTR_ON : SP_DTR_OFF));

    return rc != 0 ? rc : from_sp(sp_set_rts(p->handle, rts ? SP_RTS_ON : SP_RTS_OFF));
}

static int serial_set_speed(struct port *p, unsigned baud)
{
    if (baud > INT_MAX) {
        return -EINVAL;
    }
    const int rc = from_sp(sp_drain(p->handle));

    return rc != 0 ? rc : from_sp(sp_set_baudrate(p->handle, (int)baud));
}

static size_t serial_unsent(const struct port *p)
{
    const int n = (int)sp_output_waiting(p->handle);

    return n > 0 ? (size_t)n : 0;
}

static void serial_close(struct port *p)
{
    struct sp_port *sp = p->handle;

    sp_close(sp);
    sp_free_port(sp);
}

static const struct port_ops serial_ops = {
    .kind = "serial",
    .read = serial_read,
    .write = serial_write,
    .lines = serial_lines,
    .set_speed = serial_set_speed,
    .unsent = serial_unsent,
    .close = serial_close,
};

static int configure(struct sp_port *sp, unsigned baud)
{
    if (baud > INT_MAX) {
        return -EINVAL;
    }
    int rc = from_sp(sp_set_baudrate(sp, (int)baud));
    if (rc == 0) {
        rc = from_sp(sp_set_bits(sp, 8));
    }
    if (rc == 0) {
        rc = from_sp(sp_set_parity(sp, SP_PARITY_NONE));
    }
    if (rc == 0) {
        rc = from_sp(sp_set_stopbits(sp, 1));
    }
    if (rc == 0) {
        rc = from_sp(sp_set_flowcontrol(sp, SP_FLOWCONTROL_NONE));
    }
    return rc;
}

static int open_configured(struct sp_port *sp, unsigned baud, int *ret_fd)
{
    int rc = from_sp(sp_open(sp, SP_MODE_READ_WRITE));
    if (rc != 0) {
        return rc;
    }
    rc = configure(sp, baud);
    if (rc == 0) {
        rc = from_sp(sp_get_port_handle(sp, ret_fd));
    }
    if (rc == 0 && fcntl(*ret_fd, F_SETFD, FD_CLOEXEC) != 0) {
        rc = -errno;
    }
    if (rc != 0) {
        sp_close(sp);
    }
    return rc;
}

int port_serial_open(struct port *p, const char *path, unsigned baud)
{
    struct sp_port *sp = NULL;
    int fd = -1;

    if (sp_get_port_by_name(path, &sp) != SP_OK) {
        return -ENOTTY;
    }
    const int rc = open_configured(sp, baud, &fd);
    if (rc != 0) {
        sp_free_port(sp);
        return rc;
    }
    p->ops = &serial_ops;
    p->handle = sp;
    p->fd = fd;
    return 0;
}
