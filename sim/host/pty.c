#include "sim/host/pty.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/buf.h"

/* libuv frees handles later than we close a pty. */
struct pty_watch {
    uv_poll_t poll;
    int fd; /* inotify on the slave */
    int slave;
};

#define LINE_SPEED B115200 /* what clients see; a pty has no speed of its own */

static void make_raw(int slave)
{
    struct termios t;
    if (tcgetattr(slave, &t) != 0) {
        return;
    }
    cfmakeraw(&t);
    t.c_cflag |= CLOCAL;
    (void)cfsetispeed(&t, LINE_SPEED);
    (void)cfsetospeed(&t, LINE_SPEED);
    (void)tcsetattr(slave, TCSANOW, &t);
}

bool pty_open(struct pty *p, struct reason *why)
{
    *p = PTY_NONE;
    if (openpty(&p->master, &p->slave, NULL, NULL, NULL) != 0) {
        return reason_set(why, "cannot open a pseudo-terminal: %s", strerror(errno));
    }
    make_raw(p->slave);
    int rc = ttyname_r(p->slave, p->path, sizeof p->path);
    if (rc != 0 || fcntl(p->master, F_SETFL, O_NONBLOCK) != 0 ||
        fcntl(p->master, F_SETFD, FD_CLOEXEC) != 0 || fcntl(p->slave, F_SETFD, FD_CLOEXEC) != 0) {
        pty_close(p);
        return reason_set(why, "cannot prepare a pseudo-terminal: %s",
                          strerror(rc != 0 ? rc : errno));
    }
    return true;
}

/* A client may have left echo or line mode behind; with echo the modem would read its own words.
 * What is raw already is left alone: the next client may just be setting it up. */
static void make_raw_again(int slave)
{
    struct termios t;
    if (tcgetattr(slave, &t) == 0 &&
        ((t.c_lflag & (ECHO | ICANON | ISIG)) != 0 || (t.c_oflag & OPOST) != 0)) {
        make_raw(slave);
    }
}

static void on_watch(uv_poll_t *poll, int status, int events)
{
    const struct pty_watch *w = poll->data;
    char notes[1024];
    (void)events;
    if (status < 0) {
        (void)uv_poll_stop(poll);
        return;
    }
    if (read(w->fd, notes, sizeof notes) > 0) {
        (void)ioctl(w->slave,
                    TIOCNXCL); /* an exclusive lock dies with the last close on real hardware */
        make_raw_again(w->slave);
    }
}

static void close_fd(int *fd)
{
    if (*fd >= 0) {
        (void)close(*fd);
        *fd = -1;
    }
}

void pty_watch(struct pty *p, struct loop *l)
{
    struct pty_watch *w = xcalloc(1, sizeof *w);
    w->slave = p->slave;
    w->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (w->fd < 0 || inotify_add_watch(w->fd, p->path, IN_CLOSE) < 0 ||
        uv_poll_init(&l->uv, &w->poll, w->fd) != 0) {
        close_fd(&w->fd);
        free(w);
        return;
    }
    w->poll.data = w;
    p->watch = w;
    (void)uv_poll_start(&w->poll, UV_READABLE, on_watch);
}

/* poll() on the slave first lets the kernel deliver what is still on its way to it. */
bool pty_was_read(const struct pty *p)
{
    struct pollfd slave = { .fd = p->slave, .events = POLLIN };
    return poll(&slave, 1, 0) <= 0 || (slave.revents & POLLIN) == 0;
}

static void free_watch(uv_handle_t *h)
{
    free(h->data);
}

void pty_close(struct pty *p)
{
    if (p->watch != NULL) {
        uv_close((uv_handle_t *)&p->watch->poll, free_watch);
        close_fd(&p->watch->fd);
        p->watch = NULL;
    }
    close_fd(&p->slave);
    close_fd(&p->master);
}
