#include "good_at.h"

#include <stdio.h>
#include <string.h>

#define COMMAND_MS     10000
#define COMMAND_LEAST  400
#define FINAL_MS       130000 /* the longest that a SIM7600 blocks its port: 120 s, and a little */
#define MESSAGE_GAP_MS 5000   /* a pause inside a message that means its rest is lost */
#define MESSAGE_LEAST  300
#define GOODBYE_MS     3000 /* for what is said when the client is asked to end */
#define GOODBYE_LEAST  500
#define COMMAND_MAX    700

long at_scaled(const struct at *at, long ms, long least)
{
    long scaled = ms * at->percent / 100;
    return scaled > least ? scaled : least;
}

static enum at_result from_port(enum port_result r)
{
    switch (r) {
    case PORT_OK:
        return AT_OK;
    case PORT_TIMEOUT:
        return AT_NO_ANSWER;
    case PORT_STOPPED:
        return AT_STOPPED;
    case PORT_LOST:
        break;
    }
    return AT_HUNG_UP;
}

enum at_result at_open(struct at *at)
{
    port_close(&at->port);
    reader_reset(&at->reader);
    at->chunk.n = at->chunk_at = 0;
    at->owed = 0; /* unknown: perhaps it is another modem */
    while (!port_open(&at->port, at->name)) {
        if (port_wait(port_now() + at_scaled(at, 1000, 50)) == PORT_STOPPED) {
            return AT_STOPPED;
        }
    }
    return AT_OK;
}

/* ---- what comes
 * ------------------------------------------------------------------------------------ */

static void lose_connection(struct at *at, const char *line)
{
    at->connection_lost = true;
    snprintf(at->lost_why, sizeof(at->lost_why), "%.63s", line);
}

/* Lines that come by themselves and mean something. */
static const struct {
    const char *prefix;
    bool reboot, lost;
} URCS[] = {
    { "RDY", true, false },
    { "*ATREADY:", true, false },
    { "+CMQTTCONNLOST: 0,", false, true },
    { "+CMQTTNONET", false, true },
    { "+CMQTTPING: 0,", false, true },
};

/* A line that is not for the caller: AT_OK. AT_REBOOTED: it says that. AT_NO_ANSWER: it is for the
 * caller. */
static enum at_result take_line(struct at *at)
{
    const char *line = at->reader.line;
    if (at->answer_prefix != NULL && reader_behind(line, at->answer_prefix) != NULL) {
        return AT_NO_ANSWER;
    }
    for (size_t i = 0; i < sizeof(URCS) / sizeof(URCS[0]); i++) {
        if (reader_behind(line, URCS[i].prefix) != NULL) {
            if (URCS[i].lost) {
                lose_connection(at, line);
            }
            return URCS[i].reboot ? AT_REBOOTED : AT_OK;
        }
    }
    if (strncmp(line, "AT", 2) == 0) {
        at->echoed = true;
        return AT_OK;
    }
    return AT_NO_ANSWER;
}

/* The next event among the bytes that were read. READER_NONE: none is complete. */
static enum reader_event next_event(struct at *at)
{
    while (at->chunk_at < at->chunk.n) {
        enum reader_event event = reader_feed(&at->reader, at->chunk.bytes[at->chunk_at++]);
        if (event != READER_NONE) {
            return event;
        }
    }
    return READER_NONE;
}

static void take_message(const struct at *at, enum reader_event event)
{
    if (event == READER_DAMAGED) {
        fprintf(stderr, "client-good: a message arrived damaged and is dropped\n");
    } else {
        at->on_message(at->message_context, at->reader.topic, at->reader.payload,
                       at->reader.payload_n);
    }
}

static void stop_soon(struct at *at)
{
    at->stopping = true;
    if (at->ends_at == 0) {
        at->ends_at = port_now() + at_scaled(at, GOODBYE_MS, GOODBYE_LEAST);
    }
}

static enum at_result read_more(struct at *at, long deadline)
{
    if (at->ends_at != 0 && at->ends_at < deadline) {
        deadline = at->ends_at;
    }
    long until = deadline;
    long give_up = at->last_byte + at_scaled(at, MESSAGE_GAP_MS, MESSAGE_LEAST);
    if (reader_is_inside_message(&at->reader) && give_up < until) {
        until = give_up;
    }
    at->chunk_at = 0;
    enum at_result r = from_port(port_read(&at->port, &at->chunk, until, !at->stopping));
    if (r == AT_STOPPED && at->in_command) {
        stop_soon(at); /* not in the middle of a command */
        return AT_OK;
    }
    if (r == AT_OK) {
        at->last_byte = port_now();
    } else if (r == AT_NO_ANSWER && port_now() < deadline) {
        if (reader_give_up_message(&at->reader) == READER_DAMAGED) {
            take_message(at, READER_DAMAGED);
        }
        return AT_OK;
    }
    return r;
}

