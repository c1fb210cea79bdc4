#include "broker/gateway_link.h"
#include "base/check.h"
#include "broker/gateway_decision.h"

#include <stdlib.h>

enum {
    READ_SIZE = 65536,
    QUEUE_HIGH = 1 << 18, /* bytes waiting to be written from which the other side is not read */
    LINGER_MS = 3000,     /* how long a closed client may take to close, too */
    BUFFER_MAX = 1 << 21
};

struct gateway_link {
    struct gateway_links *links;
    struct gateway_link *next, *previous;
    uv_tcp_t client;
    uv_pipe_t broker;
    uv_timer_t timer;
    uv_connect_t connecting;
    uv_shutdown_t client_shutdown, broker_shutdown;
    struct gateway_tls *tls;
    struct gateway_session *session; /* once the client is identified */
    struct buf plain;                /* from the client, not yet a whole packet */
    struct buf broker_bytes;         /* from the broker, not yet a whole packet */
    struct buf to_client, to_broker, cipher;
    unsigned open_handles;
    bool broker_used, broker_ended; /* the broker's side was opened, and is closed */
    bool ending;                    /* the client's side: nothing more is sent or listened to */
    bool client_paused, broker_paused;
};

struct write_request {
    uv_write_t request;
    struct gateway_link *link;
    uint8_t bytes[];
};

static void end_client(struct gateway_link *link);
static void end_broker(struct gateway_link *link);

static void report(const struct gateway_link *link, const char *action,
                   const struct gateway_verdict *verdict, const char *text)
{
    struct span none = { NULL, 0 };
    struct gateway_decision decision = {
        .verdict = verdict,
        .action = action,
        .client_id = link->session == NULL ? none : gateway_session_client_id(link->session),
        .certificate_id = gateway_tls_certificate_id(link->tls),
        .text = text,
        .closes = verdict->close,
    };
    gateway_decision_write(&decision);
}

static void on_handle_closed(uv_handle_t *handle)
{
    struct gateway_link *link = handle->data;
    if (--link->open_handles > 0) {
        return;
    }
    if (link->next != NULL) {
        link->next->previous = link->previous;
    }
    if (link->previous != NULL) {
        link->previous->next = link->next;
    } else {
        link->links->first = link->next;
    }
    gateway_session_free(link->session);
    gateway_tls_free(link->tls);
    buf_wipe(&link->plain);
    buf_fini(&link->broker_bytes);
    buf_fini(&link->to_client);
    buf_fini(&link->to_broker);
    buf_fini(&link->cipher);
    free(link);
}

static void close_handle(uv_handle_t *handle)
{
    if (!uv_is_closing(handle)) {
        uv_close(handle, on_handle_closed);
    }
}

static void close_client(struct gateway_link *link)
{
    close_handle((uv_handle_t *)&link->timer);
    close_handle((uv_handle_t *)&link->client);
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *ret)
{
    /* one for all: what is read is used before the next read */
    static char bytes[READ_SIZE];
    (void)handle;
    (void)suggested;
    *ret = uv_buf_init(bytes, sizeof bytes);
}

static void on_client_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *bytes);
static void on_broker_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *bytes);

/* Reads from a side only while the other side takes what comes. */
static void regulate(struct gateway_link *link)
{
    bool pause = link->broker_used &&
                 uv_stream_get_write_queue_size((uv_stream_t *)&link->broker) > QUEUE_HIGH;
    if (pause != link->client_paused && !link->ending) {
        link->client_paused = pause;
        if (pause) {
            uv_read_stop((uv_stream_t *)&link->client);
        } else {
            uv_read_start((uv_stream_t *)&link->client, on_alloc, on_client_read);
        }
    }
    pause = uv_stream_get_write_queue_size((uv_stream_t *)&link->client) > QUEUE_HIGH;
    if (pause != link->broker_paused && link->broker_used && !link->broker_ended) {
        link->broker_paused = pause;
        if (pause) {
            uv_read_stop((uv_stream_t *)&link->broker);
        } else {
            uv_read_start((uv_stream_t *)&link->broker, on_alloc, on_broker_read);
        }
    }
}

