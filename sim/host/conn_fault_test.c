/* Faults of connections over loopback sockets: the exact bytes that get past them, and the end on
 * either side. */
#include <errno.h>

#include "sim/host/conn_rig.h"
#include "sim/modem/fault_rig.h"

static struct rig modem; /* whose faults they are; its own clock stands */
static uint8_t block[BIG];
static uint8_t back[4 * BIG];

static int begin(void **state)
{
    int rc = set_up(state);
    rig_start(&modem, "");
    ((struct fixture *)*state)->modem = modem.m;
    for (size_t i = 0; i < sizeof block; i++) {
        block[i] = (uint8_t)(i * 31 + i / 257);
    }
    return rc;
}

static int end(void **state)
{
    int rc = tear_down(state);
    rig_end(&modem);
    return rc;
}

static void send_now(struct fixture *f, struct span bytes)
{
    f->inside = true;
    conn_send(f->conn, bytes);
    f->inside = false;
}

static void turns(struct fixture *f)
{
    for (int i = 0; i < 20; i++) {
        (void)uv_run(&f->loop.uv, UV_RUN_NOWAIT);
    }
}

/* What the peer reads until there is so much, or the end; returns errno of the end, 0 for FIN, -1
 * for none. */
static int peer_reads(struct fixture *f, size_t most, size_t *ret_n)
{
    for (*ret_n = 0; *ret_n < most;) {
        (void)uv_run(&f->loop.uv, UV_RUN_NOWAIT);
        assert_false(f->late);
        ssize_t n = recv(f->peer, back + *ret_n, most - *ret_n, MSG_DONTWAIT);
        if (n == 0 || (n < 0 && errno != EAGAIN)) {
            return n == 0 ? 0 : errno;
        }
        *ret_n += n > 0 ? (size_t)n : 0;
    }
    return -1;
}

static void hears(struct fixture *f, size_t n)
{
    while (f->got.n < n && !f->late) {
        (void)uv_run(&f->loop.uv, UV_RUN_DEFAULT);
    }
    assert_false(f->late);
}

static void again(struct fixture *f)
{
    (void)close(f->peer);
    f->peer = -1;
    f->ups = f->downs = 0;
    buf_clear(&f->got);
}

struct cut {
    const char *row;
    int end;
    enum link_end why;
};

static const struct cut cuts[] = { { "link.reset_peer", ECONNRESET, LINK_RESET },
                                   { "link.close", 0, LINK_CLOSED },
                                   { "link.limit_data", 0, LINK_CLOSED } };

static const struct fault *arm_at(const char *row, const char *direction, size_t at)
{
    char text[100];
    (void)snprintf(text, sizeof text, "%s direction=%s bytes=%zu", row, direction, at);
    return fault_rig(&modem, text);
}

static void cut_upstream(void **state)
{
    struct fixture *f = *state;
    for (size_t i = 0; i < ARRAY_LEN(cuts); i++) {
        for (size_t at = 0; at <= 7; at++) {
            size_t n;
            const struct fault *fault = arm_at(cuts[i].row, "upstream", at);
            connected(f);
            send_now(f, SPAN_LIT("01234"));
            send_now(f, SPAN_LIT("567"));
            assert_int_equal(peer_reads(f, sizeof back, &n), cuts[i].end);
            assert_int_equal(n, at);
            assert_memory_equal(back, "01234567", at);
            assert_down(f, cuts[i].why);
            assert_int_equal(fault->fired, 1);
            again(f);
        }
    }
}

static void cut_downstream(void **state)
{
    struct fixture *f = *state;
    for (size_t i = 0; i < ARRAY_LEN(cuts); i++) {
        for (size_t at = 0; at <= 6; at++) {
            size_t n;
            (void)arm_at(cuts[i].row, "downstream", at);
            connected(f);
            assert_int_equal(write(f->peer, "bye bye", 7), 7);
            assert_down(f, cuts[i].why);
            assert_true(span_eq(buf_span(&f->got), span_of((const uint8_t *)"bye bye", at)));
            assert_int_equal(peer_reads(f, sizeof back, &n), cuts[i].end);
            assert_int_equal(n, 0);
            again(f);
        }
    }
}

