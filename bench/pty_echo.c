/* The floor under everything that goes over a pty: a raw pty, a blocking read, a write of bytes
 * that are there already. Takes IN:OUT byte counts as arguments, one per turn, in a circle: after
 * IN bytes have come, OUT are written. Prints "echo ready at PATH". */
#include <errno.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "bench/fail.h"

#define BYTES_MAX 4096

struct turn {
    size_t in, out;
};

static size_t count(const char *text, char until, const char **ret_rest)
{
    char *end = NULL;
    unsigned long n = strtoul(text, &end, 10);
    if (end == text || *end != until || n == 0 || n > BYTES_MAX) {
        fail("a turn is IN:OUT with 1 to %d bytes each, not \"%s\"", BYTES_MAX, text);
    }
    *ret_rest = end + 1;
    return n;
}

static void serve(int master, const struct turn *t)
{
    static char bytes[BYTES_MAX];
    for (size_t got = 0; got < t->in;) {
        ssize_t n = read(master, bytes, sizeof bytes);
        if (n <= 0) {
            fail("the pty cannot be read: %s", strerror(errno));
        }
        got += (size_t)n;
    }
    if (write(master, bytes, t->out) != (ssize_t)t->out) {
        fail("the pty cannot be written: %s", strerror(errno));
    }
}

int main(int argc, char *argv[])
{
    int turns_n = argc - 1;
    if (turns_n < 1) {
        fail("usage: pty_echo IN:OUT...");
    }
    struct turn *turns = calloc((size_t)turns_n, sizeof *turns);
    if (turns == NULL) {
        fail("out of memory");
    }
    for (int i = 0; i < turns_n; i++) {
        const char *rest = NULL;
        turns[i].in = count(argv[i + 1], ':', &rest);
        turns[i].out = count(rest, '\0', &rest);
    }
    int master = -1;
    int slave = -1; /* stays open, so that the pty lives between two clients */
    struct termios raw;
    if (openpty(&master, &slave, NULL, NULL, NULL) != 0 || tcgetattr(slave, &raw) != 0) {
        fail("cannot open a pty: %s", strerror(errno));
    }
    cfmakeraw(&raw);
    if (tcsetattr(slave, TCSANOW, &raw) != 0) {
        fail("cannot make the pty raw: %s", strerror(errno));
    }
    printf("echo ready at %s\n", ttyname(slave));
    (void)fflush(stdout);
    for (int i = 0;; i = (i + 1) % turns_n) {
        serve(master, &turns[i]);
    }
}
