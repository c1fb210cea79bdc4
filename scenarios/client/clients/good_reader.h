/* What a SIM7600 sends, byte by byte: lines, prompts, and received messages, whose topic and
 * payload are counted and may hold any byte. Knows no port and no clock. */
#ifndef GOOD_READER_H
#define GOOD_READER_H

#include <stdbool.h>
#include <stddef.h>

#define READER_LINE_MAX    600   /* longer lines are dropped whole */
#define READER_TOPIC_MAX   1024  /* as the manual has it for +CMQTTRXTOPIC */
#define READER_PAYLOAD_MAX 10240 /* and for +CMQTTRXPAYLOAD */

enum reader_event {
    READER_NONE,    /* nothing is complete yet */
    READER_LINE,    /* a line, without its line end: reader.line */
    READER_PROMPT,  /* '>' at the beginning of a line, where one was expected */
    READER_MESSAGE, /* a message, whole: reader.topic, reader.payload */
    READER_DAMAGED, /* a message of which bytes were lost or came twice; it is dropped */
};

/* Where the next byte belongs. */
enum reader_place {
    READER_IN_LINES,
    READER_IN_BLOCK,  /* so many bytes are counted: block_left */
    READER_BLOCK_CR,  /* behind a block comes CR */
    READER_BLOCK_LF,  /* and LF */
    READER_SKIP_LINES /* of a damaged message: nothing counts until its +CMQTTRXEND */
};

struct reader {
    enum reader_place place;
    bool expect_prompt; /* set by the owner while a command that asks for data is under way */
    bool after_cr;      /* the last line ended with CR, its LF may follow */
    bool overlong;
    size_t line_n;
    char line[READER_LINE_MAX + 1];

    bool in_message; /* between +CMQTTRXSTART and +CMQTTRXEND */
    bool damaged;
    bool block_is_topic;
    size_t block_left;
    size_t topic_total, payload_total; /* as announced by +CMQTTRXSTART */
    size_t topic_n, payload_n;         /* received so far */
    char topic[READER_TOPIC_MAX + 1];
    char payload[READER_PAYLOAD_MAX + 1];
};

/* Empty, at the beginning of a line. */
void reader_reset(struct reader *r);

/* One byte more. What is complete stays in the reader until the next call. */
enum reader_event reader_feed(struct reader *r, char byte);

/* True while a message has begun and is not complete. */
bool reader_is_inside_message(const struct reader *r);

/* Nothing has come for so long that the rest of a message will not come: READER_DAMAGED, and lines
 * are lines again. READER_NONE outside a message. */
enum reader_event reader_give_up_message(struct reader *r);

/* The decimal numbers of "1,23,456" into numbers, at most max of them. Returns how many there are;
 * 0 when anything else stands there, or a number of more than 9 digits. */
size_t reader_numbers(const char *text, long *numbers, size_t max);

/* Behind the prefix, without leading blanks: starts_with("+CPIN: READY", "+CPIN:") is "READY".
 * NULL when the line does not begin so. */
const char *reader_behind(const char *line, const char *prefix);

#endif
