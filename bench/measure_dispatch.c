/* Dispatch: a command line of 39 commands, from its bytes to the bytes of its OK, in an AT channel
 * with many commands and, as its floor, in one with few. No port is between. */
#include <stdio.h>
#include <stdlib.h>

#include "bench/fail.h"
#include "bench/measure.h"
#include "bench/table.h"
#include "sim/at/chan.h"

#define ROUNDS   4000
#define WARM_UP  100
#define FEW      32
#define MANY     512 /* more than a SIM7600 has */
#define COMMANDS 39  /* in a line (general-commands.md A6) */
#define STEP     17  /* from one command of a line to the next in the table; prime */

struct bank {
    struct at_cmd rows[MANY];
    char names[MANY][8];
    struct at_service service;
    const struct at_service *services[1];
    struct at_table table;
    struct at_index *index;
    struct sched sched;
    struct at_settings settings;
    struct at_chan *ch;
    char line[COMMANDS * 8 + 8];
    size_t line_n;
};

static struct at_result answer(struct at_chan *ch, const struct at_call *call)
{
    (void)ch;
    (void)call;
    return AT_OK;
}

static void tx_ready(void *owner)
{
    (void)owner; /* the round looks itself */
}

static void bank_line(struct bank *b, size_t n)
{
    size_t at = (size_t)snprintf(b->line, sizeof b->line, "AT");
    for (size_t i = 0; i < COMMANDS; i++) {
        const char *end = i + 1 < COMMANDS ? ";" : "\r";
        at += (size_t)snprintf(b->line + at, sizeof b->line - at, "%s%s", b->names[i * STEP % n],
                               end);
    }
    b->line_n = at;
}

static void bank_start(struct bank *b, size_t n)
{
    *b = (struct bank){ .service = { "bench", b->rows, n } };
    for (size_t i = 0; i < n; i++) {
        (void)snprintf(b->names[i], sizeof b->names[i], "+B%03u", (unsigned)i % MANY);
        b->rows[i] = (struct at_cmd){ .name = b->names[i], .exec = answer };
    }
    b->services[0] = &b->service;
    b->table = (struct at_table){ b->services, 1 };
    b->index = at_index_new(&b->table);
    struct at_chan_cfg cfg = {
        .index = b->index,
        .rules = { .line_max = 559, .commands_max = COMMANDS, .prompt = SPAN_LIT("\r\n>") },
        .settings = &b->settings,
        .sched = &b->sched,
        .owner = b,
        .tx_ready = tx_ready,
    };
    b->ch = at_chan_new(&cfg);
    at_settings_default(b->ch, &b->table, 0);
    b->settings = (struct at_settings){ .verbose = 1, .s3 = 13, .s4 = 10, .s5 = 8 };
    bank_line(b, n);
}

static void bank_stop(struct bank *b)
{
    at_chan_free(&b->ch);
    at_index_free(&b->index);
}

static double run_line(struct bank *b)
{
    uint64_t from = clock_ns();
    at_chan_rx(b->ch, span_of(b->line, b->line_n));
    struct span out = at_chan_tx(b->ch);
    double took = (double)(clock_ns() - from);
    if (!span_eq(out, SPAN_LIT("\r\nOK\r\n"))) {
        fail("dispatch: the line was answered '%.*s'", (int)out.n, (const char *)out.p);
    }
    at_chan_tx_done(b->ch, out.n);
    return took;
}

struct banks {
    struct bank many, few;
};

static void round_of_both(void *ctx, double *ret_ours, double *ret_floor)
{
    struct banks *b = ctx;
    *ret_ours = run_line(&b->many);
    *ret_floor = run_line(&b->few);
}

void measure_dispatch(const struct bench *b, struct table *t)
{
    struct comparison c;
    struct banks *banks = xcalloc(1, sizeof *banks);
    bank_start(&banks->many, MANY);
    bank_start(&banks->few, FEW);
    comparison_run(&c, round_of_both, banks, bench_rounds(b, ROUNDS), WARM_UP);
    table_comparison(
        t, (struct row){ .figure = "39 commands, of 512 instead of 32", .ratio_max = 1.3 }, &c);
    comparison_free(&c);
    bank_stop(&banks->many);
    bank_stop(&banks->few);
    free(banks);
}
