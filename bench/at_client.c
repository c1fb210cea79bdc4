#include "bench/at_client.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/check.h"
#include "bench/fail.h"

#define PATIENCE_DS 100 /* ten seconds; also the deadline of a read */

int at_open(const char *path)
{
    struct termios t;
    int fd = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (fd < 0 || tcgetattr(fd, &t) != 0) {
        fail("cannot open the terminal %s: %s", path, strerror(errno));
    }
    cfmakeraw(&t);
    t.c_cc[VMIN] = 0; /* a read returns with the first byte, or with nothing after VTIME */
    t.c_cc[VTIME] = PATIENCE_DS;
    if (tcsetattr(fd, TCSANOW, &t) != 0) {
        fail("cannot make the terminal %s raw: %s", path, strerror(errno));
    }
    return fd;
}

static void give_up(const struct at_turn *t, const char *got, size_t n)
{
    fail("'%.*s': wanted \"%.*s\", got \"%.*s\"", (int)t->request.n, (const char *)t->request.p,
         (int)t->answer.n, (const char *)t->answer.p, (int)n, got);
}

void at_turn(int fd, const struct at_turn *t, char *ret_answer)
{
    CHECK(t->answer.n <= AT_ANSWER_MAX);
    for (size_t sent = 0; sent < t->request.n;) {
        ssize_t n = write(fd, t->request.p + sent, t->request.n - sent);
        if (n < 0) {
            fail("cannot write to the terminal: %s", strerror(errno));
        }
        sent += (size_t)n;
    }
    size_t got = 0;
    while (got < t->answer.n) {
        ssize_t n = read(fd, ret_answer + got, t->answer.n - got);
        if (n <= 0) {
            give_up(t, ret_answer, got);
        }
        got += (size_t)n;
    }
}

void at_check(const struct at_turn *t, const char *answer)
{
    if (!span_eq(span_of(answer, t->answer.n), t->answer)) {
        give_up(t, answer, t->answer.n);
    }
}

void at_command(int fd, const char *command, const char *answer)
{
    const struct at_turn t = { span_str(command), span_str(answer) };
    char got[AT_ANSWER_MAX];
    at_turn(fd, &t, got);
    at_check(&t, got);
}
