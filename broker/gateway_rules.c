#include "broker/gateway_rules.h"

#include <stdio.h>

#define DIFFERENCES "iot/latest/developerguide/mqtt.html"
#define LIMITS      "general/latest/gr/iot-core.html"
#define TOPICS      "iot/latest/developerguide/reserved-topics.html"
#define EVENTS      "iot/latest/developerguide/life-cycle-events.html"
#define PROTOCOLS   "iot/latest/developerguide/protocols.html"
#define SECURITY    "iot/latest/developerguide/transport-security.html"
#define CERTIFICATE "iot/latest/developerguide/x509-client-certs.html"

/* name, word, decision, limit, what, remedy, page */
static const struct gateway_rule_row rule_row[RULE_COUNT] = {
    [RULE_NONE] = { "", "", "allow", 0, "", "", NULL },
    [RULE_CONNECT_FIRST] = { "connect-first", "CLIENT_ERROR", "close", 0,
                             "The first packet of a connection must be CONNECT",
                             "send CONNECT and wait for its CONNACK before anything else",
                             DIFFERENCES },
    [RULE_CONNECT_ONCE] = { "connect-once", "CLIENT_ERROR", "close", 0,
                            "A connection has one CONNECT",
                            "end the connection before connecting again", DIFFERENCES },
    [RULE_CONNECT_TIME] = { "connect-time", "CONNECT_TIMEOUT", "close", 30,
                            "A connection must complete TLS and send its CONNECT in time",
                            "look for what holds the client up between TCP and CONNECT", NULL },
    [RULE_PROTOCOL_LEVEL] = { "protocol-level", "CLIENT_ERROR", "close", 4,
                              "This broker speaks MQTT 3.1.1 and 3.1 (CONNACK 1 answers others)",
                              "set the client's MQTT version to 3.1.1", DIFFERENCES },
    [RULE_CLIENT_ID] = { "client-id", "CLIENT_ERROR", "close", 128,
                         "A client id has 1 to 128 bytes", "use a client id of 1 to 128 bytes",
                         LIMITS },
    [RULE_CLIENT_ID_THROTTLE] = { "client-id-throttle", "CLIENT_ID_THROTTLE", "close", 1,
                                  "A client id may connect once in a second",
                                  "wait a second before connecting again, and longer after each "
                                  "failure",
                                  LIMITS },
    [RULE_DUPLICATE_CLIENT_ID] = { "duplicate-client-id", "DUPLICATE_CLIENTID", "replaced", 0,
                                   "Another connection with the same client id has taken this "
                                   "one's "
                                   "place",
                                   "give each device a client id of its own", EVENTS },
    [RULE_KEEP_ALIVE] = { "keep-alive", "MQTT_KEEP_ALIVE_TIMEOUT", "close", 1200,
                          "The client sent nothing for one and a half times its keep-alive",
                          "send PINGREQ, or choose a longer keep-alive (30 to 1200 s)", LIMITS },
    [RULE_MALFORMED] = { "malformed", "CLIENT_ERROR", "close", 0, "The packet is malformed",
                         "look at the bytes that the client sends", DIFFERENCES },
    [RULE_PACKET_LENGTH] = { "packet-length", "CLIENT_ERROR", "close", 131072 + 1024,
                             "A packet has at most 128 KB and its header", "send less at a time",
                             LIMITS },
    [RULE_FILTERS] = { "filters", "CLIENT_ERROR", "close", 8,
                       "A SUBSCRIBE has at most 8 topic filters",
                       "spread the filters over several SUBSCRIBE packets", LIMITS },
    [RULE_SUBSCRIPTIONS] = { "subscriptions", "CLIENT_ERROR", "close", 50,
                             "A connection has at most 50 subscriptions",
                             "subscribe with wildcards instead of to each topic", LIMITS },
    [RULE_TOPIC_LENGTH] = { "topic-length", "CLIENT_ERROR", "close", 256,
                            "A topic or topic filter has at most 256 bytes", "use a shorter topic",
                            LIMITS },
    [RULE_TOPIC_SLASHES] = { "topic-slashes", "CLIENT_ERROR", "close", 7,
                             "A topic or topic filter has at most 7 slashes",
                             "use a topic with fewer levels", LIMITS },
    [RULE_TOPIC_WILDCARD] = { "topic-wildcard", "CLIENT_ERROR", "close", 0,
                              "A topic that is published to has no wildcard and is not empty",
                              "publish to a topic without + and #", DIFFERENCES },
    [RULE_RESERVED_TOPIC] = { "reserved-topic", "AUTH_ERROR", "close", 0,
                              "Topics that begin with $ are reserved for AWS's services",
                              "use a topic without a $ at its start, or one that AWS documents",
                              TOPICS },
    [RULE_PAYLOAD] = { "payload", "CLIENT_ERROR", "close", 131072,
                       "A message has at most 128 KB (131072 bytes)", "send smaller messages",
                       LIMITS },
    [RULE_QOS_2] = { "qos-2", "QOS_2_NOT_SUPPORTED", "silence", 1,
                     "QoS 2 is not supported; AWS IoT Core sends no acknowledgement",
                     "use QoS 0 or 1", DIFFERENCES },
    [RULE_PUBLISH_RATE] = { "publish-rate", "THROTTLED", "discard", 100,
                            "A connection may publish 100 messages in a second",
                            "publish less often, or put several values into one message", LIMITS },
    [RULE_RETAINED_WILDCARD] = { "retained-wildcard", "RETAINED_WILDCARD", "discard", 0,
                                 "Retained messages are delivered for exact topic filters only",
                                 "subscribe to the topic itself, without wildcards", DIFFERENCES },
    [RULE_BROKER_CLOSED] = { "broker-closed", "SERVER_INITIATED_DISCONNECT", "close", 0,
                             "The broker behind the gateway closed the connection",
                             "see the decision of the policy before this one", NULL },
    [RULE_BROKER_MESSAGE] = { "broker-message", "SERVER_ERROR", "close", 1 << 19,
                              "A message from the plain port is longer than any that AWS has",
                              "publish at most 128 KB", LIMITS },
    [RULE_TLS_VERSION] = { "tls-version", "TLS_VERSION", "alert", 0,
                           "The client and the broker have no TLS version in common",
                           "let the client offer TLS 1.2 (AT+CSSLCFG=\"sslversion\",CTX,3 or 4)",
                           SECURITY },
    [RULE_TLS_CIPHER] = { "tls-cipher", "TLS_CIPHER", "alert", 0,
                          "The client and the broker have no cipher suite in common",
                          "let the client offer more cipher suites "
                          "(AT+CSSLCFG=\"ciphersuites\",CTX,0xFFFF)",
                          SECURITY },
    [RULE_TLS_SNI] = { "tls-sni", "TLS_SNI_MISSING", "alert", 0,
                       "The client names no server (SNI) in its ClientHello",
                       "switch SNI on (AT+CSSLCFG=\"enableSNI\",CTX,1)", SECURITY },
    [RULE_TLS_ALPN] = { "tls-alpn", "TLS_ALPN_MISSING", "alert", 0,
                        "This port speaks MQTT only to clients that offer ALPN x-amzn-mqtt-ca",
                        "use port 8883, or let the client offer ALPN x-amzn-mqtt-ca", PROTOCOLS },
    [RULE_TLS_NO_CERTIFICATE] = { "tls-no-certificate", "AUTH_FAILED", "close", 0,
                                  "The client presented no certificate",
                                  "give the client its certificate and key "
                                  "(AT+CSSLCFG=\"authmode\",CTX,2 with clientcert and clientkey)",
                                  CERTIFICATE },
    [RULE_TLS_CERTIFICATE] = { "tls-certificate", "AUTH_FAILED", "alert", 0,
                               "The client's certificate was refused in the TLS handshake",
                               "give the client a certificate that is valid now and signed by the "
                               "broker's CA",
                               CERTIFICATE },
    [RULE_TLS_ALERT] = { "tls-alert", "TLS_ALERT", "alert", 0,
                         "The client ended the TLS handshake with an alert",
                         "look at the client's own reason for it", SECURITY },
    [RULE_TLS_ENDED] = { "tls-ended", "CONNECTION_LOST", "close", 0,
                         "The client closed the connection within the TLS handshake",
                         "look at the client's own reason for it", NULL },
    [RULE_TLS_BROKEN] = { "tls-broken", "TLS_ERROR", "alert", 0, "The TLS connection broke down",
                          "check that the client speaks TLS on this port", SECURITY },
};

const struct gateway_rule_row *gateway_rule_row(enum gateway_rule rule)
{
    return &rule_row[rule];
}

const char *gateway_verdict_reason(const struct gateway_verdict *verdict, char *text, size_t size)
{
    bool has_detail = verdict->detail[0] != '\0';
    snprintf(text, size, "%s%s%s.", rule_row[verdict->rule].what, has_detail ? "; " : "",
             verdict->detail);
    return text;
}
