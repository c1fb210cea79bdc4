#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/check.h"
#include "sim/link/tls_records.h"

/* A handshake record of 3 bytes, an empty one, an alert, and the head of one more. */
static const uint8_t stream[] = {
    22, 3, 1, 0, 3, 1, 2, 3, /* */
    23, 3, 3, 0, 0,          /* */
    21, 3, 3, 0, 2, 1, 0,    /* */
    20, 3, 3, 0, 1,
};

static const struct {
    size_t end;
    uint32_t length;
    const char *type;
} wanted[] = { { 8, 3, "handshake" }, { 13, 0, "application_data" }, { 20, 2, "alert" } };

/* However the bytes are cut in two, the same records end at the same places. */
static void cut_anywhere(void **state)
{
    (void)state;
    for (size_t cut = 0; cut <= sizeof stream; cut++) {
        struct tls_records r = { .n = 0 };
        const struct span parts[] = { span_of(stream, cut),
                                      span_of(stream + cut, sizeof stream - cut) };
        size_t seen = 0;
        for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
            struct span rest = parts[i];
            uint32_t length;
            while (tls_records_next(&r, &rest, &length)) {
                assert_true(seen < ARRAY_LEN(wanted));
                size_t end = rest.n == 0 && i == 0 ? cut : (size_t)(rest.p - stream);
                assert_int_equal(end, wanted[seen].end);
                assert_int_equal(length, wanted[seen].length);
                assert_string_equal(tls_records_type(r.head[0]), wanted[seen].type);
                seen++;
            }
        }
        assert_int_equal(seen, ARRAY_LEN(wanted));
    }
}

static void a_type_that_is_none(void **state)
{
    (void)state;
    assert_string_equal(tls_records_type(19), "unknown");
    assert_string_equal(tls_records_type(24), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cut_anywhere),
        cmocka_unit_test(a_type_that_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
