/* The lexer: a line into commands, argument text into values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "sim/at/lex.h"

static const char form_letters[] = { 'X', 'W', 'R', 'T' }; /* by enum at_form */

/* Every command as "name form args|", then "." at the end or "!" for a syntax error. */
static void words_text(struct span body, struct buf *out)
{
    struct at_word w;
    int rc = lex_next(&body, &w);
    for (; rc > 0; rc = lex_next(&body, &w)) {
        assert_true(w.text.n >= w.name.n);
        (void)buf_add(out, w.name);
        (void)buf_addf(out, " %c ", form_letters[w.form]);
        (void)buf_add(out, w.args);
        (void)buf_addf(out, "|");
    }
    (void)buf_addf(out, rc == 0 ? "." : "!");
}

static const struct {
    const char *body, *want;
} lines[] = {
    { "", "." },
    { ";", "." },
    { "+CSQ", "+CSQ X |." },
    { "+csq", "+csq X |." },
    { "+CSQ?", "+CSQ R |." },
    { "+CSQ=?", "+CSQ T ?|." },
    { "+CSQ=", "+CSQ W |." },
    { "+CSQ=1,\"a\"", "+CSQ W 1,\"a\"|." },
    { "+CSQ=??", "+CSQ W ??|." },
    { "+CSQ??", "!" },
    { "+CSQ?1", "!" },
    { "+CSQ\"a\"", "!" },
    { "+", "!" },
    { "+=1", "!" },
    { "+;E0", "!" },
    { "$X;*Y?;^Z=1", "$X X |*Y R |^Z W 1|." },
    { "+A;+B;", "+A X |+B X |." },
    { "+A;;+B", "+A X |+B X |." },
    { "+A=\"x;y\";+B", "+A W \"x;y\"|+B X |." },
    { "+A=\"x;+B", "!" },
    { "+A;+B=\"x", "+A X |!" },
    { "+A=\"x\"\"y;\";+B", "+A W \"x\"\"y;\"|+B X |." },
    { "E0", "E W 0|." },
    { "E", "E X |." },
    { "E1Q0S0=1S3=13V1X4", "E W 1|Q W 0|S0 W 1|S3 W 13|V W 1|X W 4|." },
    { "e0q1", "e W 0|q W 1|." },
    { "&F", "&F X |." },
    { "&FZE0&W", "&F X |Z X |E W 0|&W X |." },
    { "&F0&C1", "&F W 0|&C W 1|." },
    { "\\V1", "\\V W 1|." },
    { "&", "!" },
    { "&1", "!" },
    { "\\", "!" },
    { "S0?", "S0 R |." },
    { "S0?S3?", "S0 R |S3 R |." },
    { "S3", "!" },
    { "S", "!" },
    { "S=1", "!" },
    { "S3=", "S3 W |." },
    { "S3=12x", "S3 W 12|x X |." },
    { "E0;+CSQ", "E W 0|+CSQ X |." },
    { "E0+CSQ;E1", "E W 0|+CSQ X |E W 1|." },
    { "X4;+IFC=0,0;+IPR=115200", "X W 4|+IFC W 0,0|+IPR W 115200|." },
    { "D*99#", "D W *99#|." },
    { "D+123;", "D W +123;|." },
    { "D123;+CSQ", "D W 123;|+CSQ X |." },
    { "D\"x;y\";+CSQ", "D W \"x;y\";|+CSQ X |." },
    { "D\"x", "!" },
    { "D", "D X |." },
    { "A", "A X |." },
    { "AE0", "A X |E W 0|." },
    { "AT", "!" }, /* a second prefix (general-commands.md A2) */
    { "E0aT", "E W 0|!" },
    { "1", "!" },
    { "\"", "!" },
    { "?", "!" },
    { "=", "!" },
    { "\xff", "!" },
    { "+\xc3\xa4", "!" },
    { "+A:B_C-D.E/F%G!=1", "+A:B_C-D.E/F%G! W 1|." },
};

