/* What is removed when a private state folder is made, and above all what is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "sim/host/store_private.h"

static char tmp[64]; /* stands for /tmp */

static int set_up(void **state)
{
    (void)state;
    (void)snprintf(tmp, sizeof tmp, "/tmp/store_private_test-XXXXXX");
    CHECK(mkdtemp(tmp) != NULL);
    CHECK(setenv("TMPDIR", tmp, 1) == 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    return rmdir(tmp); /* fails when a test left something */
}

static const char *below(const char *name)
{
    static char path[PATH_MAX + sizeof tmp];
    (void)snprintf(path, sizeof path, "%s/%s", tmp, name);
    return path;
}

static void make_folder(const char *name, mode_t mode)
{
    assert_int_equal(mkdir(below(name), mode), 0);
}

static void make_file(const char *name)
{
    int fd = open(below(name), O_WRONLY | O_CREAT, 0600);
    assert_true(fd >= 0);
    assert_int_equal(close(fd), 0);
}

static bool exists(const char *name)
{
    return access(below(name), F_OK) == 0;
}

struct made {
    char path[PATH_MAX];
    int folder, lock;
};

static void make(struct made *m)
{
    struct reason why = { "" };
    assert_true(store_private_make(m->path, &m->folder, &m->lock, &why));
}

static void unmake(struct made *m)
{
    store_private_remove(m->folder, m->path);
    assert_int_equal(close(m->lock), 0);
    assert_int_equal(close(m->folder), 0);
}

static void made_and_removed(void **state)
{
    struct made m;
    struct stat st;
    (void)state;
    make(&m);
    assert_int_equal(stat(m.path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0700);
    assert_int_equal(store_lock(m.folder), -EWOULDBLOCK);
    unmake(&m);
}

static void dead_folder(void **state)
{
    struct made m;
    (void)state;
    make_folder("sim7600-state-abc123", 0700);
    make_folder("sim7600-state-abc123/modem0", 0700);
    make_folder("sim7600-state-abc123/modem0/certificates", 0700);
    make_folder("sim7600-state-abc123/modem0/nvram", 0700);
    make_file("sim7600-state-abc123/lock");
    make_file("sim7600-state-abc123/modem0/fresh");
    make_file("sim7600-state-abc123/modem0/certificates/clientkey.pem");
    make_file("sim7600-state-abc123/modem0/certificates/lock");
    make(&m);
    assert_false(exists("sim7600-state-abc123"));
    unmake(&m);
}

static void folder_in_use(void **state)
{
    struct made first;
    struct made second;
    (void)state;
    make(&first);
    make(&second);
    assert_string_not_equal(first.path, second.path);
    assert_int_equal(access(first.path, F_OK), 0);
    unmake(&first);
    assert_int_equal(access(second.path, F_OK), 0);
    unmake(&second);
}

/* Everything that is not beyond doubt a dead folder of ours. */
static void left_alone(void **state)
{
    static const char *const folders[] = { "sim7600-state-nolock", "sim7600-state-longer1",
                                           "sim7600-start-abc123", "sim7600-abc123" };
    struct made m;
    char path[PATH_MAX];
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
        make_folder(folders[i], 0700);
        (void)snprintf(path, sizeof path, "%s/lock", folders[i]);
        if (i > 0) {
            make_file(path);
        }
    }
    make_folder("sim7600-state-shared", 0755); /* one that others may read is not ours */
    make_file("sim7600-state-shared/lock");
    make_file("sim7600-state-a_file");
    assert_int_equal(symlink("sim7600-abc123", below("sim7600-state-a_link")), 0);
    make(&m);
    unmake(&m);
    assert_int_equal(unlink(below("sim7600-state-a_link")), 0);
    assert_int_equal(unlink(below("sim7600-state-a_file")), 0);
    assert_int_equal(unlink(below("sim7600-state-shared/lock")), 0);
    assert_int_equal(rmdir(below("sim7600-state-shared")), 0);
    for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
        (void)snprintf(path, sizeof path, "%s/lock", folders[i]);
        assert_int_equal(i > 0 ? unlink(below(path)) : 0, 0);
        assert_int_equal(rmdir(below(folders[i])), 0);
    }
}

static void no_such_place(void **state)
{
    struct reason why = { "" };
    char path[PATH_MAX];
    int folder;
    int lock;
    (void)state;
    assert_int_equal(setenv("TMPDIR", below("nowhere"), 1), 0);
    assert_false(store_private_make(path, &folder, &lock, &why));
    assert_non_null(strstr(why.text, "nowhere"));
    assert_non_null(strstr(why.text, "--state"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(made_and_removed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(dead_folder, set_up, tear_down),
        cmocka_unit_test_setup_teardown(folder_in_use, set_up, tear_down),
        cmocka_unit_test_setup_teardown(left_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_such_place, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
