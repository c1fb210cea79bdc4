/* Conversions between the GSM alphabet, UCS2, UTF-8 and the host's character sets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/check.h"
#include "sim/modem/charset.h"

static void holds(const struct buf *b, struct span want)
{
    assert_int_equal(b->n, want.n);
    assert_memory_equal(b->p, want.p, want.n);
}

/* Each line of the tables of 23.038 6.2.1 in the order of its codes; the escape is not a character.
 */
static void the_whole_alphabet(void **state)
{
    (void)state;
    static const char all[] = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
                              "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
    uint8_t codes[128];
    for (unsigned i = 0; i < 128; i++) {
        codes[i] = (uint8_t)i;
    }
    struct buf ucs2;
    struct buf text;
    buf_init(&ucs2, 1024);
    buf_init(&text, 1024);
    for (unsigned i = 0; i < 128; i++) { /* one by one: an escape takes the next with it */
        ucs2_from_gsm(span_of(codes + i, 1), &ucs2);
    }
    ucs2_to_utf8(buf_span(&ucs2), &text);
    holds(&text, SPAN_LIT(all));
    buf_clear(&text);
    assert_true(ucs2_to_gsm(buf_span(&ucs2), &text));
    codes[GSM_ESCAPE] = ' ';
    holds(&text, span_of(codes, sizeof codes));
    buf_fini(&ucs2);
    buf_fini(&text);
}

static void the_extension_table(void **state)
{
    (void)state;
    struct buf ucs2;
    struct buf text;
    buf_init(&ucs2, 1024);
    buf_init(&text, 1024);
    ucs2_from_utf8(SPAN_LIT("\f^{}\\[~]|€"), &ucs2);
    assert_true(ucs2_to_gsm(buf_span(&ucs2), &text));
    holds(&text, SPAN_LIT("\x1b\x0a\x1b\x14\x1b\x28\x1b\x29\x1b\x2f\x1b\x3c\x1b\x3d\x1b\x3e\x1b\x40"
                          "\x1b\x65"));
    buf_clear(&ucs2);
    ucs2_from_gsm(buf_span(&text), &ucs2);
    buf_clear(&text);
    ucs2_to_utf8(buf_span(&ucs2), &text);
    holds(&text, SPAN_LIT("\f^{}\\[~]|€"));
    /* a code without a character there; an escape at the end */
    buf_clear(&ucs2);
    buf_clear(&text);
    ucs2_from_gsm(SPAN_LIT("\x1b"
                           "A\x1b"),
                  &ucs2);
    ucs2_to_utf8(buf_span(&ucs2), &text);
    holds(&text, SPAN_LIT("A "));
    /* not in the alphabet */
    buf_clear(&ucs2);
    buf_clear(&text);
    ucs2_from_utf8(SPAN_LIT("aя`b"), &ucs2);
    assert_false(ucs2_to_gsm(buf_span(&ucs2), &text));
    holds(&text, SPAN_LIT("a??b"));
    buf_fini(&ucs2);
    buf_fini(&text);
}

static void packing(void **state)
{
    (void)state;

    const struct {
        const char *septets;
        unsigned skip;
        struct span octets;
    } cases[] = {
        { "", 0, { NULL, 0 } },
        { "a", 0, SPAN_LIT("\x61") },
        { "hellohello", 0, SPAN_LIT("\xe8\x32\x9b\xfd\x46\x97\xd9\xec\x37") },
        { "1234567", 0, SPAN_LIT("\x31\xd9\x8c\x56\xb3\xdd\x00") },
        { "12345678", 0, SPAN_LIT("\x31\xd9\x8c\x56\xb3\xdd\x70") },
        { "a", 1, SPAN_LIT("\xc2") },
        { "ab", 6, SPAN_LIT("\x40\x58\x0c") },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf out;
        struct buf back;
        buf_init(&out, 160);
        buf_init(&back, 160);
        gsm_pack(span_str(cases[i].septets), cases[i].skip, &out);
        holds(&out, cases[i].octets);
        gsm_unpack(buf_span(&out), cases[i].skip, strlen(cases[i].septets), &back);
        holds(&back, span_str(cases[i].septets));
        buf_fini(&out);
        buf_fini(&back);
    }
}

