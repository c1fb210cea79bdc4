/* The client side of one MQTT 3.1 / 3.1.1 connection, as bytes in, bytes out. No I/O and no clock:
 * the caller moves bytes between the session and a link and drives the scheduler.
 *
 * Pull model, so that nothing ever calls back into code that is on the stack:
 *   mqtt_session_input() stores received bytes; mqtt_session_next() decodes them one packet at a
 * time and returns what the caller has to know; what must be sent piles up in
 * mqtt_session_output(). Acknowledgements (PUBACK, PUBREC, PUBREL, PUBCOMP) and keep-alive are the
 * session's own business.
 *
 * One session belongs to one client id: state kept between connections (clean_session 0) is only
 * true for that name. For another name, mqtt_session_fini and mqtt_session_init.
 *
 * Left out on purpose: a PUBLISH that was not acknowledged when the link was lost is not sent again
 * by itself on the next connection (4.4). The modem has told its user that the publish failed; the
 * user repeats it, and AT+CMQTTPUB has a dup parameter for that. A PUBREL that was under way is
 * repeated, because the broker holds the message until it comes.
 *
 * The owner embeds the struct, and stays the owner of everything it passes in. */
#ifndef SIM_MQTT_SESSION_H
#define SIM_MQTT_SESSION_H

#include "base/buf.h"
#include "base/sched.h"
#include "base/span.h"
#include "base/trace.h"
#include "sim/mqtt/id_set.h"
#include "sim/mqtt/packet.h"

/* Largest message handed up (+CMQTTRXSTART); larger ones are acknowledged and dropped. */
#define MQTT_TOPIC_MAX   1024
#define MQTT_PAYLOAD_MAX 10240

/* Most bytes to hand to mqtt_session_input before mqtt_session_next has returned false again. */
#define MQTT_INPUT_MAX 16384

/* Most bytes that wait in mqtt_session_output. A packet that does not fit any more, because the
 * peer reads nothing, ends in MQTT_EV_PROTOCOL_ERROR. */
#define MQTT_OUTPUT_MAX 65536

enum mqtt_event_kind {
    MQTT_EV_CONNACK,   /* code: return code 0-255, session_present */
    MQTT_EV_PUBLISHED, /* PUBACK (QoS 1) or PUBCOMP (QoS 2) of the outgoing message arrived */
    MQTT_EV_SUBACK,    /* codes: one byte per topic, 0x80 = failure */
    MQTT_EV_UNSUBACK,
    MQTT_EV_MESSAGE,      /* topic, payload, qos, retain */
    MQTT_EV_OVERSIZE,     /* a message beyond the limits was acknowledged and dropped; topic_len,
                             payload_len */
    MQTT_EV_PING_TIMEOUT, /* no PINGRESP within the keep-alive time; told once per missing answer */
    MQTT_EV_PROTOCOL_ERROR, /* what: the peer broke the protocol; nothing further is decoded */
};

struct mqtt_event {
    enum mqtt_event_kind kind;
    uint8_t code;
    bool session_present;
    struct span codes;          /* SUBACK */
    struct span topic, payload; /* MESSAGE; all spans valid until the next call on the session */
    uint8_t qos;
    bool retain;
    size_t topic_len, payload_len; /* OVERSIZE */
    const char *what;              /* PROTOCOL_ERROR: static text */
};

struct mqtt_session; /* defined at the end, for embedding only */

#define MQTT_TRACE_FIELDS 20 /* most fields of an event of the session */

/* Makes a session without a connection. 'sched', 'trace' and 'ctx' must outlive it.
 * 'wake' (may be NULL) is called when there is new output or a new event that no call of the caller
 * asked for: from the keep-alive timer, or when a packet did not fit into the output. It must only
 * take note of that (it may not call the session). 'trace' may be NULL; every packet is one event
 * "mqtt" with the names of the standard, the password never. */
void mqtt_session_init(struct mqtt_session *s, struct sched *sched, const struct trace *trace,
                       void (*wake)(void *ctx), void *ctx);

/* Stops the timer and releases all memory. */
void mqtt_session_fini(struct mqtt_session *s);

/* Starts a connection on a fresh link: drops bytes of the link before, queues CONNECT. With
 * clean_session the stored session state (packet identifiers of QoS 2 messages in flight) is
 * dropped as well; so it is when the broker says that it has no session (3.2.2.2). Client id, user,
 * password, will topic and will message have at most 65535 bytes, and there is no password without
 * a user. */
void mqtt_session_connect(struct mqtt_session *s, const struct mqtt_connect *c);

