/* From fork to the line "modem0 ready at PATH", against a program that only says such a line. */
#include "bench/emulator.h"
#include "bench/table.h"

#define ROUNDS 32
#define MS     1e6
#define MAX_MS 50

static void round_of_both(void *ctx, double *ret_ours, double *ret_floor)
{
    const struct bench *b = ctx;
    struct emulator emulator;
    struct process hello;
    char line[64];
    const char *const argv[] = { b->hello, NULL };
    emulator_start(&emulator, b, "sim7600", "1");
    *ret_ours = (double)(clock_ns() - emulator.process.started);
    emulator_stop(&emulator);
    process_start(&hello, argv);
    process_line(&hello, line, sizeof line);
    *ret_floor = (double)(clock_ns() - hello.started);
    process_stop(&hello);
}

void measure_start(const struct bench *b, struct table *t)
{
    struct comparison c;
    struct bench copy = *b;
    comparison_run(&c, round_of_both, &copy, bench_rounds(b, ROUNDS), 0);
    const struct row row = { .figure = "start-up to ready",
                             .unit = UNIT_MS,
                             .ours_max = MAX_MS * MS };
    table_comparison(t, row, &c);
    comparison_free(&c);
}
