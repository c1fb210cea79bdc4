/* --control PATH: requests from outside over a unix socket (0600), one JSON object a line, one
 * answer a line:
 *     {"verb":"version"} -> {"version":"0.1.0"}
 *     {"verb":"list"}    -> {"modems":[{"name":"modem0","path":"/run/…","profile":"sim7600"}]}
 * Whatever cannot be understood is answered {"error":"…"}; a line over 64 KiB ends the connection.
 * Nothing a peer does disturbs the modems. */
#ifndef SIM_HOST_CONTROL_H
#define SIM_HOST_CONTROL_H

#include "base/buf.h"
#include "sim/host/loop.h"
#include "sim/host/say.h"

#define CONTROL_LINE_MAX ((size_t)64 * 1024)

/* What a modem is called, for 'list'. */
struct control_modem {
    const char *name, *path, *profile;
};

/* What requests are answered from; filled by the host. */
struct control_facts {
    const char *version;
    const struct control_modem *modems;
    size_t n;
};

struct control;

/* Answers one request line (without its line end) into 'out', as one line. For any bytes. */
void control_answer(const struct control_facts *f, struct span request, struct buf *out);

/* Listens on 'path'. 'facts' must outlive it. NULL with the reason. */
struct control *control_open(const char *path, struct loop *l, const struct control_facts *facts,
                             struct reason *why);

/* Closes the socket, removes its file, drops every peer; memory goes with the loop's next turns. */
void control_close(struct control **cp);

#endif
