/* AT round trip: AT<CR> until all of <CR><LF>OK<CR><LF> is there, through a pty. */
#include <limits.h>
#include <unistd.h>

#include "bench/at_client.h"
#include "bench/emulator.h"
#include "bench/table.h"

#define ROUNDS  20000
#define WARM_UP 200

static const struct at_turn at = { { (const uint8_t *)"AT\r", 3 },
                                   { (const uint8_t *)"\r\nOK\r\n", 6 } };

static double round_trip(int fd, bool check)
{
    char answer[AT_ANSWER_MAX];
    uint64_t from = clock_ns();
    at_turn(fd, &at, answer);
    double took = (double)(clock_ns() - from);
    if (check) {
        at_check(&at, answer);
    }
    return took;
}

struct lines {
    int emulator, echo;
};

static void round_of_both(void *ctx, double *ret_ours, double *ret_floor)
{
    const struct lines *l = ctx;
    *ret_ours = round_trip(l->emulator, true);
    *ret_floor = round_trip(l->echo, false);
}

void measure_at(const struct bench *b, struct table *t)
{
    struct emulator emulator;
    struct process echo;
    struct comparison c;
    char path[PATH_MAX];
    const char *const argv[] = { b->echo, "3:6", NULL };
    emulator_start(&emulator, b, "sim7600", "1");
    emulator_talk(&emulator, b);
    process_start(&echo, argv);
    process_ready(&echo, path, sizeof path);
    struct lines lines = { emulator.fd, at_open(path) };
    comparison_run(&c, round_of_both, &lines, bench_rounds(b, ROUNDS), WARM_UP);
    table_comparison(t, (struct row){ .figure = "AT round trip", .ratio_max = 1.3 }, &c);
    comparison_free(&c);
    (void)close(lines.echo);
    process_stop(&echo);
    emulator_stop(&emulator);
}
