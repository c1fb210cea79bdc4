/* One emulated SIM7600: AT bytes in, AT bytes out, connections through a host. Pure: no file
 * descriptor, no clock, no thread. Everything it wants from the world it asks of 'struct
 * modem_host'; every answer comes back through modem_query_done or one of the modem_link_* calls,
 * later and never from inside a host function, so each call runs to completion. */
#ifndef SIM_MODEM_MODEM_H
#define SIM_MODEM_MODEM_H

#include "base/buf.h"
#include "base/sched.h"
#include "base/span.h"
#include "base/trace.h"
#include "sim/link/dial.h"
#include "sim/modem/query.h"

struct exchange;
struct fault;
struct fault_order;
struct gnss_track;
struct modem;
struct profile;

#define MODEM_LINKS   2      /* one per MQTT client index */
#define MODEM_QUERIES 3      /* names, pings and the time, each on its own */
#define MODEM_BAUD    115200 /* bit/s of the UART of a modem that was told nothing else */

/* The kinds of things a modem keeps over power-off: certificates, settings, files of its drives. */
enum modem_file { FILE_CERTIFICATE, FILE_NVRAM, FILE_USER };

/* What the modem asks of the world. No function may call back into the modem. 'ctx' is passed
 * first. */
struct modem_host {
    /* Opens connection 'link'. Outcome: modem_link_up or modem_link_down. Copies what it needs of
     * d. */
    void (*dial)(void *ctx, unsigned link, const struct dial *d);
    /* Queues bytes on an open connection. */
    void (*send)(void *ctx, unsigned link, struct span bytes);
    /* Closes connection 'link' or ends the attempt; sends what is queued first when 'flush', then
     * TLS close_notify and FIN. Nothing is reported for this link afterwards. */
    void (*hangup)(void *ctx, unsigned link, bool flush);

    /* Asks the network; 'id' is below MODEM_QUERIES and not under way. Outcome: modem_query_done.
     * Copies what it needs of q. */
    void (*query)(void *ctx, unsigned id, const struct query *q);
    /* Gives up a query that is under way; nothing is reported for it afterwards. */
    void (*query_cancel)(void *ctx, unsigned id);

    /* Files. Names hold no '/' and no control characters. Return 0 or -errno. file_put is atomic
     * and durable: after an error or a crash the old content is still there. */
    int (*file_put)(void *ctx, enum modem_file kind, struct span name, struct span content);
    int (*file_get)(void *ctx, enum modem_file kind, struct span name, struct buf *ret_content);
    int (*file_remove)(void *ctx, enum modem_file kind,
                       struct span name); /* -ENOENT: no such file */
    /* Calls each(arg, name) for every file in byte order of the names. */
    int (*file_list)(void *ctx, enum modem_file kind, void (*each)(void *arg, struct span name),
                     void *arg);

    /* modem_tx() has become non-empty. */
    void (*tx_ready)(void *ctx);

    /* The port disappears and comes back, as that of a USB modem does at a reset (key usb). */
    void (*port_present)(void *ctx, bool present);
    /* The UART runs at another speed from now on (AT+IPR, and its stored value after a reset). */
    void (*line_speed)(void *ctx, uint32_t baud);
    /* A fault of fault_link.h strikes an open connection; takes effect later. May be NULL. */
    void (*link_fault)(void *ctx, unsigned link, const struct fault *f);
};

struct modem_cfg {
    const struct profile *profile; /* copied */
    const struct trace *trace;     /* may be NULL; must outlive the modem */
    unsigned index;                /* 0 for modem0; makes IMEI, IMSI, ICCID and address unique */
    struct exchange *exchange; /* the way to other modems; may be NULL; must outlive the modem */
    const struct gnss_track *track; /* where it moves; NULL: it stays; must outlive the modem */
    int64_t utc;   /* s since 1970 when the scheduler's time was 0: what the network's clock says */
    uint32_t seed; /* of what is random: the chance of a fault */
    uint32_t baud; /* of the UART while no AT+IPREX is stored; 0: MODEM_BAUD */
    bool boot; /* power-on sequence (mute, RDY, +CPIN: READY, …) instead of a modem that is up */
};

/* Makes a modem. 's', 'host' and 'host_ctx' must outlive it. */
struct modem *modem_new(const struct modem_cfg *cfg, struct sched *s, const struct modem_host *host,
                        void *host_ctx);

/* Frees it and sets *mp to NULL; hangs up what is still open and cancels what is asked, so the host
 * must still take host->hangup and host->query_cancel. */
void modem_free(struct modem **mp);