static void cut_with_the_first_byte(void **state)
{
    struct fixture *f = *state;
    size_t n;
    (void)fault_rig(&modem, "link.close client=0"); /* somebody else's */
    (void)fault_rig(&modem, "link.reset_peer client=1");
    connected(f);
    send_now(f, SPAN_LIT("x"));
    assert_int_equal(peer_reads(f, sizeof back, &n), ECONNRESET);
    assert_int_equal(n, 0);
    assert_down(f, LINK_RESET);
}

static void nobody_there(void **state)
{
    struct fixture *f = *state;
    (void)fault_rig(&modem, "link.down");
    dial_to(f, "127.0.0.1", f->port, NULL);
    assert_int_equal(f->downs, 0);
    assert_down(f, LINK_REFUSED);
    f->downs = 0;
    (void)fault_rig(&modem, "link.dns");
    dial_to(f, "127.0.0.1", f->port, NULL);
    assert_down(f, LINK_DNS);
    connected(f);
}

/* A whole record and nothing behind it, however it comes; and a head alone is no record. */
static void cut_behind_a_record(void **state)
{
    static const char records[] = "\x17\x03\x03\x00\002ab\x17\x03\x03\x00\001c\x15\x03";
    struct fixture *f = *state;
    for (size_t slice = 1; slice < sizeof records; slice++) {
        size_t n;
        (void)fault_rig(&modem, "link.close direction=upstream records=2");
        connected(f);
        for (size_t at = 0; at < sizeof records - 1; at += slice) {
            size_t rest = sizeof records - 1 - at;
            send_now(f, span_of((const uint8_t *)records + at, rest < slice ? rest : slice));
        }
        assert_int_equal(peer_reads(f, sizeof back, &n), 0);
        assert_int_equal(n, 13);
        assert_memory_equal(back, records, n);
        assert_down(f, LINK_CLOSED);
        again(f);
    }
}

/* Nothing passes, then all of it, in order, in both directions, and the hang-up behind it. */
static void stall(void **state)
{
    struct fixture *f = *state;
    size_t n;
    (void)fault_rig(&modem, "link.stall direction=upstream bytes=2 ms=5");
    connected(f);
    send_now(f, SPAN_LIT("0123"));
    send_now(f, SPAN_LIT("4567"));
    assert_int_equal(write(f->peer, "abc", 3), 3);
    hears(f, 3);
    assert_true(span_eq(buf_span(&f->got), SPAN_LIT("abc")));
    conn_hangup(&f->conn, true);
    assert_int_equal(peer_reads(f, sizeof back, &n), 0);
    assert_int_equal(n, 8);
    assert_memory_equal(back, "01234567", 8);
}

/* What waits still arrives when the modem ends that let go of the connection, whose faults nobody
 * asks for any more. */
static void modem_gone(void **state)
{
    struct fixture *f = *state;
    size_t n;
    (void)fault_rig(&modem, "link.stall direction=upstream bytes=2 ms=5");
    (void)fault_rig(&modem, "link.close direction=upstream bytes=4");
    connected(f);
    send_now(f, SPAN_LIT("0123456"));
    conn_hangup(&f->conn, true);
    conn_forget(&f->env, modem.m);
    assert_int_equal(peer_reads(f, sizeof back, &n), 0);
    assert_int_equal(n, 7);
    assert_memory_equal(back, "0123456", n);
}

/* Sockets that take little at a time. */
static void connected_narrow(struct fixture *f)
{
    const int little = 4096;
    uv_os_fd_t fd;
    assert_int_equal(setsockopt(f->listener, SOL_SOCKET, SO_RCVBUF, &little, sizeof little), 0);
    connected(f);
    assert_int_equal(uv_fileno((const uv_handle_t *)&f->conn->tcp, &fd), 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &little, sizeof little), 0);
}

/* The peer reads when all is over, and finds what had passed before the place, and FIN. */
static void cut_behind_much(void **state)
{
    struct fixture *f = *state;
    const size_t at = BIG - 7;
    size_t n;
    (void)fault_rig(&modem, "link.slicer size=50000 delay=1");
    (void)arm_at("link.close", "upstream", at);
    connected_narrow(f);
    send_now(f, span_of(block, sizeof block));
    assert_down(f, LINK_CLOSED);
    assert_int_equal(peer_reads(f, sizeof back, &n), 0);
    assert_int_equal(n, at);
    assert_memory_equal(back, block, at);
}

