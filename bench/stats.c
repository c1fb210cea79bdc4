#include "bench/stats.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/check.h"

#define PARTS 32
#define RUNS  3

#define NOISE_MAX 0.10 /* part of the ratio that its middle half may span */

uint64_t clock_ns(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

void samples_add(struct samples *s, double value)
{
    if (s->n == s->cap) {
        s->cap = s->cap == 0 ? 64 : s->cap * 2;
        s->v = realloc(s->v, s->cap * sizeof *s->v);
        CHECK(s->v != NULL);
    }
    s->v[s->n++] = value;
}

void samples_free(struct samples *s)
{
    free(s->v);
    *s = (struct samples){ 0 };
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

double samples_quantile(const struct samples *s, double q)
{
    CHECK(s->n > 0);
    double *sorted = malloc(s->n * sizeof *sorted);
    CHECK(sorted != NULL);
    memcpy(sorted, s->v, s->n * sizeof *sorted);
    qsort(sorted, s->n, sizeof *sorted, ascending);
    double at = q * (double)(s->n - 1);
    size_t below = (size_t)at;
    size_t above = below + 1 < s->n ? below + 1 : below;
    double value = sorted[below] + (at - (double)below) * (sorted[above] - sorted[below]);
    free(sorted);
    return value;
}

static double ratio_of_part(const struct comparison *c, size_t from, size_t n)
{
    const struct samples ours = { c->ours.v + from, n, n };
    const struct samples floor = { c->floor.v + from, n, n };
    return samples_quantile(&ours, 0.5) / samples_quantile(&floor, 0.5);
}

struct ratio comparison_ratio(const struct comparison *c)
{
    CHECK(c->ours.n == c->floor.n && c->ours.n > 0);
    size_t parts = c->ours.n < PARTS ? c->ours.n : PARTS;
    size_t each = c->ours.n / parts;
    struct samples ratios = { 0 };
    for (size_t i = 0; i < parts; i++) {
        samples_add(&ratios, ratio_of_part(c, i * each, each));
    }
    struct ratio r = {
        .value = samples_quantile(&ratios, 0.5),
        .low = samples_quantile(&ratios, 0.25),
        .high = samples_quantile(&ratios, 0.75),
    };
    samples_free(&ratios);
    return r;
}

bool ratio_is_noisy(const struct ratio *r)
{
    return r->high - r->low > NOISE_MAX * r->value;
}

void comparison_free(struct comparison *c)
{
    samples_free(&c->ours);
    samples_free(&c->floor);
}

static void run_once(struct comparison *ret, round_fn *round, void *ctx, size_t rounds,
                     size_t warm_up)
{
    for (size_t i = 0; i < rounds + warm_up; i++) {
        double ours = 0;
        double floor = 0;
        round(ctx, &ours, &floor);
        if (i >= warm_up) {
            samples_add(&ret->ours, ours);
            samples_add(&ret->floor, floor);
        }
    }
}

void comparison_run(struct comparison *ret, round_fn *round, void *ctx, size_t rounds,
                    size_t warm_up)
{
    struct comparison runs[RUNS] = { 0 };
    size_t best = 0;
    double least = 0;
    bool noisy = true;
    for (size_t i = 0; i < RUNS && noisy; i++) {
        run_once(&runs[i], round, ctx, rounds, warm_up);
        struct ratio r = comparison_ratio(&runs[i]);
        double noise = (r.high - r.low) / r.value;
        if (i == 0 || noise < least) {
            least = noise;
            best = i;
        }
        noisy = ratio_is_noisy(&r);
    }
    for (size_t i = 0; i < RUNS; i++) {
        if (i != best) {
            comparison_free(&runs[i]);
        }
    }
    *ret = runs[best];
}
