/* libmosquitto's callbacks, noted in a queue. See mqtt_events.h. */
#include "harness/mqtt_events.h"

#include <stdlib.h>
#include <string.h>

#include <mosquitto.h>

void events_init(struct event_queue *q)
{
    *q = (struct event_queue){ .last = &q->first };
}

static void note(struct event_queue *q, struct event *e)
{
    if (e == NULL) {
        q->lost = true;
        return;
    }
    e->next = NULL;
    *q->last = e;
    q->last = &e->next;
}

static void note_plain(struct event_queue *q, enum event_type type, int number, int qos)
{
    struct event *e = calloc(1, sizeof(*e));

    if (e != NULL) {
        e->type = type;
        e->number = number;
        e->qos = qos;
    }
    note(q, e);
}

static void on_connect(struct mosquitto *mosq, void *ctx, int code)
{
    (void)mosq;
    note_plain(ctx, EVENT_CONNECT, code, 0);
}

static void on_disconnect(struct mosquitto *mosq, void *ctx, int code)
{
    (void)mosq;
    note_plain(ctx, EVENT_DISCONNECT, code, 0);
}

static void on_subscribe(struct mosquitto *mosq, void *ctx, int mid, int count, const int *granted)
{
    (void)mosq;
    note_plain(ctx, EVENT_SUBSCRIBE, mid, count > 0 ? granted[0] : 128);
}

static void on_publish(struct mosquitto *mosq, void *ctx, int mid)
{
    (void)mosq;
    note_plain(ctx, EVENT_PUBLISH, mid, 0);
}

static void on_message(struct mosquitto *mosq, void *ctx, const struct mosquitto_message *msg)
{
    const size_t topic_len = strlen(msg->topic);
    const size_t payload_len = msg->payloadlen > 0 ? (size_t)msg->payloadlen : 0;
    struct event *e = calloc(1, sizeof(*e) + topic_len + payload_len);

    (void)mosq;
    if (e != NULL) {
        e->type = EVENT_MESSAGE;
        e->number = msg->mid;
        e->qos = msg->qos;
        e->retain = msg->retain;
        e->topic_len = topic_len;
        e->payload_len = payload_len;
        memcpy(e->bytes, msg->topic, topic_len);
        if (payload_len > 0) {
            memcpy(e->bytes + topic_len, msg->payload, payload_len);
        }
    }
    note(ctx, e);
}

void events_watch(struct mosquitto *mosq)
{
    mosquitto_connect_callback_set(mosq, on_connect);
    mosquitto_disconnect_callback_set(mosq, on_disconnect);
    mosquitto_subscribe_callback_set(mosq, on_subscribe);
    mosquitto_publish_callback_set(mosq, on_publish);
    mosquitto_message_callback_set(mosq, on_message);
}

void events_drop_first(struct event_queue *q)
{
    struct event *e = q->first;

    if (e == NULL) {
        return;
    }
    q->first = e->next;
    if (q->first == NULL) {
        q->last = &q->first;
    }
    free(e);
}

void events_clear(struct event_queue *q)
{
    while (q->first != NULL) {
        events_drop_first(q);
    }
}
