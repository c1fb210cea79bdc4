#include "bench/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"
#include "bench/fail.h"
#include "bench/stats.h"

#define DEADLINE_MS 20000

_Noreturn static void become(const char *const argv[], int out, pid_t parent)
{
    char *words[PROCESS_ARGS_MAX + 1] = { NULL };
    for (size_t i = 0; argv[i] != NULL; i++) {
        memcpy(&words[i], &argv[i], sizeof words[i]); /* execv takes char * but changes nothing */
    }
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() == parent && dup2(out, STDOUT_FILENO) >= 0) {
        (void)execv(words[0], words);
    }
    _exit(127);
}

void process_start(struct process *p, const char *const argv[])
{
    size_t n = 0;
    while (argv[n] != NULL) {
        n++;
    }
    CHECK(n > 0 && n <= PROCESS_ARGS_MAX);
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        fail("cannot make a pipe: %s", strerror(errno));
    }
    pid_t parent = getpid();
    *p = (struct process){ .name = argv[0], .out = ends[0], .started = clock_ns() };
    p->pid = fork();
    if (p->pid < 0) {
        fail("cannot start %s: %s", p->name, strerror(errno));
    }
    if (p->pid == 0) {
        become(argv, ends[1], parent);
    }
    (void)close(ends[1]);
}

/* Bytes that are there within the deadline; 0 when the child has closed its output. */
static size_t read_output(struct process *p, char *ret, size_t cap)
{
    struct pollfd wait = { .fd = p->out, .events = POLLIN };
    int ready = poll(&wait, 1, DEADLINE_MS);
    if (ready == 0) {
        (void)kill(p->pid, SIGKILL);
        fail("%s: neither output nor end within %d ms", p->name, DEADLINE_MS);
    }
    ssize_t n = ready > 0 ? read(p->out, ret, cap) : -1;
    if (n < 0) {
        fail("%s: its output cannot be read: %s", p->name, strerror(errno));
    }
    return (size_t)n;
}

/* The programs say all they have to say with one write: what is read ends with a newline. */
void process_line(struct process *p, char *ret_line, size_t cap)
{
    size_t n = 0;
    while (n == 0 || ret_line[n - 1] != '\n') {
        size_t more = n + 1 < cap ? read_output(p, ret_line + n, cap - 1 - n) : 0;
        if (more == 0) {
            fail("%s: ended, or said too much, before its line was complete", p->name);
        }
        n += more;
    }
    ret_line[n - 1] = '\0';
}

void process_ready(struct process *p, char *ret_path, size_t cap)
{
    static const char words[] = " ready at ";
    char text[16384];
    process_line(p, text, sizeof text);
    const char *at = strstr(text, words);
    if (at == NULL) {
        fail("%s: said \"%s\" instead of where it is ready", p->name, text);
    }
    at += strlen(words);
    size_t n = strcspn(at, "\n");
    if (n >= cap) {
        fail("%s: the path it is ready at is too long", p->name);
    }
    memcpy(ret_path, at, n);
    ret_path[n] = '\0';
}

void process_stop(struct process *p)
{
    char rest[256];
    (void)kill(p->pid, SIGTERM);
    while (read_output(p, rest, sizeof rest) > 0) {
    }
    (void)close(p->out);
    int status = 0;
    (void)waitpid(p->pid, &status, 0);
    p->pid = -1;
}
