#include "bench/table.h"

#include <stdio.h>

#define LINE "%-36s %12s %12s %7s %13s %12s  %s\n"

static const struct {
    double size;
    const char *name;
} units[] = { { 1e3, "us" }, { 1e6, "ms" }, { 1024, "KiB" } };

static const char *value(char ret[24], double v, enum unit unit)
{
    (void)snprintf(ret, 24, "%.1f %s", v / units[unit].size, units[unit].name);
    return ret;
}

static const char *target(char ret[24], const struct row *r)
{
    if (r->ratio_max > 0) {
        (void)snprintf(ret, 24, "<= %.1f x", r->ratio_max);
        return ret;
    }
    if (r->ours_max > 0) {
        (void)snprintf(ret, 24, "<= %.0f %s", r->ours_max / units[r->unit].size,
                       units[r->unit].name);
        return ret;
    }
    return "-";
}

static bool has_target(const struct row *r)
{
    return r->ratio_max > 0 || r->ours_max > 0;
}

static bool is_met(const struct row *r)
{
    return (r->ratio_max <= 0 || r->ratio.value <= r->ratio_max) &&
           (r->ours_max <= 0 || r->ours <= r->ours_max);
}

void table_head(void)
{
    printf(LINE, "figure", "ours", "floor", "ratio", "spread", "target", "met");
    (void)fflush(stdout);
}

void table_row(struct table *t, const struct row *r)
{
    char ours[24];
    char floor[24];
    char wanted[24];
    char ratio[24] = "-";
    char spread[32] = "-";
    if (r->ratio.value > 0) {
        (void)snprintf(ratio, sizeof ratio, "%.2f", r->ratio.value);
    }
    if (r->ratio.high > 0) {
        (void)snprintf(spread, sizeof spread, "%.2f to %.2f", r->ratio.low, r->ratio.high);
    }
    bool noisy = r->ours_max <= 0 && ratio_is_noisy(&r->ratio);
    const char *met = !has_target(r) ? "-" : (is_met(r) ? "yes" : "NO");
    char verdict[24];
    (void)snprintf(verdict, sizeof verdict, "%s%s", met, noisy ? " (noisy)" : "");
    printf(LINE, r->figure, value(ours, r->ours, r->unit),
           r->floor > 0 ? value(floor, r->floor, r->unit) : "-", ratio, spread, target(wanted, r),
           verdict);
    (void)fflush(stdout);
    t->noisy = t->noisy || noisy;
    t->missed = t->missed || !is_met(r);
}

void table_comparison(struct table *t, struct row r, const struct comparison *c)
{
    r.ours = samples_quantile(&c->ours, 0.5);
    r.floor = samples_quantile(&c->floor, 0.5);
    r.ratio = comparison_ratio(c);
    table_row(t, &r);
}

void table_foot(const struct table *t)
{
    printf(
        "\nTimes are medians of the run. Ratio and spread: median and middle half of the ratios of "
        "its parts.\n");
    if (t->noisy) {
        printf("(noisy): the ratio moved a lot, also when measured three times; the machine is "
               "busy.\n");
    }
    if (t->missed) {
        printf("NO: a target was missed.\n");
    }
}
