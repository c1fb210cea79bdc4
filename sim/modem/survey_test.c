/* What clients send, against what there is: a command of the survey is a row, or it is refused on
 * purpose, and never both. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "sim/modem/modem_int.h"

enum refused_kind { REFUSED_hardware, REFUSED_later };

static const struct {
    const char *name;
    enum refused_kind kind;
    const char *why;
} refused[] = {

#define REFUSED(name, kind, why) { (name), REFUSED_##kind, (why) },
#include "sim/modem/refused.def"
#undef REFUSED
};

static const struct {
    const char *name;
    unsigned clients;
} surveyed[] = {

#define SURVEYED(name, clients) { (name), (clients) },
#include "sim/modem/surveyed.def"
#undef SURVEYED
};

static bool is_row(const char *name)
{
    struct at_index *index = at_index_new(&modem_table);
    bool known = false;
    (void)at_index_find(index, span_str(name), -1, &known);
    at_index_free(&index);
    return known;
}

static unsigned times_refused(const char *name)
{
    unsigned n = 0;
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        n += span_eq_nocase(span_str(refused[i].name), span_str(name)) ? 1 : 0;
    }
    return n;
}

/* What the reader of lines answers: AT alone, and the escape from a data call. */
static bool is_of_reader(const char *name)
{
    return name[0] == '\0' || strcmp(name, "+++") == 0;
}

static void look_up(void **state)
{
    (void)state;
    assert_true(is_row("+CSQ") && is_row("+csq") && !is_row("+CIPOPEN") && !is_row(""));
    assert_int_equal(times_refused("+CIPOPEN") + times_refused("*cnti"), 2);
    assert_int_equal(times_refused("+CSQ"), 0);
}

static void refused_names_are_no_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        const char *name = refused[i].name;
        if (is_row(name)) {
            fail_msg("%s is a row: delete it from refused.def", name);
        }
        if (times_refused(name) != 1) {
            fail_msg("%s stands twice in refused.def", name);
        }
        assert_true(name[0] != '\0' && strlen(refused[i].why) >= 3);
    }
}

static void surveyed_names_are_accounted_for(void **state)
{
    (void)state;
    struct buf missing;
    buf_init(&missing, 8192);
    for (size_t i = 0; i < ARRAY_LEN(surveyed); i++) {
        const char *name = surveyed[i].name;
        if (!is_of_reader(name) && times_refused(name) == 0 && !is_row(name)) {
            (void)buf_addf(&missing, " %s", name);
        }
        assert_in_range(surveyed[i].clients, 2, 85);
    }
    if (missing.n > 0) {
        fail_msg("neither a row nor in refused.def:%.*s", (int)missing.n, (const char *)missing.p);
    }
    buf_fini(&missing);
    assert_int_equal(ARRAY_LEN(surveyed), 210);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(look_up),
        cmocka_unit_test(refused_names_are_no_rows),
        cmocka_unit_test(surveyed_names_are_accounted_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
