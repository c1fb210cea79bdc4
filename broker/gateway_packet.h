/* MQTT 3.1.1 control packets (OASIS, 29 October 2014) as bytes, as far as the gateway looks into
 * them: where a packet ends, and what stands in CONNECT, PUBLISH, SUBSCRIBE and UNSUBSCRIBE. Pure:
 * no descriptor, no clock. A span that is given out points into the bytes that were given in. */
#ifndef BROKER_GATEWAY_PACKET_H
#define BROKER_GATEWAY_PACKET_H

#include "base/buf.h"
#include "base/span.h"

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
    PACKET_DISCONNECT
};

enum { PACKET_HEADER_MAX = 5 }; /* one byte, and a remaining length of up to four (2.2) */

struct packet {
    uint8_t type; /* enum packet_type; 0 and 15 are reserved */
    uint8_t flags;
    struct span body;  /* behind the fixed header */
    struct span bytes; /* all of it */
};

enum packet_framing { PACKET_COMPLETE, PACKET_INCOMPLETE, PACKET_MALFORMED, PACKET_TOO_LONG };

/* The packet at the start of 'bytes'. PACKET_TOO_LONG as soon as the header announces a body of
 * more than 'most' bytes; then only type and flags are filled. PACKET_MALFORMED: a remaining length
 * of five bytes, or no byte of a known type. */
enum packet_framing packet_next(struct span bytes, size_t most, struct packet *ret_packet);

/* The packet's name in the standard, e.g. "SUBSCRIBE"; "reserved" for 0 and 15. */
const char *packet_name(uint8_t type);

struct packet_connect {
    struct span protocol; /* "MQTT"; in version 3.1 "MQIsdp" */
    struct span client_id;
    struct span will_topic, will_payload; /* with 'has_will' */
    struct span user, password;           /* with 'has_user', 'has_password' */
    uint16_t keep_alive;                  /* seconds */
    uint8_t level;                        /* 3: MQTT 3.1, 4: 3.1.1, 5: 5.0 */
    uint8_t will_qos;
    bool clean, has_will, will_retain, has_user, has_password;
};

/* Reads a CONNECT up to the level that it states; *ret_connect is complete for levels 3 and 4 only
 * (later versions have other fields). Returns NULL, or what is malformed, in words. */
const char *packet_read_connect(const struct packet *packet, struct packet_connect *ret_connect);

/* Appends the CONNECT as bytes. Levels 3 and 4. */
void packet_write_connect(struct buf *out, const struct packet_connect *connect);

struct packet_publish {
    struct span topic, payload;
    uint16_t id; /* with QoS 1 and 2 */
    uint8_t qos;
    bool retain, dup;
};

/* Returns NULL, or what is malformed, in words. */
const char *packet_read_publish(const struct packet *packet, struct packet_publish *ret_publish);

/* The topic filters of a SUBSCRIBE or UNSUBSCRIBE. */
struct packet_filters {
    size_t count;
    struct span rest;
    bool with_qos;
};

/* Checks the whole list. Returns NULL, or what is malformed, in words. */
const char *packet_read_filters(const struct packet *packet, struct packet_filters *ret_filters);

/* The next filter of a list that was checked; *ret_qos is 0 in an UNSUBSCRIBE. False at the end. */
bool packet_next_filter(struct packet_filters *filters, struct span *ret_filter, uint8_t *ret_qos);

/* Appends a PUBACK for that packet id. */
void packet_write_puback(struct buf *out, uint16_t id);

/* Appends a CONNACK without a session and with that return code. */
void packet_write_connack(struct buf *out, uint8_t code);

#endif