static void on_written(uv_write_t *request, int status)
{
    struct write_request *write = (struct write_request *)request;
    struct gateway_link *link = write->link;
    free(write);
    if (status == 0) {
        regulate(link);
    }
}

/* Writes all of it, at once as far as that goes, and empties the buffer. */
static void write_out(struct gateway_link *link, uv_stream_t *stream, struct buf *bytes)
{
    struct span rest = buf_span(bytes);
    if (rest.n > 0 && !uv_is_closing((uv_handle_t *)stream)) {
        uv_buf_t part = uv_buf_init((char *)bytes->p, (unsigned)bytes->n);
        int n = uv_try_write(stream, &part, 1);
        rest = span_from(rest, n > 0 ? (size_t)n : 0);
    } else {
        rest.n = 0;
    }
    if (rest.n > 0) {
        struct write_request *write = xcalloc(1, sizeof *write + rest.n);
        write->link = link;
        memcpy(write->bytes, rest.p, rest.n);
        uv_buf_t part = uv_buf_init((char *)write->bytes, (unsigned)rest.n);
        if (uv_write(&write->request, stream, &part, 1, on_written) != 0) {
            free(write);
        }
    }
    buf_clear(bytes);
}

static void flush(struct gateway_link *link)
{
    if (link->to_client.n > 0) {
        gateway_tls_send(link->tls, buf_span(&link->to_client));
        buf_clear(&link->to_client);
    }
    gateway_tls_take(link->tls, &link->cipher);
    write_out(link, (uv_stream_t *)&link->client, &link->cipher);
    if (link->broker_used) {
        write_out(link, (uv_stream_t *)&link->broker, &link->to_broker);
    }
}

static void on_linger(uv_timer_t *timer)
{
    close_client(timer->data);
}

/* The FIN is out. What the client still sends is read and dropped: closing on unread bytes would
 * reset the connection, and take from the client what it has not read yet. */
static void on_client_shut(uv_shutdown_t *request, int status)
{
    struct gateway_link *link = request->data;
    if (status != 0) {
        close_client(link);
    }
}

/* Nothing more for the client but what is under way, close_notify and FIN. */
static void end_client(struct gateway_link *link)
{
    if (link->ending) {
        return;
    }
    flush(link);
    link->ending = true;
    gateway_tls_close(link->tls);
    gateway_tls_take(link->tls, &link->cipher);
    write_out(link, (uv_stream_t *)&link->client, &link->cipher);
    uv_timer_start(&link->timer, on_linger, LINGER_MS, 0);
    link->client_shutdown.data = link;
    if (uv_shutdown(&link->client_shutdown, (uv_stream_t *)&link->client, on_client_shut) != 0) {
        close_client(link);
    } else if (link->client_paused) {
        uv_read_start((uv_stream_t *)&link->client, on_alloc, on_client_read);
    }
}

static void on_broker_shut(uv_shutdown_t *request, int status)
{
    (void)status;
    struct gateway_link *link = request->data;
    close_handle((uv_handle_t *)&link->broker);
}

/* What is under way to the broker still gets there; then it sees the end. */
static void end_broker(struct gateway_link *link)
{
    if (link->broker_ended) {
        return;
    }
    link->broker_ended = true;
    if (!link->broker_used) {
        close_handle((uv_handle_t *)&link->broker);
        return;
    }
    write_out(link, (uv_stream_t *)&link->broker, &link->to_broker);
    uv_read_stop((uv_stream_t *)&link->broker);
    link->broker_shutdown.data = link;
    if (uv_shutdown(&link->broker_shutdown, (uv_stream_t *)&link->broker, on_broker_shut) != 0) {
        close_handle((uv_handle_t *)&link->broker);
    }
}

static void end_both(struct gateway_link *link)
{
    end_client(link);
    end_broker(link);
}

static void on_broker_connected(uv_connect_t *request, int status)
{
    struct gateway_link *link = request->data;
    if (status == 0 && !link->broker_ended) {
        uv_read_start((uv_stream_t *)&link->broker, on_alloc, on_broker_read);
    } else if (status != 0 && status != UV_ECANCELED) {
        end_both(link);
    }
}

