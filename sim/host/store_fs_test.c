#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "sim/host/store_fs.h"

struct fixture {
    char dir[64];   /* a folder of our own */
    char state[96]; /* the store's, in it */
};

static int set_up(void **state)
{
    struct fixture *f = xcalloc(1, sizeof *f);
    (void)snprintf(f->dir, sizeof f->dir, "/tmp/store_fs_test-XXXXXX");
    CHECK(mkdtemp(f->dir) != NULL);
    (void)snprintf(f->state, sizeof f->state, "%s/state", f->dir);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    char path[200];
    static const char *const leftovers[] = { "modem0/certificates", "modem0/nvram", "modem0/files",
                                             "modem0", "" };
    (void)snprintf(path, sizeof path, "%s/lock", f->state);
    (void)unlink(path);
    for (size_t i = 0; i < ARRAY_LEN(leftovers); i++) {
        (void)snprintf(path, sizeof path, "%s/%s", f->state, leftovers[i]);
        (void)rmdir(path);
    }
    int rc = rmdir(f->dir); /* fails when a test left a file */
    free(f);
    return rc;
}

static struct store_fs *opened(const struct fixture *f, struct store_fs_modem **ret_modem)
{
    struct reason why = { "" };
    struct store_fs *s = store_fs_open(f->state, &why);
    assert_non_null(s);
    *ret_modem = store_fs_modem_open(s, 0, &why);
    assert_non_null(*ret_modem);
    return s;
}

static void closed(struct store_fs **s, struct store_fs_modem **m)
{
    store_fs_modem_close(m);
    store_fs_close(s);
}

static void assert_content(struct store_fs_modem *m, struct span name, struct span content)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    assert_int_equal(store_fs_get(m, FILE_CERTIFICATE, name, &b), 0);
    assert_true(span_eq(buf_span(&b), content));
    buf_fini(&b);
}

static void collect(void *arg, struct span name)
{
    assert_true(buf_add(arg, name) && buf_add_byte(arg, ' '));
}

static void put_get_list_remove(void **state)
{
    struct store_fs_modem *m;
    struct store_fs *s = opened(*state, &m);
    struct buf names;
    buf_init(&names, 1000);
    assert_int_equal(store_fs_put(m, FILE_CERTIFICATE, SPAN_LIT("b.pem"), SPAN_LIT("old")), 0);
    assert_int_equal(store_fs_put(m, FILE_CERTIFICATE, SPAN_LIT("b.pem"), SPAN_LIT("new")), 0);
    assert_int_equal(store_fs_put(m, FILE_CERTIFICATE, SPAN_LIT("a.pem"), SPAN_LIT("")), 0);
    assert_int_equal(store_fs_put(m, FILE_CERTIFICATE, SPAN_LIT("B.pem"), SPAN_LIT("x")), 0);
    assert_int_equal(store_fs_put(m, FILE_NVRAM, SPAN_LIT("settings"), SPAN_LIT("1")), 0);
    closed(&s, &m);
    s = opened(*state, &m); /* another run of the program */
    assert_content(m, SPAN_LIT("b.pem"), SPAN_LIT("new"));
    assert_content(m, SPAN_LIT("a.pem"), SPAN_LIT(""));
    assert_int_equal(store_fs_list(m, FILE_CERTIFICATE, collect, &names), 0);
    assert_true(span_eq(buf_span(&names), SPAN_LIT("B.pem a.pem b.pem ")));
    assert_int_equal(store_fs_remove(m, FILE_CERTIFICATE, SPAN_LIT("b.pem")), 0);
    assert_int_equal(store_fs_remove(m, FILE_CERTIFICATE, SPAN_LIT("b.pem")), -ENOENT);
    assert_int_equal(store_fs_remove(m, FILE_CERTIFICATE, SPAN_LIT("B.pem")), 0);
    assert_int_equal(store_fs_remove(m, FILE_CERTIFICATE, SPAN_LIT("a.pem")), 0);
    assert_int_equal(store_fs_remove(m, FILE_NVRAM, SPAN_LIT("settings")), 0);
    buf_fini(&names);
    closed(&s, &m);
}

static void names_that_are_no_file_names(void **state)
{
    static const uint8_t with_nul[] = { 'a', 0, 'b' };
    static const uint8_t long_name[256] = { 'a' };
    const struct span bad[] = { SPAN_LIT(""),
                                SPAN_LIT("."),
                                SPAN_LIT(".."),
                                SPAN_LIT("a/b"),
                                SPAN_LIT("../a.pem"),
                                span_of(with_nul, sizeof with_nul),
                                span_of(long_name, sizeof long_name) };
    struct store_fs_modem *m;
    struct store_fs *s = opened(*state, &m);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct buf b;
        buf_init(&b, 10);
        assert_int_equal(store_fs_put(m, FILE_CERTIFICATE, bad[i], SPAN_LIT("x")), -EINVAL);
        assert_int_equal(store_fs_get(m, FILE_CERTIFICATE, bad[i], &b), -EINVAL);
        assert_int_equal(store_fs_remove(m, FILE_CERTIFICATE, bad[i]), -EINVAL);
    }
    closed(&s, &m);
}

