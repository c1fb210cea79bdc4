/* Outgoing connections over loopback sockets. Every wait is for an event of the loop, with a
 * deadline after which the test fails. */
#include "sim/host/conn_rig.h"

static void both_directions(void **state)
{
    struct fixture *f = *state;
    char bytes[16];
    connected(f);
    conn_send(f->conn, SPAN_LIT("ping"));
    assert_int_equal(read(f->peer, bytes, sizeof bytes), 4);
    assert_memory_equal(bytes, "ping", 4);
    assert_int_equal(write(f->peer, "pong", 4), 4);
    while (f->got.n < 4 && !f->late) {
        (void)uv_run(&f->loop.uv, UV_RUN_DEFAULT);
    }
    assert_true(span_eq(buf_span(&f->got), SPAN_LIT("pong")));
}

static void refused(void **state)
{
    struct fixture *f = *state;
    (void)close(f->listener);
    dial_to(f, "127.0.0.1", f->port, NULL);
    assert_down(f, LINK_REFUSED);
    f->listener = socket(AF_INET, SOCK_STREAM, 0);
}

static void closed_by_peer(void **state)
{
    struct fixture *f = *state;
    connected(f);
    assert_int_equal(write(f->peer, "bye", 3), 3);
    (void)close(f->peer);
    f->peer = -1;
    assert_down(f, LINK_CLOSED);
    assert_true(span_eq(buf_span(&f->got), SPAN_LIT("bye")));
}

static void reset_now(struct fixture *f)
{
    const struct linger now = { .l_onoff = 1, .l_linger = 0 };
    assert_int_equal(setsockopt(f->peer, SOL_SOCKET, SO_LINGER, &now, sizeof now), 0);
    (void)close(f->peer);
    f->peer = -1;
    assert_down(f, LINK_RESET);
}

static void reset_by_peer(void **state)
{
    struct fixture *f = *state;
    connected(f);
    reset_now(f);
}

/* Bytes and reset are there at the same time. */
static void reset_behind_bytes(void **state)
{
    struct fixture *f = *state;
    connected(f);
    assert_int_equal(write(f->peer, "bye", 3), 3);
    reset_now(f);
    assert_true(span_eq(buf_span(&f->got), SPAN_LIT("bye")));
}

static void not_a_name(void **state)
{
    struct fixture *f = *state;
    dial_to(f, "", 1, NULL);
    assert_down(f, LINK_DNS);
}

static void redirected(void **state)
{
    struct fixture *f = *state;
    struct connect_to_rule rule;
    char text[64];
    (void)snprintf(text, sizeof text, "broker.invalid:8883:127.0.0.1:%u", f->port);
    assert_true(connect_to_parse(text, &rule));
    f->connect_to = (struct connect_to){ &rule, 1 };
    dial_to(f, "broker.invalid", 8883, NULL);
    run_until(f, &f->ups);
}

/* The peer does not read while we send; after a hangup with flush everything still arrives, and
 * then FIN. */
static void flush_before_fin(void **state)
{
    static uint8_t block[BIG];
    static uint8_t back[BIG + 1];
    struct fixture *f = *state;
    size_t n = 0;
    connected(f);
    for (size_t i = 0; i < sizeof block; i++) {
        block[i] = (uint8_t)(i * 31 + i / 257);
    }
    conn_send(f->conn, span_of(block, sizeof block));
    conn_hangup(&f->conn, true);
    for (;;) {
        (void)uv_run(&f->loop.uv, UV_RUN_NOWAIT);
        ssize_t k = recv(f->peer, back + n, sizeof back - n, MSG_DONTWAIT);
        if (k == 0) {
            break;
        }
        n += k > 0 ? (size_t)k : 0;
        assert_false(f->late);
    }
    assert_int_equal(n, sizeof block);
    assert_memory_equal(back, block, sizeof block);
    assert_int_equal(f->downs, 0);
}

/* A fault strikes in the last bytes of a connection that the modem has just let go of: the socket
 * is closed all the same (tear_down sees handles that are left over). */
static void cut_while_draining(void **state)
{
    struct fixture *f = *state;
    connected(f);
    struct conn *c = f->conn;
    conn_send(c, SPAN_LIT("bye"));
    conn_hangup(&f->conn, true);
    conn_cut(c, true);
    assert_int_equal(f->downs, 0);
}

