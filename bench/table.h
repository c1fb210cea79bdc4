/* The table the benchmark prints on stdout, row by row as the figures come in. */
#ifndef BENCH_TABLE_H
#define BENCH_TABLE_H

#include <stdbool.h>

#include "bench/stats.h"

struct table {
    bool noisy;  /* a row was marked so */
    bool missed; /* a row missed its target */
};

enum unit { UNIT_US, UNIT_MS, UNIT_KIB };

/* One row. Values are nanoseconds, or bytes for UNIT_KIB; 0 leaves floor and targets empty. */
struct row {
    const char *figure;
    enum unit unit;
    double ours, floor;
    double ratio_max; /* target: ours at most so many times the floor */
    double ours_max;  /* target: ours at most this */
    struct ratio ratio;
};

void table_head(void);
void table_row(struct table *t, const struct row *r);

/* The row of a comparison: medians and their ratio; adds only what the targets of 'r' say. */
void table_comparison(struct table *t, struct row r, const struct comparison *c);

/* What the marks in the rows mean. */
void table_foot(const struct table *t);

#endif
