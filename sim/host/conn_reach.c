#include <stdio.h>

#include "sim/host/address.h"
#include "sim/host/conn_int.h"

#define PORT_TEXT 6

static void trace_address(const struct conn *c, const char *step, const struct sockaddr *a)
{
    char text[ADDRESS_TEXT];
    address_text(a, text);
    trace_emit(c->owner.trace, "tcp", TRACE_NUM("link", c->owner.link), TRACE_STR("step", step),
               TRACE_STR("address", text));
}

static void try_next_address(struct conn *c);

/* What libuv was asked to do is done. False: the connection is over, and may be freed. The loop's
 * time comes first, while libuv still holds the connection: its limit may be due this moment. */
static bool come_home(struct conn *c)
{
    if (c->phase != GONE) {
        loop_tick(c->env->loop);
    }
    c->pending--;
    bool wanted = c->phase != GONE;
    conn_release(c);
    return wanted;
}

static void on_attempt_closed(uv_handle_t *h)
{
    struct conn *c = h->data;
    if (come_home(c) && c->phase == CONNECTING) {
        try_next_address(c);
    }
}

static void attempt_failed(struct conn *c, int rc)
{
    c->failure = conn_connect_error(rc);
    (void)snprintf(c->detail, sizeof c->detail, "%s", uv_strerror(rc));
    trace_emit(c->owner.trace, "tcp", TRACE_NUM("link", c->owner.link),
               TRACE_STR("step", "not connected"), TRACE_STR("error", c->detail));
    c->tcp_live = false;
    uv_close((uv_handle_t *)&c->tcp, on_attempt_closed);
}

static void on_connect(uv_connect_t *req, int status)
{
    struct conn *c = req->data;
    if (!come_home(c) || c->phase != CONNECTING) {
        return;
    }
    if (status < 0) {
        attempt_failed(c, status);
        return;
    }
    conn_connected(c);
}

/* Opens a socket to 'a'; the outcome comes through on_connect or on_attempt_closed. */
static void attempt(struct conn *c, const struct sockaddr *a)
{
    trace_address(c, "connect", a);
    (void)uv_tcp_init(&c->env->loop->uv, &c->tcp);
    c->tcp.data = c;
    c->tcp_live = true;
    c->pending++;
    c->connect.data = c;
    int rc = uv_tcp_connect(&c->connect, &c->tcp, a, on_connect);
    if (rc != 0) {
        attempt_failed(c, rc);
        return;
    }
    c->pending++;
}

static void try_next_address(struct conn *c)
{
    const struct addrinfo *a = c->next_address;
    if (a == NULL) {
        conn_fail(c, c->failure, c->detail);
        return;
    }
    c->next_address = a->ai_next;
    attempt(c, a->ai_addr);
}

static void on_resolved(uv_getaddrinfo_t *req, int status, struct addrinfo *res)
{
    struct conn *c = req->data;
    c->addresses = res;
    if (!come_home(c) || c->phase != RESOLVING) {
        return;
    }
    if (status != 0) {
        conn_fail(c, conn_connect_error(status), uv_strerror(status));
        return;
    }
    if (res != NULL) {
        trace_address(c, "resolved", res->ai_addr);
    }
    c->phase = CONNECTING;
    c->next_address = res;
    c->failure = LINK_DNS;
    (void)snprintf(c->detail, sizeof c->detail, "the name has no address");
    try_next_address(c);
}

void conn_reach(struct conn *c, const char *host, uint16_t port)
{
    /* Numeric addresses take no resolver thread. */
    struct sockaddr_storage numeric;
    if (address_numeric(host, port, &numeric)) {
        c->phase = CONNECTING;
        attempt(c, (const struct sockaddr *)&numeric);
        return;
    }
    char service[PORT_TEXT];
    (void)snprintf(service, sizeof service, "%u", port);
    const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
    c->resolve.data = c;
    int rc = uv_getaddrinfo(&c->env->loop->uv, &c->resolve, on_resolved, host, service, &hints);
    if (rc != 0) {
        conn_fail_later(c, LINK_DNS, uv_strerror(rc));
        return;
    }
    c->pending++;
}
