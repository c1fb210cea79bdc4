/* The pty back end against a real pty pair, and the choice of back end. The serial back end needs
 * hardware; what can be shown without it is that non-terminals are refused. */
#include "base/port.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

#define DEADLINE_MS 5000

struct pair {
    int master;
    struct port *port;
};

static void wait_for(int fd, short events)
{
    struct pollfd pfd = { .fd = fd, .events = events };

    assert_int_equal(poll(&pfd, 1, DEADLINE_MS), 1);
}

static int setup(void **state)
{
    static struct pair pair;
    char name[128];
    int slave = -1;

    assert_int_equal(openpty(&pair.master, &slave, name, NULL, NULL), 0);
    assert_int_equal(port_open(name, 115200, &pair.port), 0);
    close(slave);
    *state = &pair;
    return 0;
}

static int teardown(void **state)
{
    struct pair *pair = *state;

    port_close(&pair->port);
    assert_null(pair->port);
    port_close(&pair->port); /* idempotent */
    if (pair->master >= 0) {
        close(pair->master);
    }
    return 0;
}

static void bytes_pass_both_ways_unchanged(void **state)
{
    struct pair *pair = *state;
    static const char all[] = "\r\n\0\x03\x11\x13\x1a\x7f\xff";
    char got[sizeof(all)] = { 0 };

    assert_string_equal(port_kind(pair->port), "pty");
    assert_int_equal(port_write(pair->port, all, sizeof(all)), (ssize_t)sizeof(all));
    wait_for(pair->master, POLLIN);
    assert_int_equal(read(pair->master, got, sizeof(got)), (ssize_t)sizeof(all));
    assert_memory_equal(got, all, sizeof(all));

    memset(got, 0, sizeof(got));
    assert_int_equal(write(pair->master, all, sizeof(all)), (ssize_t)sizeof(all));
    wait_for(port_fd(pair->port), POLLIN);
    assert_int_equal(port_read(pair->port, got, sizeof(got)), (ssize_t)sizeof(all));
    assert_memory_equal(got, all, sizeof(all));
}

static void nothing_there_is_zero(void **state)
{
    struct pair *pair = *state;
    char got[8];

    assert_int_equal(port_read(pair->port, got, sizeof(got)), 0);
}

/* A raw pty answers nothing by itself: no echo of what the master wrote. */
static void no_echo(void **state)
{
    struct pair *pair = *state;
    char got[8];

    assert_int_equal(write(pair->master, "AT\r", 3), 3);
    wait_for(port_fd(pair->port), POLLIN);
    assert_int_equal(port_read(pair->port, got, sizeof(got)), 3);
    struct pollfd pfd = { .fd = pair->master, .events = POLLIN };
    assert_int_equal(poll(&pfd, 1, 0), 0);
}

static void a_full_pty_takes_a_part(void **state)
{
    struct pair *pair = *state;
    static char block[65536];
    ssize_t n;
    size_t total = 0;

    memset(block, 'x', sizeof(block));
    do {
        n = port_write(pair->port, block, sizeof(block));
        assert_true(n >= 0);
        total += (size_t)n;
    } while (n > 0 && total < 64u * sizeof(block));
    assert_int_equal(n, 0); /* full, and it said so instead of blocking */
    assert_true(total > 0);
}

static void peer_closing_is_epipe(void **state)
{
    struct pair *pair = *state;
    char got[8];

    assert_int_equal(write(pair->master, "last", 4), 4);
    close(pair->master);
    pair->master = -1;
    wait_for(port_fd(pair->port), POLLIN);
    ssize_t n = port_read(pair->port, got, sizeof(got));
    while (n > 0) { /* what was written before may still be read */
        n = port_read(pair->port, got, sizeof(got));
    }
    assert_int_equal(n, -EPIPE);
    assert_int_equal(port_write(pair->port, "AT\r", 3), -EPIPE);
}

static void a_pty_has_no_lines(void **state)
{
    struct pair *pair = *state;

    assert_int_equal(port_lines(pair->port, true, true), -ENOTSUP);
}

static void a_pty_remembers_its_speed(void **state)
{
    struct pair *pair = *state;
    struct termios tio;

    assert_int_equal(port_set_speed(pair->port, 9600), 0);
    assert_int_equal(tcgetattr(pair->master, &tio), 0);
    assert_int_equal(cfgetospeed(&tio), B9600);
    assert_int_equal(cfgetispeed(&tio), B9600);
    assert_int_equal(tio.c_lflag & (tcflag_t)(ICANON | ECHO), 0);
    assert_int_equal(port_set_speed(pair->port, 12345), -EINVAL);
    assert_int_equal(port_unsent(pair->port), 0);
}

static void what_is_no_terminal_is_refused(void **state)
{
    struct port *p = NULL;

    (void)state;
    assert_int_equal(port_open("/nonexistent/modem0", 0, &p), -ENOENT);
    assert_int_equal(port_open("/", 0, &p), -ENOTTY);
    assert_int_equal(port_open("/dev/null", 0, &p), -ENOTTY);
    assert_null(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(bytes_pass_both_ways_unchanged, setup, teardown),
        cmocka_unit_test_setup_teardown(nothing_there_is_zero, setup, teardown),
        cmocka_unit_test_setup_teardown(no_echo, setup, teardown),
        cmocka_unit_test_setup_teardown(a_full_pty_takes_a_part, setup, teardown),
        cmocka_unit_test_setup_teardown(peer_closing_is_epipe, setup, teardown),
        cmocka_unit_test_setup_teardown(a_pty_has_no_lines, setup, teardown),
        cmocka_unit_test_setup_teardown(a_pty_remembers_its_speed, setup, teardown),
        cmocka_unit_test(what_is_no_terminal_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
