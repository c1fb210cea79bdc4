#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "sim/host/query_int.h"

static const char *const kinds[] = {
    [QUERY_RESOLVE] = "resolve",
    [QUERY_REVERSE] = "reverse",
    [QUERY_PING] = "ping",
    [QUERY_SNTP] = "sntp",
};

static struct query_job *job_of(struct timer *t)
{
    return (struct query_job *)(void *)((char *)t - offsetof(struct query_job, timer));
}

uint64_t query_secret(void)
{
    uint64_t v = 0;
    /* It cannot fail on Linux; should it, then a reply that nobody asked for is easier to forge. */
    (void)uv_random(NULL, NULL, &v, sizeof v, 0, NULL);
    return v | 1;
}

/* ---- the end ---- */

static void release(struct query_job *j)
{
    if (!j->over || j->pending > 0) {
        return;
    }
    struct query_job **at = &j->env->first;
    while (*at != j) {
        at = &(*at)->next;
    }
    *at = j->next;
    free(j);
}

static void on_udp_closed(uv_handle_t *h)
{
    struct query_job *j = h->data;
    j->pending--;
    release(j);
}

static void on_poll_closed(uv_handle_t *h)
{
    struct query_job *j = h->data;
    (void)close(j->fd);
    j->pending--;
    release(j);
}

/* Drops everything at once. */
static void go(struct query_job *j)
{
    timer_stop(&j->timer);
    j->owner.done = NULL;
    j->over = true;
    if (j->resolving) {
        (void)uv_cancel(j->kind == QUERY_REVERSE ? (uv_req_t *)&j->name : (uv_req_t *)&j->find);
    }
    if (j->udp_live) {
        j->udp_live = false;
        uv_close((uv_handle_t *)&j->udp, on_udp_closed);
    }
    if (j->poll_live) {
        j->poll_live = false;
        uv_close((uv_handle_t *)&j->poll, on_poll_closed);
    }
    release(j);
}

bool query_wanted(struct query_job *j)
{
    if (!j->over) {
        loop_tick(j->env->loop); /* its limit may be due at this very moment */
    }
    j->pending--;
    bool wanted = !j->over;
    release(j);
    return wanted;
}

void query_finish(struct query_job *j, const struct query_result *r)
{
    static const char *const names[] = {
#define NAME_(name, text) text,
        QUERY_END_LIST(NAME_)
#undef NAME_
    };
    struct query_owner owner = j->owner;
    if (owner.done == NULL) {
        return;
    }
    trace_emit(owner.trace, "query", TRACE_STR("kind", kinds[j->kind]), TRACE_STR("step", "done"),
               TRACE_STR("outcome", names[r->end]), TRACE_SPAN("text", r->text),
               TRACE_NUM("ms", r->ms), TRACE_NUM("utc", r->utc));
    j->owner.done = NULL;
    owner.done(owner.ctx, owner.id, r);
    go(j);
}

static void on_later(struct timer *t)
{
    struct query_job *j = job_of(t);
    const struct query_result r = { .end = j->end, .text = span_str(j->text) };
    query_finish(j, &r);
}

void query_end_later(struct query_job *j, enum query_end end)
{
    j->end = end;
    timer_arm(&j->env->loop->sched, &j->timer, 0, on_later);
}

static void on_limit(struct timer *t)
{
    query_finish(job_of(t), &(const struct query_result){ .end = QUERY_TIMEOUT });
}

void query_drop(struct query_job **jp)
{
    struct query_job *j = *jp;
    *jp = NULL;
    if (j != NULL) {
        trace_emit(j->owner.trace, "query", TRACE_STR("kind", kinds[j->kind]),
                   TRACE_STR("step", "dropped"));
        go(j);
    }
}

void query_env_close(struct query_env *env)
{
    struct query_job *next;
    for (struct query_job *j = env->first; j != NULL; j = next) {
        next = j->next;
        if (!j->over) {
            go(j);
        }
    }
}

/* ---- names ---- */

static void found(struct query_job *j, const struct sockaddr *a)
{
    switch (j->kind) {
    case QUERY_SNTP:
        query_sntp(j, a);
        break;
    case QUERY_PING:
        query_ping(j, a);
        break;
    case QUERY_RESOLVE:
    case QUERY_REVERSE:
        address_text(a, j->text);
        query_end_later(j, QUERY_ANSWERED);
        break;
    }
}

