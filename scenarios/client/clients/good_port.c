#include "good_port.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t stop_asked;
static sigset_t signals_while_waiting;
static const char TCP_PREFIX[] = "socket://";

static void on_signal(int number)
{
    (void)number;
    stop_asked = 1;
}

void port_watch_signals(void)
{
    struct sigaction action = { .sa_handler = on_signal };
    sigset_t ours;
    sigemptyset(&action.sa_mask);
    sigemptyset(&ours);
    sigaddset(&ours, SIGTERM);
    sigaddset(&ours, SIGINT);
    /* They arrive in ppoll only, so that none comes between the question and the wait. */
    sigprocmask(SIG_BLOCK, &ours, &signals_while_waiting);
    sigdelset(&signals_while_waiting, SIGTERM);
    sigdelset(&signals_while_waiting, SIGINT);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, NULL);
}

long port_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- opening
 * --------------------------------------------------------------------------------------- */

static int open_tcp(const char *address)
{
    char host[256];
    const char *colon = strrchr(address, ':');
    if (colon == NULL || (size_t)(colon - address) >= sizeof(host)) {
        return -1;
    }
    memcpy(host, address, (size_t)(colon - address));
    host[colon - address] = '\0';
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
    struct addrinfo *found = NULL;
    if (getaddrinfo(host, colon + 1, &hints, &found) != 0) {
        return -1;
    }
    int fd = -1;
    for (struct addrinfo *a = found; a != NULL && fd < 0; a = a->ai_next) {
        fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol);
        if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen) != 0) {
            close(fd);
            fd = -1;
        }
    }
    freeaddrinfo(found);
    if (fd >= 0) {
        fcntl(fd, F_SETFL, O_NONBLOCK);
    }
    return fd;
}

static int open_terminal(const char *name)
{
    struct termios t;
    int fd = open(name, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) {
        return -1;
    }
    if (tcgetattr(fd, &t) != 0) {
        close(fd);
        return -1;
    }
    cfmakeraw(&t);
    t.c_cflag |= CLOCAL | CREAD;
    t.c_cflag &= ~(tcflag_t)CRTSCTS;
    cfsetispeed(&t, B115200);
    cfsetospeed(&t, B115200);
    if (tcsetattr(fd, TCSANOW, &t) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

bool port_open(struct port *p, const char *name)
{
    static bool told;
    size_t prefix = sizeof(TCP_PREFIX) - 1;
    bool tcp = strncmp(name, TCP_PREFIX, prefix) == 0;
    p->name = name;
    p->fd = tcp ? open_tcp(name + prefix) : open_terminal(name);
    if (p->fd < 0 && !told) {
        fprintf(stderr, "client-good: cannot open the port %s (%s); trying on\n", name,
                strerror(errno));
        told = true;
    }
    return p->fd >= 0;
}

void port_close(struct port *p)
{
    if (p->fd >= 0) {
        close(p->fd);
        p->fd = -1;
    }
}

/* ---- waiting
 * --------------------------------------------------------------------------------------- */

/* Waits for events on fd (-1: none) until the deadline; interruptible: a signal ends it. */
static enum port_result wait_for(int fd, short events, long deadline, bool interruptible)
{
    for (;;) {
        struct pollfd p = { .fd = fd, .events = events };
        long left = deadline - port_now();
        struct timespec time = { .tv_sec = left / 1000, .tv_nsec = left % 1000 * 1000000 };
        if (left < 0) {
            time = (struct timespec){ 0 };
        }
        if (interruptible && stop_asked) {
            return PORT_STOPPED;
        }
        int n = ppoll(&p, fd >= 0 ? 1 : 0, &time, interruptible ? &signals_while_waiting : NULL);
        if (n > 0) {
            return PORT_OK;
        }
        if (n == 0) {
            return PORT_TIMEOUT;
        }
        if (errno != EINTR) {
            return PORT_LOST;
        }
    }
}

enum port_result port_wait(long deadline)
{
    return wait_for(-1, 0, deadline, true);
}

enum port_result port_read(struct port *p, struct port_bytes *b, long deadline, bool interruptible)
{
    b->n = 0;
    for (;;) {
        if (p->fd < 0) {
            return PORT_LOST;
        }
        enum port_result waited = wait_for(p->fd, POLLIN, deadline, interruptible);
        if (waited != PORT_OK) {
            return waited;
        }
        ssize_t n = read(p->fd, b->bytes, sizeof(b->bytes));
        if (n > 0) {
            b->n = (size_t)n;
            return PORT_OK;
        }
        if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
            return PORT_LOST;
        }
    }
}

enum port_result port_write(struct port *p, const char *bytes, size_t n, long deadline)
{
    while (n > 0) {
        if (p->fd < 0) {
            return PORT_LOST;
        }
        enum port_result waited = wait_for(p->fd, POLLOUT, deadline, false);
        if (waited != PORT_OK) {
            return waited;
        }
        ssize_t written = write(p->fd, bytes, n);
        if (written < 0 && errno != EAGAIN && errno != EINTR) {
            return PORT_LOST;
        }
        if (written > 0) {
            bytes += written;
            n -= (size_t)written;
        }
    }
    return PORT_OK;
}
