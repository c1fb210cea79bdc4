#include "good_settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool read_text(const char *name, const char *fallback, const char **ret)
{
    const char *value = getenv(name);
    if (value == NULL || *value == '\0') {
        value = fallback;
    }
    if (value == NULL) {
        fprintf(stderr, "client-good: the environment variable %s is not set\n", name);
        return false;
    }
    *ret = value;
    return true;
}

static bool read_number(const char *name, long lo, long hi, long *value)
{
    const char *text = getenv(name);
    if (text == NULL || *text == '\0') {
        return true; /* the default stands */
    }
    char *end;
    errno = 0;
    long number = strtol(text, &end, 10);
    if (errno != 0 || *end != '\0' || number < lo || number > hi) {
        fprintf(stderr, "client-good: %s takes a number from %ld to %ld, not \"%s\"\n", name, lo,
                hi, text);
        return false;
    }
    *value = number;
    return true;
}

bool settings_read(struct settings *s)
{
    long qos = 1;
    long tls = 1;
    long shadow = 0;
    *s = (struct settings){ .percent = 100, .publish_count = -1, .publish_ms = 5000 };
    bool ok = read_number("BROKER_TLS", 0, 1, &tls);
    s->tls = tls == 1;
    ok = read_text("MODEM_PORT", NULL, &s->modem_port) && ok;
    ok = read_text("BROKER_HOST", NULL, &s->broker_host) && ok;
    ok = read_text("CERTIFICATES", s->tls ? NULL : "", &s->certificates) && ok;
    ok = read_text("THING_NAME", "thing1", &s->thing) && ok;
    ok = read_text("CLIENT_ID", s->thing, &s->client_id) && ok;
    ok = read_number("BROKER_PORT", 1, 65535, &s->broker_port) && ok;
    ok = read_number("TIME_PERCENT", 1, 1000, &s->percent) && ok;
    ok = read_number("PUBLISH_COUNT", -1, 1000000000, &s->publish_count) && ok;
    ok = read_number("PUBLISH_MS", 0, 86400000, &s->publish_ms) && ok;
    ok = read_number("PUBLISH_QOS", 0, 2, &qos) && ok;
    ok = read_number("SHADOW", 0, 1, &shadow) && ok;
    s->qos = (int)qos;
    s->shadow = shadow == 1;
    if (ok && s->broker_port == 0) {
        fprintf(stderr, "client-good: the environment variable BROKER_PORT is not set\n");
        ok = false;
    }
    return ok;
}