/* Changes a key of world.def while the modem runs; what follows from it happens at once. False with
 * the reason in 'error', and nothing has changed. */
bool modem_set(struct modem *m, struct span key, struct span value, char *error, size_t error_size);

/* The profile with the values of its keys as they are now. */
const struct profile *modem_profile(const struct modem *m);

enum modem_press {
    MODEM_PWRKEY, /* off: power-on; on: off, as after AT+CPOF */
    MODEM_RESET,  /* the RESET pin: restarts without a word */
    MODEM_CUT,    /* brown-out: the supply broke down and is back */
};

/* Somebody works the pins of the module (general-commands.md A20). */
void modem_press(struct modem *m, enum modem_press what);

/* Somebody outside sends a message: one, with what fits into it. 'from' is a number or a name. What
 * the modem cannot take now (off, no card, not registered, memory full) is lost; the trace tells.
 */
void modem_sms(struct modem *m, const char *from, struct span utf8_text);
/* Somebody outside calls from that number; what cannot be dialled is left out of it, and without
 * any it is hidden. Nothing is heard here when the modem is busy or without service. */
void modem_call(struct modem *m, const char *from);
/* The other end hangs up: of the last call with somebody outside. Nothing without one. */
void modem_call_end(struct modem *m);
/* Somebody outside whom the modem calls, and who lets it ring (key callee = ring), answers. */
void modem_call_answer(struct modem *m);

/* Arms a fault of fault.h. Returns it; NULL with the field and what it takes in 'error', and
 * nothing has changed. */
const struct fault *modem_fault(struct modem *m, const struct fault_order *order, char *error,
                                size_t error_size);
/* The host's trace tells the modem every event of it, those of its connections included: faults may
 * wait for one. May be called from inside the modem. */
void modem_see(struct modem *m, const char *event, const struct trace_field *fields, size_t n);
/* Forgets a fault; 0: all. False: there is none of that number. */
bool modem_fault_clear(struct modem *m, uint32_t number);
/* The first of its faults, in the order of arming; those that have done their part included. */
const struct fault *modem_faults(const struct modem *m);

/* --- for the control socket --- */

/* What the modem is now, as a JSON object; secrets are never in it. */
void modem_state_json(const struct modem *m, struct buf *out);

/* A line that comes by itself, as a URC does; lost while the modem is off or booting: false. */
bool modem_urc(struct modem *m, struct span text);
/* Bytes that go out here and now. */
void modem_raw(struct modem *m, struct span bytes);
/* All modelled times take so many percent from now on (key time_percent, 0 to 1000); those that
 * run already stay as they are. */
void modem_time(struct modem *m, int32_t percent);

/* The lines of the UART beside its bytes, true where they are low. DTR and RTS are the client's,
 * DCD and RI the modem's. */
struct modem_lines {
    bool dtr, rts, dcd, ri;
};
struct modem_lines modem_lines(struct modem *m);
/* RTS off holds the modem's bytes back where AT+IFC has switched flow control on; DTR off lets it
 * sleep under AT+CSCLK=1. */
void modem_set_lines(struct modem *m, bool dtr, bool rts);

/* Calls each() for every row, form and verdict that has occurred, and with form NULL for each row
 * that has not. */
void modem_coverage(const struct modem *m,
                    void (*each)(void *arg, const char *command, const char *form,
                                 const char *verdict, uint32_t count),
                    void *arg);

/* How many bytes modem_rx can take now. The host stops reading the port while it is 0. */
size_t modem_rx_room(const struct modem *m);

/* Bytes from the UART; at most modem_rx_room() of them, more is dropped like in an overrun FIFO. */
void modem_rx(struct modem *m, struct span bytes);

/* Bytes for the UART (valid until the next call), and how many of them have been written. */
struct span modem_tx(struct modem *m);
void modem_tx_done(struct modem *m, size_t n);

/* Bytes since the modem was made: what came from the client, and what went out to it. */
struct modem_traffic {
    uint64_t from_host, from_modem;
};
struct modem_traffic modem_traffic(const struct modem *m);

/* Answers to host->dial, and what happens on an open connection. 'detail' (may be NULL) is the
 * cause in words, for the trace. After modem_link_down the link is closed; no host->hangup follows.
 */
void modem_link_up(struct modem *m, unsigned link);
void modem_link_data(struct modem *m, unsigned link, struct span bytes);
void modem_link_down(struct modem *m, unsigned link, enum link_end why, const char *detail);

/* The answer to host->query; what 'r' points to is needed during the call only. */
void modem_query_done(struct modem *m, unsigned id, const struct query_result *r);

#endif