/* The next line or prompt that is for the caller. AT_OK: *ret_event says which. */
static enum at_result next(struct at *at, long deadline, enum reader_event *ret_event)
{
    for (;;) {
        enum reader_event event = next_event(at);
        enum at_result r;
        switch (event) {
        case READER_NONE:
            if ((r = read_more(at, deadline)) != AT_OK) {
                return r;
            }
            break;
        case READER_MESSAGE:
        case READER_DAMAGED:
            take_message(at, event);
            if (at->message_ends_idle) {
                return AT_NO_ANSWER;
            }
            break;
        case READER_LINE:
            if ((r = take_line(at)) == AT_REBOOTED) {
                return r;
            }
            if (r == AT_OK) {
                break;
            }
            *ret_event = event;
            return AT_OK;
        case READER_PROMPT:
            *ret_event = event;
            return AT_OK;
        }
    }
}

enum at_result at_idle(struct at *at, long deadline)
{
    for (;;) {
        enum reader_event event;
        if (at->stopping) {
            return AT_STOPPED;
        }
        if (at->connection_lost) {
            return AT_ERROR;
        }
        enum at_result r = next(at, deadline, &event);
        if (r != AT_OK) {
            return r;
        }
    }
}

enum at_result at_idle_for_message(struct at *at, long deadline)
{
    at->message_ends_idle = true;
    enum at_result r = at_idle(at, deadline);
    at->message_ends_idle = false;
    return r;
}

/* ---- commands
 * -------------------------------------------------------------------------------------- */

static bool is_error(const char *line)
{
    return strcmp(line, "ERROR") == 0 || reader_behind(line, "+CME ERROR:") != NULL ||
           reader_behind(line, "+CMS ERROR:") != NULL;
}

static enum at_result send_line(struct at *at, const char *text)
{
    char line[COMMAND_MAX + 2];
    int n = snprintf(line, sizeof(line), "%s\r", text);
    if (n < 0 || (size_t)n >= sizeof(line)) {
        return AT_ERROR;
    }
    return from_port(port_write(&at->port, line, (size_t)n,
                                port_now() + at_scaled(at, COMMAND_MS, COMMAND_LEAST)));
}

/* What is known of a command that is under way. */
struct progress {
    bool ok, result;
    long deadline;
};

/* An answer line: its code, where it is the result. One that is spoilt is as good as none. */
static void take_answer(struct at *at, struct at_call *call, struct progress *p)
{
    const char *rest = reader_behind(at->reader.line, call->prefix);
    long numbers[2];
    if (call->on_answer != NULL) {
        call->on_answer(call->context, rest);
    }
    size_t n = reader_numbers(rest, numbers, 2);
    if (n == 0) {
        return;
    }
    call->ret_code = numbers[n - 1];
    if (call->has_result) {
        p->result = true;
        p->deadline =
            port_now() + at_scaled(at, COMMAND_MS, COMMAND_LEAST); /* OK or ERROR is due */
    }
}

/* A line while a command waits. True: the command has ended, with *ret. */
static bool take_command_line(struct at *at, struct at_call *call, struct progress *p,
                              enum at_result *ret)
{
    const char *line = at->reader.line;
    if (is_error(line)) {
        *ret = AT_ERROR;
        return true;
    }
    if (strcmp(line, "OK") == 0) {
        p->ok = true;
        if (call->has_result && !p->result) {
            p->deadline = port_now() + at_scaled(at, call->limit_ms, COMMAND_LEAST);
        }
    } else if (call->prefix != NULL && reader_behind(line, call->prefix) != NULL) {
        take_answer(at, call, p);
    }
    *ret = call->has_result && call->ret_code != 0 ? AT_ERROR : AT_OK;
    return p->ok && (p->result || !call->has_result);
}

static enum at_result wait_prompt(struct at *at, struct at_call *call)
{
    struct progress p = { .deadline = port_now() + at_scaled(at, COMMAND_MS, COMMAND_LEAST) };
    enum at_result result;
    for (;;) {
        enum reader_event event;
        enum at_result r = next(at, p.deadline, &event);
        if (r != AT_OK) {
            return r;
        }
        if (event == READER_PROMPT) {
            return AT_OK;
        }
        if (take_command_line(at, call, &p, &result) && result == AT_ERROR) {
            return AT_ERROR;
        }
    }
}

static enum at_result wait_end(struct at *at, struct at_call *call)
{
    long limit = call->has_result ? FINAL_MS : call->limit_ms;
    struct progress p = { .deadline = port_now() + at_scaled(at, limit, COMMAND_LEAST) };
    enum at_result result;
    for (;;) {
        enum reader_event event;
        enum at_result r = next(at, p.deadline, &event);
        if (r == AT_NO_ANSWER && p.result) {
            return call->ret_code == 0 ? AT_OK : AT_ERROR; /* its OK or ERROR was lost */
        }
        if (r != AT_OK) {
            return r;
        }
        if (event == READER_LINE && take_command_line(at, call, &p, &result)) {
            return result;
        }
    }
}

