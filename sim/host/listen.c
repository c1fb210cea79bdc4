#include "sim/host/listen.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 8

/* ---- unix ---- */

/* True when a process accepts connections there. */
static bool someone_listens(const struct sockaddr_un *a)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return true;
    }
    bool answered =
        connect(fd, (const struct sockaddr *)a, sizeof *a) == 0 || errno != ECONNREFUSED;
    (void)close(fd);
    return answered;
}

static bool clear_the_way(const struct sockaddr_un *a, struct reason *why)
{
    struct stat st;
    if (lstat(a->sun_path, &st) != 0) {
        return errno == ENOENT || reason_set(why, "cannot use %s: %s; choose another path",
                                             a->sun_path, strerror(errno));
    }
    if (!S_ISSOCK(st.st_mode)) {
        return reason_set(why, "%s exists and is not a socket; choose another path", a->sun_path);
    }
    if (someone_listens(a)) {
        return reason_set(why, "%s is used by a running program; end it or choose another path",
                          a->sun_path);
    }
    (void)unlink(a->sun_path);
    return true;
}

static bool bind_private(int fd, const struct sockaddr_un *a)
{
    /* The mode must be right before the name exists; there is no fchmod for a socket's name. */
    mode_t before = umask(0177);
    bool ok = bind(fd, (const struct sockaddr *)a, sizeof *a) == 0;
    int err = errno;
    (void)umask(before);
    errno = err;
    return ok;
}

bool listen_unix(const char *path, int *ret_fd, struct reason *why)
{
    struct sockaddr_un a = { .sun_family = AF_UNIX };
    size_t n = strlen(path);
    if (n == 0 || n >= sizeof a.sun_path) {
        return reason_set(
            why, "socket path '%.200s' is empty or longer than %zu bytes; choose a shorter one",
            path, sizeof a.sun_path - 1);
    }
    memcpy(a.sun_path, path, n);
    if (!clear_the_way(&a, why)) {
        return false;
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || !bind_private(fd, &a) || listen(fd, BACKLOG) != 0) {
        (void)reason_set(why, "cannot listen on %s: %s; choose another path", path,
                         strerror(errno));
        if (fd >= 0) {
            (void)close(fd);
        }
        return false;
    }
    *ret_fd = fd;
    return true;
}

bool listener_unix(struct listener *l, const char *path, struct reason *why)
{
    *l = (struct listener){ .fd = -1 };
    if (!listen_unix(path, &l->fd, why)) {
        return false;
    }
    (void)snprintf(l->unix_path, sizeof l->unix_path, "%s", path);
    (void)snprintf(l->where, sizeof l->where, "unix:%s", path);
    return true;
}

/* ---- TCP ---- */

static int listen_on(const struct addrinfo *a)
{
    int on = 1;
    int fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, a->ai_protocol);
    if (fd < 0) {
        return -errno;
    }
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, a->ai_addr, a->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0) {
        return fd;
    }
    int err = errno;
    (void)close(fd);
    return -err;
}

static uint16_t real_port(int fd)
{
    struct sockaddr_in6 a = { .sin6_port = 0 };
    socklen_t n = sizeof a;
    if (getsockname(fd, (struct sockaddr *)&a, &n) != 0) {
        return 0;
    }
    return ntohs(a.sin6_port); /* at the same place in struct sockaddr_in */
}

bool listener_tcp(struct listener *l, const char *host, uint16_t port, struct reason *why)
{
    *l = (struct listener){ .fd = -1 };
    char service[8];
    (void)snprintf(service, sizeof service, "%u", port);
    const struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE };
    struct addrinfo *list = NULL;
    int rc = getaddrinfo(host, service, &hints, &list);
    if (rc != 0) {
        return reason_set(why, "cannot listen on tcp:%s:%u: %s; choose another address", host, port,
                          gai_strerror(rc));
    }
    int fd = -EADDRNOTAVAIL;
    for (const struct addrinfo *a = list; a != NULL && fd < 0; a = a->ai_next) {
        fd = listen_on(a);
    }
    freeaddrinfo(list);
    if (fd < 0) {
        return reason_set(why, "cannot listen on tcp:%s:%u: %s; choose another address", host, port,
                          strerror(-fd));
    }
    l->fd = fd;
    bool ipv6 = strchr(host, ':') != NULL;
    (void)snprintf(l->where, sizeof l->where, ipv6 ? "tcp:[%s]:%u" : "tcp:%s:%u", host,
                   real_port(fd));
    return true;
}

/* ---- clients ---- */

static void take_client(struct listener *l)
{
    int fd = accept4(l->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) {
        return;
    }
    int on = 1;
    if (l->unix_path[0] == '\0') {
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    modem_port_catch_up(l->port); /* the client before may have left a moment ago */
    if (modem_port_attached(l->port)) {
        say("%s: a second client was closed; one client at a time uses a modem", l->where);
        (void)close(fd);
        return;
    }
    int rc = modem_port_attach(l->port, fd, true);
    if (rc != 0) {
        say("%s: client closed: %s", l->where, uv_strerror(rc));
        (void)close(fd);
    }
}

static void on_client(uv_poll_t *poll, int status, int events)
{
    struct listener *l = poll->data;
    (void)events;
    loop_tick(l->loop);
    if (status >= 0 && uv_is_active((uv_handle_t *)poll)) { /* not held by the tick */
        take_client(l);
    }
}

int listener_start(struct listener *l, struct loop *loop, struct modem_port *port)
{
    l->loop = loop;
    l->port = port;
    int rc = uv_poll_init(&loop->uv, &l->poll, l->fd);
    if (rc != 0) {
        return rc;
    }
    l->poll.data = l;
    return uv_poll_start(&l->poll, UV_READABLE, on_client);
}

void listener_hold(struct listener *l, bool hold)
{
    if (l->fd < 0) {
        return;
    }
    if (hold) {
        (void)uv_poll_stop(&l->poll);
        return;
    }
    (void)uv_poll_start(&l->poll, UV_READABLE, on_client);
    take_client(l); /* one who waited hears the modem from its first word */
}

void listener_close(struct listener *l)
{
    if (l->fd < 0) {
        return;
    }
    if (l->loop != NULL) {
        uv_close((uv_handle_t *)&l->poll, NULL);
    }
    (void)close(l->fd);
    l->fd = -1;
    if (l->unix_path[0] != '\0') {
        (void)unlink(l->unix_path);
    }
}
