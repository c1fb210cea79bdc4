/* aws-iot-gateway: stands before Mosquitto as AWS IoT Core's device gateway stands before its
 * message broker. Options, listeners, signals. */
#include "base/check.h"
#include "broker/gateway_decision.h"
#include "broker/gateway_link.h"
#include "broker/gateway_options.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { BACKLOG = 128, PORT_ATTEMPTS = 50, FIRST_PORT = 20000, PORTS = 12000, LISTENERS = 2 };

#define HOST "127.0.0.1"

struct listener {
    struct gateway *gateway;
    struct gateway_tls_context *context;
    uv_tcp_t tcp;
    bool open;
};

struct gateway {
    uv_loop_t loop;
    struct gateway_links links;
    struct listener listener[LISTENERS]; /* the TLS port, and the one for ALPN */
    uv_pipe_t probe;
    uv_signal_t terminate, interrupt;
};

static void on_connection(uv_stream_t *stream, int status)
{
    struct listener *listener = stream->data;
    if (status == 0) {
        gateway_link_accept(&listener->gateway->links, &listener->tcp, listener->context);
    }
}

/* Returns the port that is listened at, or a negative error number. */
static int listen_at(struct gateway *gateway, struct listener *listener, int port)
{
    struct sockaddr_in address;
    CHECK(uv_ip4_addr(HOST, port, &address) == 0);
    CHECK(uv_tcp_init(&gateway->loop, &listener->tcp) == 0);
    listener->gateway = gateway;
    listener->tcp.data = listener;
    int rc = uv_tcp_bind(&listener->tcp, (const struct sockaddr *)&address, 0);
    if (rc == 0) {
        rc = uv_listen((uv_stream_t *)&listener->tcp, BACKLOG, on_connection);
    }
    if (rc != 0) {
        uv_close((uv_handle_t *)&listener->tcp, NULL);
        uv_run(&gateway->loop, UV_RUN_NOWAIT); /* the handle is used again */
        return rc;
    }
    listener->open = true;
    return port;
}

/* Port 0: one below the range that the kernel gives to outgoing connections, so that it is still
 * free when the broker is started again on it. */
static int open_listener(struct gateway *gateway, struct listener *listener, int port)
{
    int rc = 0;
    for (int i = 0; i < PORT_ATTEMPTS; i++) {
        int attempt = port != 0 ? port : FIRST_PORT + (int)(random() % PORTS);
        rc = listen_at(gateway, listener, attempt);
        if (rc != UV_EADDRINUSE || port != 0) {
            break;
        }
    }
    if (rc == UV_EADDRINUSE) {
        fprintf(stderr, "aws-iot-gateway: port %d is in use\n", port);
    } else if (rc < 0) {
        fprintf(stderr, "aws-iot-gateway: cannot listen at " HOST ":%d: %s\n", port,
                uv_strerror(rc));
    }
    return rc;
}

static void on_stop(uv_signal_t *received, int number)
{
    (void)number;
    struct gateway *gateway = received->data;
    for (int i = 0; i < LISTENERS; i++) {
        if (gateway->listener[i].open && !uv_is_closing((uv_handle_t *)&gateway->listener[i].tcp)) {
            uv_close((uv_handle_t *)&gateway->listener[i].tcp, NULL);
        }
    }
    if (!uv_is_closing((uv_handle_t *)&gateway->probe)) {
        uv_close((uv_handle_t *)&gateway->probe, NULL);
    }
    uv_signal_stop(&gateway->terminate);
    uv_signal_stop(&gateway->interrupt);
    uv_close((uv_handle_t *)&gateway->terminate, NULL);
    uv_close((uv_handle_t *)&gateway->interrupt, NULL);
    signal(SIGTERM, SIG_IGN); /* a second one must not cut the end short */
    signal(SIGINT, SIG_IGN);
    gateway_links_close(&gateway->links);
}