/* More waits for a stall to end than is queued without one. */
static void stall_of_much(void **state)
{
    struct fixture *f = *state;
    const size_t at = BIG / 2;
    size_t n;
    (void)fault_rig(&modem, "link.stall direction=upstream bytes=262144 ms=100");
    connected_narrow(f);
    send_now(f, span_of(block, sizeof block));
    assert_int_equal(peer_reads(f, at, &n), -1);
    assert_memory_equal(back, block, at);
    turns(f);
    for (int i = 0; i < 3; i++) {
        send_now(f, span_of(block, sizeof block));
    }
    conn_hangup(&f->conn, true);
    assert_int_equal(peer_reads(f, sizeof back, &n), 0);
    assert_int_equal(n, 4 * BIG - at);
    for (size_t i = 0; i < n; i++) {
        if (back[i] != block[(at + i) % BIG]) {
            fail_msg("byte %zu is not what was sent", i);
        }
    }
}

/* A place is one opportunity for each connection, not for each piece behind it. */
static void a_place_counts_once(void **state)
{
    struct fixture *f = *state;
    size_t n;
    const struct fault *always =
        fault_rig(&modem, "link.stall direction=upstream bytes=2 ms=1 count=0");
    const struct fault *second = fault_rig(&modem, "link.close direction=upstream bytes=3 nth=2");
    connected(f);
    for (int i = 0; i < 10; i++) {
        send_now(f, SPAN_LIT("0123456789"));
    }
    assert_int_equal(peer_reads(f, 100, &n), -1);
    assert_int_equal(always->fired, 1);
    assert_int_equal(second->fired, 0);
    conn_hangup(&f->conn, true);
    again(f);
    connected(f);
    send_now(f, SPAN_LIT("0123456789"));
    assert_int_equal(peer_reads(f, sizeof back, &n), 0);
    assert_int_equal(n, 3);
    assert_int_equal(always->fired, 2);
    assert_down(f, LINK_CLOSED);
}

static void stands(void **state)
{
    struct fixture *f = *state;
    (void)fault_rig(&modem, "link.stall direction=upstream bytes=2 ms=3600000");
    connected(f);
    send_now(f, SPAN_LIT("0123"));
    assert_int_equal(write(f->peer, "abc", 3), 3);
    turns(f);
    assert_int_equal(recv(f->peer, back, sizeof back, MSG_DONTWAIT), 2);
    assert_int_equal(recv(f->peer, back, sizeof back, MSG_DONTWAIT), -1);
    assert_int_equal(f->got.n, 0);
}

static void on_pause_over(struct timer *t)
{
    (void)t; /* it is not armed any more: that tells */
}

/* A shorter wait does not end a longer one. */
static void stands_at_a_slow_close(void **state)
{
    struct fixture *f = *state;
    struct timer pause = { 0 };
    (void)fault_rig(&modem, "link.slow_close delay=1");
    (void)fault_rig(&modem, "link.stall direction=upstream bytes=0 ms=3600000");
    connected(f);
    send_now(f, SPAN_LIT("x"));
    (void)shutdown(f->peer, SHUT_WR);
    turns(f);
    timer_arm(&f->loop.sched, &pause, 5, on_pause_over);
    while (timer_armed(&pause)) {
        (void)uv_run(&f->loop.uv, UV_RUN_ONCE);
    }
    assert_int_equal(f->downs, 0);
}

/* Shapes change when bytes come, not which; the peer's end comes behind the last of them. */
static void shapes(void **state)
{
    static const char *const rows[] = { "link.latency latency=2 jitter=2", "link.bandwidth rate=2",
                                        "link.slicer size=3", "link.slicer size=3 delay=1",
                                        "link.slow_close delay=2" };
    struct fixture *f = *state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        size_t n;
        const struct fault *fault = fault_rig(&modem, rows[i]);
        connected(f);
        send_now(f, SPAN_LIT("0123456789"));
        assert_int_equal(peer_reads(f, 10, &n), -1);
        assert_memory_equal(back, "0123456789", 10);
        assert_int_equal(write(f->peer, "abcdefghij", 10), 10);
        (void)shutdown(f->peer, SHUT_WR);
        assert_down(f, LINK_CLOSED);
        assert_true(span_eq(buf_span(&f->got), SPAN_LIT("abcdefghij")));
        assert_int_equal(fault->fired, 1);
        again(f);
    }
}

