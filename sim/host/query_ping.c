#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#include "sim/host/query_int.h"
#include "sim/host/say.h"

#define NS_PER_MS 1000000U
#define READS_MAX 64 /* in one turn of the loop: a raw socket sees everybody's ICMP */

/* One that every user may have where the kernel lets him, or the one of root. -errno: neither. */
static int icmp_socket(bool *ret_raw)
{
    const int flags = SOCK_NONBLOCK | SOCK_CLOEXEC;
    int fd = socket(AF_INET, SOCK_DGRAM | flags, IPPROTO_ICMP);
    *ret_raw = fd < 0;
    if (fd < 0) {
        fd = socket(AF_INET, SOCK_RAW | flags, IPPROTO_ICMP);
    }
    return fd < 0 ? -errno : fd;
}

/* Binds, so that the kernel gives a datagram socket the id of its echoes; and connects, so that
 * only the peer is heard. */
static bool set_up(struct query_job *j, const struct sockaddr_in *peer)
{
    const int on = 1;
    const int ttl = j->ttl;
    struct sockaddr_in own = { .sin_family = AF_INET };
    socklen_t n = sizeof own;
    if (setsockopt(j->fd, IPPROTO_IP, IP_TTL, &ttl, sizeof ttl) != 0 ||
        setsockopt(j->fd, IPPROTO_IP, IP_RECVTTL, &on, sizeof on) != 0 ||
        bind(j->fd, (const struct sockaddr *)&own, sizeof own) != 0 ||
        connect(j->fd, (const struct sockaddr *)peer, sizeof *peer) != 0 ||
        getsockname(j->fd, (struct sockaddr *)&own, &n) != 0) {
        return false;
    }
    if (!j->raw) {
        j->echo.id = ntohs(own.sin_port);
    }
    return true;
}

/* What is sent: the data and, on a raw socket, the id are a secret, so that a reply is one to us.
 */
static void make_echo(struct query_job *j)
{
    uint64_t secret = query_secret();
    for (size_t i = 0; i < j->bytes; i++) {
        j->data[i] = (uint8_t)(secret >> (i % sizeof secret * 8));
    }
    j->echo = (struct icmp_echo){
        .id = (uint16_t)(secret >> 48),
        .sequence = 1,
        .data = span_of(j->data, j->bytes),
    };
}

static uint8_t ttl_of(struct msghdr *m)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c != NULL; c = CMSG_NXTHDR(m, c)) {
        if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TTL) {
            int ttl;
            memcpy(&ttl, CMSG_DATA(c), sizeof ttl);
            return (uint8_t)ttl;
        }
    }
    return 0;
}

enum read { READ_NOTHING, READ_OTHER, READ_REPLY, READ_FAILED };

static enum read read_one(struct query_job *j, uint8_t *ret_ttl)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int)) * 2];
    } control;
    struct iovec iov = { j->env->rx, sizeof j->env->rx };
    struct msghdr m = {
        .msg_iov = &iov,
        .msg_iovlen = 1,
        .msg_control = &control,
        .msg_controllen = sizeof control,
    };
    ssize_t n = recvmsg(j->fd, &m, 0);
    if (n < 0) {
        return errno == EAGAIN || errno == EINTR ? READ_NOTHING : READ_FAILED;
    }
    struct span message = span_of(j->env->rx, (size_t)n);
    *ret_ttl = ttl_of(&m);
    bool ok = !j->raw || icmp_of_packet(message, &message, ret_ttl);
    return ok && icmp_reply(message, &j->echo) ? READ_REPLY : READ_OTHER;
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    struct query_job *j = poll->data;
    uint64_t now = uv_hrtime();
    uint8_t ttl = 0;
    (void)events;
    loop_tick(j->env->loop);
    if (j->over) {
        return;
    }
    enum read got = status < 0 ? READ_FAILED : READ_OTHER;
    for (int i = 0; i < READS_MAX && got == READ_OTHER; i++) {
        got = read_one(j, &ttl);
    }
    if (got == READ_REPLY) {
        const struct query_result r = {
            .end = QUERY_ANSWERED,
            .ms = (uint32_t)((now - j->sent_at + NS_PER_MS / 2) / NS_PER_MS),
            .ttl = ttl,
        };
        query_finish(j, &r);
    } else if (got == READ_FAILED) { /* a router says that it cannot be reached */
        query_finish(j, &(const struct query_result){ .end = QUERY_UNREACHABLE });
    }
}

static bool open_socket(struct query_job *j)
{
    j->fd = icmp_socket(&j->raw);
    if (j->fd >= 0) {
        return true;
    }
    if (!j->env->no_pings) {
        j->env->no_pings = true;
        say("the kernel refuses ICMP sockets (%s): every ping of AT+CPING is lost; as root, sysctl "
            "-w net.ipv4.ping_group_range='0 2147483647' allows them",
            strerror(-j->fd));
    }
    return false;
}

void query_ping(struct query_job *j, const struct sockaddr *a)
{
    uint8_t packet[ICMP_HEADER + ICMP_DATA_MAX];
    j->bytes = j->bytes < ICMP_DATA_MAX ? j->bytes : ICMP_DATA_MAX;
    make_echo(j);
    if (!open_socket(j)) {
        query_end_later(j, QUERY_UNREACHABLE);
        return;
    }
    int rc = uv_poll_init(&j->env->loop->uv, &j->poll, j->fd);
    if (rc != 0) {
        (void)close(j->fd);
        query_end_later(j, QUERY_UNREACHABLE);
        return;
    }
    j->poll.data = j;
    j->poll_live = true;
    j->pending++;
    bool ok = set_up(j, (const struct sockaddr_in *)(const void *)a);
    size_t n = icmp_request(&j->echo, packet);
    j->sent_at = uv_hrtime();
    if (!ok || send(j->fd, packet, n, 0) != (ssize_t)n ||
        uv_poll_start(&j->poll, UV_READABLE, on_readable) != 0) {
        query_end_later(j, QUERY_UNREACHABLE);
    }
}