static int make_context(struct gateway *gateway, const struct gateway_options *options, int which)
{
    static char path[3][PATH_MAX];
    static const char *const file[3] = { "AmazonRootCA1.pem", "server.crt", "server.key" };
    for (int i = 0; i < 3; i++) {
        snprintf(path[i], sizeof path[i], "%s/%s", options->certs, file[i]);
    }
    const struct gateway_tls_settings settings = {
        .ca_file = path[0],
        .certificate_file = path[1],
        .key_file = path[2],
        .lowest_version = options->tls_version,
        .ask_certificate = options->client_certificate,
        .sni_required = options->sni_required,
        .alpn_required = which == 1,
    };
    char error[512];
    gateway->listener[which].context = gateway_tls_context_new(&settings, error, sizeof error);
    if (gateway->listener[which].context == NULL) {
        fprintf(stderr, "aws-iot-gateway: %s\n", error);
        return -1;
    }
    return 0;
}

/* A first connection, which shows in Mosquitto's log that its loop runs. */
static void on_probed(uv_connect_t *request, int status)
{
    uv_handle_t *handle = (uv_handle_t *)request->handle;
    if (status != 0 && status != UV_ECANCELED) {
        fprintf(stderr, "aws-iot-gateway: cannot reach Mosquitto: %s\n", uv_strerror(status));
        raise(SIGTERM);
    } else if (!uv_is_closing(handle)) {
        uv_close(handle, NULL);
    }
}

static int start(struct gateway *gateway, const struct gateway_options *options,
                 uv_connect_t *connecting)
{
    const int port[LISTENERS] = { options->port, options->alpn_port };
    int got[LISTENERS] = { 0 };
    for (int i = 0; i < LISTENERS; i++) {
        if (port[i] < 0) {
            continue;
        }
        if (make_context(gateway, options, i) != 0) {
            return -1;
        }
        got[i] = open_listener(gateway, &gateway->listener[i], port[i]);
        if (got[i] < 0) {
            return -1;
        }
    }
    CHECK(uv_pipe_init(&gateway->loop, &gateway->probe, 0) == 0);
    CHECK(uv_signal_init(&gateway->loop, &gateway->terminate) == 0 &&
          uv_signal_init(&gateway->loop, &gateway->interrupt) == 0);
    gateway->terminate.data = gateway->interrupt.data = gateway;
    uv_signal_start(&gateway->terminate, on_stop, SIGTERM);
    uv_signal_start(&gateway->interrupt, on_stop, SIGINT);
    uv_pipe_connect(connecting, &gateway->probe, options->broker, on_probed);
    if (options->alpn_port >= 0) {
        printf("alpn listener ready at " HOST ":%d\n", got[1]);
    }
    printf("gateway ready at " HOST ":%d\n", got[0]);
    return fflush(stdout) == 0 ? 0 : -1;
}

int main(int argc, char **argv)
{
    struct gateway_options options;
    int status = gateway_options_read(argc, argv, &options);
    if (status >= 0) {
        return status;
    }
    int rc = gateway_decision_open(options.decisions);
    if (rc != 0) {
        fprintf(stderr, "aws-iot-gateway: --decisions: cannot write %s: %s\n", options.decisions,
                strerror(-rc));
        return 1;
    }
    signal(SIGPIPE, SIG_IGN);
    setvbuf(stderr, NULL, _IOLBF, BUFSIZ);
    srandom((unsigned)getpid() ^ (unsigned)uv_hrtime());
    static struct gateway gateway;
    uv_connect_t connecting;
    CHECK(uv_loop_init(&gateway.loop) == 0);
    gateway.links = (struct gateway_links){ .loop = &gateway.loop,
                                            .broker_path = options.broker,
                                            .shared = { .time_percent = options.time_percent,
                                                        .throttle = options.throttle,
                                                        .qos_2_closes = options.qos_2_closes } };
    rc = start(&gateway, &options, &connecting);
    if (rc == 0) {
        uv_run(&gateway.loop, UV_RUN_DEFAULT);
    }
    for (int i = 0; i < LISTENERS; i++) {
        gateway_tls_context_free(gateway.listener[i].context);
    }
    gateway_clients_fini(&gateway.links.shared.clients);
    gateway_decision_close();
    return rc == 0 ? 0 : 1;
}
