/* Back end for pseudo-terminals: plain descriptor, raw termios. See port.h. */
#include "base/port.h"

#include <errno.h>
#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

static bool is_retry(int err)
{
    return err == EAGAIN || err == EINTR;
}

/* EIO is how Linux reports that the master side of a pty is closed. */
static ssize_t failure(int err)
{
    if (is_retry(err)) {
        return 0;
    }
    return err == EIO ? -EPIPE : -err;
}

static ssize_t pty_read(struct port *p, void *ret_buf, size_t cap)
{
    const ssize_t n = read(p->fd, ret_buf, cap);

    if (n > 0) {
        return n;
    }
    /* VMIN is 1, so that 0 can only mean hang-up; "nothing there" is EAGAIN. */
    return n == 0 ? -EPIPE : failure(errno);
}

static ssize_t pty_write(struct port *p, const void *data, size_t len)
{
    const ssize_t n = write(p->fd, data, len);

    return n >= 0 ? n : failure(errno);
}

static int pty_lines(struct port *p, bool dtr, bool rts)
{
    (void)p;
    (void)dtr;
    (void)rts;
    return -ENOTSUP;
}

static int pty_set_speed(struct port *p, unsigned baud)
{
    struct termios tio;

    if (tcgetattr(p->fd, &tio) != 0) {
        return errno == EIO ? -EPIPE : -errno;
    }
    if (cfsetspeed(&tio, baud) != 0) {
        return -EINVAL;
    }
    return tcsetattr(p->fd, TCSANOW, &tio) == 0 ? 0 : -errno;
}

static size_t pty_unsent(const struct port *p)
{
    (void)p;
    return 0;
}

static void pty_close(struct port *p)
{
    close(p->fd);
}

static const struct port_ops pty_ops = {
    .kind = "pty",
    .read = pty_read,
    .write = pty_write,
    .lines = pty_lines,
    .set_speed = pty_set_speed,
    .unsent = pty_unsent,
    .close = pty_close,
};

static int make_raw(int fd)
{
    struct termios tio;

    if (tcgetattr(fd, &tio) != 0) {
        return -errno;
    }
    cfmakeraw(&tio);
    tio.c_cflag |= CLOCAL | CREAD;
    tio.c_cc[VMIN] = 1;
    tio.c_cc[VTIME] = 0;
    return tcsetattr(fd, TCSANOW, &tio) == 0 ? 0 : -errno;
}

int port_pty_open(struct port *p, const char *path)
{
    const int fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);

    if (fd < 0) {
        return -errno;
    }
    const int rc = make_raw(fd);
    if (rc != 0) {
        close(fd);
        return rc;
    }
    p->ops = &pty_ops;
    p->fd = fd;
    return 0;
}