static void lines_into_commands(void **state)
{
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        struct buf out;
        buf_init(&out, 4096);
        words_text(span_str(lines[i].body), &out);
        assert_true(buf_add_byte(&out, 0));
        assert_string_equal((const char *)out.p, lines[i].want);
        buf_fini(&out);
    }
}

static void spaces(void **state)
{
    (void)state;

    static const struct {
        const char *body, *want;
    } cases[] = {
        { "", "" },
        { "   ", "" },
        { " + C S Q ", "+CSQ" },
        { "+A=0, 120", "+A=0,120" },
        { "+A= \"a b\" , 1", "+A=\"a b\",1" },
        { "+A=\"a b", "+A=\"a b" },
        { "+A=\"a\" \"b c\"", "+A=\"a\"\"b c\"" },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf out;
        buf_init(&out, 100);
        lex_strip(span_str(cases[i].body), &out);
        assert_true(buf_add_byte(&out, 0));
        assert_string_equal((const char *)out.p, cases[i].want);
        buf_fini(&out);
    }
}

static void counting(void **state)
{
    (void)state;

    static const struct {
        const char *args;
        unsigned want;
    } cases[] = {
        { "", 0 },      { "1", 1 },     { ",", 2 },
        { "1,", 2 },    { "1,2,3", 3 }, { "\"a,b\",c", 2 },
        { "\"a,b", 1 }, { ",,,", 4 },   { "\"a\"\"b,c\",d", 2 },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(lex_count(span_str(cases[i].args)), cases[i].want);
    }
}

/* The schema i s i? s? x?: number, text, optional number (default 7), optional text, optional
 * number that may be hexadecimal; the text may be {non-ascii}. */
static const struct param schema[] = {
    P_INT("i", 0, 9, "number", .refuse_type = 12),
    P_STR("s", 1, 9, "text", .flags = PARAM_NON_ASCII),
    P_INT("oi", 0, 9, "optional number", .flags = PARAM_OPTIONAL, .def = 7),
    P_STR("os", 0, 9, "optional text", .flags = PARAM_OPTIONAL),
    P_INT("ox", 0, 9, "optional number", .flags = PARAM_OPTIONAL | PARAM_HEX),
};

/* "num'str'num'str'num/argc"; absent values in brackets; "syntax"; "type n". */
static void values_text(const char *args, bool unquoted, struct buf *out)
{
    struct at_call call = { .argc = 0 };
    int code = 0;
    enum lex_error e =
        lex_values(span_str(args), schema, ARRAY_LEN(schema), unquoted, &call, &code);
    if (e == LEX_SYNTAX) {
        (void)buf_addf(out, "syntax");
        return;
    }
    if (e == LEX_WRONG_TYPE) {
        (void)buf_addf(out, "type %d", code);
        return;
    }
    for (unsigned i = 0; i < ARRAY_LEN(schema); i++) {
        const struct value *v = &call.arg[i];
        (void)buf_addf(out, "%s", v->present ? "" : "(");
        if (schema[i].type == PARAM_INT) {
            (void)buf_addf(out, "%d", (int)v->num);
        } else {
            (void)buf_addf(out, "%s'", v->non_ascii ? "hex" : (v->quoted ? "q" : ""));
            (void)buf_add(out, v->str);
            (void)buf_addf(out, "'");
        }
        (void)buf_addf(out, "%s", v->present ? "" : ")");
    }
    (void)buf_addf(out, "/%u", call.argc);
}

