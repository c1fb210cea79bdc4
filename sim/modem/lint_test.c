/* Every row of every table, looked at as data; the '=?' answers against the literal list of the
 * specification; the documents made of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "sim/modem/dump.h"
#include "sim/modem/modem_int.h"

static void each_row(void (*look)(const struct at_cmd *row))
{
    for (size_t s = 0; s < modem_table.n; s++) {
        const struct at_service *service = modem_table.services[s];
        assert_true(service->title != NULL && service->n > 0);
        for (size_t r = 0; r < service->n; r++) {
            look(&service->rows[r]);
        }
    }
}

static void hold(const struct at_cmd *row, bool cond, const char *what)
{
    if (!cond) {
        fail_msg("%s: %s", row->name, what);
    }
}

#define HOLD(row, cond) hold((row), (cond), #cond)

static bool sentence(const char *text)
{
    return text != NULL && strlen(text) >= 2;
}

static void look_at_params(const struct at_cmd *row, const struct param *params, unsigned n)
{
    bool optional = false;
    HOLD(row, n <= AT_ARGS_MAX);
    for (unsigned i = 0; i < n; i++) {
        const struct param *p = &params[i];
        HOLD(row, sentence(p->name) || strcmp(p->name, "n") == 0 || strcmp(p->name, "m") == 0);
        HOLD(row, sentence(p->doc));
        HOLD(row, p->lo <= p->hi);
        HOLD(row, p->type != PARAM_STR || p->lo >= 0);
        HOLD(row,
             p->list == NULL || p->type == PARAM_WORD || schema_each_range(p->list, NULL, NULL));
        HOLD(row, p->vary < RANGE_COUNT);
        bool is_optional = (p->flags & PARAM_OPTIONAL) != 0;
        HOLD(row, !optional || is_optional); /* no mandatory after optional */
        optional = is_optional;
        /* an absent optional number must be a value the handler may see */
        struct value def = { .present = true, .num = p->def };
        HOLD(row,
             !is_optional || p->type != PARAM_INT || p->def == 0 || schema_in_range(p, NULL, &def));
        HOLD(row, (p->flags & PARAM_SECRET) == 0 || p->type == PARAM_STR);
    }
}

static void look_at_row(const struct at_cmd *row)
{
    HOLD(row, row->name != NULL && row->name[0] != '\0');
    HOLD(row, sentence(row->doc) && row->doc[strlen(row->doc) - 1] == '.');
    HOLD(row, sentence(row->clause));
    HOLD(row, row->evidence != EV_UNSTATED);
    HOLD(row, (row->params == NULL) == (row->n_params == 0));
    HOLD(row, (row->variants == NULL) == (row->n_variants == 0));
    HOLD(row, row->n_params == 0 || row->n_variants == 0);
    bool any = row->exec != NULL || row->read != NULL || row->set != NULL || row->setting != NULL ||
               row->n_variants > 0;
    HOLD(row, any);
    HOLD(row, row->set == NULL || row->n_params > 0);
    HOLD(row, row->data == NULL || row->set != NULL);
    HOLD(row, (row->flags & AT_ROW_SECRET_DATA) == 0 || row->data != NULL);
    look_at_params(row, row->params, row->n_params);
}

static void look_at_variants(const struct at_cmd *row)
{
    for (unsigned i = 0; i < row->n_variants; i++) {
        HOLD(row, sentence(row->variants[i].key) && sentence(row->variants[i].doc));
        HOLD(row, row->variants[i].set != NULL);
        look_at_params(row, row->variants[i].params, row->variants[i].n_params);
        for (unsigned j = 0; j < i; j++) {
            HOLD(row,
                 !span_eq_nocase(span_str(row->variants[i].key), span_str(row->variants[j].key)));
        }
    }
}

