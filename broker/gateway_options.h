/* The command line of aws-iot-gateway. */
#ifndef BROKER_GATEWAY_OPTIONS_H
#define BROKER_GATEWAY_OPTIONS_H

#include <stdbool.h>

struct gateway_options {
    const char *broker;      /* Mosquitto's unix socket */
    const char *certs;       /* folder with AmazonRootCA1.pem, server.crt, server.key */
    const char *decisions;   /* file, or NULL */
    const char *tls_version; /* lowest one */
    int port, alpn_port;     /* 0: a free one; alpn_port -1: none */
    unsigned time_percent;
    bool client_certificate, sni_required, qos_2_closes, throttle;
};

/* Returns -1, or the status to exit with after help or an error was printed. The texts are argv's.
 */
int gateway_options_read(int argc, char **argv, struct gateway_options *ret_options);

#endif
