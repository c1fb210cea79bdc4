/* A channel with a table of rows of its own, in virtual time, for its tests. The test owns the
 * world. For tests only. */
#ifndef SIM_AT_CHAN_RIG_H
#define SIM_AT_CHAN_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "sim/at/chan.h"

#define LN(text) "\r\n" text "\r\n"
#define OKAY     LN("OK")
#define ERR      LN("ERROR")

struct world {
    struct at_settings set; /* first: rows bind to it */
    int32_t level, saved, pair[2], colour;
    struct sched sched;
    struct trace trace;
    struct at_index *index;
    struct at_chan *ch;
    struct buf said;
    uint32_t ticket;      /* of the last command that was parked */
    unsigned told;        /* calls of tx_ready */
    unsigned unasked;     /* and of line_out */
    unsigned runs;        /* handlers called */
    unsigned changes;     /* of the setting +PAIR */
    unsigned stores;      /* of settings that are stored by themselves */
    unsigned overruns;    /* of these trace events */
    int64_t early;        /* bytes of at.early */
    char data[64];        /* what came behind the last prompt */
    bool busy;            /* the group refuses with 14 */
    struct at_result end; /* what the data handler says */
};

static struct world *world_of(struct at_chan *ch)
{
    struct world *w = at_owner(ch);
    w->runs++;
    return w;
}

static struct at_result info(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    (void)world_of(ch);
    at_info(ch, "+INFO: 1");
    at_info(ch, "+INFO: 2");
    return AT_OK;
}

static struct at_result pend(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    world_of(ch)->ticket = at_park(ch);
    return AT_PENDING;
}

static struct at_result want(struct at_chan *ch, const struct at_call *call)
{
    (void)world_of(ch);
    return AT_DATA((uint32_t)call->arg[0].num);
}

static struct at_result data(struct at_chan *ch, const struct at_call *call, struct span bytes)
{
    (void)call;
    struct world *w = world_of(ch);
    (void)snprintf(w->data, sizeof w->data, "%.*s", (int)bytes.n, (const char *)bytes.p);
    if (w->end.verdict == AT_V_PENDING) {
        w->ticket = at_park(ch);
    }
    return w->end;
}

static struct at_result text(struct at_chan *ch, const struct at_call *call)
{
    (void)world_of(ch);
    return AT_TEXT((uint32_t)call->arg[0].num);
}

static struct at_result aborted(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    (void)world_of(ch);
    return at_aborted(ch);
}

static struct at_result result_code(struct at_chan *ch, const struct at_call *call)
{
    (void)world_of(ch);
    return AT_CODE((uint32_t)call->arg[0].num);
}

static struct at_result sms_code(struct at_chan *ch, const struct at_call *call)
{
    (void)world_of(ch);
    return AT_CMS((uint32_t)call->arg[0].num);
}

static void pair_changed(struct at_chan *ch)
{
    struct world *w = at_owner(ch);
    w->changes++;
}

static struct at_result code(struct at_chan *ch, const struct at_call *call)
{
    (void)world_of(ch);
    return AT_CME((uint32_t)call->arg[0].num);
}

static struct at_result silent(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    (void)world_of(ch);
    return AT_NO_RESULT;
}

static struct at_result after(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    (void)world_of(ch);
    at_after(ch, "+AFTER: %d", 0);
    return AT_OK;
}

/* Says something unasked in the middle of its work. */
static struct at_result urc(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    (void)world_of(ch);
    at_urc_line(ch, "+URC");
    at_info(ch, "+URCX: 1");
    return AT_OK;
}

static struct at_result grouped(struct at_chan *ch, const struct at_call *call)
{
    (void)world_of(ch);
    at_info(ch, "+GROUP: %d", (int)call->arg[0].num);
    return AT_OK;
}

static int check(struct at_chan *ch, const struct at_call *call)
{
    const struct world *w = at_owner(ch);
    return w->busy ? (call->form == AT_SET ? 14 : -1) : 0;
}

static struct at_result refuse(struct at_chan *ch, const struct at_call *call, int why)
{
    at_info(ch, "%s: %d", call->cmd->name, why);
    return AT_ERROR;
}

static const struct at_group group = { check, refuse };