static void look_at_setting(const struct at_cmd *row)
{
    if (row->setting == NULL) {
        return;
    }
    const struct at_setting *s = row->setting;
    HOLD(row, s->n > 0 && s->offset + s->n * sizeof(int32_t) <= sizeof(struct settings));
    HOLD(row, s->offset % _Alignof(int32_t) == 0);
    for (unsigned i = 0; i < s->n; i++) {
        struct value def = { .present = true, .num = s->params[i].def };
        HOLD(row, s->params[i].type != PARAM_STR);
        HOLD(row, schema_in_range(&s->params[i], NULL, &def));
        HOLD(row, s->params[i].type != PARAM_WORD || schema_word(&s->params[i], def.num).n > 0);
    }
    look_at_params(row, s->params, s->n);
    HOLD(row, (s->flags & AT_SET_3DIGITS) == 0 || (s->n == 1 && row->name[0] == 'S'));
}

/* What a row says of one form goes before what it says of all. */
static void look_at_evidence(const struct at_cmd *row)
{
    for (int form = 0; form < AT_FORMS; form++) {
        enum at_evidence own = row->form_evidence[form];
        HOLD(row,
             at_evidence_of(row, (enum at_form)form) == (own != EV_UNSTATED ? own : row->evidence));
    }
}

static void rows_are_sound(void **state)
{
    (void)state;
    each_row(look_at_row);
    each_row(look_at_variants);
    each_row(look_at_setting);
    each_row(look_at_evidence);
}

static const struct at_cmd *overlap_with;

static unsigned fewest(const struct at_cmd *row)
{
    return row->n_variants > 0 ? 2 : at_min_args(row);
}

static unsigned most(const struct at_cmd *row)
{
    return row->n_variants > 0 ? AT_ARGS_MAX : at_max_args(row);
}

static void look_for_overlap(const struct at_cmd *row)
{
    const struct at_cmd *other = overlap_with;
    if (row == other || !span_eq_nocase(span_str(row->name), span_str(other->name))) {
        return;
    }
    HOLD(row, row->set != NULL || row->n_variants > 0); /* an overload is one of SET forms */
    HOLD(row, most(row) < fewest(other) || most(other) < fewest(row));
    /* the other forms belong to the first row of a name; a later one must not have them */
    HOLD(row, (row->read == NULL && row->exec == NULL && row->test == NULL) ||
                  (other->read == NULL && other->exec == NULL && other->test == NULL));
}

static void overlap_of(const struct at_cmd *row)
{
    overlap_with = row;
    each_row(look_for_overlap);
}

static void names_do_not_overlap(void **state)
{
    (void)state;
    each_row(overlap_of);
}

/* A handler that may wait belongs to a row with a time limit; one that opens a prompt to a row with
 * 'data'. Which handlers do is known by the command. */
static void look_at_limits(const struct at_cmd *row)
{
    static const char *const pends[] = { "+CMQTTSTART", "+CMQTTCONNECT", "+CMQTTPUB",
                                         "+CMQTTSUB",   "+CMQTTUNSUB",   "+COPS",
                                         "+CMGS",       "+CMGSEX",       "+CMSS",
                                         "D",           "+CCWA",         "+CCFC",
                                         "+CDNSGIP",    "+CDNSGHNAME",   "+CLBS" };
    static const char *const data[] = {
        "+CCERTDOWN",    "+CMQTTWILLTOPIC", "+CMQTTWILLMSG",    "+CMQTTTOPIC",
        "+CMQTTPAYLOAD", "+CMQTTSUBTOPIC",  "+CMQTTUNSUBTOPIC", "+CMQTTSUB",
        "+CMQTTUNSUB",   "+CMGS",           "+CMGSEX",          "+CMGW",
        "+CFTRANRX",
    };
    bool may_pend = false;
    bool may_data = false;
    for (size_t i = 0; i < ARRAY_LEN(pends); i++) {
        may_pend = may_pend || strcmp(row->name, pends[i]) == 0;
    }
    for (size_t i = 0; i < ARRAY_LEN(data); i++) {
        may_data = may_data || strcmp(row->name, data[i]) == 0;
    }
    bool list_form = strcmp(row->name, "+CMQTTSUB") == 0 && row->n_params == 2;
    HOLD(row, may_pend == (row->limit_ms > 0));
    HOLD(row, (may_data && !list_form) == (row->data != NULL));
}

