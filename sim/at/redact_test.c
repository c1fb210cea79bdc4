/* The trace never shows a secret, however the line that carries it is broken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "sim/at/redact.h"

static struct at_result never(struct at_chan *ch, const struct at_call *call)
{
    (void)ch;
    (void)call;
    return AT_OK;
}

static const struct at_cmd rows[] = {
    { .name = "E", .set = never, AT_PARAMS(P_INT("v", 0, 1, "x")) },
    { .name = "Z", .exec = never },
    { .name = "+CSQ", .exec = never },
    { .name = "+PLAIN", .set = never, AT_PARAMS(P_STR("s", 0, 9, "x")) },
    { .name = "+PIN",
      .set = never,
      .read = never,
      AT_PARAMS(P_STR("pin", 4, 8, "x", .flags = PARAM_SECRET)) },
    { .name = "+CONN",
      .set = never,
      AT_PARAMS(P_INT("i", 0, 1, "x"), P_STR("address", 1, 99, "x"), P_INT("k", 0, 9, "x"),
                P_INT("c", 0, 1, "x"), P_STR("user", 0, 9, "x", .flags = PARAM_OPTIONAL),
                P_STR("password", 0, 9, "x", .flags = PARAM_OPTIONAL | PARAM_SECRET)) },
    { .name = "D", .set = never, AT_PARAMS(P_STR("dialstring", 1, 99, "x", .flags = PARAM_RAW)) },
    { .name = "+CFG",
      AT_VARIANTS(
          { .key = "mode",
            .n_params = 2,
            .set = never,
            .params = (const struct param[]){ P_INT("c", 0, 9, "x"), P_INT("m", 0, 9, "x") } },
          { .key = "keypwd",
            .n_params = 2,
            .set = never,
            .params = (const struct param[]){ P_INT("c", 0, 9, "x"),
                                              P_STR("p", 0, 9, "x", .flags = PARAM_SECRET) } }) },
};
static const struct at_service service = { "test", rows, ARRAY_LEN(rows) };
static const struct at_service *const services[] = { &service };
static const struct at_table table = { services, 1 };

/* hunter2 is the secret. */
static const struct {
    const char *body, *want;
    bool ours;
} cases[] = {
    { "", "AT", false },
    { "E0", "ATE0", false },
    { "+CSQ", "AT+CSQ", true },
    { "+CSQ;+CSQ;E0", "AT+CSQ;+CSQ;E0", true },
    { "+PLAIN=\"x;y\"", "AT+PLAIN=\"x;y\"", true },
    { "+PIN?", "AT+PIN?", true },
    { "+PIN=hunter2", "AT+PIN=***", true },
    { "+pin=\"hunter2\"", "AT+pin=***", true },
    { "+PIN=1,hunter2", "AT+PIN=***,***", true },
    { "+PIN=\"hunter2", "AT+PIN=<8 characters>", false },
    { "+PIN:hunter2", "AT+PIN<8 characters>", false },
    { "+PIN\"hunter2\"", "AT+PIN<9 characters>", false },
    { "+PIN?hunter2", "AT+PIN?<7 characters>", false },
    { "+PINN=\"hunter2\"", "AT+PINN=<9 characters>", false },
    { "+CSQ;+PIN=\"hunter2", "AT+CSQ;+PIN=<8 characters>", false },
    { "+CSQ;;+PIN=\"hunter2", "AT+CSQ;+PIN=<8 characters>", false },
    { "E0+PIN=\"hunter2", "ATE0+PIN=<8 characters>", false },
    { "+CSQ=\"x;+PIN=hunter2", "AT+CSQ=<15 characters>", false },
    { "+FOO=1;+PIN=hunter2", "AT+FOO=<14 characters>", false },
    { "+PIN=1;hunter2", "AT+PIN=***;<7 characters>", false },
    { "+PIN=1;+CSQ", "AT+PIN=***;+CSQ", true },
    { "hunter2", "ATh<6 characters>", false },
    { "&W", "AT&W", false },
    { "+CONN=0,\"tcp://h\",6,1,\"u\",\"hunter2\"", "AT+CONN=0,\"tcp://h\",6,1,\"u\",***", true },
    { "+CONN=0,\"tcp://h\",6,1,u,hunter2", "AT+CONN=0,\"tcp://h\",6,1,u,***", true },
    { "+CONN=0,\"tcp://h\",6,1,,hunter2", "AT+CONN=0,\"tcp://h\",6,1,,***", true },
    { "+CONN=0,\"tcp://h\",6,1,u,x,hunter2", "AT+CONN=0,\"tcp://h\",6,1,u,***,***", true },
    { "+CONN=0,\"tcp://h\",6,\"u\",\"hunter2\"", "AT+CONN=0,\"tcp://h\",6,***,***", true },
    { "+CONN=0,\"tcp://h\",\"u\",\"hunter2\"", "AT+CONN=0,\"tcp://h\",***,***", true },
    { "+CONN=\"tcp://h\",6,1,\"u\",\"hunter2\"", "AT+CONN=***,***,***,***,***", true },
    { "+CONN=0,\"tcp://h\",6,1,\"u\",\"hunter2", "AT+CONN=<28 characters>", false },
    { "+CONN=0,\"tcp://h\",6,1,\"u\",\"x\"hunter2\"\"", "AT+CONN=0,\"tcp://h\",6,1,\"u\",***",
      true },
    { "+CFG=\"mode\",0,1", "AT+CFG=\"mode\",0,1", true },
    { "+CFG=\"keypwd\",0,\"hunter2\"", "AT+CFG=\"keypwd\",0,***", true },
    { "+CFG=\"KEYPWD\",0,hunter2", "AT+CFG=\"KEYPWD\",0,***", true },
    { "+CFG=\"keypwd\",\"hunter2\"", "AT+CFG=\"keypwd\",***", true },
    { "+CFG=0,\"keypwd\",\"hunter2\"", "AT+CFG=***,***,***", true },
    { "+CFG=\"keypw\",0,\"hunter2\"", "AT+CFG=***,***,***", true },
    { "+CFG=\"mode\",0,1,\"hunter2\"", "AT+CFG=\"mode\",0,1,***", true },
    { "+CFG=\"mode\",\"hunter2\"", "AT+CFG=\"mode\",***", true },
    { "+CFG=keypwd,0,hunter2", "AT+CFG=keypwd,0,***", true },
    { "+CFG=hunter2", "AT+CFG=***", true },
    { "D+4930123;", "ATD+4930123;", false },
    { "D>\"hunter2\";", "ATD><10 characters>", false },
    { "DT*99#", "ATDT*99#", false },
    { "D(AT+PIN=hunter2", "ATD<15 characters>", false },
    { "Dhunter2", "ATD<7 characters>", false },
};

