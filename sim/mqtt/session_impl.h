/* What the source files of the session share; for sim/mqtt alone.
 * session.c: connection and requests. session_receive.c: packets from the broker. session_skip.c:
 * those that are too large. session_keep_alive.c: PINGREQ and its time limit. session_trace.c:
 * packets as trace events. */
#ifndef SIM_MQTT_SESSION_IMPL_H
#define SIM_MQTT_SESSION_IMPL_H

#include "sim/mqtt/session.h"

/* Largest PUBLISH body that is kept whole: topic with length, identifier, payload. */
#define BODY_MAX (2 + MQTT_TOPIC_MAX + 2 + MQTT_PAYLOAD_MAX)

#define HEADER_MAX 5

/* What came of one step of decoding. */
enum step {
    STEP_WAIT,  /* more bytes are needed */
    STEP_ON,    /* something was used up; look again */
    STEP_EVENT, /* *ret is set */
};

/* The connection exists and was not given up. */
static inline bool session_live(const struct mqtt_session *s)
{
    return s->state != MQTT_IDLE;
}

/* Ends the decoding; 'what' (static text) is told by the next mqtt_session_next. */
void session_fail(struct mqtt_session *s, const char *what);

/* Queues a packet and traces it. When it does not fit, the session fails. */
void session_send(struct mqtt_session *s, const struct packet *p);

/* Takes note that a packet was queued; when it did not fit, the session fails. */
void session_queued(struct mqtt_session *s, bool fitted);

/* Drops what is kept for the next connection. */
void session_forget(struct mqtt_session *s);

/* Gives back the memory of decoded input; spans of the last event end here. */
void session_release_input(struct mqtt_session *s);

/* The bytes not decoded yet. */
static inline struct span session_unread(const struct mqtt_session *s)
{
    return span_from(buf_span(&s->in), s->in_at);
}

/* Traces and fails: a packet of this type broke the protocol. */
enum step session_broken(struct mqtt_session *s, enum packet_type type, const char *what);

/* Begins to skip a PUBLISH whose fixed header is used up; one step of it; its end: acknowledges and
 * reports. */
void session_skip_start(struct mqtt_session *s, const struct packet_header *h);
enum step session_skip(struct mqtt_session *s, struct mqtt_event *ret);
enum step session_oversize(struct mqtt_session *s, struct mqtt_event *ret);

/* From CONNACK on; and stop, which may be called at any time. */
void keep_alive_start(struct mqtt_session *s);
void keep_alive_stop(struct mqtt_session *s);

/* One trace event per packet. 'note' (may be NULL) says why a packet was not used. */
void trace_packet(const struct trace *t, const char *dir, const struct packet *p, const char *note);
void trace_oversize(const struct trace *t, const struct mqtt_skip *k);
void trace_malformed(const struct trace *t, const char *packet, const char *what);
void trace_connect(const struct trace *t, const struct mqtt_connect *c);
void trace_topics(const struct trace *t, const struct packet *p, const struct mqtt_topic *topics,
                  size_t n);

#endif
