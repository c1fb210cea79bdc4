/* The terminal side of a pty: what a program that talks to the modem does, with as little as it can
 * do: raw termios, one write per request, blocking reads. The same for the emulator and its floor.
 * Fails (fail.h) when nothing comes for ten seconds or the wrong answer comes. */
#ifndef BENCH_AT_CLIENT_H
#define BENCH_AT_CLIENT_H

#include "base/span.h"

#define AT_ANSWER_MAX 512

/* Opens the terminal 'path', raw. The caller closes the descriptor. */
int at_open(const char *path);

/* One request and what answers it. */
struct at_turn {
    struct span request, answer;
};

/* Writes the request, reads until as many bytes have come as the answer has; what they are is for
 * at_check. 'ret_answer' has room for AT_ANSWER_MAX bytes. */
void at_turn(int fd, const struct at_turn *t, char *ret_answer);

/* Fails unless 'answer' is what the turn wants. */
void at_check(const struct at_turn *t, const char *answer);

/* at_turn and at_check of a command, given with its CR. */
void at_command(int fd, const char *command, const char *answer);

#endif