static void no_secret_is_shown(void **state)
{
    (void)state;
    struct at_index *index = at_index_new(&table);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf out;
        buf_init(&out, 4096);
        bool ours = redact_line(index, span_str(cases[i].body), false, &out);
        assert_true(buf_add_byte(&out, 0));
        assert_string_equal((const char *)out.p, cases[i].want);
        assert_int_equal(ours, cases[i].ours);
        buf_fini(&out);
    }
    at_index_free(&index);
}

/* Behind an upload of key material: the rest of a key that was declared too short. */
static void rest_of_a_key(void **state)
{
    (void)state;

    static const struct {
        const char *body, *want;
        bool ours;
    } wary[] = {
        { "", "AT", false }, /* a key may hold a line that ends in AT */
        { "hunter2", "AT<7 characters>", false },
        { "+hunter2==", "AT<10 characters>", false },
        { "+hunter2", "AT<8 characters>", false },
        { "Ez", "AT<2 characters>", false },
        { "+CSQ", "AT+CSQ", true }, /* surely a command again */
        { "+PIN=hunter2", "AT+PIN=***", true },
        { "+CSQ;hunter2", "AT+CSQ;<7 characters>", false },
    };
    struct at_index *index = at_index_new(&table);
    for (size_t i = 0; i < ARRAY_LEN(wary); i++) {
        struct buf out;
        buf_init(&out, 4096);
        bool ours = redact_line(index, span_str(wary[i].body), true, &out);
        assert_true(buf_add_byte(&out, 0));
        assert_string_equal((const char *)out.p, wary[i].want);
        assert_int_equal(ours, wary[i].ours);
        buf_fini(&out);
    }
    at_index_free(&index);
}

static void shows_nothing(const struct at_index *index, const char *body)
{
    struct buf out;
    buf_init(&out, 4096);
    (void)redact_line(index, span_str(body), false, &out);
    assert_true(buf_add_byte(&out, 0));
    const char *shown = (const char *)out.p;
    if (strstr(shown, "hunt") != NULL || strstr(shown, "ter2") != NULL) {
        fail_msg("%s -> %s", body, shown);
    }
    buf_fini(&out);
}

/* A secret cut anywhere, and any one byte changed: still nothing of it. */
static void broken_anywhere(void **state)
{
    (void)state;
    static const char body[] = "+CONN=0,\"tcp://h\",6,1,\"u\",\"hunter2\";+PIN=hunter2";
    static const char bytes[] = "\",;=+?A0 \xff";
    struct at_index *index = at_index_new(&table);
    for (size_t at = 0; at < sizeof body - 1; at++) {
        for (size_t b = 0; b < sizeof bytes - 1; b++) {
            char copy[sizeof body];
            memcpy(copy, body, sizeof body);
            copy[at] = bytes[b];
            shows_nothing(index, copy);
        }
    }
    at_index_free(&index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_secret_is_shown),
        cmocka_unit_test(rest_of_a_key),
        cmocka_unit_test(broken_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
