/* Measures everything and prints the table. Started by bench/run, which gives it a broker and
 * certificates. Exits 0 when every figure could be measured, whatever it is. */
#include <errno.h>
#include <getopt.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "bench/fail.h"
#include "bench/measure.h"
#include "bench/table.h"

#define QUICK_PART 100 /* of the rounds */
#define QUICK_MIN  2

size_t bench_rounds(const struct bench *b, size_t full)
{
    size_t part = full / QUICK_PART;
    if (!b->quick) {
        return full;
    }
    return part < QUICK_MIN ? QUICK_MIN : part;
}

static unsigned port_of(const char *text)
{
    char *end = NULL;
    unsigned long n = strtoul(text, &end, 10);
    if (end == text || *end != '\0' || n == 0 || n > 65535) {
        fail("--port takes a port from 1 to 65535, not \"%s\"", text);
    }
    return (unsigned)n;
}

static void parse(int argc, char *argv[], struct bench *ret)
{
    static const struct option options[] = {
        { "emulator", required_argument, NULL, 'e' }, { "echo", required_argument, NULL, 'o' },
        { "hello", required_argument, NULL, 'h' },    { "certs", required_argument, NULL, 'c' },
        { "tmp", required_argument, NULL, 't' },      { "port", required_argument, NULL, 'p' },
        { "quick", no_argument, NULL, 'q' },          { NULL, 0, NULL, 0 },
    };
    const char *values[128] = { NULL };
    int c;
    while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (c == '?') {
            exit(2);
        }
        values[c] = c == 'q' ? "" : optarg;
    }
    for (const char *need = "eohctp"; *need != '\0'; need++) {
        if (values[(unsigned char)*need] == NULL) {
            fail("it takes --emulator --echo --hello --certs --tmp --port; bench/run gives them");
        }
    }
    *ret = (struct bench){
        .emulator = values['e'],
        .echo = values['o'],
        .hello = values['h'],
        .certs = values['c'],
        .tmp = values['t'],
        .port = port_of(values['p']),
        .quick = values['q'] != NULL,
    };
}

/* We and the children we measure take turns on one CPU, the broker has the others: where the kernel
 * puts two programs that talk to each other makes a round trip twice as long or not, by chance. */
static void stay_on_one_cpu(void)
{
    cpu_set_t one;
    int cpu = sched_getcpu();
    CPU_ZERO(&one);
    if (cpu >= 0) {
        CPU_SET((size_t)cpu, &one);
    }
    if (cpu < 0 || sched_setaffinity(0, sizeof one, &one) != 0) {
        fail("cannot stay on one CPU: %s", strerror(errno));
    }
}

int main(int argc, char *argv[])
{
    struct bench b;
    struct table t = { 0 };
    parse(argc, argv, &b);
    stay_on_one_cpu();
    table_head();
    measure_at(&b, &t);
    measure_dispatch(&b, &t);
    measure_connect(&b, &t);
    measure_publish(&b, &t);
    measure_start(&b, &t);
    measure_memory(&b, &t);
    table_foot(&t);
    return 0;
}
