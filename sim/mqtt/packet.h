/* The control packets of MQTT 3.1 and 3.1.1 as bytes: writes those a client sends, reads those a
 * server sends. No state, no I/O; whether a packet is allowed at this moment is the session's
 * question.
 *
 * Reading checks everything the standard fixes for the packet by itself: type, reserved flags,
 * Remaining Length, packet identifier, topic name, codes. What is read are spans into the caller's
 * bytes. Writing appends to a struct buf: the whole packet, or nothing when it does not fit. */
#ifndef SIM_MQTT_PACKET_H
#define SIM_MQTT_PACKET_H

#include "base/buf.h"
#include "base/span.h"

enum mqtt_version { MQTT_3_1 = 3, MQTT_3_1_1 = 4 };

struct mqtt_connect {
    enum mqtt_version version; /* 3: "MQIsdp", 4: "MQTT" */
    struct span client_id;
    uint16_t keep_alive; /* seconds; 0 = none */
    bool clean_session;
    bool has_user, has_password, has_will; /* a password needs a user (3.1.2-22) */
    struct span user, password;
    struct span will_topic, will_message;
    uint8_t will_qos; /* 0-2 */
    bool will_retain;
};

struct mqtt_topic {
    struct span filter;
    uint8_t qos; /* 0-2; ignored by UNSUBSCRIBE */
};

enum packet_type {
    PACKET_CONNECT = 1,
    PACKET_CONNACK,
    PACKET_PUBLISH,
    PACKET_PUBACK,
    PACKET_PUBREC,
    PACKET_PUBREL,
    PACKET_PUBCOMP,
    PACKET_SUBSCRIBE,
    PACKET_SUBACK,
    PACKET_UNSUBSCRIBE,
    PACKET_UNSUBACK,
    PACKET_PINGREQ,
    PACKET_PINGRESP,
    PACKET_DISCONNECT,
};

#define PACKET_REMAINING_MAX 268435455u /* four bytes of seven bits (2.2.3) */

enum packet_status {
    PACKET_OK,
    PACKET_INCOMPLETE, /* not an error: more bytes are needed */
    PACKET_BAD_TYPE,
    PACKET_CLIENT_ONLY,
    PACKET_BAD_FLAGS,
    PACKET_BAD_QOS,
    PACKET_BAD_DUP,
    PACKET_BAD_REMAINING_LENGTH,
    PACKET_WRONG_LENGTH,
    PACKET_BAD_IDENTIFIER,
    PACKET_BAD_TOPIC,
    PACKET_BAD_CONNACK,
    PACKET_BAD_SUBACK,
};

/* The fixed header (2.2). */
struct packet_header {
    enum packet_type type;
    uint8_t flags;      /* low four bits of the first byte */
    uint32_t remaining; /* Remaining Length, 0 to PACKET_REMAINING_MAX */
    size_t size;        /* bytes of the fixed header itself, 2 to 5 */
};

/* A packet read, or to be written. Fields that the type does not have are zero. */
struct packet {
    enum packet_type type;
    uint16_t identifier; /* 0: none */
    uint8_t qos;         /* PUBLISH */
    bool dup, retain;    /* PUBLISH */
    struct span topic, payload;
    bool session_present; /* CONNACK; always false in 3.1 */
    uint8_t return_code;  /* CONNACK */
    struct span codes;    /* SUBACK: one byte per topic */
};

/* The name the standard gives the packet type, "CONNECT" to "DISCONNECT"; or "reserved". */
const char *packet_name(unsigned type);

/* What is wrong, in words; static. */
const char *packet_status_text(enum packet_status status);

/* The flags of a PUBLISH (3.3.1). QoS 0 to 3. */
uint8_t packet_publish_qos(const struct packet_header *h);
bool packet_publish_dup(const struct packet_header *h);
bool packet_publish_retain(const struct packet_header *h);

/* Reads a fixed header from a server. PACKET_OK: *ret is set, flags and length fit the type.
 * PACKET_INCOMPLETE: the bytes end before it does. Anything else: not a packet for a client. */
enum packet_status packet_read_header(struct span in, enum mqtt_version version,
                                      struct packet_header *ret);

/* Reads what follows the fixed header; 'body' has exactly h->remaining bytes. Spans in *ret point
 * into it. *ret is set only with PACKET_OK. */
enum packet_status packet_read_body(const struct packet_header *h, struct span body,
                                    enum mqtt_version version, struct packet *ret);

/* CONNECT (3.1). Client id, user, password, will topic, will message: at most 65535 bytes each. */
bool packet_write_connect(struct buf *to, const struct mqtt_connect *c);

/* PUBLISH with all its fields, PUBACK, PUBREC, PUBREL, PUBCOMP with the identifier, PINGREQ and
 * DISCONNECT with nothing else. */
bool packet_write(struct buf *to, const struct packet *p);

/* SUBSCRIBE or UNSUBSCRIBE. 'dup' sets the DUP bit, which 3.1 has and 3.1.1 forbids. n >= 1. */
bool packet_write_subscribe(struct buf *to, uint16_t identifier, const struct mqtt_topic *topics,
                            size_t n, bool dup);
bool packet_write_unsubscribe(struct buf *to, uint16_t identifier, const struct mqtt_topic *topics,
                              size_t n, bool dup);

#endif
