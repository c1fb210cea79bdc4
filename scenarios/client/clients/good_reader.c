#include "good_reader.h"

#include <string.h>

void reader_reset(struct reader *r)
{
    memset(r, 0, sizeof(*r));
}

bool reader_is_inside_message(const struct reader *r)
{
    return r->in_message || r->place != READER_IN_LINES;
}

const char *reader_behind(const char *line, const char *prefix)
{
    size_t n = strlen(prefix);
    if (strncmp(line, prefix, n) != 0) {
        return NULL;
    }
    return line + n + strspn(line + n, " ");
}

size_t reader_numbers(const char *text, long *numbers, size_t max)
{
    size_t n = 0;
    for (;;) {
        size_t digits = strspn(text, "0123456789");
        if (digits == 0 || digits > 9 || n == max) {
            return 0;
        }
        long value = 0;
        for (size_t i = 0; i < digits; i++) {
            value = value * 10 + (text[i] - '0');
        }
        numbers[n++] = value;
        text += digits;
        if (*text == '\0') {
            return n;
        }
        if (*text++ != ',') {
            return 0;
        }
    }
}

/* ---- messages
 * -------------------------------------------------------------------------------------- */

/* What follows is not to be trusted until the end of the message: a payload may look like any line.
 */
static void spoil(struct reader *r)
{
    r->damaged = true;
    r->place = READER_SKIP_LINES;
}

static enum reader_event end_message(struct reader *r)
{
    bool whole = r->in_message && !r->damaged && r->topic_n == r->topic_total &&
                 r->payload_n == r->payload_total;
    r->in_message = false;
    r->damaged = false;
    r->place = READER_IN_LINES;
    r->topic[r->topic_n] = '\0';
    r->payload[r->payload_n] = '\0';
    return whole ? READER_MESSAGE : READER_DAMAGED;
}

static enum reader_event begin_message(struct reader *r, const char *numbers)
{
    bool unfinished = reader_is_inside_message(r);
    long n[3];
    r->place = READER_IN_LINES;
    r->in_message = true;
    r->damaged = false;
    r->topic_n = r->payload_n = 0;
    if (reader_numbers(numbers, n, 3) == 3 && n[1] <= READER_TOPIC_MAX &&
        n[2] <= READER_PAYLOAD_MAX) {
        r->topic_total = (size_t)n[1];
        r->payload_total = (size_t)n[2];
    } else {
        spoil(r);
    }
    return unfinished ? READER_DAMAGED : READER_NONE;
}

/* A header that does not fit what +CMQTTRXSTART announced is not believed: a digit of it may be
 * wrong, and counting by it would swallow what follows. */
static void begin_block(struct reader *r, const char *numbers, bool is_topic)
{
    long n[2];
    size_t had = is_topic ? r->topic_n : r->payload_n;
    size_t total = is_topic ? r->topic_total : r->payload_total;
    if (reader_numbers(numbers, n, 2) != 2 || !r->in_message || r->damaged ||
        (size_t)n[1] > total - had) {
        spoil(r);
        return;
    }
    r->block_is_topic = is_topic;
    r->block_left = (size_t)n[1];
    r->place = r->block_left > 0 ? READER_IN_BLOCK : READER_BLOCK_CR;
}

static void feed_block(struct reader *r, char byte)
{
    if (r->block_is_topic) {
        r->topic[r->topic_n++] = byte;
    } else {
        r->payload[r->payload_n++] = byte;
    }
    if (--r->block_left == 0) {
        r->place = READER_BLOCK_CR;
    }
}

enum reader_event reader_give_up_message(struct reader *r)
{
    if (!reader_is_inside_message(r)) {
        return READER_NONE;
    }
    r->damaged = true;
    r->line_n = 0;
    return end_message(r);
}

/* ---- lines
 * ----------------------------------------------------------------------------------------- */

static enum reader_event line_is_complete(struct reader *r)
{
    const char *rest;
    r->line[r->line_n] = '\0';
    bool drop = r->overlong || r->line_n == 0;
    r->line_n = 0;
    r->overlong = false;
    if (drop) {
        return READER_NONE;
    }
    if ((rest = reader_behind(r->line, "+CMQTTRXSTART:")) != NULL) {
        return begin_message(r, rest);
    }
    if (reader_behind(r->line, "+CMQTTRXEND:") != NULL) {
        return end_message(r);
    }
    if (r->place == READER_SKIP_LINES) {
        return READER_NONE;
    }
    if ((rest = reader_behind(r->line, "+CMQTTRXTOPIC:")) != NULL) {
        begin_block(r, rest, true);
        return READER_NONE;
    }
    if ((rest = reader_behind(r->line, "+CMQTTRXPAYLOAD:")) != NULL) {
        begin_block(r, rest, false);
        return READER_NONE;
    }
    return READER_LINE;
}

/* CR and LF each end a line: one of them may have been lost, and an echo ends with CR alone. */
static enum reader_event feed_line(struct reader *r, char byte)
{
    if (byte == '\r' || byte == '\n') {
        r->after_cr = byte == '\r';
        return line_is_complete(r);
    }
    if (r->line_n == 0 && byte == ' ') {
        return READER_NONE; /* behind some prompts */
    }
    if (r->line_n == 0 && byte == '>' && r->expect_prompt && r->place == READER_IN_LINES) {
        r->expect_prompt = false;
        return READER_PROMPT;
    }
    if (r->line_n == READER_LINE_MAX) {
        r->overlong = true;
    } else {
        r->line[r->line_n++] = byte;
    }
    return READER_NONE;
}

enum reader_event reader_feed(struct reader *r, char byte)
{
    if (r->after_cr) {
        /* This LF belongs to the line end before it, and is no byte of a block. */
        r->after_cr = false;
        if (byte == '\n') {
            return READER_NONE;
        }
    }
    switch (r->place) {
    case READER_IN_BLOCK:
        feed_block(r, byte);
        return READER_NONE;
    case READER_BLOCK_CR:
    case READER_BLOCK_LF:
        if (byte != (r->place == READER_BLOCK_CR ? '\r' : '\n')) {
            spoil(r); /* the count was wrong, or bytes are missing */
            return feed_line(r, byte);
        }
        r->place = r->place == READER_BLOCK_CR ? READER_BLOCK_LF : READER_IN_LINES;
        return READER_NONE;
    case READER_IN_LINES:
    case READER_SKIP_LINES:
        break;
    }
    return feed_line(r, byte);
}
