/* Packets from a server, right and wrong, with what reading them must give. Read by packet_test.c;
 * each row also stands in packet_corpus/ as a file of the row's name (version byte, then the
 * bytes), so that the fuzzer starts from the same inputs. For tests only. */
#ifndef SIM_MQTT_PACKET_VECTORS_H
#define SIM_MQTT_PACKET_VECTORS_H

#include "sim/mqtt/packet.h"

struct packet_vector {
    const char *name;
    struct span bytes;
    enum mqtt_version version;
    enum packet_status status;
    struct packet want; /* only with PACKET_OK */
};

#define V31(bytes)  SPAN_INIT(bytes), MQTT_3_1
#define V311(bytes) SPAN_INIT(bytes), MQTT_3_1_1
#define SPAN_INIT(s)                                                                               \
    {                                                                                              \
        (const uint8_t *)(s), sizeof(s) - 1                                                        \
    }

static const struct packet_vector packet_vectors[] = {
    /* 3.2 CONNACK */
    { "connack", V311("\x20\x02\x00\x00"), PACKET_OK, { .type = PACKET_CONNACK } },
    { "connack_session_present",
      V311("\x20\x02\x01\x00"),
      PACKET_OK,
      { .type = PACKET_CONNACK, .session_present = true } },
    { "connack_not_authorized",
      V311("\x20\x02\x00\x05"),
      PACKET_OK,
      { .type = PACKET_CONNACK, .return_code = 5 } },
    { "connack_code_255",
      V311("\x20\x02\x00\xff"),
      PACKET_OK,
      { .type = PACKET_CONNACK, .return_code = 255 } },
    { "connack_present_and_refused", V311("\x20\x02\x01\x05"), PACKET_BAD_CONNACK, { 0 } },
    { "connack_reserved_flag", V311("\x20\x02\x02\x00"), PACKET_BAD_CONNACK, { 0 } },
    { "connack_31_first_byte_not_used",
      V31("\x20\x02\xff\x02"),
      PACKET_OK,
      { .type = PACKET_CONNACK, .return_code = 2 } },
    { "connack_short", V311("\x20\x01\x00"), PACKET_WRONG_LENGTH, { 0 } },
    { "connack_long", V311("\x20\x03\x00\x00\x00"), PACKET_WRONG_LENGTH, { 0 } },
    { "connack_flags", V311("\x21\x02\x00\x00"), PACKET_BAD_FLAGS, { 0 } },
    { "connack_31_flags", V31("\x2f\x02\x00\x00"), PACKET_OK, { .type = PACKET_CONNACK } },

    /* 3.3 PUBLISH; the example of 3.3.2.3 */
    { "publish_qos0",
      V311("\x30\x07\x00\x03"
           "a/bhi"),
      PACKET_OK,
      { .type = PACKET_PUBLISH, .topic = SPAN_INIT("a/b"), .payload = SPAN_INIT("hi") } },
    { "publish_qos0_retain",
      V311("\x31\x05\x00\x03"
           "a/b"),
      PACKET_OK,
      { .type = PACKET_PUBLISH, .retain = true, .topic = SPAN_INIT("a/b") } },
    { "publish_qos1",
      V311("\x32\x07\x00\x03"
           "a/b\x00\x0a"),
      PACKET_OK,
      { .type = PACKET_PUBLISH, .qos = 1, .identifier = 10, .topic = SPAN_INIT("a/b") } },
    { "publish_qos2_dup",
      V311("\x3c\x08\x00\x01"
           "t\xff\xfe"
           "xyz"),
      PACKET_OK,
      { .type = PACKET_PUBLISH,
        .qos = 2,
        .dup = true,
        .identifier = 0xfffe,
        .topic = SPAN_INIT("t"),
        .payload = SPAN_INIT("xyz") } },
    { "publish_payload_any_byte",
      V311("\x30\x07\x00\x01"
           "t\x00\r\n\xff"),
      PACKET_OK,
      { .type = PACKET_PUBLISH, .topic = SPAN_INIT("t"), .payload = SPAN_INIT("\x00\r\n\xff") } },
    { "publish_topic_utf8",
      V311("\x30\x0b\x00\x09\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"),
      PACKET_OK,
      { .type = PACKET_PUBLISH, .topic = SPAN_INIT("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80") } },
    { "publish_long_form_of_length",
      V311("\x30\x83\x80\x80\x00\x00\x01"
           "t"),
      PACKET_OK,
      { .type = PACKET_PUBLISH, .topic = SPAN_INIT("t") } },
    { "publish_qos3",
      V311("\x36\x07\x00\x03"
           "a/b\x00\x0a"),
      PACKET_BAD_QOS,
      { 0 } },
    { "publish_31_qos3",
      V31("\x36\x07\x00\x03"
          "a/b\x00\x0a"),
      PACKET_BAD_QOS,
      { 0 } },
    { "publish_dup_qos0",
      V311("\x38\x05\x00\x03"
           "a/b"),
      PACKET_BAD_DUP,
      { 0 } },
    { "publish_31_dup_qos0",
      V31("\x38\x05\x00\x03"
          "a/b"),
      PACKET_OK,
      { .type = PACKET_PUBLISH, .dup = true, .topic = SPAN_INIT("a/b") } },
    { "publish_identifier_0",
      V311("\x32\x07\x00\x03"
           "a/b\x00\x00"),
      PACKET_BAD_IDENTIFIER,
      { 0 } },
    { "publish_topic_empty", V311("\x30\x03\x00\x00x"), PACKET_BAD_TOPIC, { 0 } },
    { "publish_topic_nul",
      V311("\x30\x05\x00\x03"
           "a\x00"
           "b"),
      PACKET_BAD_TOPIC,
      { 0 } },
    { "publish_topic_plus",
      V311("\x30\x05\x00\x03"
           "a/+"),
      PACKET_BAD_TOPIC,
      { 0 } },
    { "publish_topic_hash",
      V311("\x30\x05\x00\x03"
           "a/#"),
      PACKET_BAD_TOPIC,
      { 0 } },
    { "publish_topic_not_utf8", V311("\x30\x04\x00\x02\xc0\x80"), PACKET_BAD_TOPIC, { 0 } },
    { "publish_topic_past_the_end",
      V311("\x30\x05\x00\x04"
           "a/b"),
      PACKET_WRONG_LENGTH,
      { 0 } },
    { "publish_no_room_for_identifier",
      V311("\x32\x05\x00\x03"
           "a/b"),
      PACKET_WRONG_LENGTH,
      { 0 } },
    { "publish_half_an_identifier",
      V311("\x32\x06\x00\x03"
           "a/b\x01"),
      PACKET_WRONG_LENGTH,
      { 0 } },
    { "publish_empty", V311("\x30\x00"), PACKET_WRONG_LENGTH, { 0 } },
    { "publish_only_a_length", V311("\x30\x02\x00\x00"), PACKET_WRONG_LENGTH, { 0 } },

    /* 3.4 to 3.7 */
    { "puback",
      V311("\x40\x02\x12\x34"),
      PACKET_OK,
      { .type = PACKET_PUBACK, .identifier = 0x1234 } },
    { "puback_identifier_0", V311("\x40\x02\x00\x00"), PACKET_BAD_IDENTIFIER, { 0 } },
    { "puback_flags", V311("\x42\x02\x00\x01"), PACKET_BAD_FLAGS, { 0 } },
    { "puback_long", V311("\x40\x03\x00\x01\x00"), PACKET_WRONG_LENGTH, { 0 } },
    { "puback_empty", V311("\x40\x00"), PACKET_WRONG_LENGTH, { 0 } },
    { "pubrec", V311("\x50\x02\x00\x01"), PACKET_OK, { .type = PACKET_PUBREC, .identifier = 1 } },
    { "pubrec_flags", V311("\x51\x02\x00\x01"), PACKET_BAD_FLAGS, { 0 } },
    { "pubrel",
      V311("\x62\x02\xff\xff"),
      PACKET_OK,
      { .type = PACKET_PUBREL, .identifier = 65535 } },
    { "pubrel_flags_0", V311("\x60\x02\x00\x01"), PACKET_BAD_FLAGS, { 0 } },
    { "pubrel_dup", V311("\x6a\x02\x00\x01"), PACKET_BAD_FLAGS, { 0 } },
    { "pubrel_31_dup",
      V31("\x6a\x02\x00\x01"),
      PACKET_OK,
      { .type = PACKET_PUBREL, .identifier = 1 } },
    { "pubrel_identifier_0", V311("\x62\x02\x00\x00"), PACKET_BAD_IDENTIFIER, { 0 } },
    { "pubcomp", V311("\x70\x02\x00\x01"), PACKET_OK, { .type = PACKET_PUBCOMP, .identifier = 1 } },
    { "pubcomp_short", V311("\x70\x01\x01"), PACKET_WRONG_LENGTH, { 0 } },

    /* 3.9 SUBACK, 3.11 UNSUBACK */
    { "suback",
      V311("\x90\x06\x00\x0a\x00\x01\x02\x80"),
      PACKET_OK,
      { .type = PACKET_SUBACK, .identifier = 10, .codes = SPAN_INIT("\x00\x01\x02\x80") } },
    { "suback_code_3", V311("\x90\x03\x00\x0a\x03"), PACKET_BAD_SUBACK, { 0 } },
    { "suback_code_81", V311("\x90\x04\x00\x0a\x00\x81"), PACKET_BAD_SUBACK, { 0 } },
    { "suback_identifier_0", V311("\x90\x03\x00\x00\x00"), PACKET_BAD_IDENTIFIER, { 0 } },
    { "suback_no_codes", V311("\x90\x02\x00\x0a"), PACKET_WRONG_LENGTH, { 0 } },
    { "suback_flags", V311("\x92\x03\x00\x0a\x00"), PACKET_BAD_FLAGS, { 0 } },
    { "unsuback",
      V311("\xb0\x02\x00\x0b"),
      PACKET_OK,
      { .type = PACKET_UNSUBACK, .identifier = 11 } },
    { "unsuback_long", V311("\xb0\x03\x00\x0b\x00"), PACKET_WRONG_LENGTH, { 0 } },
    { "unsuback_identifier_0", V311("\xb0\x02\x00\x00"), PACKET_BAD_IDENTIFIER, { 0 } },

    /* 3.13 PINGRESP */
    { "pingresp", V311("\xd0\x00"), PACKET_OK, { .type = PACKET_PINGRESP } },
    { "pingresp_long", V311("\xd0\x01\x00"), PACKET_WRONG_LENGTH, { 0 } },
    { "pingresp_flags", V311("\xd8\x00"), PACKET_BAD_FLAGS, { 0 } },

    /* 2.2 what no server sends */
    { "type_0", V311("\x00\x00"), PACKET_BAD_TYPE, { 0 } },
    { "type_15", V311("\xf0\x00"), PACKET_BAD_TYPE, { 0 } },
    { "connect_from_server", V311("\x10\x00"), PACKET_CLIENT_ONLY, { 0 } },
    { "subscribe_from_server", V311("\x82\x00"), PACKET_CLIENT_ONLY, { 0 } },
    { "unsubscribe_from_server", V311("\xa2\x00"), PACKET_CLIENT_ONLY, { 0 } },
    { "pingreq_from_server", V311("\xc0\x00"), PACKET_CLIENT_ONLY, { 0 } },
    { "disconnect_from_server", V311("\xe0\x00"), PACKET_CLIENT_ONLY, { 0 } },
    { "remaining_length_five_bytes",
      V311("\x30\xff\xff\xff\xff\x01"),
      PACKET_BAD_REMAINING_LENGTH,
      { 0 } },
    { "remaining_length_cut_off", V311("\x30\xff\xff\xff"), PACKET_INCOMPLETE, { 0 } },
    { "first_byte_alone", V311("\x30"), PACKET_INCOMPLETE, { 0 } },
    { "nothing", V311(""), PACKET_INCOMPLETE, { 0 } },
};

#endif
