/* The command-line reader: bytes into lines, and the echo on the way. Each case is fed byte by
 * byte; the reader has no other way in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/check.h"
#include "sim/at/line.h"

#define B(s)                                                                                       \
    {                                                                                              \
        (const uint8_t *)(s), sizeof(s) - 1                                                        \
    }

/* 'lines': each body followed by '|', with '^' before a line that was too long. */
static const struct {
    struct span in;
    const char *lines;
    struct span echo;
} cases[] = {
    { B(""), "", B("") },
    { B("AT\r"), "|", B("AT\r") },
    { B("AT\r\n"), "|", B("AT\r") },
    { B("AT\r\n\n"), "|", B("AT\r") },
    { B("AT+CSQ\r"), "+CSQ|", B("AT+CSQ\r") },
    { B("at+csq\r"), "+csq|", B("at+csq\r") },
    { B("aTE0\rAtE1\r"), "E0|E1|", B("aTE0\rAtE1\r") },
    { B("AT\n\r"), "|", B("AT\r") },
    { B("\r"), "", B("") },
    { B("\r\n\r\n"), "", B("") },
    { B("A\r"), "", B("A") },
    { B("A\rT\r"), "", B("A") },
    { B("hello\r"), "", B("") },
    { B("XYZAT+A\r"), "+A|", B("AT+A\r") },
    { B("AAAT+A\r"), "+A|", B("AAAT+A\r") },
    { B("ABAT+A\r"), "+A|", B("AAT+A\r") },
    { B("\0\0AT\0+\0A\0\r\0"), "+A|", B("AT+A\r") },
    { B("AT+\xc3\xa4\r"), "+\xc3\xa4|", B("AT+\xc3\xa4\r") },
    { B("ATAT\r"), "AT|", B("ATAT\r") },
    /* S5: with echo BS, SPACE, BS; past the start ignored */
    { B("ATX\x08Y\r"), "Y|", B("ATX\b \bY\r") },
    { B("AT\x08X\x08\x08Y\r"), "Y|", B("ATX\b \bY\r") },
    { B("ATXYZ\x08\x08\r"), "X|", B("ATXYZ\b \b\b \b\r") },
    { B("AT+A\x01\x1b\t\x7f\n=1\r"), "+A=1|", B("AT+A=1\r") },
    { B("ATE 0\r"), "E 0|", B("ATE 0\r") },
    /* the limit: 8 characters here */
    { B("AT12345678\r"), "12345678|", B("AT12345678\r") },
    { B("AT123456789\r"), "^12345678|", B("AT123456789\r") },
    { B("AT1234567890123456\rAT1\r"), "^12345678|1|", B("AT1234567890123456\rAT1\r") },
    { B("AT123456789\x08\r"), "^1234567|", B("AT123456789\b \b\r") },
    /* A/ */
    { B("A/"), "|", B("A/") },
    { B("AT1\ra/A/"), "1|1|1|", B("AT1\ra/A/") },
    { B("AT1\rA/\r\nA/"), "1|1|1|", B("AT1\rA/A/") },
    { B("AT1\rATA/\r"), "1|A/|", B("AT1\rATA/\r") },
    { B("AT1\rAT\rA/"), "1|||", B("AT1\rAT\rA/") },
    /* a line thrown away half-way is no last line: nothing was executed */
    { B("AT\r\nAT\r\n"), "||", B("AT\rAT\r") },
    { B("+++AT\r"), "|", B("AT\r") },
};

static void read_all(struct line *l, struct out *out, struct span in, struct buf *got)
{
    for (size_t i = 0; i < in.n; i++) {
        if (line_feed(l, in.p[i], out) == LINE_READY) {
            (void)buf_addf(got, "%s", l->overlong ? "^" : "");
            (void)buf_add(got, buf_span(&l->body));
            (void)buf_addf(got, "|");
        }
    }
}

static void run(size_t i, int32_t echo)
{
    const struct at_settings set = { .echo = echo, .verbose = 1, .s3 = 13, .s4 = 10, .s5 = 8 };
    struct line l;
    struct out out;
    struct buf got;
    line_init(&l, 8);
    out_init(&out, &set, NULL);
    buf_init(&got, 4096);
    read_all(&l, &out, cases[i].in, &got);
    bool same = span_eq(buf_span(&got), span_str(cases[i].lines)) &&
                span_eq(buf_span(&out.tx), echo != 0 ? cases[i].echo : (struct span){ NULL, 0 });
    if (!same) {
        fail_msg("case %zu (%.*s): lines %.*s, echo %.*s", i, (int)cases[i].in.n,
                 (const char *)cases[i].in.p, (int)got.n, (const char *)got.p, (int)out.tx.n,
                 (const char *)out.tx.p);
    }
    buf_fini(&got);
    out_fini(&out);
    line_fini(&l);
}

static void lines_and_echo(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        run(i, 1);
        run(i, 0);
    }
}

/* Whether a line is under way is what holds URCs back. */
static void when_a_line_is_open(void **state)
{
    (void)state;

    static const struct {
        const char *in;
        bool open;
    } steps[] = {
        { "", false },  { "x", false }, { "\n", false },  { "A", true },   { "A", true },
        { "B", false }, { "AT", true }, { "+CSQ", true }, { "\r", false }, { "\n", false },
    };
    const struct at_settings set = { .s3 = 13, .s4 = 10, .s5 = 8 };
    struct line l;
    struct out out;
    struct buf got;
    line_init(&l, 559);
    out_init(&out, &set, NULL);
    buf_init(&got, 4096);
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        read_all(&l, &out, span_str(steps[i].in), &got);
        assert_int_equal(line_open(&l), steps[i].open);
    }
    read_all(&l, &out, SPAN_LIT("AT+ABC"), &got);
    line_reset(&l);
    assert_false(line_open(&l));
    buf_clear(&got);
    read_all(&l, &out, SPAN_LIT("DEF\rA/"), &got);
    assert_true(span_eq(buf_span(&got), SPAN_LIT("|")));
    buf_fini(&got);
    out_fini(&out);
    line_fini(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_and_echo),
        cmocka_unit_test(when_a_line_is_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
