/* What the client is told by its environment. */
#ifndef GOOD_SETTINGS_H
#define GOOD_SETTINGS_H

#include <stdbool.h>

struct settings {
    const char *modem_port;  /* MODEM_PORT: a terminal, or socket://HOST:PORT */
    const char *broker_host; /* BROKER_HOST */
    long broker_port;        /* BROKER_PORT */
    bool tls;                /* BROKER_TLS: 1 (default), 0 for a broker without TLS */
    const char
        *certificates;     /* CERTIFICATES: folder with the three files; not needed without TLS */
    const char *thing;     /* THING_NAME (thing1): topics are THING/telemetry and THING/cmd */
    const char *client_id; /* CLIENT_ID: the thing's name */
    long percent;          /* TIME_PERCENT: all waits are scaled by it; 1 to 1000, default 100 */
    long publish_count;    /* PUBLISH_COUNT: ends after so many; -1 (default): never; 0: publishes
                              nothing */
    long publish_ms;       /* PUBLISH_MS: pause between publishes, scaled (5000) */
    int qos;               /* PUBLISH_QOS: 0 to 2, default 1. AWS IoT Core has no 2 */
    bool shadow;           /* SHADOW: 1 keeps a shadow of the thing (good_shadow.h), default 0 */
};

/* Reads it. False: something is missing or out of range, as said on stderr. */
bool settings_read(struct settings *s);

#endif