/* IPv4 comes first: it is what the modem's bearer carries. */
static const struct addrinfo *best(const struct addrinfo *list)
{
    for (const struct addrinfo *a = list; a != NULL; a = a->ai_next) {
        if (a->ai_family == AF_INET) {
            return a;
        }
    }
    return list;
}

static void on_found(uv_getaddrinfo_t *req, int status, struct addrinfo *list)
{
    struct query_job *j = req->data;
    j->resolving = false;
    if (query_wanted(j)) {
        if (status == 0 && list != NULL) {
            found(j, best(list)->ai_addr);
        } else {
            query_end_later(j, QUERY_NO_NAME);
        }
    }
    uv_freeaddrinfo(list);
}

/* Only a server may stand at an IPv6 address, where --connect-to says so. */
static int family(const struct query_job *j)
{
    return j->kind == QUERY_SNTP ? AF_UNSPEC : AF_INET;
}

static void look_up(struct query_job *j, const char *name, uint16_t port)
{
    char service[8];
    struct sockaddr_storage numeric;
    if (address_numeric(name, port, &numeric)) {
        if (family(j) == AF_UNSPEC || family(j) == numeric.ss_family) {
            found(j, (const struct sockaddr *)&numeric);
        } else {
            query_end_later(j, QUERY_NO_NAME);
        }
        return;
    }
    (void)snprintf(service, sizeof service, "%u", port);
    const struct addrinfo hints = { .ai_family = family(j), .ai_socktype = SOCK_DGRAM };
    j->find.data = j;
    if (uv_getaddrinfo(&j->env->loop->uv, &j->find, on_found, name, service, &hints) != 0) {
        query_end_later(j, QUERY_NO_NAME);
        return;
    }
    j->resolving = true;
    j->pending++;
}

static void on_name(uv_getnameinfo_t *req, int status, const char *name, const char *service)
{
    struct query_job *j = req->data;
    (void)service;
    j->resolving = false;
    if (query_wanted(j)) {
        (void)snprintf(j->text, sizeof j->text, "%s", status == 0 ? name : "");
        query_end_later(j, status == 0 ? QUERY_ANSWERED : QUERY_NO_NAME);
    }
}

static void look_back(struct query_job *j, const char *address)
{
    struct sockaddr_storage a;
    if (!address_numeric(address, 0, &a) || a.ss_family != AF_INET) {
        query_end_later(j, QUERY_NO_NAME);
        return;
    }
    j->name.data = j;
    if (uv_getnameinfo(&j->env->loop->uv, &j->name, on_name, (const struct sockaddr *)&a,
                       NI_NAMEREQD) != 0) {
        query_end_later(j, QUERY_NO_NAME);
        return;
    }
    j->resolving = true;
    j->pending++;
}

/* ---- the beginning ---- */

static bool is_numeric(struct span target)
{
    static const struct connect_to none = { NULL, 0 };
    char name[CONNECT_TO_HOST_MAX + 1];
    struct sockaddr_storage a;
    uint16_t port = 0;
    return connect_to_name(&none, &target, &port, name) && address_numeric(name, 0, &a);
}

/* What --connect-to makes of it; false when it is not a host name. */
static bool real_target(const struct query_job *j, struct span target, uint16_t *port,
                        char ret_name[CONNECT_TO_HOST_MAX + 1])
{
    static const struct connect_to none = { NULL, 0 };
    bool as_it_stands =
        j->kind == QUERY_REVERSE || (j->kind == QUERY_RESOLVE && is_numeric(target));
    return connect_to_name(as_it_stands ? &none : j->env->connect_to, &target, port, ret_name);
}

struct query_job *query_ask(struct query_env *env, const struct query_owner *owner,
                            const struct query *q)
{
    struct query_job *j = xcalloc(1, sizeof *j);
    char name[CONNECT_TO_HOST_MAX + 1];
    uint16_t port = q->kind == QUERY_SNTP ? SNTP_PORT : 0;
    j->env = env;
    j->next = env->first;
    env->first = j;
    j->owner = *owner;
    j->kind = q->kind;
    j->bytes = q->bytes;
    j->ttl = q->ttl;
    trace_emit(owner->trace, "query", TRACE_STR("kind", kinds[q->kind]), TRACE_STR("step", "ask"),
               TRACE_SPAN("target", q->target));
    timer_arm(&env->loop->sched, &j->timer, q->limit_ms, on_limit);
    if (!real_target(j, q->target, &port, name)) {
        query_end_later(j, QUERY_NO_NAME);
    } else if (q->kind == QUERY_REVERSE) {
        look_back(j, name);
    } else {
        look_up(j, name, port);
    }
    return j;
}