/* Far more than a socket takes, in order, and FIN behind it. */
static void much(void **state)
{
    struct fixture *f = *state;
    size_t n;
    (void)fault_rig(&modem, "link.slicer size=16384");
    (void)fault_rig(&modem, "link.latency latency=1");
    connected(f);
    send_now(f, span_of(block, sizeof block));
    conn_hangup(&f->conn, true);
    assert_int_equal(peer_reads(f, sizeof back, &n), 0);
    assert_int_equal(n, sizeof block);
    assert_memory_equal(back, block, sizeof block);
}

/* What is sent vanishes, and nothing comes, not even the end. */
static void half_open(void **state)
{
    struct fixture *f = *state;
    (void)fault_rig(&modem, "link.half_open direction=upstream bytes=2");
    connected(f);
    send_now(f, SPAN_LIT("0123"));
    assert_int_equal(write(f->peer, "x", 1), 1);
    (void)shutdown(f->peer, SHUT_WR);
    turns(f);
    send_now(f, SPAN_LIT("4"));
    turns(f);
    assert_int_equal(recv(f->peer, back, sizeof back, MSG_DONTWAIT), 2);
    assert_int_equal(recv(f->peer, back, sizeof back, MSG_DONTWAIT), -1);
    assert_int_equal(f->got.n, 0);
    assert_int_equal(f->downs, 0);
}

/* Bytes and their end wait for their latency, and the other side vanishes between them. */
static void half_open_before_the_end(void **state)
{
    struct fixture *f = *state;
    (void)fault_rig(&modem, "link.latency latency=5");
    (void)fault_rig(&modem, "link.half_open direction=downstream bytes=1");
    connected(f);
    assert_int_equal(write(f->peer, "abc", 3), 3);
    (void)shutdown(f->peer, SHUT_WR);
    hears(f, 1);
    turns(f);
    assert_int_equal(f->got.n, 1);
    assert_int_equal(f->downs, 0);
}

/* Whatever ends it here, the other side keeps its half until it gives up itself. */
static void half_open_to_the_end(void **state)
{
    struct fixture *f = *state;
    static const bool flush[] = { false, true };
    (void)fault_rig(&modem, "link.half_open direction=upstream bytes=2 count=0");
    for (size_t i = 0; i < ARRAY_LEN(flush); i++) {
        f->ups = 0;
        connected(f);
        send_now(f, SPAN_LIT("0123"));
        turns(f);
        conn_hangup(&f->conn, flush[i]);
        turns(f);
        assert_int_equal(recv(f->peer, back, sizeof back, MSG_DONTWAIT), 2);
        assert_int_equal(recv(f->peer, back, sizeof back, MSG_DONTWAIT), -1); /* no FIN */
        assert_int_equal(write(f->peer, "x", 1), 1);
        turns(f);
        assert_int_equal(recv(f->peer, back, sizeof back, MSG_DONTWAIT), -1); /* no RST */
        assert_non_null(f->env.first);
        (void)shutdown(f->peer, SHUT_WR);
        turns(f);
        assert_int_equal(recv(f->peer, back, sizeof back, MSG_DONTWAIT), 0);
        assert_null(f->env.first);
        (void)close(f->peer);
    }
}

static void timeout(void **state)
{
    struct fixture *f = *state;
    size_t n;
    (void)fault_rig(&modem, "link.timeout direction=upstream bytes=1 timeout=5");
    connected(f);
    send_now(f, SPAN_LIT("01"));
    assert_int_equal(write(f->peer, "x", 1), 1);
    assert_int_equal(peer_reads(f, sizeof back, &n), 0);
    assert_int_equal(n, 1);
    assert_down(f, LINK_CLOSED);
    assert_int_equal(f->got.n, 0);
}

#define FAULTY(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAULTY(cut_upstream),
        FAULTY(cut_downstream),
        FAULTY(cut_with_the_first_byte),
        FAULTY(nobody_there),
        FAULTY(cut_behind_a_record),
        FAULTY(stall),
        FAULTY(stands),
        FAULTY(stands_at_a_slow_close),
        FAULTY(cut_behind_much),
        FAULTY(stall_of_much),
        FAULTY(modem_gone),
        FAULTY(a_place_counts_once),
        FAULTY(shapes),
        FAULTY(much),
        FAULTY(half_open),
        FAULTY(half_open_before_the_end),
        FAULTY(half_open_to_the_end),
        FAULTY(timeout),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