static void connect_broker(struct gateway_link *link)
{
    link->broker_used = true;
    link->connecting.data = link;
    uv_pipe_connect(&link->connecting, &link->broker, link->links->broker_path,
                    on_broker_connected);
}

/* Judges every whole packet that has come from the client. */
static void take_packets(struct gateway_link *link)
{
    const struct gateway_output out = { &link->to_client, &link->to_broker };
    struct gateway_verdict verdict = { .rule = RULE_NONE };
    size_t at = 0;
    while (!verdict.close) {
        struct packet packet = { 0 };
        enum packet_framing framing =
            packet_next(span_from(buf_span(&link->plain), at), GATEWAY_CLIENT_BODY_MAX, &packet);
        if (framing == PACKET_INCOMPLETE) {
            break;
        }
        if (framing == PACKET_COMPLETE) {
            gateway_session_from_client(link->session, uv_now(link->links->loop), &packet, &out,
                                        &verdict);
            at += packet.bytes.n;
        } else {
            gateway_session_bad_framing(link->session, framing, &packet, &verdict);
        }
        if (verdict.rule != RULE_NONE) {
            report(link, packet_name(packet.type), &verdict, NULL);
        }
    }
    buf_drop(&link->plain, at);
    if (link->to_broker.n > 0 && !link->broker_used) {
        connect_broker(link);
    }
    if (verdict.close) {
        end_both(link);
    }
}

static void on_deadline(uv_timer_t *timer)
{
    struct gateway_link *link = timer->data;
    uint64_t now = uv_now(timer->loop);
    struct gateway_verdict verdict = { .rule = RULE_CONNECT_TIME, .close = true };
    if (link->session != NULL) {
        uint64_t deadline = gateway_session_deadline(link->session);
        if (deadline > now) {
            uv_timer_start(timer, on_deadline, deadline - now, 0);
            return;
        }
        gateway_session_expired(link->session, &verdict);
    }
    report(link, link->session == NULL ? "TLS" : gateway_session_last_packet(link->session),
           &verdict, NULL);
    end_both(link);
}

/* The handshake is complete. */
static void admit(struct gateway_link *link)
{
    struct gateway_verdict verdict;
    gateway_tls_verdict(link->tls, false, &verdict);
    if (verdict.rule != RULE_NONE) {
        report(link, "TLS", &verdict, NULL);
        end_both(link);
        return;
    }
    char text[400];
    report(link, "TLS", &verdict, gateway_tls_describe(link->tls, text, sizeof text));
    link->session = gateway_session_new(&link->links->shared, gateway_tls_user(link->tls),
                                        gateway_tls_password(link->tls), uv_now(link->links->loop));
}

/* The client's connection is over, in order or not. */
static void client_gone(struct gateway_link *link)
{
    if (!link->ending) {
        struct gateway_verdict verdict;
        gateway_tls_verdict(link->tls, true, &verdict);
        if (verdict.rule != RULE_NONE) {
            report(link, "TLS", &verdict, NULL);
        }
    }
    link->ending = true;
    close_client(link);
    end_broker(link);
}

static void from_client(struct gateway_link *link, struct span cipher)
{
    enum gateway_tls_state state = gateway_tls_receive(link->tls, cipher, &link->plain);
    struct gateway_verdict verdict;
    if (link->session == NULL && state == TLS_OPEN) {
        admit(link);
    }
    if (link->session != NULL && !link->ending) {
        uint64_t before = gateway_session_deadline(link->session);
        take_packets(link);
        uint64_t deadline = gateway_session_deadline(link->session);
        uint64_t now = uv_now(link->links->loop);
        if (!link->ending &&
            (deadline < before || uv_timer_get_due_in(&link->timer) > deadline - now)) {
            uv_timer_start(&link->timer, on_deadline, deadline - now, 0);
        }
    }
    if (link->ending) {
        return;
    }
    if (state == TLS_FAILED) { /* noted down before the client hears of it */
        gateway_tls_verdict(link->tls, false, &verdict);
        report(link, "TLS", &verdict, NULL);
        end_both(link);
        return;
    }
    flush(link);
    if (state == TLS_CLOSED) {
        end_both(link);
    } else {
        regulate(link);
    }
}

