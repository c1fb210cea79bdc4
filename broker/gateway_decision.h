/* Tells the world what the gateway decided: one JSON line for each decision in a file, and for
 * refusals one line for people on stderr. */
#ifndef BROKER_GATEWAY_DECISION_H
#define BROKER_GATEWAY_DECISION_H

#include "base/span.h"
#include "broker/gateway_rules.h"

struct gateway_decision {
    const struct gateway_verdict *verdict;
    const char *action;         /* the packet, or "TLS" */
    struct span client_id;      /* empty: not known yet */
    const char *certificate_id; /* NULL: none */
    const char *text;           /* the reason where nothing was refused, else NULL */
    bool closes;                /* whether the connection ends */
};

/* Opens the file that decisions are appended to; NULL: there is none. Returns 0, or -errno. */
int gateway_decision_open(const char *path);

void gateway_decision_write(const struct gateway_decision *decision);

void gateway_decision_close(void);

#endif
