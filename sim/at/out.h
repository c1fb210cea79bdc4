/* The only writer towards the UART. It knows the framing of V.250 (general-commands.md A8) and
 * keeps what comes unasked apart from answers: a unit is written whole or not at all, and held
 * units go out in the order in which they came. When they may go out is the channel's decision. */
#ifndef SIM_AT_OUT_H
#define SIM_AT_OUT_H

#include "base/buf.h"
#include "base/span.h"
#include "base/trace.h"

/* Settings of the line discipline. First member of the modem's settings, so rows can bind to them.
 */
struct at_settings {
    int32_t echo;    /* E */
    int32_t quiet;   /* Q */
    int32_t verbose; /* V */
    int32_t x;       /* X */
    int32_t cmee;    /* +CMEE */
    int32_t s3, s4, s5;
};

/* Result codes and their numbers under V0 (V.250 6.3.1; general-commands.md A8). */
enum at_code {
    AT_CODE_OK = 0,
    AT_CODE_CONNECT = 1,
    AT_CODE_RING = 2,
    AT_CODE_NO_CARRIER = 3,
    AT_CODE_ERROR = 4,
    AT_CODE_NO_DIALTONE = 6,
    AT_CODE_BUSY = 7,
    AT_CODE_NO_ANSWER = 8,
};

enum out_class {
    OUT_RESULT, /* the late result of a command: as soon as the channel is idle */
    OUT_URC,    /* also keeps a distance from the last final result */
};

struct out_unit {
    struct out_unit *next;
    enum out_class class;
    size_t n;
    uint8_t bytes[];
};

struct out {
    const struct at_settings *set;
    const struct trace *trace;
    struct buf tx;
    struct out_unit *head, **tail;
    size_t held;      /* bytes in the queue */
    unsigned dropped; /* units lost because nobody read the port */
};

/* Bytes of held units before new ones are lost, as in the FIFO of a real UART that nobody reads. */
#define OUT_HELD_MAX (256U * 1024)
#define OUT_TX_MAX   (1024U * 1024)

void out_init(struct out *o, const struct at_settings *set, const struct trace *trace);
void out_fini(struct out *o);

/* Drops the held units; bytes already handed to the UART stay. */
void out_forget(struct out *o);

/* Bytes as they are: echo and prompt. */
void out_raw(struct out *o, struct span bytes);

/* Information text; lines separated by CR LF form one unit. 'traced' is what the trace may show. */
void out_info(struct out *o, struct span text, struct span traced);

/* A result code: OK, ERROR, NO CARRIER … (numeric under V0, nothing under Q1). */
void out_code(struct out *o, enum at_code code);
/* The same as bytes, for a code that comes by itself. */
void out_code_unit(const struct out *o, enum at_code code, struct buf *to);

/* Final result +CME ERROR or +CMS ERROR as CMEE says; 0 gives ERROR. */
void out_cme(struct out *o, uint32_t number);
void out_cms(struct out *o, uint32_t number);

/* Appends "CR LF text CR LF" (V0: text CR LF) to 'to'. */
void out_frame(const struct out *o, struct span text, struct buf *to);

/* Puts a complete unit behind the held ones. */
void out_hold(struct out *o, enum out_class class, struct span unit);

/* Traces a unit that goes out, without the line ends around it. */
void out_traced(const struct out *o, struct span unit);

/* Writes the first held unit out. There must be one. */
void out_release(struct out *o);

#endif
