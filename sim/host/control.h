/* --control PATH: requests from outside over a unix socket (0600), one JSON object a line, one
 * answer a line:
 *     {"verb":"version"} -> {"version":"0.1.0"}
 * The verbs are the rows of control_verbs.c; docs/CONTROL.md describes them. Whatever cannot be
 * understood is answered {"error":"…"} and changes nothing; a line over 64 KiB ends the connection.
 */
#ifndef SIM_HOST_CONTROL_H
#define SIM_HOST_CONTROL_H

#include "base/buf.h"
#include "base/trace.h"
#include "sim/host/loop.h"
#include "sim/host/say.h"

#define CONTROL_LINE_MAX ((size_t)64 * 1024)

#define CONTROL_EVENTS_MAX 16 /* names of events that one subscription may list */
#define CONTROL_EVENT_NAME 32

#define CONTROL_VERSION 1 /* of the requests and answers */

struct control_scripts;
struct modem;
struct trace_live;
struct trace_ring;

/* A modem: what it is called, and itself. */
struct control_modem {
    const char *name, *path, *profile;
    unsigned number; /* in the trace */
    struct modem *modem;
    const struct trace *trace; /* may be NULL */
};

/* What requests are answered from; filled by the host. There is at least one modem. */
struct control_facts {
    const char *version;
    const struct control_modem *modems;
    size_t n;
    const struct trace_ring *ring;   /* the latest events; may be NULL: none are kept */
    struct control_scripts *scripts; /* those that run; see control_scripts_new */

    /* Modems that come and go; 'add' may be NULL: then the verbs are refused. */
    struct {
        /* Makes a modem; NULL with the reason. 'link' and 'profile' may be NULL, 'keys' holds lines
         * of a profile file. */
        const struct control_modem *(*add)(void *ctx, const char *link, const char *profile,
                                           struct span keys, struct reason *why);
        bool (*remove)(void *ctx, const struct control_modem *m, struct reason *why);
        void *ctx;
    } host;
};

/* Which events a connection wants to get as they happen; see control_subscribe.c. */
struct control_subscription {
    bool active;
    bool fresh; /* the request was just made */
    bool all_modems;
    unsigned modem; /* its number in the trace */
    size_t last;    /* so many events of the past first */
    size_t n;       /* 0: events of any name */
    char event[CONTROL_EVENTS_MAX][CONTROL_EVENT_NAME];
};

/* Scripts of 'script': which keys change when. They end with the list, or with their modem. */
struct control_scripts *control_scripts_new(struct sched *s);
void control_scripts_free(struct control_scripts **sp);

bool control_wants(const struct control_subscription *s, unsigned modem, const char *event);

/* docs/CONTROL.md. */
void control_dump_md(struct buf *out);

struct control;

/* Does what one request line (without its line end) asks and answers into 'out', as one line. For
 * any bytes. 'subscription' is the connection's. */
void control_answer(const struct control_facts *f, struct span request,
                    struct control_subscription *subscription, struct buf *out);

/* Listens on 'path'. 'facts' must outlive it; 'live' too: it calls for events while there are
 * subscribers. NULL with the reason. */
struct control *control_open(const char *path, struct loop *l, const struct control_facts *facts,
                             struct trace_live *live, struct reason *why);

/* Closes the socket, removes its file, drops every peer; memory goes with the loop's next turns. */
void control_close(struct control **cp);

#endif
