/* What tests of the host's own sockets share. For tests only. */
#ifndef SIM_HOST_HOST_RIG_H
#define SIM_HOST_HOST_RIG_H

#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <sys/socket.h>
#include <uv.h>

#include "base/check.h"

/* A socket of that type (SOCK_STREAM, SOCK_DGRAM) at a free port of 127.0.0.1; the caller closes.
 */
static inline int rig_socket(int type, uint16_t *ret_port)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t n = sizeof a;
    int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
    CHECK(bind(fd, (struct sockaddr *)&a, sizeof a) == 0);
    CHECK(getsockname(fd, (struct sockaddr *)&a, &n) == 0);
    *ret_port = ntohs(a.sin_port);
    return fd;
}

/* For uv_prepare_start, so before the loop looks for events: waits until the resolver has its
 * answer and a limit of 2 ms is over, both of which the loop then learns at the same time. */
static inline void rig_resolved_and_over(uv_prepare_t *p)
{
    struct pollfd backend = { .fd = uv_backend_fd(p->loop), .events = POLLIN };
    uint64_t over = uv_hrtime() + 2000000;
    CHECK(poll(&backend, 1, 10000) == 1);
    while (uv_hrtime() < over) {
    }
    uv_close((uv_handle_t *)p, NULL);
}

#endif
