/* Private memory: Anonymous of /proc/PID/smaps_rollup, the pages that belong to this process alone
 * (heap, stack, data it has written to): what one more emulator costs the machine. Pss depends on
 * who else has the same libraries loaded, and Private_Dirty counts the code of a program that was
 * built a moment ago and is not yet on the disk.
 *
 * The first connection of a process also pays what is paid once: the random generator, the
 * library's tables, and the room a handshake needs on the heap, which later ones use again. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/at_client.h"
#include "bench/emulator.h"
#include "bench/fail.h"
#include "bench/table.h"

#define KIB           1024.0
#define CONNECTED_MAX 100
#define MORE          10 /* modems beside the first one */
#define MORE_AND_ONE  "11"

static double private_bytes(const struct process *p)
{
    static const char key[] = "Anonymous:";
    char path[64];
    char line[256];
    double bytes = -1;
    (void)snprintf(path, sizeof path, "/proc/%ld/smaps_rollup", (long)p->pid);
    FILE *f = fopen(path, "r");
    if (f == NULL) {
        fail("cannot open %s: %s", path, strerror(errno));
    }
    while (fgets(line, sizeof line, f) != NULL) {
        if (strncmp(line, key, strlen(key)) == 0) {
            bytes = strtod(line + strlen(key), NULL) * KIB;
        }
    }
    (void)fclose(f);
    if (bytes < 0) {
        fail("%s has no line %s", path, key);
    }
    return bytes;
}

static void value(struct table *t, const char *figure, double ours, double floor, double max)
{
    const struct row row = {
        .figure = figure, .unit = UNIT_KIB, .ours = ours, .floor = floor, .ours_max = max
    };
    table_row(t, &row);
}

static double idle(const struct bench *b, const char *count)
{
    struct emulator emulator;
    emulator_start(&emulator, b, "sim7600", count);
    double bytes = private_bytes(&emulator.process);
    emulator_stop(&emulator);
    return bytes;
}

static double trivial(const struct bench *b)
{
    struct process hello;
    char line[64];
    const char *const argv[] = { b->hello, NULL };
    process_start(&hello, argv);
    process_line(&hello, line, sizeof line);
    double bytes = private_bytes(&hello);
    process_stop(&hello);
    return bytes;
}

void measure_memory(const struct bench *b, struct table *t)
{
    double one = idle(b, "1");
    value(t, "memory, one idle modem", one, trivial(b), 0);
    value(t, "memory, each further idle modem", (idle(b, MORE_AND_ONE) - one) / MORE, 0, 0);

    struct emulator emulator;
    double stages[3];
    emulator_start(&emulator, b, "sim7600", "1");
    emulator_talk(&emulator, b);
    emulator_prepare(&emulator, b);
    stages[0] = private_bytes(&emulator.process);
    for (unsigned client = 0; client < 2; client++) {
        (void)emulator_connect(&emulator, b, client);
        stages[client + 1] = private_bytes(&emulator.process);
    }
    value(t, "memory, connected minus idle", stages[1] - stages[0], 0, CONNECTED_MAX * KIB);
    value(t, "memory, the second connection", stages[2] - stages[1], 0, CONNECTED_MAX * KIB);
    emulator_stop(&emulator);
}