/* clang-format off */
#define BIT(n, field, fl, ...) { .name = (n), AT_SETTING(struct world, field, (fl), P_INT("v", 0, 255, "x", .flags = PARAM_OPTIONAL, __VA_ARGS__)) }
static const struct at_cmd rows[] = {
    BIT("E", set.echo, AT_SET_SAVED, .def = 1),
    BIT("V", set.verbose, 0, .def = 1),
    BIT("Q", set.quiet, 0, .def = 0),
    BIT("S3", set.s3, 0, .def = 13),
    BIT("S4", set.s4, 0, .def = 10),
    BIT("S5", set.s5, 0, .def = 8),
    { .name = "+CMEE", AT_SETTING(struct world, set.cmee, 0, P_INT("v", 0, 2, "x", .def = 2)) },
    { .name = "+LEVEL", AT_SETTING(struct world, level, AT_SET_BARE_DEFAULT, P_INT("v", 0, 9, "x", .def = 5)) },
    { .name = "+SAVED",
      AT_SETTING(struct world, saved, AT_SET_SAVED | AT_SET_3DIGITS, P_INT("v", 0, 9, "x", .def = 3)) },
    { .name = "+INFO", .exec = info, .flags = AT_ROW_TEST_OK },
    { .name = "+PEND", .exec = pend, .limit_ms = 5000 },
    { .name = "+DATA", .set = want, .data = data, AT_PARAMS(P_INT("n", 1, 99999, "x")) },
    { .name = "+CODE", .set = code, AT_PARAMS(P_INT("n", 0, 999, "x")) },
    { .name = "+PAIR", AT_SETTING_HOOK(struct world, pair, AT_SET_BARE_DEFAULT, pair_changed, P_INT("a", 0, 9, "x", .def = 1),
                                       P_INT("b", 0, 9, "x", .flags = PARAM_OPTIONAL, .def = 2)) },
    { .name = "+COLOUR", AT_SETTING(struct world, colour, AT_SET_AUTO, P_WORD("c", "\"RED\",\"BLUE\"", "x")) },
    { .name = "+TEXT", .set = text, .data = data, AT_PARAMS(P_INT("n", 1, 99999, "x")) },
    { .name = "+SCAN", .exec = pend, .abort = aborted, .limit_ms = 5000 },
    { .name = "+RESULT", .set = result_code, AT_PARAMS(P_INT("n", 0, 9, "x")) },
    { .name = "+SMS", .set = sms_code, AT_PARAMS(P_INT("n", 300, 599, "x")) },
    { .name = "+OFFER", .exec = info, .offered = 2 },
    { .name = "+SILENT", .exec = silent },
    { .name = "+AFTER", .exec = after },
    { .name = "+URCX", .exec = urc },
    { .name = "+GROUP", .set = grouped, .read = grouped, .group = &group,
      AT_PARAMS(P_INT("a", 0, 1, "x", .flags = PARAM_EARLY, .refuse = 10), P_INT("b", 0, 1, "x", .refuse = 12),
                P_INT("c", 0, 1, "x", .flags = PARAM_OPTIONAL)) },
};
/* clang-format on */
static const struct at_service service = { "test", rows, ARRAY_LEN(rows) };
static const struct at_service *const services[] = { &service };
static const struct at_table table = { services, 1 };

static void tx_ready(void *owner)
{
    struct world *w = owner;
    w->told++;
}

static void line_out(void *owner)
{
    struct world *w = owner;
    w->unasked++;
}

static void store(void *owner)
{
    struct world *w = owner;
    w->stores++;
}

static void on_trace(void *ctx, const char *event, const struct trace_field *fields, size_t n)
{
    struct world *w = ctx;
    w->overruns += strcmp(event, "uart.overrun") == 0 ? 1 : 0;
    w->early += strcmp(event, "at.early") == 0 ? fields[0].num : 0;
    for (size_t i = 0; i < n; i++) {
        assert_true(fields[i].type == TRACE_INT || fields[i].text.n < 100000);
    }
}

static inline void begin(struct world *w, uint32_t data_timeout_ms, bool urc_while_pending)
{
    *w = (struct world){ .trace = { .sink = on_trace, .ctx = w }, .end = AT_OK };
    buf_init(&w->said, (size_t)8 << 20);
    w->index = at_index_new(&table);
    struct at_chan_cfg cfg = {
        .index = w->index,
        .rules = { .line_max = 559,
                   .commands_max = 39,
                   .unquoted_strings = true,
                   .echo_data = true,
                   .test_colon = true,
                   .urc_while_pending = urc_while_pending,
                   .urc_guard_ms = 20,
                   .typing_hold_ms = 1000,
                   .data_timeout_ms = data_timeout_ms,
                   .prompt = SPAN_LIT("\r\n>"),
                   .text_prompt = SPAN_LIT("\r\n> ") },
        .settings = &w->set,
        .sched = &w->sched,
        .trace = &w->trace,
        .owner = w,
        .tx_ready = tx_ready,
        .store_settings = store,
        .line_out = line_out,
    };
    w->ch = at_chan_new(&cfg);
    at_settings_default(w->ch, &table, 0);
    w->set.echo = 0;
}

static inline void end(struct world *w)
{
    at_chan_free(&w->ch);
    assert_null(w->ch);
    at_chan_free(&w->ch);
    assert_null(w->sched.head);
    at_index_free(&w->index);
    buf_fini(&w->said);
}

static inline void take(struct world *w)
{
    struct span tx = at_chan_tx(w->ch);
    assert_true(buf_add(&w->said, tx));
    at_chan_tx_done(w->ch, tx.n);
}

static inline void said(struct world *w, struct span wanted, int line)
{
    take(w);
    if (!span_eq(buf_span(&w->said), wanted)) {
        fail_msg("line %d: wanted \"%.*s\", got \"%.*s\"", line, (int)wanted.n,
                 (const char *)wanted.p, (int)w->said.n, (const char *)w->said.p);
    }
    buf_clear(&w->said);
}

#define SAID(w, text)     said((w), SPAN_LIT(text), __LINE__)
#define SAY(w, in, text)  (at_chan_rx((w)->ch, SPAN_LIT(in)), SAID(w, text))
#define PASS(w, ms, text) (sched_run(&(w)->sched, (w)->sched.now + (ms)), SAID(w, text))

#endif