static void arguments(void **state)
{
    (void)state;

    static const struct {
        const char *args, *want, *want_strict;
    } cases[] = {
        { "1,\"a\"", "1q'a'(7)('')(0)/2", NULL },
        { "1,a", "1'a'(7)('')(0)/2", "syntax" },
        { "1,\"a\",2,\"b\",3", "1q'a'2q'b'3/5", NULL },
        { "1,\"a\",,\"b\",", "1q'a'(7)q'b'(0)/4", NULL },
        { "1,\"a\",,,0x1F", "1q'a'(7)('')31/5", NULL },
        { "1,\"a\",,,0X1f", "1q'a'(7)('')31/5", NULL },
        { "1,\"a\",0x2", "syntax", NULL },
        { "1,\"a\",2,\"\"", "1q'a'2q''(0)/4", NULL },
        { "1,\"a\",", "1q'a'(7)('')(0)/2", NULL },
        { "-5,\"a\"", "-5q'a'(7)('')(0)/2", NULL },
        { "007,\"a\"", "7q'a'(7)('')(0)/2", NULL },
        { "2147483647,\"a\"", "2147483647q'a'(7)('')(0)/2", NULL },
        { "2147483648,\"a\"", "syntax", NULL },
        { "99999999999999999999999,\"a\"", "syntax", NULL },
        { "+1,\"a\"", "syntax", NULL },
        { "1x,\"a\"", "syntax", NULL },
        { "-,\"a\"", "syntax", NULL },
        { ",\"a\"", "syntax", NULL },
        { "", "syntax", NULL },
        { "1", "syntax", NULL },
        { "1,", "syntax", NULL },
        { "1,\"a\",2,\"b\",3,4", "syntax", NULL },
        { "\"1\",\"a\"", "type 12", NULL },
        { "\"1\",\"a\",x", "syntax", NULL },
        { "1,\"a\",\"2\"", "syntax", NULL },
        { "1,a\"b", "syntax", NULL },
        { "1,\"a\"b", "syntax", NULL },
        { "1,\"a\"b\"", "syntax", NULL },
        { "1,\"", "syntax", NULL },
        { "1,\"a;,b\"", "1q'a;,b'(7)('')(0)/2", NULL },
        { "1,a;b", "1'a;b'(7)('')(0)/2", "syntax" },
        { "1,\xe2\x80\x9c"
          "a\xe2\x80\x9d",
          "syntax", NULL }, /* typographic quotes */
        { "1,\"\xc3\xa4\"", "1q'\xc3\xa4'(7)('')(0)/2", NULL },
        { "1,\xc3\xa4", "syntax", NULL },
        { "1,{non-ascii}\"4142\"", "1hex'4142'(7)('')(0)/2", NULL },
        { "1,{Non-ASCII}\"4142aF\"", "1hex'4142aF'(7)('')(0)/2", NULL },
        { "1,{non-ascii}\"414\"", "syntax", NULL },
        { "1,{non-ascii}\"41G2\"", "syntax", NULL },
        { "1,{non-ascii}4142", "syntax", NULL },
        { "1,{non-ascii}\"\"", "1hex''(7)('')(0)/2", NULL },
        { "1,{non-ascii}", "1'{non-ascii}'(7)('')(0)/2", "syntax" },
        { "1,a,2,{non-ascii}\"4142\"", "syntax", NULL }, /* not this parameter */
    };

    for (size_t i = 0; i < ARRAY_LEN(cases) * 2; i++) {
        bool strict = i % 2 == 1;
        const char *want = cases[i / 2].want;
        want = strict && cases[i / 2].want_strict != NULL ? cases[i / 2].want_strict : want;
        struct buf out;
        buf_init(&out, 4096);
        values_text(cases[i / 2].args, !strict, &out);
        assert_true(buf_add_byte(&out, 0));
        if (strcmp((const char *)out.p, want) != 0) {
            fail_msg("%s: wanted %s, got %s", cases[i / 2].args, want, (const char *)out.p);
        }
        buf_fini(&out);
    }
}