static void limits_and_data(void **state)
{
    (void)state;
    each_row(look_at_limits);
}

/* The '=?' answers as sections 4 and 5 print them. NULL: just OK. */
static const struct {
    const char *name, *text;
} test_texts[] = {
    { "+CMQTTSTART", NULL },
    { "+CMQTTSTOP", NULL },
    { "+CMQTTACCQ", "+CMQTTACCQ: (0-1),(1-128),(0-1),(3-4)" },
    { "+CMQTTREL", "+CMQTTREL: (0-1)" },
    { "+CMQTTSSLCFG", "+CMQTTSSLCFG: (0,1),(0-9)" },
    { "+CMQTTWILLTOPIC", "+CMQTTWILLTOPIC: (0-1),(1-1024)" },
    { "+CMQTTWILLMSG", "+CMQTTWILLMSG: (0-1),(1-1024),(0-2)" },
    { "+CMQTTCONNECT", "+CMQTTCONNECT: (0-1),(9-256),(1-64800),(0-1)" },
    { "+CMQTTDISC", "+CMQTTDISC: (0-1),(0,60-180)" },
    { "+CMQTTTOPIC", "+CMQTTTOPIC: (0-1),(1-1024)" },
    { "+CMQTTPAYLOAD", "+CMQTTPAYLOAD: (0-1),(1-10240)" },
    { "+CMQTTPUB", "+CMQTTPUB: (0-1),(0-2),(60-180),(0-1),(0-1)" },
    { "+CMQTTSUBTOPIC", "+CMQTTSUBTOPIC: (0-1),(1-1024),(0-2)" },
    { "+CMQTTSUB", "+CMQTTSUB: (0-1),(1-1024),(0-2),(0-1)" },
    { "+CMQTTUNSUBTOPIC", "+CMQTTUNSUBTOPIC: (0-1),(1-1024)" },
    { "+CMQTTUNSUB", "+CMQTTUNSUB: (0-1),(1-1024),(0-1)" },
    { "+CMQTTCFG", "+CMQTTCFG: \"checkUTF8\",(0-1),(0-1)\r\n"
                   "+CMQTTCFG: \"optimeout\",(0-1),(20-120)\r\n"
                   "+CMQTTCFG: \"aliauth\",(0-1),\"productkey\",\"devicename\",\"devicesecret\"" },
    { "+CSSLCFG", "+CSSLCFG: \"sslversion\",(0-9),(0-4)\r\n+CSSLCFG: \"authmode\",(0-9),(0-3)\r\n"
                  "+CSSLCFG: \"ignorelocaltime\",(0-9),(0,1)\r\n"
                  "+CSSLCFG: \"negotiatetime\",(0-9),(10-300)\r\n"
                  "+CSSLCFG: \"cacert\",(0-9),(5-128)\r\n"
                  "+CSSLCFG: \"clientcert\",(0-9),(5-128)\r\n"
                  "+CSSLCFG: \"clientkey\",(0-9),(5-128)\r\n"
                  "+CSSLCFG: \"enableSNI\",(0-9),(0,1)\r\n+CSSLCFG: \"keypwd\",(0-9),(0-128)\r\n"
                  "+CSSLCFG: \"ciphersuites\",(0-9),(0x002F,0xFFFF)" },
    { "+CCERTDOWN", "+CCERTDOWN: (5-128),(1-10240)" },
    { "+CCERTLIST", NULL },
    { "+CCERTDELE", NULL },
    { "+CMEE", "+CMEE: (0-2)" },
    { "+CREG", "+CREG: (0-2)" },
    { "+CSQ", "+CSQ: (0-31,99),(0-7,99)" },
    { "+CFUN", "+CFUN: (0,1,4,5,6,7),(0,1)" },
    { "+CGACT", "+CGACT: (0,1)" },
    { "+CDNSGIP", NULL },
    { "+CPING", "+CPING: IP address,(1,2),(1-100),(4-188),(1000-10000),(10000-100000),(16-255)" },
    { "+CNTP", "+CNTP: 255,(-96~96)" },
};