/* A write that fails half-way: the old content is there afterwards, and nothing else. */
static void failing_write(void **state)
{
    static const uint8_t large[8192];
    struct rlimit before;
    struct store_fs_modem *m;
    struct store_fs *s = opened(*state, &m);
    struct buf names;
    buf_init(&names, 1000);
    assert_int_equal(store_fs_put(m, FILE_CERTIFICATE, SPAN_LIT("a.pem"), SPAN_LIT("old")), 0);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    const struct rlimit small = { .rlim_cur = 4096, .rlim_max = before.rlim_max };
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    int rc = store_fs_put(m, FILE_CERTIFICATE, SPAN_LIT("a.pem"), span_of(large, sizeof large));
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(rc, -EFBIG);
    assert_content(m, SPAN_LIT("a.pem"), SPAN_LIT("old"));
    assert_int_equal(store_fs_list(m, FILE_CERTIFICATE, collect, &names), 0);
    assert_true(span_eq(buf_span(&names), SPAN_LIT("a.pem ")));
    assert_int_equal(store_fs_remove(m, FILE_CERTIFICATE, SPAN_LIT("a.pem")), 0);
    buf_fini(&names);
    closed(&s, &m);
}

/* What a crash in the middle of a write leaves behind does no harm. */
static void interrupted_write(void **state)
{
    const struct fixture *f = *state;
    struct store_fs_modem *m;
    struct store_fs *s = opened(f, &m);
    char path[200];
    closed(&s, &m);
    (void)snprintf(path, sizeof path, "%s/modem0/fresh", f->state);
    int fd = open(path, O_WRONLY | O_CREAT, 0600);
    assert_true(fd >= 0);
    (void)close(fd);
    s = opened(f, &m);
    assert_int_equal(access(path, F_OK), -1);
    closed(&s, &m);
}

static void modes(void **state)
{
    const struct fixture *f = *state;
    struct store_fs_modem *m;
    struct store_fs *s = opened(f, &m);
    struct stat st;
    char path[200];
    assert_int_equal(store_fs_put(m, FILE_CERTIFICATE, SPAN_LIT("a.pem"), SPAN_LIT("x")), 0);
    (void)snprintf(path, sizeof path, "%s/modem0/certificates/a.pem", f->state);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    (void)snprintf(path, sizeof path, "%s/modem0/certificates", f->state);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    assert_int_equal(stat(f->state, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    assert_int_equal(store_fs_remove(m, FILE_CERTIFICATE, SPAN_LIT("a.pem")), 0);
    closed(&s, &m);
}

static void second_emulator(void **state)
{
    const struct fixture *f = *state;
    struct store_fs_modem *m;
    struct store_fs *s = opened(f, &m);
    struct reason why = { "" };
    assert_null(store_fs_open(f->state, &why));
    assert_non_null(strstr(why.text, "another emulator"));
    closed(&s, &m);
    s = opened(f, &m);
    closed(&s, &m);
}

static void folder_that_cannot_be(void **state)
{
    const struct fixture *f = *state;
    struct reason why = { "" };
    char path[200];
    (void)snprintf(path, sizeof path, "%s/no/such", f->dir);
    assert_null(store_fs_open(path, &why));
    assert_non_null(strstr(why.text, path));
    (void)snprintf(path, sizeof path, "%s/file", f->dir);
    int fd = open(path, O_WRONLY | O_CREAT, 0600);
    (void)close(fd);
    assert_null(store_fs_open(path, &why));
    assert_non_null(strstr(why.text, "Not a directory"));
    assert_int_equal(unlink(path), 0);
}

/* Without --state: a folder of its own that is gone afterwards. */
static void private_store(void **state)
{
    const struct fixture *f = *state;
    struct reason why = { "" };
    assert_int_equal(setenv("TMPDIR", f->dir, 1), 0);
    struct store_fs *s = store_fs_open(NULL, &why);
    assert_non_null(s);
    struct store_fs_modem *m = store_fs_modem_open(s, 7, &why);
    assert_non_null(m);
    assert_int_equal(store_fs_put(m, FILE_CERTIFICATE, SPAN_LIT("a.pem"), SPAN_LIT("x")), 0);
    assert_content(m, SPAN_LIT("a.pem"), SPAN_LIT("x"));
    closed(&s, &m);
    /* tear_down sees whether anything is left in f->dir. */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(put_get_list_remove, set_up, tear_down),
        cmocka_unit_test_setup_teardown(names_that_are_no_file_names, set_up, tear_down),
        cmocka_unit_test_setup_teardown(failing_write, set_up, tear_down),
        cmocka_unit_test_setup_teardown(interrupted_write, set_up, tear_down),
        cmocka_unit_test_setup_teardown(modes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(second_emulator, set_up, tear_down),
        cmocka_unit_test_setup_teardown(folder_that_cannot_be, set_up, tear_down),
        cmocka_unit_test_setup_teardown(private_store, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
