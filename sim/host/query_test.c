/* Questions to the real network, as far as it is this machine: the resolver, the kernel's own
 * echoes, and an NTP server that is a UDP socket of the test. Every wait is for an event of the
 * loop, with a deadline after which the test fails. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/check.h"
#include "sim/host/host_rig.h"
#include "sim/host/query.h"
#include "sim/host/sntp.h"

#define DEADLINE_MS 20000
#define SHORT_MS    50
#define UTC         INT64_C(1715949296)
/* A label of more than 63 bytes: no name, and no name server is asked about it. */
#define NO_NAME "a123456789b123456789c123456789d123456789e123456789f123456789g123.invalid"

struct fixture {
    struct loop loop;
    struct connect_to connect_to;
    struct connect_to_rule rules[2];
    struct query_env env;
    struct query_job *job;
    int server; /* UDP; -1: none */
    uint16_t port;
    bool inside; /* query_ask runs: no outcome may come */
    unsigned done;
    struct query_result got;
    char text[300];
    struct timer deadline;
    bool late;
    uv_prepare_t prepare;
};

static void on_done(void *ctx, unsigned id, const struct query_result *r)
{
    struct fixture *f = ctx;
    assert_int_equal(id, 2);
    assert_false(f->inside);
    f->job = NULL;
    f->done++;
    f->got = *r;
    (void)snprintf(f->text, sizeof f->text, "%.*s", (int)r->text.n, (const char *)r->text.p);
    uv_stop(&f->loop.uv);
}

static void on_deadline(struct timer *t)
{
    struct fixture *f = (struct fixture *)(void *)((char *)t - offsetof(struct fixture, deadline));
    f->late = true;
    uv_stop(&f->loop.uv);
}

static int set_up(void **state)
{
    struct fixture *f = xcalloc(1, sizeof *f);
    CHECK(loop_init(&f->loop) == 0);
    f->env.loop = &f->loop;
    f->env.connect_to = &f->connect_to;
    f->connect_to.rules = f->rules;
    f->server = rig_socket(SOCK_DGRAM, &f->port);
    timer_arm(&f->loop.sched, &f->deadline, DEADLINE_MS, on_deadline);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    query_drop(&f->job);
    query_env_close(&f->env);
    timer_stop(&f->deadline);
    bool clean = loop_fini(&f->loop);
    bool empty = f->env.first == NULL && f->loop.sched.head == NULL;
    if (f->server >= 0) {
        (void)close(f->server);
    }
    free(f);
    return clean && empty ? 0 : -1; /* -1: something was left over */
}

static void rule(struct fixture *f, const char *text)
{
    assert_true(connect_to_parse(text, &f->rules[f->connect_to.n++]));
}

static void ask(struct fixture *f, const struct query *q)
{
    const struct query_owner owner = { .done = on_done, .ctx = f, .id = 2 };
    f->inside = true;
    f->done = 0;
    f->job = query_ask(&f->env, &owner, q);
    f->inside = false;
}

/* Asks and waits. The target is on the stack of the caller's caller, and gone when the answer
 * comes: query_ask must have copied it. */
static enum query_end outcome(struct fixture *f, enum query_kind kind, const char *target,
                              uint32_t limit_ms)
{
    char copy[300];
    (void)snprintf(copy, sizeof copy, "%s", target);
    const struct query q = {
        .kind = kind,
        .target = span_str(copy),
        .limit_ms = limit_ms,
        .bytes = 64,
        .ttl = 200,
    };
    ask(f, &q);
    memset(copy, 'x', sizeof copy);
    while (f->done == 0 && !f->late) {
        (void)uv_run(&f->loop.uv, UV_RUN_DEFAULT);
    }
    assert_false(f->late);
    assert_int_equal(f->done, 1);
    return f->got.end;
}

/* ---- names ---- */

