#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/check.h"
#include "sim/host/options.h"

#define ARGS_MAX 8

static bool parse(const char *const *args, struct options *ret, struct reason *why)
{
    char *argv[ARGS_MAX + 2];
    char name[] = "sim7600";
    int argc = 0;
    argv[argc++] = name;
    for (; args[argc - 1] != NULL; argc++) {
        argv[argc] = strdup(args[argc - 1]);
    }
    argv[argc] = NULL;
    bool ok = options_parse(argc, argv, ret, why);
    for (int i = 1; i < argc; i++) {
        free(argv[i]); /* the caller of these tests looks at numbers only */
    }
    return ok;
}

static void refused(void **state)
{
    static const struct {
        const char *args[ARGS_MAX];
        const char *names; /* must occur in the message */
    } cases[] = {
        { { "--nonsense" }, "--nonsense" },
        { { "-z" }, "-z" },
        { { "file" }, "file" },
        { { "--link" }, "--link needs a value" },
        { { "--link", "" }, "--link" },
        { { "--boot=1" }, "--boot" },
        { { "--count", "0" }, "1 to 64" },
        { { "--count", "65" }, "1 to 64" },
        { { "--count", "2x" }, "--count 2x" },
        { { "--count", "" }, "--count" },
        { { "--seed", "-1" }, "--seed -1" },
        { { "--seed", "4294967296" }, "--seed" },
        { { "--listen", "127.0.0.1:1" }, "--listen" },
        { { "--listen", "tcp:127.0.0.1" }, "--listen" },
        { { "--listen", "tcp:127.0.0.1:65536" }, "--listen" },
        { { "--listen", "tcp::1" }, "--listen" },
        { { "--listen", "tcp:::1:1" }, "--listen" },
        { { "--listen", "unix:" }, "--listen" },
        { { "--serial", ":9600" }, "--serial" },
        { { "--serial", "/dev/x:fast" }, "--serial" },
        { { "--dump", "everything" }, "--dump everything" },
        { { "--dump", "commands:xml" }, "--dump" },
        { { "--connect-to", "a:b:c" }, "--connect-to" },
        { { "--link", "/tmp/x", "--serial", "/dev/x" }, "--link" },
        { { "--count", "3", "--listen", "unix:/a", "--listen", "unix:/b" }, "--count 3" },
        { { "--count", "2", "--serial", "/dev/x" }, "--count 2" },
        { { "--count", "2", "--listen", "tcp:h:65535" }, "--count 2" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct options o;
        struct reason why = { "" };
        if (parse(cases[i].args, &o, &why) || strstr(why.text, cases[i].names) == NULL ||
            strchr(why.text, '\n') != NULL) {
            fail_msg("case %zu (%s): %s", i, cases[i].args[0], why.text);
        }
    }
}

static void nothing_given(void **state)
{
    static const char *const args[] = { NULL };
    struct options o;
    struct reason why;
    (void)state;
    assert_true(parse(args, &o, &why));
    assert_int_equal(o.count, 1);
    assert_int_equal(o.ports_n, 0);
    assert_int_equal(o.dump, DUMP_NOTHING);
    assert_null(o.link);
}

static void everything_given(void **state)
{
    static const char *const args[] = { "--listen=tcp:[::1]:0", "--serial", "/dev/ttyUSB0:9600",
                                        "--connect-to",         "::h:1",    "--seed=42",
                                        "--dump=profile:json",  "--boot",   NULL };
    struct options o;
    struct reason why = { "" };
    (void)state;
    assert_true(parse(args, &o, &why));
    assert_int_equal(o.count, 2);
    assert_int_equal(o.ports[0].kind, PORT_TCP);
    assert_string_equal(o.ports[0].host, "::1");
    assert_int_equal(o.ports[1].kind, PORT_SERIAL);
    assert_string_equal(o.ports[1].path, "/dev/ttyUSB0");
    assert_int_equal(o.ports[1].baud, 9600);
    assert_int_equal(o.rules_n, 1);
    assert_int_equal(o.seed, 42);
    assert_int_equal(o.dump, DUMP_PROFILE);
    assert_int_equal(o.dump_format, DUMP_JSON);
    assert_true(o.boot);
}

static void serial_without_speed(void **state)
{
    static const char *const args[] = { "--serial", "/dev/ttyUSB0", NULL };
    struct options o;
    struct reason why;
    (void)state;
    assert_true(parse(args, &o, &why));
    assert_int_equal(o.ports[0].baud, 115200);
}

static void several_modems_on_one_port(void **state)
{
    static const char *const tcp[] = { "--listen", "tcp:h:4000", "--count", "3", NULL };
    static const char *const any[] = { "--listen", "tcp:h:0", "--count", "3", NULL };
    static const char *const sock[] = { "--listen", "unix:/tmp/m0", "--count", "3", NULL };
    struct options o;
    struct port_spec p;
    struct reason why;
    (void)state;
    assert_true(parse(tcp, &o, &why));
    assert_true(options_port_for(&o, 2, &p));
    assert_int_equal(p.port, 4002);
    assert_true(parse(any, &o, &why));
    assert_true(options_port_for(&o, 2, &p));
    assert_int_equal(p.port, 0);
    assert_true(parse(sock, &o, &why));
    assert_true(options_port_for(&o, 2, &p));
    assert_string_equal(p.path, "/tmp/m2");
}

static void too_many_ports(void **state)
{
    char *argv[OPTIONS_MODEMS_MAX + 3];
    char name[] = "sim7600";
    char port[] = "--listen=tcp:h:1";
    struct options o;
    struct reason why;
    (void)state;
    argv[0] = name;
    for (size_t i = 1; i < ARRAY_LEN(argv); i++) {
        argv[i] = port;
    }
    argv[OPTIONS_MODEMS_MAX + 1] = NULL;
    assert_true(options_parse(OPTIONS_MODEMS_MAX + 1, argv, &o, &why));
    argv[OPTIONS_MODEMS_MAX + 1] = port;
    argv[OPTIONS_MODEMS_MAX + 2] = NULL;
    assert_false(options_parse(OPTIONS_MODEMS_MAX + 2, argv, &o, &why));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refused),
        cmocka_unit_test(nothing_given),
        cmocka_unit_test(everything_given),
        cmocka_unit_test(serial_without_speed),
        cmocka_unit_test(several_modems_on_one_port),
        cmocka_unit_test(too_many_ports),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
