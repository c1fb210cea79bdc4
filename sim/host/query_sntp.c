#include "sim/host/query_int.h"

static void on_alloc(uv_handle_t *h, size_t size, uv_buf_t *ret)
{
    const struct query_job *j = h->data;
    (void)size;
    *ret = uv_buf_init((char *)j->env->rx, sizeof j->env->rx);
}

/* Whatever is not the answer is passed over: it may come from somebody who wants to set our clock.
 * The socket is connected, so the kernel has dropped what other addresses sent. */
static void on_datagram(uv_udp_t *udp, ssize_t n, const uv_buf_t *buf, const struct sockaddr *from,
                        unsigned flags)
{
    struct query_job *j = udp->data;
    struct query_result r = { .end = QUERY_ANSWERED };
    if (n == 0 && from == NULL) {
        return; /* nothing more to read */
    }
    loop_tick(j->env->loop);
    if (j->over) {
        return;
    }
    if (n < 0) {
        r.end = QUERY_UNREACHABLE; /* nobody listens there */
        query_finish(j, &r);
    } else if ((flags & UV_UDP_PARTIAL) == 0 &&
               sntp_reply(span_of(buf->base, (size_t)n), j->cookie, &r.utc)) {
        query_finish(j, &r);
    }
}

void query_sntp(struct query_job *j, const struct sockaddr *a)
{
    uint8_t packet[SNTP_PACKET];
    const uv_buf_t out = uv_buf_init((char *)packet, sizeof packet);
    (void)uv_udp_init(&j->env->loop->uv, &j->udp);
    j->udp.data = j;
    j->udp_live = true;
    j->pending++;
    j->cookie = query_secret();
    sntp_request(j->cookie, packet);
    if (uv_udp_connect(&j->udp, a) != 0 || uv_udp_recv_start(&j->udp, on_alloc, on_datagram) != 0 ||
        uv_udp_try_send(&j->udp, &out, 1, NULL) < 0) {
        query_end_later(j, QUERY_UNREACHABLE);
    }
}
