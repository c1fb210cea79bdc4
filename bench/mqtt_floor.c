#include "bench/mqtt_floor.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include <mosquitto.h>

#include "bench/fail.h"
#include "bench/stats.h"

#define DEADLINE_NS  10000000000u
#define KEEP_ALIVE_S 60

struct mqtt_floor {
    struct mosquitto *client;
    bool connected, published;
};

static void check(int rc, const char *what)
{
    if (rc != MOSQ_ERR_SUCCESS) {
        fail("MQTT floor: %s: %s", what, mosquitto_strerror(rc));
    }
}

static void on_connect(struct mosquitto *m, void *ctx, int rc)
{
    struct mqtt_floor *f = ctx;
    (void)m;
    if (rc != 0) {
        fail("MQTT floor: connect: %s", mosquitto_connack_string(rc));
    }
    f->connected = true;
}

static void on_publish(struct mosquitto *m, void *ctx, int id)
{
    struct mqtt_floor *f = ctx;
    (void)m;
    (void)id;
    f->published = true;
}

static void loop_until(struct mqtt_floor *f, const bool *done, const char *what)
{
    uint64_t until = clock_ns() + DEADLINE_NS;
    while (!*done) {
        if (clock_ns() > until) {
            fail("MQTT floor: %s: no answer from the broker", what);
        }
        check(mosquitto_loop(f->client, 1000, 1), what);
    }
}

struct mqtt_floor *mqtt_floor_new(const struct bench *b)
{
    char ca[PATH_MAX];
    char cert[PATH_MAX];
    char key[PATH_MAX];
    if (snprintf(ca, sizeof ca, "%s/AmazonRootCA1.pem", b->certs) >= PATH_MAX ||
        snprintf(cert, sizeof cert, "%s/thing1-certificate.pem.crt", b->certs) >= PATH_MAX ||
        snprintf(key, sizeof key, "%s/thing1-private.pem.key", b->certs) >= PATH_MAX) {
        fail("%s: path too long", b->certs);
    }
    (void)mosquitto_lib_init();
    struct mqtt_floor *f = calloc(1, sizeof *f);
    if (f == NULL) {
        fail("out of memory");
    }
    f->client = mosquitto_new("floor", true, f);
    if (f->client == NULL) {
        fail("MQTT floor: libmosquitto cannot make a client");
    }
    mosquitto_connect_callback_set(f->client, on_connect);
    mosquitto_publish_callback_set(f->client, on_publish);
    check(mosquitto_int_option(f->client, MOSQ_OPT_TCP_NODELAY, 1), "TCP_NODELAY");
    check(mosquitto_tls_set(f->client, ca, NULL, cert, key, NULL), "TLS files");
    check(mosquitto_tls_opts_set(f->client, 1, "tlsv1.2", NULL), "TLS options");
    check(mosquitto_connect(f->client, BROKER_HOST, (int)b->port, KEEP_ALIVE_S), "connect");
    loop_until(f, &f->connected, "connect");
    return f;
}

double mqtt_floor_publish(struct mqtt_floor *f, const char *topic, struct span payload, int qos)
{
    f->published = false;
    uint64_t from = clock_ns();
    check(mosquitto_publish(f->client, NULL, topic, (int)payload.n, payload.p, qos, false),
          "publish");
    loop_until(f, &f->published, "publish");
    return (double)(clock_ns() - from);
}

void mqtt_floor_free(struct mqtt_floor *f)
{
    (void)mosquitto_disconnect(f->client);
    mosquitto_destroy(f->client);
    free(f);
    (void)mosquitto_lib_cleanup();
}