static enum at_result run(struct at *at, struct at_call *call)
{
    enum at_result r = send_line(at, call->text);
    if (r != AT_OK || call->data == NULL) {
        return r == AT_OK ? wait_end(at, call) : r;
    }
    at->reader.expect_prompt = true;
    r = wait_prompt(at, call);
    at->reader.expect_prompt = false;
    if (r != AT_OK) {
        /* The prompt may be lost, or not have come yet, and the modem waits for data all the same.
         */
        at->owed = r == AT_NO_ANSWER ? call->data_n : 0;
        return r;
    }
    at->owed = call->data_n;
    r = from_port(port_write(&at->port, call->data, call->data_n,
                             port_now() + at_scaled(at, 6 * COMMAND_MS, COMMAND_LEAST)));
    if (r == AT_OK) {
        r = wait_end(at, call);
    }
    if (r == AT_OK || r == AT_ERROR) {
        at->owed = 0;
    }
    return r;
}

enum at_result at_run(struct at *at, struct at_call *call)
{
    call->ret_code = AT_NO_CODE;
    if (at->stopping && !at->goodbye) {
        return AT_STOPPED;
    }
    if (call->limit_ms == 0) {
        call->limit_ms = COMMAND_MS;
    }
    at->answer_prefix = call->prefix;
    at->in_command = true;
    enum at_result r = run(at, call);
    at->in_command = false;
    at->answer_prefix = NULL;
    return r;
}

enum at_result at_simple(struct at *at, const char *text)
{
    struct at_call call = { .text = text };
    return at_run(at, &call);
}

/* ---- finding the thread again
 * ---------------------------------------------------------------------- */

/* CRs: to a modem that waits for data they are data, to any other they are empty lines. */
static enum at_result fill(struct at *at, size_t n)
{
    char crs[256];
    memset(crs, '\r', sizeof(crs));
    while (n > 0) {
        size_t part = n < sizeof(crs) ? n : sizeof(crs);
        enum port_result r =
            port_write(&at->port, crs, part, port_now() + at_scaled(at, COMMAND_MS, COMMAND_LEAST));
        if (r != PORT_OK) {
            return from_port(r);
        }
        n -= part;
    }
    return AT_OK;
}

/* Any final result shows that the modem reads lines. A reboot is no end here: what it asks for is
 * this. */
static enum at_result wait_final(struct at *at, long deadline)
{
    for (;;) {
        enum reader_event event;
        enum at_result r = next(at, deadline, &event);
        if (r == AT_REBOOTED) {
            continue;
        }
        if (r != AT_OK || (event == READER_LINE &&
                           (is_error(at->reader.line) || strcmp(at->reader.line, "OK") == 0))) {
            return r;
        }
    }
}

/* Lets the answers of earlier commands go by. */
static enum at_result let_pass(struct at *at)
{
    enum at_result r;
    long most = port_now() + at_scaled(at, 10000, 1000);
    do {
        r = wait_final(at, port_now() + at_scaled(at, 300, 30));
    } while (r == AT_OK && port_now() < most);
    return r == AT_NO_ANSWER ? AT_OK : r;
}

/* Nothing answers: perhaps the modem waits for data of which nobody here knows, as after a restart
 * of this program in the middle of an upload. */
static size_t fill_for_attempt(struct at *at, unsigned attempt)
{
    static const size_t MORE[] = { 256, 1024, 4096, READER_PAYLOAD_MAX };
    size_t n = at->owed;
    at->owed = 0;
    if (n == 0 && attempt >= 3 && attempt < 3 + sizeof(MORE) / sizeof(MORE[0])) {
        n = MORE[attempt - 3];
    }
    return n;
}

static enum at_result wake(struct at *at, unsigned attempt)
{
    unsigned doublings = attempt < 4 ? attempt : 4; /* 1 s to 16 s */
    enum at_result r = fill(at, fill_for_attempt(at, attempt));
    if (r == AT_OK) {
        r = send_line(at, "AT");
    }
    if (r == AT_OK) {
        r = wait_final(at, port_now() + at_scaled(at, 1000L << doublings, 200));
    }
    if (r == AT_OK) {
        r = let_pass(at);
    }
    return r;
}

/* Echo would repeat data behind a prompt, and that may look like an answer. */
static enum at_result echo_off(struct at *at)
{
    enum at_result r = at_simple(at, "ATE0");
    if (r == AT_OK) {
        at->echoed = false;
        r = at_simple(at, "AT");
    }
    return r == AT_OK && at->echoed ? AT_ERROR : r;
}

bool at_begin_goodbye(struct at *at)
{
    stop_soon(at);
    at->goodbye = true;
    at->connection_lost = false;
    return at->port.fd >= 0 && (at->owed == 0 || wake(at, 0) == AT_OK);
}

enum at_result at_sync(struct at *at)
{
    for (unsigned attempt = 0;; attempt++) {
        enum at_result r = wake(at, attempt);
        if (r == AT_OK) {
            r = echo_off(at);
        }
        if (r == AT_OK || r == AT_HUNG_UP || r == AT_STOPPED) {
            return r;
        }
        if (r == AT_REBOOTED) {
            attempt = 0;
        }
    }
}