static void resolve(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(outcome(f, QUERY_RESOLVE, "localhost", DEADLINE_MS), QUERY_ANSWERED);
    assert_string_equal(f->text, "127.0.0.1");
    assert_int_equal(outcome(f, QUERY_RESOLVE, "192.0.2.7", DEADLINE_MS), QUERY_ANSWERED);
    assert_string_equal(f->text, "192.0.2.7");
    static const char *const wrong[] = { NO_NAME, "", "a..b", "::1" };
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        assert_int_equal(outcome(f, QUERY_RESOLVE, wrong[i], DEADLINE_MS), QUERY_NO_NAME);
    }
}

static void resolve_redirected(void **state)
{
    struct fixture *f = *state;
    rule(f, "h.invalid:123:127.0.0.9:9");
    rule(f, "h.invalid::localhost:8883");
    assert_int_equal(outcome(f, QUERY_RESOLVE, "H.invalid", DEADLINE_MS), QUERY_ANSWERED);
    assert_string_equal(f->text, "127.0.0.1");
    f->connect_to.n = 0;
    rule(f, "::127.0.0.3:");
    assert_int_equal(outcome(f, QUERY_RESOLVE, "h.invalid", DEADLINE_MS), QUERY_ANSWERED);
    assert_string_equal(f->text, "127.0.0.3");
    assert_int_equal(outcome(f, QUERY_RESOLVE, "192.0.2.7", DEADLINE_MS), QUERY_ANSWERED);
    assert_string_equal(f->text, "192.0.2.7"); /* no name, nothing to redirect */
    f->connect_to.n = 0;
    rule(f, "::[::1]:");
    assert_int_equal(outcome(f, QUERY_RESOLVE, "h.invalid", DEADLINE_MS), QUERY_NO_NAME);
}

static void reverse(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(outcome(f, QUERY_REVERSE, "127.0.0.1", DEADLINE_MS), QUERY_ANSWERED);
    assert_true(strlen(f->text) > 0); /* "localhost" on most machines */
    static const char *const wrong[] = { "localhost", "::1", "", "1.2.3", "1.2.3.4.5" };
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        assert_int_equal(outcome(f, QUERY_REVERSE, wrong[i], DEADLINE_MS), QUERY_NO_NAME);
    }
}

/* ---- echoes ---- */

/* True where the kernel gives us no ICMP socket: then every ping is lost. */
static bool refused(struct fixture *f)
{
    enum query_end end = outcome(f, QUERY_PING, "127.0.0.1", DEADLINE_MS);
    assert_int_equal(end, f->env.no_pings ? QUERY_UNREACHABLE : QUERY_ANSWERED);
    return f->env.no_pings;
}

static void ping(void **state)
{
    struct fixture *f = *state;
    if (refused(f)) {
        skip();
    }
    assert_true(f->got.ms < DEADLINE_MS);
    assert_true(f->got.ttl > 0); /* the kernel's own choice, 64 by default */
    rule(f, "8.8.8.8::localhost:");
    assert_int_equal(outcome(f, QUERY_PING, "8.8.8.8", DEADLINE_MS), QUERY_ANSWERED);
    /* Nobody may send to a broadcast address just so. */
    assert_int_equal(outcome(f, QUERY_PING, "127.255.255.255", DEADLINE_MS), QUERY_UNREACHABLE);
    assert_int_equal(outcome(f, QUERY_PING, "::1", DEADLINE_MS), QUERY_NO_NAME);
}

/* Many at the same time: each gets its own reply. */
static void pings_at_once(void **state)
{
    struct fixture *f = *state;
    struct query_job *jobs[16];
    const struct query_owner owner = { .done = on_done, .ctx = f, .id = 2 };
    static const uint16_t sizes[] = { 4, 5, 188, 64 };
    if (refused(f)) {
        skip();
    }
    f->done = 0;
    for (size_t i = 0; i < ARRAY_LEN(jobs); i++) {
        const struct query q = {
            .kind = QUERY_PING,
            .target = SPAN_LIT("127.0.0.1"),
            .limit_ms = DEADLINE_MS,
            .bytes = sizes[i % ARRAY_LEN(sizes)],
            .ttl = 16,
        };
        jobs[i] = query_ask(&f->env, &owner, &q);
        assert_non_null(jobs[i]);
    }
    for (unsigned seen = 0; f->done < ARRAY_LEN(jobs) && !f->late; seen = f->done) {
        (void)uv_run(&f->loop.uv, UV_RUN_DEFAULT);
        assert_true(f->done >= seen);
        assert_int_equal(f->got.end, QUERY_ANSWERED);
    }
    assert_false(f->late);
}

