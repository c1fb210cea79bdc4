/* Stopwatch and statistics of the benchmark: monotonic time, a list of samples, and two of them
 * side by side: ours and the floor, taken in turns. Medians, since the machine is shared and what
 * disturbs a measurement only ever makes it longer. Whoever makes samples frees them. */
#ifndef BENCH_STATS_H
#define BENCH_STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Monotonic time in nanoseconds. */
uint64_t clock_ns(void);

struct samples {
    double *v;
    size_t n, cap;
};

/* Zero-initialised is empty. Aborts when memory is out. */
void samples_add(struct samples *s, double value);
void samples_free(struct samples *s);

/* The value below which the part 'q' (0 to 1) of the samples lies; q = 0.5 is the median. There
 * must be at least one. */
double samples_quantile(const struct samples *s, double q);

/* The n-th sample of both belongs to the same round. */
struct comparison {
    struct samples ours, floor;
};

/* The run is cut into successive parts; each has its ratio of medians. Of these: the median, and
 * the quartiles, which tell how far the ratio moved in the course of the run. So a machine that
 * changes its speed half-way through changes both sides of each ratio, and not the result. */
struct ratio {
    double value, low, high;
};

struct ratio comparison_ratio(const struct comparison *c);

/* The ratio moved so much that it says little: something else took the machine's time. */
bool ratio_is_noisy(const struct ratio *r);

/* Takes one sample of ours, then one of its floor, in nanoseconds. */
typedef void round_fn(void *ctx, double *ret_ours, double *ret_floor);

/* Measures 'rounds' rounds after 'warm_up' that do not count. A noisy run is repeated, twice at
 * most; the quietest is kept, whatever its ratio. 'ret' is to be freed with comparison_free. */
void comparison_run(struct comparison *ret, round_fn *round, void *ctx, size_t rounds,
                    size_t warm_up);

void comparison_free(struct comparison *c);

#endif