/* What is a number in another mode of the command stands without quotes on every firmware. */
static void numbers_in_the_place_of_text(void **state)
{
    (void)state;
    static const struct param params[] = {
        P_STR("s", 1, 9, "text", .flags = PARAM_OR_NUMBER),
        P_WORD("w", "\"A\",\"B\"", "word", .flags = PARAM_OR_NUMBER | PARAM_OPTIONAL, .def = 1),
    };

    static const struct {
        const char *args, *text;
        int32_t word;
        bool quoted, syntax;
    } cases[] = {
        { "23", "23", 1, false, false },      { "\"23\",\"a\"", "23", 0, true, false },
        { "0,0", "0", 0, false, false },      { "1,1", "1", 1, false, false },
        { "1,2", "1", -1, false, false },     { "1,99999999999", "1", -1, false, false },
        { "1,\"1\"", "1", -1, false, false }, { "2a", "", 0, false, true },
        { "1,A", "", 0, false, true },        { "-1", "", 0, false, true },
        { "1,0x1", "", 0, false, true },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct at_call call = { .argc = 0 };
        int code = 0;
        enum lex_error e =
            lex_values(span_str(cases[i].args), params, ARRAY_LEN(params), false, &call, &code);
        assert_int_equal(e, cases[i].syntax ? LEX_SYNTAX : LEX_OK);
        if (e == LEX_OK) {
            assert_true(span_eq(call.arg[0].str, span_str(cases[i].text)));
            assert_int_equal(call.arg[0].quoted, cases[i].quoted);
            assert_int_equal(call.arg[1].num, cases[i].word);
            assert_int_equal(schema_in_range(&params[1], NULL, &call.arg[1]), cases[i].word >= 0);
        }
    }
}

/* Text that needs no quotes on any firmware, and text that is taken as it stands. */
static void arguments_without_quotes(void **state)
{
    (void)state;
    static const struct param bare[] = { P_STR("t", 0, 9, "text", .flags = PARAM_UNQUOTED),
                                         P_INT("i", 0, 9, "number", .flags = PARAM_OPTIONAL) };
    static const struct param raw[] = { P_INT("i", 0, 9, "number"),
                                        P_STR("t", 0, 9, "text", .flags = PARAM_RAW) };
    struct at_call call = { .argc = 0 };
    int code = 0;
    assert_int_equal(lex_values(SPAN_LIT("*,2"), bare, 2, false, &call, &code), LEX_OK);
    assert_true(span_eq(call.arg[0].str, SPAN_LIT("*")));
    assert_int_equal(call.arg[1].num, 2);
    assert_int_equal(lex_values(SPAN_LIT("\"1,3\""), bare, 2, false, &call, &code), LEX_OK);
    assert_true(span_eq(call.arg[0].str, SPAN_LIT("1,3")));
    assert_int_equal(lex_values(SPAN_LIT("1\"3"), bare, 2, false, &call, &code), LEX_SYNTAX);

    assert_int_equal(lex_values(SPAN_LIT("4,>\"a,b\"I,"), raw, 2, false, &call, &code), LEX_OK);
    assert_true(span_eq(call.arg[1].str, SPAN_LIT(">\"a,b\"I,")));
    assert_int_equal(call.argc, 2);
    assert_int_equal(lex_values(SPAN_LIT("4"), raw, 2, false, &call, &code), LEX_SYNTAX);
}

/* Any byte anywhere: the lexer must end, and stay inside. */
static void every_byte_everywhere(void **state)
{
    (void)state;
    static const char line[] = "+A=\"x\",1;E0S3=1D1;&F";
    for (size_t at = 0; at < sizeof line - 1; at++) {
        for (unsigned byte = 0; byte < 256; byte++) {
            uint8_t *copy = xcalloc(1, sizeof line - 1); /* exact size, for the sanitizer */
            memcpy(copy, line, sizeof line - 1);
            copy[at] = (uint8_t)byte;
            struct buf out;
            buf_init(&out, 4096);
            words_text(span_of(copy, sizeof line - 1), &out);
            assert_true(out.n > 0);
            buf_fini(&out);
            free(copy);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_into_commands),
        cmocka_unit_test(spaces),
        cmocka_unit_test(counting),
        cmocka_unit_test(arguments),
        cmocka_unit_test(numbers_in_the_place_of_text),
        cmocka_unit_test(arguments_without_quotes),
        cmocka_unit_test(every_byte_everywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