/* ---- the time ---- */

struct request {
    uint8_t packet[512];
    ssize_t n;
    struct sockaddr_in from;
};

static void take_request(struct fixture *f, struct request *r)
{
    socklen_t size = sizeof r->from;
    r->n = recvfrom(f->server, r->packet, sizeof r->packet, 0, (struct sockaddr *)&r->from, &size);
    assert_int_equal(r->n, SNTP_PACKET);
}

static void put32(uint8_t *p, uint32_t v)
{
    for (int i = 0; i < 4; i++) {
        p[i] = (uint8_t)(v >> (24 - 8 * i));
    }
}

/* The answer of a good server. */
static void make_reply(const struct request *r, uint8_t reply[SNTP_PACKET])
{
    memset(reply, 0, SNTP_PACKET);
    reply[0] = 0x24;
    reply[1] = 2;
    memcpy(reply + 24, r->packet + 40, 8);
    put32(reply + 40, (uint32_t)(UTC + INT64_C(2208988800)));
}

static void send_back(struct fixture *f, const struct request *r, const void *p, size_t n)
{
    assert_int_equal(sendto(f->server, p, n, 0, (const struct sockaddr *)&r->from, sizeof r->from),
                     n);
}

static void ask_time(struct fixture *f, uint32_t limit_ms)
{
    char text[64];
    (void)snprintf(text, sizeof text, "ntp.invalid:123:127.0.0.1:%u", f->port);
    f->connect_to.n = 0;
    rule(f, text);
    ask(f, &(const struct query){
               .kind = QUERY_SNTP, .target = SPAN_LIT("ntp.invalid"), .limit_ms = limit_ms });
}

static void wait_done(struct fixture *f)
{
    while (f->done == 0 && !f->late) {
        (void)uv_run(&f->loop.uv, UV_RUN_DEFAULT);
    }
    assert_false(f->late);
}

static void time_of_a_server(void **state)
{
    struct fixture *f = *state;
    struct request r;
    struct request again;
    uint8_t reply[SNTP_PACKET];
    ask_time(f, DEADLINE_MS);
    take_request(f, &r);
    assert_int_equal(r.packet[0], 0x23);
    make_reply(&r, reply);
    send_back(f, &r, reply, sizeof reply);
    wait_done(f);
    assert_int_equal(f->got.end, QUERY_ANSWERED);
    assert_int_equal(f->got.utc, UTC);
    ask_time(f, DEADLINE_MS);
    take_request(f, &again);
    assert_memory_not_equal(again.packet + 40, r.packet + 40, 8); /* another secret each time */
    query_drop(&f->job);
}

/* Whatever is not the answer is passed over, and the answer still counts behind it. */
static void time_behind_rubbish(void **state)
{
    struct fixture *f = *state;
    struct request r;
    uint8_t reply[SNTP_PACKET];
    static const uint8_t large[4096];
    ask_time(f, DEADLINE_MS);
    take_request(f, &r);
    send_back(f, &r, "", 0);
    send_back(f, &r, "no time", 7);
    send_back(f, &r, large, sizeof large);
    send_back(f, &r, r.packet, SNTP_PACKET);
    make_reply(&r, reply);
    reply[1] = 0; /* kiss-o'-death */
    send_back(f, &r, reply, sizeof reply);
    make_reply(&r, reply);
    reply[24] ^= 1;
    send_back(f, &r, reply, sizeof reply);
    for (int i = 0; i < 20; i++) {
        (void)uv_run(&f->loop.uv, UV_RUN_NOWAIT);
    }
    assert_int_equal(f->done, 0);
    make_reply(&r, reply);
    send_back(f, &r, reply, sizeof reply);
    wait_done(f);
    assert_int_equal(f->got.end, QUERY_ANSWERED);
    assert_int_equal(f->got.utc, UTC);
}