static void queue_full(void **state)
{
    static const uint8_t block[BIG];
    struct fixture *f = *state;
    connected(f);
    f->inside = true;
    for (int i = 0; i < 64; i++) {
        conn_send(f->conn, span_of(block, sizeof block));
    }
    f->inside = false;
    assert_down(f, LINK_BROKEN);
}

static struct tls_params any_server(void)
{
    return (struct tls_params){ .min_version = TLS_1_0,
                                .max_version = TLS_1_2,
                                .handshake_ms = DEADLINE_MS };
}

static void tls_set_up_fails(void **state)
{
    struct fixture *f = *state;
    struct tls_params p = any_server();
    p.verify_server = true; /* without a CA */
    dial_to(f, "127.0.0.1", f->port, &p);
    assert_int_equal(f->downs, 0);
    assert_down(f, LINK_TLS_SETUP);
    assert_non_null(strstr(f->detail, "cacert"));
}

static void tls_peer_closes(void **state)
{
    struct fixture *f = *state;
    struct tls_params p = any_server();
    dial_to(f, "127.0.0.1", f->port, &p);
    f->peer = accept(f->listener, NULL, NULL);
    (void)close(f->peer);
    f->peer = -1;
    assert_down(f, LINK_TLS_CLOSED);
    assert_int_equal(f->ups, 0);
}

static void tls_peer_is_none(void **state)
{
    struct fixture *f = *state;
    struct tls_params p = any_server();
    dial_to(f, "127.0.0.1", f->port, &p);
    f->peer = accept(f->listener, NULL, NULL);
    assert_int_equal(write(f->peer, "HTTP/1.0 400 Bad Request\r\n", 26), 26);
    assert_down(f, LINK_TLS_HANDSHAKE);
}

static void tls_peer_is_silent(void **state)
{
    struct fixture *f = *state;
    struct tls_params p = any_server();
    p.handshake_ms = 30;
    dial_to(f, "127.0.0.1", f->port, &p);
    f->peer = accept(f->listener, NULL, NULL);
    assert_down(f, LINK_TLS_TIMEOUT);
}

static void hangup_at_any_time(void **state)
{
    struct fixture *f = *state;
    struct tls_params p = any_server();
    static const char *const hosts[] = { "127.0.0.1", "localhost", "" };
    for (size_t h = 0; h < ARRAY_LEN(hosts); h++) {
        for (int turns = 0; turns < 4; turns++) {
            dial_to(f, hosts[h], f->port, turns % 2 == 0 ? &p : NULL);
            for (int i = 0; i < turns; i++) {
                (void)uv_run(&f->loop.uv, UV_RUN_NOWAIT);
            }
            conn_hangup(&f->conn, turns > 1);
            f->ups = 0;
            f->downs = 0;
        }
    }
    /* A name resolution under way cannot always be cancelled: let it come home. */
    while (f->loop.uv.active_reqs.count > 0 && !f->late) {
        (void)uv_run(&f->loop.uv, UV_RUN_ONCE);
    }
    assert_false(f->late);
}

static void limit_as_the_name_comes(void **state)
{
    struct fixture *f = *state;
    const struct conn_owner owner = { .events = &events, .ctx = f, .link = 1 };
    (void)uv_run(&f->loop.uv, UV_RUN_NOWAIT); /* so that its descriptor knows the resolver's */
    assert_int_equal(uv_prepare_init(&f->loop.uv, &f->prepare), 0);
    assert_int_equal(uv_prepare_start(&f->prepare, rig_resolved_and_over), 0);
    f->conn = conn_dial(
        &f->env, &owner,
        &(const struct dial){ .host = SPAN_LIT("localhost"), .port = f->port, .connect_ms = 1 });
    assert_down(f, LINK_CONNECT_TIMEOUT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(both_directions),    TEST(refused),
        TEST(closed_by_peer),     TEST(reset_by_peer),
        TEST(reset_behind_bytes), TEST(not_a_name),
        TEST(redirected),         TEST(flush_before_fin),
        TEST(cut_while_draining), TEST(queue_full),
        TEST(tls_set_up_fails),   TEST(tls_peer_closes),
        TEST(tls_peer_is_none),   TEST(tls_peer_is_silent),
        TEST(hangup_at_any_time), TEST(limit_as_the_name_comes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
