#include "broker/shadow_plugin.h"

#include <mosquitto.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct shadow_plugin {
    mosquitto_plugin_id_t *id;
    struct shadow_store *store;
    shadow_rejected_fn *rejected;
    void *user;
    const struct mosquitto *client; /* whose request is being answered */
};

static int64_t now(void *user)
{
    (void)user;
    return time(NULL);
}

/* Mosquitto queues it and sends it behind the acknowledgement of the request. */
static void publish(void *user, const char *topic, const char *payload)
{
    (void)user;
    int rc =
        mosquitto_broker_publish_copy(NULL, topic, (int)strlen(payload), payload, 1, false, NULL);
    if (rc != MOSQ_ERR_SUCCESS) {
        mosquitto_log_printf(MOSQ_LOG_ERR, "aws-iot: shadow: cannot publish to %.300s: %s", topic,
                             mosquitto_strerror(rc));
    }
}

static void log_rejection(void *user, const struct shadow_rejection *rejection)
{
    const struct shadow_plugin *plugin = user;
    const struct shadow_topic *topic = rejection->topic;
    bool has_detail = rejection->detail[0] != '\0';
    const char *client_id = mosquitto_client_id(plugin->client);
    mosquitto_log_printf(
        rejection->code >= 500 ? MOSQ_LOG_ERR : MOSQ_LOG_NOTICE,
        "aws-iot: shadow: rejected %s of %s%s%s from client %.130s: %d %.100s%s%.400s",
        shadow_operation_name(topic->operation), topic->thing, topic->name[0] == '\0' ? "" : "/",
        topic->name, client_id == NULL ? "" : client_id, rejection->code, rejection->message,
        has_detail ? ": " : "", rejection->detail);
    if (plugin->rejected != NULL) {
        plugin->rejected(plugin->user, plugin->client, rejection);
    }
}

static int on_message(int event, void *event_data, void *user_data)
{
    (void)event;
    struct mosquitto_evt_message *message = event_data;
    struct shadow_plugin *plugin = user_data;
    struct shadow_topic topic = shadow_topic_parse(message->topic);
    if (topic.kind != SHADOW_TOPIC_REQUEST) {
        return MOSQ_ERR_SUCCESS;
    }
    const struct shadow_host host = {
        .user = plugin, .now = now, .publish = publish, .rejected = log_rejection
    };
    plugin->client = message->client;
    shadow_answer(plugin->store, &host, &topic, message->payload, message->payloadlen);
    plugin->client = NULL;
    message->retain = false; /* a request that comes again with each subscription is none */
    return MOSQ_ERR_SUCCESS;
}

int shadow_plugin_start(mosquitto_plugin_id_t *id, const char *folder, shadow_rejected_fn *rejected,
                        void *user, struct shadow_plugin **ret_plugin)
{
    struct shadow_plugin *plugin = calloc(1, sizeof *plugin);
    if (plugin == NULL) {
        return MOSQ_ERR_NOMEM;
    }
    plugin->rejected = rejected;
    plugin->user = user;
    struct shadow_store_error error = { "" };
    if (shadow_store_open(folder, &plugin->store, &error) != 0) {
        mosquitto_log_printf(MOSQ_LOG_ERR, "aws-iot: shadow: %s", error.what);
        free(plugin);
        return MOSQ_ERR_INVAL;
    }
    int rc = mosquitto_callback_register(id, MOSQ_EVT_MESSAGE, on_message, NULL, plugin);
    if (rc != MOSQ_ERR_SUCCESS) {
        shadow_plugin_stop(&plugin);
        return rc;
    }
    plugin->id = id;
    *ret_plugin = plugin;
    return MOSQ_ERR_SUCCESS;
}

void shadow_plugin_stop(struct shadow_plugin **plugin)
{
    if (*plugin == NULL) {
        return;
    }
    if ((*plugin)->id != NULL) {
        mosquitto_callback_unregister((*plugin)->id, MOSQ_EVT_MESSAGE, on_message, NULL);
    }
    shadow_store_close(&(*plugin)->store);
    free(*plugin);
    *plugin = NULL;
}
