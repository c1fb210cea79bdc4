/* The one way the benchmark's programs end early: something they need does not work, so there is no
 * figure to report. Children die with the program (see process.h). */
#ifndef BENCH_FAIL_H
#define BENCH_FAIL_H

/* Prints "bench: " and the message on stderr and exits 1. */
_Noreturn void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