static void on_client_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *bytes)
{
    struct gateway_link *link = stream->data;
    if (n < 0) {
        client_gone(link);
    } else if (n > 0 && !link->ending) {
        from_client(link, span_of(bytes->base, (size_t)n));
    }
}

static void broker_gone(struct gateway_link *link)
{
    struct gateway_verdict verdict;
    gateway_session_broker_gone(link->session, &verdict);
    if (verdict.rule != RULE_NONE && !link->ending) {
        report(link, gateway_session_last_packet(link->session), &verdict, NULL);
    }
    end_both(link);
}

static void on_broker_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *bytes)
{
    struct gateway_link *link = stream->data;
    if (n < 0) {
        broker_gone(link);
        return;
    }
    if (n == 0 || link->ending) {
        return;
    }
    CHECK(buf_add(&link->broker_bytes, span_of(bytes->base, (size_t)n)));
    const struct gateway_output out = { &link->to_client, &link->to_broker };
    size_t at = 0;
    struct packet packet;
    enum packet_framing framing = PACKET_INCOMPLETE;
    struct gateway_verdict verdict;
    while ((framing = packet_next(span_from(buf_span(&link->broker_bytes), at),
                                  GATEWAY_BROKER_BODY_MAX, &packet)) == PACKET_COMPLETE) {
        gateway_session_from_broker(link->session, &packet, &out, &verdict);
        if (verdict.rule != RULE_NONE) {
            report(link, packet_name(packet.type), &verdict, NULL);
        }
        at += packet.bytes.n;
    }
    buf_drop(&link->broker_bytes, at);
    flush(link);
    if (framing != PACKET_INCOMPLETE) {
        verdict = (struct gateway_verdict){ .rule = RULE_BROKER_MESSAGE, .close = true };
        report(link, packet_name(packet.type), &verdict, NULL);
        end_both(link);
        return;
    }
    regulate(link);
}

static void init_link(struct gateway_link *link, struct gateway_links *links,
                      struct gateway_tls_context *context)
{
    link->links = links;
    link->next = links->first;
    if (link->next != NULL) {
        link->next->previous = link;
    }
    links->first = link;
    link->tls = gateway_tls_new(context);
    buf_init(&link->plain, BUFFER_MAX);
    buf_init(&link->broker_bytes, BUFFER_MAX);
    buf_init(&link->to_client, BUFFER_MAX);
    buf_init(&link->to_broker, BUFFER_MAX);
    buf_init(&link->cipher, 2 * BUFFER_MAX);
    CHECK(uv_tcp_init(links->loop, &link->client) == 0 &&
          uv_pipe_init(links->loop, &link->broker, 0) == 0 &&
          uv_timer_init(links->loop, &link->timer) == 0);
    link->open_handles = 3;
    link->client.data = link->broker.data = link->timer.data = link;
}

void gateway_link_accept(struct gateway_links *links, uv_tcp_t *listener,
                         struct gateway_tls_context *context)
{
    struct gateway_link *link = xcalloc(1, sizeof *link);
    init_link(link, links, context);
    if (uv_accept((uv_stream_t *)listener, (uv_stream_t *)&link->client) != 0 ||
        uv_read_start((uv_stream_t *)&link->client, on_alloc, on_client_read) != 0) {
        client_gone(link);
        return;
    }
    uv_tcp_nodelay(&link->client, 1);
    uint64_t most = gateway_rule_row(RULE_CONNECT_TIME)->limit * UINT64_C(1000);
    uv_timer_start(&link->timer, on_deadline, most, 0);
}

void gateway_links_close(struct gateway_links *links)
{
    struct gateway_link *next = NULL;
    for (struct gateway_link *link = links->first; link != NULL; link = next) {
        next = link->next;
        end_both(link);
        close_client(link);
    }
}
