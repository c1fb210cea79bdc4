/* Inside of struct query_job, for the query*.c files only: query.c begins and ends one and asks the
 * resolver, query_sntp.c and query_ping.c talk to the address that was found. */
#ifndef SIM_HOST_QUERY_INT_H
#define SIM_HOST_QUERY_INT_H

#include "sim/host/address.h"
#include "sim/host/icmp.h"
#include "sim/host/query.h"
#include "sim/host/sntp.h"

struct query_job {
    struct query_env *env;
    struct query_job *next;   /* in env's list */
    struct query_owner owner; /* done NULL once nothing may be reported any more */
    enum query_kind kind;
    uint16_t bytes;
    uint8_t ttl;
    bool over;          /* only waits for libuv */
    bool resolving;     /* a request is with the resolver's threads */
    unsigned pending;   /* libuv requests and handles that still point here */
    struct timer timer; /* the limit, or an outcome to be reported from the loop */
    enum query_end end; /* that outcome */
    char text[CONNECT_TO_HOST_MAX + 1];

    uv_getaddrinfo_t find;
    uv_getnameinfo_t name;

    uv_udp_t udp; /* SNTP */
    bool udp_live;
    uint64_t cookie;

    uv_poll_t poll; /* PING */
    bool poll_live;
    int fd;
    bool raw; /* packets come with their IP header */
    struct icmp_echo echo;
    uint8_t data[ICMP_DATA_MAX];
    uint64_t sent_at; /* ns */
};

/* From a callback of the loop: reports the outcome; the job is no longer the owner's. */
void query_finish(struct query_job *j, const struct query_result *r);

/* The same a moment later, for what is known inside query_ask; with j->text when answered. */
void query_end_later(struct query_job *j, enum query_end end);

/* First thing in each callback that ends a request: false when nobody wants its outcome, and then
 * the job may be gone. */
bool query_wanted(struct query_job *j);

/* Ask the server at this address; the outcome comes from the loop. */
void query_sntp(struct query_job *j, const struct sockaddr *a);
void query_ping(struct query_job *j, const struct sockaddr *a);

/* Random bytes that nobody else can know. */
uint64_t query_secret(void);

#endif