/* Queues PUBLISH, SUBSCRIBE, UNSUBSCRIBE. The outcome comes as an event; QoS 0 has none: it is done
 * when the bytes are out. 'dup' sets the DUP bit of the fixed header (for SUBSCRIBE and UNSUBSCRIBE
 * that is a malformed packet in 3.1.1, which the AT command allows). Topics have at most 65535
 * bytes, n is 1 or more. At most one of each kind is open: a new one takes the place of one that
 * was given up, whose late acknowledgement is then answered where the standard wants that, but not
 * reported. An acknowledgement that comes after the caller gave up, and before a new one, is
 * reported: the caller ignores it. Without a connection (also after MQTT_EV_PROTOCOL_ERROR) they do
 * nothing. */
void mqtt_session_publish(struct mqtt_session *s, struct span topic, struct span payload,
                          uint8_t qos, bool retain, bool dup);
void mqtt_session_subscribe(struct mqtt_session *s, const struct mqtt_topic *topics, size_t n,
                            bool dup);
void mqtt_session_unsubscribe(struct mqtt_session *s, const struct mqtt_topic *topics, size_t n,
                              bool dup);

/* Queues DISCONNECT (when there is a connection) and stops the keep-alive; nothing is decoded any
 * more. */
void mqtt_session_disconnect(struct mqtt_session *s);

/* The link is gone: drops unsent and undecoded bytes and stops the keep-alive. State that MQTT
 * keeps for a session with clean_session 0 stays for the next mqtt_session_connect. */
void mqtt_session_link_lost(struct mqtt_session *s);

/* Stores bytes from the broker; they are copied. Up to MQTT_INPUT_MAX bytes always fit, provided
 * that mqtt_session_next returned false since the last call. More than that ends in
 * MQTT_EV_PROTOCOL_ERROR. Bytes that come without a connection, after mqtt_session_disconnect, a
 * refused CONNECT or an error are dropped. */
void mqtt_session_input(struct mqtt_session *s, struct span bytes);

/* How many bytes surely belong to the packet that has begun to arrive, once mqtt_session_next has
 * returned false; 0: none has. */
size_t mqtt_session_wanted(const struct mqtt_session *s);

/* Decodes up to the next event and queues the acknowledgements due. True: *ret is set. False:
 * nothing (more) to tell; *ret untouched. */
bool mqtt_session_next(struct mqtt_session *s, struct mqtt_event *ret);

/* Bytes for the broker (valid until the next call on the session), and how many of them were taken
 * over by the link: 0 to the number mqtt_session_output showed. */
struct span mqtt_session_output(const struct mqtt_session *s);
void mqtt_session_sent(struct mqtt_session *s, size_t n);

enum mqtt_state {
    MQTT_IDLE,       /* no link, or nothing to say on it any more */
    MQTT_CONNECTING, /* CONNECT queued, no CONNACK yet */
    MQTT_CONNECTED,
};

/* A PUBLISH under way whose body is dropped while it streams by, since it is over the limits. */
struct mqtt_skip {
    enum { SKIP_NONE, SKIP_TOPIC_LENGTH, SKIP_TOPIC, SKIP_IDENTIFIER, SKIP_PAYLOAD } stage;
    struct packet packet; /* what is known of it; without spans */
    size_t topic_len, payload_len;
    size_t left; /* bytes of the packet not seen yet */
    size_t part; /* bytes of the present stage not seen yet */
};

/* For embedding only: nobody but sim/mqtt looks inside. */
struct mqtt_session {
    struct sched *sched;
    const struct trace *trace;
    void (*wake)(void *ctx);
    void *ctx;

    enum mqtt_state state;
    enum mqtt_version version;
    bool clean_session;
    const char *error; /* what MQTT_EV_PROTOCOL_ERROR has to tell; NULL: nothing */

    struct buf in;
    size_t in_at; /* bytes of 'in' decoded; spans of the last event may still point into them */
    struct mqtt_skip skip;
    struct buf out;

    uint16_t last_identifier;

    struct {
        uint16_t identifier; /* 0: none open */
        uint8_t qos;
        bool released; /* PUBREL sent, PUBCOMP due */
    } publish;

    struct {
        uint16_t identifier;
        size_t topics;
    } subscribe;

    uint16_t unsubscribe_identifier;

    /* What outlives a connection with clean_session 0. */
    struct id_set received;     /* QoS 2 messages received, PUBREL due */
    uint16_t pubrel_identifier; /* PUBREL of an earlier connection, PUBCOMP due; 0: none */

    struct timer timer;
    uint64_t keep_alive_ms; /* 0: none */
    uint64_t sent_at;       /* when the last packet was queued */
    uint64_t pinged_at;
    bool ping_open;    /* PINGREQ sent, PINGRESP due */
    bool ping_missing; /* MQTT_EV_PING_TIMEOUT to tell */
};

#endif
