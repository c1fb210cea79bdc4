/* A child program whose standard output we read. The kernel sends it SIGTERM when we end, however
 * that happens, so no child outlives the benchmark. Fails (fail.h) when a child does not do what it
 * should in time. */
#ifndef BENCH_PROCESS_H
#define BENCH_PROCESS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define PROCESS_ARGS_MAX 16

struct process {
    const char *name; /* of the program, as given */
    pid_t pid;
    int out;          /* read end of its standard output */
    uint64_t started; /* clock_ns() just before fork */
};

/* Starts argv[0], a path; argv ends with NULL and has at most PROCESS_ARGS_MAX words. Keeps
 * argv[0]. */
void process_start(struct process *p, const char *const argv[]);

/* Waits for one line, stores it without its newline; at most cap - 1 bytes are kept. */
void process_line(struct process *p, char *ret_line, size_t cap);

/* Waits for the line "WHO ready at PATH" and stores PATH. */
void process_ready(struct process *p, char *ret_path, size_t cap);

/* Ends it with SIGTERM, or lets one that is ending by itself end, and waits for it. */
void process_stop(struct process *p);

#endif
