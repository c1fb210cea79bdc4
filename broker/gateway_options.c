#include "broker/gateway_options.h"
#include "base/check.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: aws-iot-gateway --broker SOCKET --certs DIR [OPTION...]\n\n"
    "The front of broker/run, which starts it: ends TLS as AWS IoT Core's device gateway does,\n"
    "enforces AWS's limits on MQTT packets and passes the rest to Mosquitto at a unix socket.\n"
    "Prints \"gateway ready at HOST:PORT\".\n\n"
    "  --broker SOCKET           Mosquitto's unix socket\n"
    "  --certs DIR               what certs/make-certs made\n"
    "  --port N                  TLS port; 0, the default, is a free one\n"
    "  --alpn-port N             a second port, only for clients with ALPN x-amzn-mqtt-ca\n"
    "  --client-cert ask|none    ask for client certificates (default) or do not\n"
    "  --tls-version V           lowest version: tlsv1.1, tlsv1.2 (default) or tlsv1.3\n"
    "  --sni required|optional   refuse clients that name no server; default: optional\n"
    "  --qos2 silence|close      what QoS 2 is met with; default: silence\n"
    "  --throttle on|off         AWS's limits of connections and messages per second; default off\n"
    "  --time-percent N          AWS's times scaled, 1 to 100 (default)\n"
    "  --decisions FILE          append each decision as a JSON line\n"
    "  --help                    this text\n";

enum kind { TEXT, NUMBER, CHOICE };

static const struct option_row {
    const char *name;
    enum kind kind;
    size_t at;            /* in struct gateway_options */
    int least, most;      /* of a number */
    const char *yes, *no; /* of a choice */
} option_row[] = {
    { "--broker", TEXT, offsetof(struct gateway_options, broker), 0, 0, NULL, NULL },
    { "--certs", TEXT, offsetof(struct gateway_options, certs), 0, 0, NULL, NULL },
    { "--decisions", TEXT, offsetof(struct gateway_options, decisions), 0, 0, NULL, NULL },
    { "--tls-version", TEXT, offsetof(struct gateway_options, tls_version), 0, 0, NULL, NULL },
    { "--port", NUMBER, offsetof(struct gateway_options, port), 0, 65535, NULL, NULL },
    { "--alpn-port", NUMBER, offsetof(struct gateway_options, alpn_port), 0, 65535, NULL, NULL },
    { "--time-percent", NUMBER, offsetof(struct gateway_options, time_percent), 1, 100, NULL,
      NULL },
    { "--client-cert", CHOICE, offsetof(struct gateway_options, client_certificate), 0, 0, "ask",
      "none" },
    { "--sni", CHOICE, offsetof(struct gateway_options, sni_required), 0, 0, "required",
      "optional" },
    { "--qos2", CHOICE, offsetof(struct gateway_options, qos_2_closes), 0, 0, "close", "silence" },
    { "--throttle", CHOICE, offsetof(struct gateway_options, throttle), 0, 0, "on", "off" },
};

static int complain(const char *what, const char *value)
{
    fprintf(stderr, "aws-iot-gateway: %s%s%s%s; see --help\n", what, value == NULL ? "" : " \"",
            value == NULL ? "" : value, value == NULL ? "" : "\"");
    return 2;
}

static int read_value(const struct option_row *row, const char *value,
                      struct gateway_options *options)
{
    char *at = (char *)options + row->at;
    if (row->kind == TEXT) {
        *(const char **)(void *)at = value;
        return -1;
    }
    if (row->kind == CHOICE) {
        *(bool *)(void *)at = strcmp(value, row->yes) == 0;
        bool known = strcmp(value, row->yes) == 0 || strcmp(value, row->no) == 0;
        return known ? -1 : complain("unknown value", value);
    }
    char *end = NULL;
    errno = 0;
    long number = strtol(value, &end, 10);
    if (errno != 0 || end == value || *end != '\0' || number < row->least || number > row->most) {
        return complain("bad number", value);
    }
    *(int *)(void *)at = (int)number;
    return -1;
}

int gateway_options_read(int argc, char **argv, struct gateway_options *ret_options)
{
    *ret_options = (struct gateway_options){ .tls_version = "tlsv1.2",
                                             .alpn_port = -1,
                                             .time_percent = 100,
                                             .client_certificate = true,
                                             .throttle = false };
    for (int i = 1; i < argc; i += 2) {
        if (strcmp(argv[i], "--help") == 0) {
            fputs(usage, stdout);
            return 0;
        }
        size_t row = 0;
        while (row < ARRAY_LEN(option_row) && strcmp(argv[i], option_row[row].name) != 0) {
            row++;
        }
        if (row == ARRAY_LEN(option_row)) {
            return complain("unknown argument", argv[i]);
        }
        if (i + 1 == argc) {
            return complain("no value for", argv[i]);
        }
        int status = read_value(&option_row[row], argv[i + 1], ret_options);
        if (status >= 0) {
            return status;
        }
    }
    if (ret_options->broker == NULL || ret_options->certs == NULL) {
        return complain("--broker and --certs are needed", NULL);
    }
    return -1;
}
