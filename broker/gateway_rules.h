/* What AWS IoT Core's device gateway refuses, whatever the policy says: one row for each rule, with
 * AWS's word for it, its limit, what happens, and what to do about it. The rows are the only place
 * where a limit stands; gateway_session.c and gateway_tls.c say which row has been broken. */
#ifndef BROKER_GATEWAY_RULES_H
#define BROKER_GATEWAY_RULES_H

#include <stdbool.h>
#include <stddef.h>

enum gateway_rule {
    RULE_NONE, /* nothing is wrong */
    /* the connection and its CONNECT */
    RULE_CONNECT_FIRST,
    RULE_CONNECT_ONCE,
    RULE_CONNECT_TIME,
    RULE_PROTOCOL_LEVEL,
    RULE_CLIENT_ID,
    RULE_CLIENT_ID_THROTTLE,
    RULE_DUPLICATE_CLIENT_ID,
    RULE_KEEP_ALIVE,
    /* what is sent afterwards */
    RULE_MALFORMED,
    RULE_PACKET_LENGTH,
    RULE_FILTERS,
    RULE_SUBSCRIPTIONS,
    RULE_TOPIC_LENGTH,
    RULE_TOPIC_SLASHES,
    RULE_TOPIC_WILDCARD,
    RULE_RESERVED_TOPIC,
    RULE_PAYLOAD,
    RULE_QOS_2,
    RULE_PUBLISH_RATE,
    RULE_RETAINED_WILDCARD,
    RULE_BROKER_CLOSED,
    RULE_BROKER_MESSAGE,
    /* TLS */
    RULE_TLS_VERSION,
    RULE_TLS_CIPHER,
    RULE_TLS_SNI,
    RULE_TLS_ALPN,
    RULE_TLS_NO_CERTIFICATE,
    RULE_TLS_CERTIFICATE,
    RULE_TLS_ALERT,
    RULE_TLS_ENDED,
    RULE_TLS_BROKEN,
    RULE_COUNT
};

struct gateway_rule_row {
    const char *name; /* ours, e.g. "topic-slashes" */
    const char *word; /* AWS's own where one exists (disconnectReason of its life-cycle events) */
    const char *decision; /* "close", "silence", "discard", "replaced", "alert" */
    unsigned limit;       /* in the unit that 'what' names; 0 where there is none */
    const char *what;     /* the rule as one sentence */
    const char *remedy;   /* what to change */
    const char *page;     /* where AWS documents it, below docs.aws.amazon.com; NULL: nowhere */
};

/* The row of a rule; of RULE_NONE an empty one. */
const struct gateway_rule_row *gateway_rule_row(enum gateway_rule rule);

/* A rule that was broken, and the particulars. */
struct gateway_verdict {
    enum gateway_rule rule; /* RULE_NONE: the packet passes */
    bool close;             /* the connection ends */
    bool quiet;             /* the same as one that was reported a moment ago */
    char resource[320];     /* "client/x", "topic/a/b"; empty if there is none */
    char detail[200];       /* follows the row's 'what' behind a semicolon; may be empty */
};

/* The verdict's reason: the row's sentence and the detail. Returns 'text'. */
const char *gateway_verdict_reason(const struct gateway_verdict *verdict, char *text, size_t size);

#endif
