#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "sim/host/link_path.h"
#include "sim/host/pty.h"

static void names_of_several(void **state)
{
    static const struct {
        const char *base;
        unsigned index, count;
        const char *path;
    } cases[] = {
        { "/run/modem0", 0, 1, "/run/modem0" },
        { "/run/modem", 0, 1, "/run/modem" },
        { "/run/modem0", 0, 3, "/run/modem0" },
        { "/run/modem0", 2, 3, "/run/modem2" },
        { "/run/modem0", 12, 20, "/run/modem12" },
        { "/run/modem", 0, 2, "/run/modem0" },
        { "/run/modem", 1, 2, "/run/modem1" },
        { "/run/modem10", 1, 2, "/run/modem101" },
        { "0", 1, 2, "1" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char path[PATH_MAX];
        assert_true(link_path_for(path, cases[i].base, cases[i].index, cases[i].count));
        assert_string_equal(path, cases[i].path);
    }
}

struct fixture {
    char dir[64], link[96];
    struct pty a, b;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    struct reason why;
    CHECK(f != NULL);
    (void)snprintf(f->dir, sizeof f->dir, "/tmp/link_path_test-XXXXXX");
    CHECK(mkdtemp(f->dir) != NULL);
    (void)snprintf(f->link, sizeof f->link, "%s/modem0", f->dir);
    CHECK(pty_open(&f->a, &why) && pty_open(&f->b, &why));
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    pty_close(&f->a);
    pty_close(&f->b);
    (void)unlink(f->link);
    int rc = rmdir(f->dir);
    free(f);
    return rc;
}

static void assert_link(const char *path, const char *target)
{
    char now[PATH_MAX];
    ssize_t n = readlink(path, now, sizeof now - 1);
    assert_true(n > 0);
    now[n] = '\0';
    assert_string_equal(now, target);
}

static void published_and_withdrawn(void **state)
{
    struct fixture *f = *state;
    struct reason why;
    assert_true(link_publish(f->link, f->a.path, f->a.slave, &why));
    assert_link(f->link, f->a.path);
    link_withdraw(f->link, f->a.path);
    assert_int_equal(access(f->link, F_OK), -1);
}

static void live_link_is_kept(void **state)
{
    struct fixture *f = *state;
    struct reason why = { "" };
    assert_true(link_publish(f->link, f->a.path, f->a.slave, &why));
    assert_false(link_publish(f->link, f->b.path, f->b.slave, &why));
    assert_non_null(strstr(why.text, "running emulator"));
    assert_link(f->link, f->a.path);
    link_withdraw(f->link, f->b.path); /* not ours: stays */
    assert_link(f->link, f->a.path);
}

/* The emulator is gone; its number may belong to anyone now, even to us. */
static void dead_link_is_replaced(void **state)
{
    struct fixture *f = *state;
    struct reason why;
    char dead[64];
    (void)snprintf(dead, sizeof dead, "%s", f->a.path);
    assert_true(link_publish(f->link, f->a.path, f->a.slave, &why));
    pty_close(&f->a);
    assert_true(link_publish(f->link, f->b.path, f->b.slave, &why));
    assert_link(f->link, f->b.path);
    assert_int_equal(unlink(f->link), 0);
    assert_true(pty_open(&f->a, &why));
    assert_int_equal(symlink(f->a.path, f->link), 0);
    assert_true(link_publish(f->link, f->a.path, f->a.slave, &why));
    assert_link(f->link, f->a.path);
}

static void foreign_things_are_kept(void **state)
{
    struct fixture *f = *state;
    struct reason why;
    assert_int_equal(mkdir(f->link, 0700), 0);
    assert_false(link_publish(f->link, f->a.path, f->a.slave, &why));
    assert_int_equal(rmdir(f->link), 0);
    assert_int_equal(symlink("/dev/ttyUSB0", f->link), 0);
    assert_false(link_publish(f->link, f->a.path, f->a.slave, &why));
    assert_link(f->link, "/dev/ttyUSB0");
}

static void no_folder(void **state)
{
    struct fixture *f = *state;
    struct reason why = { "" };
    assert_false(link_publish("/no/such/folder/modem0", f->a.path, f->a.slave, &why));
    assert_non_null(strstr(why.text, "/no/such/folder/modem0"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_of_several),
        cmocka_unit_test_setup_teardown(published_and_withdrawn, set_up, tear_down),
        cmocka_unit_test_setup_teardown(live_link_is_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(dead_link_is_replaced, set_up, tear_down),
        cmocka_unit_test_setup_teardown(foreign_things_are_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_folder, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