static void utf8(void **state)
{
    (void)state;

    const struct {
        struct span text, hex, back;
    } cases[] = {
        { SPAN_LIT("aä€"), SPAN_LIT("006100E420AC"), SPAN_LIT("aä€") },
        { SPAN_LIT("😀"), SPAN_LIT("D83DDE00"), SPAN_LIT("😀") },
        { SPAN_LIT("\xff"), SPAN_LIT("FFFD"), SPAN_LIT("\xef\xbf\xbd") },
        { SPAN_LIT("\xc3"), SPAN_LIT("FFFD"), SPAN_LIT("\xef\xbf\xbd") }, /* cut */
        { SPAN_LIT("\xc0\x80"), SPAN_LIT("FFFDFFFD"),
          SPAN_LIT("\xef\xbf\xbd\xef\xbf\xbd") }, /* too long */
        { SPAN_LIT("\xed\xa0\x80"), SPAN_LIT("FFFDFFFDFFFD"),
          SPAN_LIT("\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd") }, /* a surrogate */
        { SPAN_LIT("\xf4\x90\x80\x80"), SPAN_LIT("FFFDFFFDFFFDFFFD"),
          SPAN_LIT("\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd") }, /* beyond U+10FFFF */
        { SPAN_LIT("a\0b"), SPAN_LIT("006100000062"), SPAN_LIT("a\0b") },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf ucs2;
        struct buf text;
        buf_init(&ucs2, 1024);
        buf_init(&text, 1024);
        ucs2_from_utf8(cases[i].text, &ucs2);
        hex_add(buf_span(&ucs2), &text);
        holds(&text, cases[i].hex);
        buf_clear(&text);
        ucs2_to_utf8(buf_span(&ucs2), &text);
        holds(&text, cases[i].back);
        buf_fini(&ucs2);
        buf_fini(&text);
    }
}

/* Half a pair, at the end and before another character. */
static void half_a_pair(void **state)
{
    (void)state;
    struct buf text;
    buf_init(&text, 64);
    ucs2_to_utf8(SPAN_LIT("\xd8\x3d\x00\x61\xde\x00\xd8\x3d"), &text);
    holds(&text, SPAN_LIT("\xef\xbf\xbd"
                          "a\xef\xbf\xbd\xef\xbf\xbd"));
    buf_fini(&text);
}

static void nothing_is_cut_in_two(void **state)
{
    (void)state;
    struct buf ucs2;
    struct buf septets;
    buf_init(&ucs2, 5);
    ucs2_from_utf8(SPAN_LIT("a😀b"), &ucs2);
    holds(&ucs2, SPAN_LIT("\0a"));
    buf_fini(&ucs2);
    buf_init(&ucs2, 64);
    buf_init(&septets, 2);
    ucs2_from_utf8(SPAN_LIT("a[b"), &ucs2);
    assert_true(ucs2_to_gsm(buf_span(&ucs2), &septets));
    holds(&septets, SPAN_LIT("a"));
    buf_fini(&ucs2);
    buf_fini(&septets);
}

static void the_host(void **state)
{
    (void)state;

    const struct {
        enum charset set;
        struct span text, hex, back;
    } cases[] = {
        { CHARSET_IRA, SPAN_LIT("a@\xe4"), SPAN_LIT("00610040003F"), SPAN_LIT("a@?") },
        { CHARSET_GSM, SPAN_LIT("a@\x02\x00"), SPAN_LIT("006100A100240040"),
          SPAN_LIT("a@\x02\x00") },
        { CHARSET_UCS2, SPAN_LIT("0061044F"), SPAN_LIT("0061044F"), SPAN_LIT("0061044F") },
        { CHARSET_UCS2, SPAN_LIT("00e4"), SPAN_LIT("00E4"), SPAN_LIT("00E4") },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf ucs2;
        struct buf text;
        buf_init(&ucs2, 64);
        buf_init(&text, 64);
        assert_true(ucs2_from_host(cases[i].set, cases[i].text, &ucs2));
        hex_add(buf_span(&ucs2), &text);
        holds(&text, cases[i].hex);
        buf_clear(&text);
        ucs2_to_host(cases[i].set, buf_span(&ucs2), &text);
        holds(&text, cases[i].back);
        buf_fini(&ucs2);
        buf_fini(&text);
    }
    struct buf ucs2;
    struct buf text;
    buf_init(&ucs2, 64);
    buf_init(&text, 64);
    assert_false(ucs2_from_host(CHARSET_UCS2, SPAN_LIT("006"), &ucs2));
    assert_false(ucs2_from_host(CHARSET_UCS2, SPAN_LIT("006g"), &ucs2));
    assert_false(ucs2_from_host(CHARSET_UCS2, SPAN_LIT("00"), &ucs2));
    buf_clear(&ucs2);
    ucs2_from_utf8(SPAN_LIT("ä€"), &ucs2);
    ucs2_to_host(CHARSET_IRA, buf_span(&ucs2), &text);
    ucs2_to_host(CHARSET_GSM, buf_span(&ucs2), &text);
    holds(&text, SPAN_LIT("??\x7b\x1b\x65"));
    buf_fini(&ucs2);
    buf_fini(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_whole_alphabet),
        cmocka_unit_test(the_extension_table),
        cmocka_unit_test(packing),
        cmocka_unit_test(utf8),
        cmocka_unit_test(half_a_pair),
        cmocka_unit_test(nothing_is_cut_in_two),
        cmocka_unit_test(the_host),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