static void test_answers_are_literal(void **state)
{
    (void)state;
    struct profile p;
    profile_default(&p);
    struct at_index *index = at_index_new(&modem_table);
    for (size_t i = 0; i < ARRAY_LEN(test_texts); i++) {
        bool known = false;
        const struct at_cmd *row = at_index_find(index, span_str(test_texts[i].name), -1, &known);
        assert_non_null(row);
        HOLD(row, ((row->flags & AT_ROW_TEST_OK) != 0) == (test_texts[i].text == NULL));
        HOLD(row, (row->flags & AT_ROW_NO_TEST) == 0);
        struct buf text;
        buf_init(&text, 4096);
        at_test_text(row, p.ranges, profile_offers(&p), true, &text);
        assert_true(buf_add_byte(&text, 0));
        if (test_texts[i].text != NULL) {
            assert_string_equal((const char *)text.p, test_texts[i].text);
        }
        buf_fini(&text);
    }
    at_index_free(&index);
    assert_null(index);
    at_index_free(&index);
}

/* The index finds every row by its own name and count, in any case. */
static struct at_index *shared_index;

static const struct at_cmd *found(const char *name, int argc)
{
    bool known = false;
    const struct at_cmd *row = at_index_find(shared_index, span_str(name), argc, &known);
    return known ? row : NULL;
}

static void look_up(const struct at_cmd *row)
{
    char name[32];
    (void)snprintf(name, sizeof name, "%s", row->name);
    for (char *c = name; *c != '\0'; c++) {
        *c = (*c >= 'A' && *c <= 'Z') ? (char)(*c - 'A' + 'a') : *c;
    }
    HOLD(row, found(name, -1) != NULL);
    if (row->set != NULL || row->n_variants > 0) {
        HOLD(row, found(name, (int)fewest(row)) == row);
        HOLD(row, found(name, row->n_variants > 0 ? 3 : (int)most(row)) == row);
    }
}

static void index_finds_every_row(void **state)
{
    (void)state;
    shared_index = at_index_new(&modem_table);
    each_row(look_up);
    bool known = true;
    assert_null(at_index_find(shared_index, SPAN_LIT("+FOO"), 0, &known));
    assert_false(known);
    assert_null(at_index_find(shared_index, SPAN_LIT("+CMQTTPUB"), 9, &known));
    assert_true(known);
    assert_null(at_index_find(shared_index, SPAN_LIT(""), -1, &known));
    at_index_free(&shared_index);
}

/* --- documents --- */

static void documents(void **state)
{
    (void)state;
    static const char *const what[] = { "commands", "urcs", "faults", "profile" };
    static const char *const format[] = { "text", "md", "json" };
    struct profile p;
    profile_default(&p);
    struct buf out;
    buf_init(&out, (size_t)1 << 20);
    for (size_t i = 0; i < ARRAY_LEN(what); i++) {
        for (size_t j = 0; j < ARRAY_LEN(format); j++) {
            buf_clear(&out);
            assert_true(modem_dump(what[i], format[j], &p, &out));
            assert_true(out.n > 2 && out.p[out.n - 1] == '\n');
        }
        assert_false(modem_dump(what[i], "xml", &p, &out));
    }
    assert_false(modem_dump("nothing", "md", &p, &out));
    buf_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_sound),        cmocka_unit_test(names_do_not_overlap),
        cmocka_unit_test(limits_and_data),       cmocka_unit_test(test_answers_are_literal),
        cmocka_unit_test(index_finds_every_row), cmocka_unit_test(documents),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