/* A good reply that comes from another address than the one that was asked. */
static void time_of_somebody_else(void **state)
{
    struct fixture *f = *state;
    struct request r;
    uint8_t reply[SNTP_PACKET];
    ask_time(f, SHORT_MS);
    take_request(f, &r);
    make_reply(&r, reply);
    int other = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_int_equal(
        sendto(other, reply, sizeof reply, 0, (struct sockaddr *)&r.from, sizeof r.from),
        sizeof reply);
    wait_done(f);
    assert_int_equal(f->got.end, QUERY_TIMEOUT);
    (void)close(other);
}

static void time_of_nobody(void **state)
{
    struct fixture *f = *state;
    ask_time(f, SHORT_MS); /* the server is silent */
    wait_done(f);
    assert_int_equal(f->got.end, QUERY_TIMEOUT);
    (void)close(f->server);
    f->server = -1;
    ask_time(f, DEADLINE_MS); /* and now it is gone */
    wait_done(f);
    assert_int_equal(f->got.end, QUERY_UNREACHABLE);
    f->connect_to.n = 0;
    assert_int_equal(outcome(f, QUERY_SNTP, NO_NAME, DEADLINE_MS), QUERY_NO_NAME);
    assert_int_equal(outcome(f, QUERY_SNTP, "", DEADLINE_MS), QUERY_NO_NAME);
}

/* ---- letting go ---- */

static void drop_at_any_time(void **state)
{
    struct fixture *f = *state;

    static const struct {
        enum query_kind kind;
        const char *target;
    } cases[] = {
        { QUERY_RESOLVE, "localhost" }, { QUERY_RESOLVE, "127.0.0.1" }, { QUERY_RESOLVE, "" },
        { QUERY_REVERSE, "127.0.0.1" }, { QUERY_PING, "127.0.0.1" },    { QUERY_PING, "localhost" },
        { QUERY_SNTP, "localhost" },    { QUERY_SNTP, "127.0.0.1" },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases) * 5; i++) {
        const struct query q = {
            .kind = cases[i / 5].kind,
            .target = span_str(cases[i / 5].target),
            .limit_ms = i % 2 == 0 ? 1 : DEADLINE_MS,
            .bytes = 4,
            .ttl = 16,
        };
        ask(f, &q);
        for (size_t turns = 0; turns < i % 5; turns++) {
            (void)uv_run(&f->loop.uv, UV_RUN_NOWAIT);
        }
        unsigned before = f->done;
        query_drop(&f->job);
        (void)uv_run(&f->loop.uv, UV_RUN_NOWAIT);
        assert_int_equal(f->done, before);
    }
    query_drop(&f->job); /* nothing */
    /* A name resolution under way cannot always be cancelled: let it come home. */
    while (f->loop.uv.active_reqs.count > 0 && !f->late) {
        (void)uv_run(&f->loop.uv, UV_RUN_ONCE);
    }
    assert_false(f->late);
}

static void limit_as_the_name_comes(void **state)
{
    struct fixture *f = *state;
    (void)uv_run(&f->loop.uv, UV_RUN_NOWAIT); /* so that its descriptor knows the resolver's */
    assert_int_equal(uv_prepare_init(&f->loop.uv, &f->prepare), 0);
    assert_int_equal(uv_prepare_start(&f->prepare, rig_resolved_and_over), 0);
    assert_int_equal(outcome(f, QUERY_RESOLVE, "localhost", 1), QUERY_TIMEOUT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(resolve),
        TEST(resolve_redirected),
        TEST(reverse),
        TEST(ping),
        TEST(pings_at_once),
        TEST(time_of_a_server),
        TEST(time_behind_rubbish),
        TEST(time_of_somebody_else),
        TEST(time_of_nobody),
        TEST(drop_at_any_time),
        TEST(limit_as_the_name_comes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
