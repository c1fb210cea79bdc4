/* One MQTT connection through the gateway: decides over each packet of the client and of the broker
 * by AWS IoT Core's rules (gateway_rules.h), and writes what is to be passed on. Pure: bytes and
 * the time in, bytes and a verdict out. */
#ifndef BROKER_GATEWAY_SESSION_H
#define BROKER_GATEWAY_SESSION_H

#include "broker/gateway_clients.h"
#include "broker/gateway_packet.h"
#include "broker/gateway_rules.h"

/* What all connections share. The owner fills it and calls gateway_clients_fini() at the end. */
struct gateway_shared {
    unsigned time_percent; /* 1..100: all time rules run so much faster */
    bool throttle;         /* CONNECT and PUBLISH rates are limited */
    bool qos_2_closes;     /* otherwise QoS 2 is met with silence */
    struct gateway_clients clients;
};

struct gateway_session;

/* A connection whose client was identified: 'user' and 'password' go into its CONNECT in the place
 * of its own. Both and 'shared' are borrowed until gateway_session_free(). */
struct gateway_session *gateway_session_new(struct gateway_shared *shared, const char *user,
                                            const char *password, uint64_t now_ms);

/* Releases it; the client is no longer connected. NULL is fine. */
void gateway_session_free(struct gateway_session *session);

/* Where bytes go. Both buffers may grow by as much as was put in, and by a PUBACK per packet. */
struct gateway_output {
    struct buf *to_client;
    struct buf *to_broker;
};

/* The most that a body may have, for packet_next(). */
enum { GATEWAY_CLIENT_BODY_MAX = 131072 + 1024, GATEWAY_BROKER_BODY_MAX = 1 << 19 };

/* One packet of the client. Fills *ret_verdict: whether it passed, and whether the connection is to
 * be closed. */
void gateway_session_from_client(struct gateway_session *session, uint64_t now_ms,
                                 const struct packet *packet, const struct gateway_output *out,
                                 struct gateway_verdict *ret_verdict);

/* The client's bytes are no packet (any framing but complete and incomplete). */
void gateway_session_bad_framing(const struct gateway_session *session, enum packet_framing framing,
                                 const struct packet *packet, struct gateway_verdict *ret_verdict);

/* One packet of the broker. */
void gateway_session_from_broker(struct gateway_session *session, const struct packet *packet,
                                 const struct gateway_output *out,
                                 struct gateway_verdict *ret_verdict);

/* The broker has closed: says why, as far as it can be known from here. RULE_NONE after the
 * client's own DISCONNECT. */
void gateway_session_broker_gone(const struct gateway_session *session,
                                 struct gateway_verdict *ret_verdict);

/* When the connection must end if nothing comes, in the clock of 'now_ms'. */
uint64_t gateway_session_deadline(const struct gateway_session *session);

/* The deadline has passed. */
void gateway_session_expired(const struct gateway_session *session,
                             struct gateway_verdict *ret_verdict);

/* The client id once CONNECT has come; empty before. */
struct span gateway_session_client_id(const struct gateway_session *session);

/* Name of the client's last packet, e.g. "PUBLISH"; "TLS" before the first. */
const char *gateway_session_last_packet(const struct gateway_session *session);

#endif
