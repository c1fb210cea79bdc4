/* Mosquitto 2.0.11 plugin: AWS IoT Core's authorization. Glue only: it asks policy.h what a client
 * may do and answers in the way AWS does, by closing the connection without a word. Each decision
 * is recorded with its reason (decision_log.h).
 *
 * Who a client is comes from its certificate, once, at CONNECT: the gateway in front of Mosquitto
 * ends TLS and passes the certificate on in CONNECT (gateway_identity.h). The answer is kept as the
 * client's user name ("thing1/9f2c…", thing and certificate id): Mosquitto asks for permission also
 * when the TLS connection is gone (a will, a message for a persistent session), and then there is
 * no certificate any more. A user name the client states is replaced; AWS takes no notice of it
 * either.
 * The options are described in settings.h. */
#include "broker/decision_log.h"
#include "broker/explain.h"
#include "broker/gateway_identity.h"
#include "broker/identity.h"
#include "broker/policy.h"
#include "broker/registry.h"
#include "broker/settings.h"
#include "broker/shadow_decision.h"
#include "broker/shadow_plugin.h"

#include <mosquitto.h>
#include <mosquitto_broker.h>
#include <mosquitto_plugin.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The three functions Mosquitto looks for are all that this library shows. */
#define SHOWN __attribute__((visibility("default")))

/* With the first two Mosquitto closes the connection and sends nothing. With the others, of
 * plugin_opt_denial polite, it answers CONNACK 5, or SUBACK 0x80, or PUBACK for a message that goes
 * nowhere, and the connection stays. */
enum {
    CLOSE_WITHOUT_CONNACK = MOSQ_ERR_CONN_REFUSED,
    CLOSE_WITHOUT_ACKNOWLEDGEMENT = MOSQ_ERR_AUTH,
    ANSWER_CONNACK_5 = MOSQ_ERR_AUTH,
    ANSWER_AND_STAY = MOSQ_ERR_ACL_DENIED
};

/* What the plugin itself says there is for the plain listener only: were a thing to receive it,
 * each decision would bring another. */
static const char own_topics[] = "$aws-iot/";

enum {
    USER_NAME_SIZE =
        THING_NAME_MAX_LENGTH + 1 + GATEWAY_SERVER_NAME_MAX + 1 + CERTIFICATE_ID_LENGTH + 1
};

struct aws_iot {
    mosquitto_plugin_id_t *id;
    struct settings settings;
    struct shadow_plugin *shadow;
};

enum client_kind { CLIENT_THING, CLIENT_WITHOUT_CERTIFICATE, CLIENT_UNKNOWN_CERTIFICATE };

static int refuse_connect(const struct aws_iot *aws)
{
    return aws->settings.polite ? ANSWER_CONNACK_5 : CLOSE_WITHOUT_CONNACK;
}

/* A CONNECT refused before any policy is asked. */
static void refuse_certificate(const struct aws_iot *aws, const struct explain_certificate *refused)
{
    cJSON *object = explain_certificate_json(refused);
    const char *reason = cJSON_GetStringValue(cJSON_GetObjectItem(object, "reason"));
    mosquitto_log_printf(MOSQ_LOG_NOTICE, "aws-iot: refused iot:Connect on client/%.300s: %s",
                         refused->client_id, reason == NULL ? refused->rule : reason);
    decision_log(aws->settings.decisions, "policy", object);
}

/* A certificate may lose its ACTIVE while its client is connected. */
static bool is_active(const struct aws_iot *aws, const struct registry_entry *entry,
                      const char *client_id)
{
    if (registry_is_active(entry)) {
        return true;
    }
    refuse_certificate(aws, &(struct explain_certificate){ .rule = "CERTIFICATE_NOT_ACTIVE",
                                                           .client_id = client_id,
                                                           .thing = entry->thing,
                                                           .certificate_id = entry->certificate_id,
                                                           .status = entry->status });
    return false;
}

/* What the policy may ask of the moment. */
struct moment {
    char time[sizeof "2030-01-31T12:00:00Z"];
    char epoch[24];
};

static void fill_moment(struct moment *moment, struct policy_values *values)
{
    time_t now = time(NULL);
    struct tm utc = { 0 };
    if (gmtime_r(&now, &utc) != NULL) {
        strftime(moment->time, sizeof moment->time, "%Y-%m-%dT%H:%M:%SZ", &utc);
        values->value[POLICY_CURRENT_TIME][0] = moment->time;
    }
    snprintf(moment->epoch, sizeof moment->epoch, "%lld", (long long)now);
    values->value[POLICY_EPOCH_TIME][0] = moment->epoch;
}

/* Only the gateway is on the unix socket, whose clients have its path for an address. */
static bool is_from_gateway(const struct mosquitto *client)
{
    const char *address = mosquitto_client_address(client);
    return address != NULL && address[0] == '/';
}

/* What there is to know of a connection. Mosquitto shows a plugin neither the will nor the server
 * name of the handshake: at CONNECT both come from the gateway, and the server name is kept in the
 * user name, between the thing and the certificate id. */
struct connection {
    char server_name[GATEWAY_SERVER_NAME_MAX + 1];
    char *will_topic; /* as a resource, or NULL */
};

static void fill_connection(const struct mosquitto *client, const struct connection *connection,
                            enum policy_action action, struct policy_values *values)
{
    /* through the gateway, a client has no address of its own; it is on this host */
    values->value[POLICY_SOURCE_IP][0] =
        is_from_gateway(client) ? "127.0.0.1" : mosquitto_client_address(client);
    if (connection->server_name[0] != '\0') {
        values->value[POLICY_DOMAIN_NAME][0] = connection->server_name;
    }
    if (action != POLICY_CONNECT) {
        return;
    }
    const char **attribute = values->value[POLICY_CONNECT_ATTRIBUTES];
    if (!mosquitto_client_clean_session(client)) {
        *attribute++ = "PersistentConnect";
    }
    if (connection->will_topic != NULL) {
        *attribute = "LastWill";
        values->value[POLICY_LAST_WILL_TOPIC][0] = connection->will_topic;
    }
}

/* The server name inside the user name of a client admitted earlier. */
static void recall_connection(const struct mosquitto *client, struct connection *ret_connection)
{
    *ret_connection = (struct connection){ .will_topic = NULL };
    const char *user = mosquitto_client_username(client);
    const char *first = user == NULL ? NULL : strchr(user, '/');
    const char *last = user == NULL ? NULL : strrchr(user, '/');
    if (first != NULL && last > first && (size_t)(last - first) <= GATEWAY_SERVER_NAME_MAX) {
        memcpy(ret_connection->server_name, first + 1, (size_t)(last - first) - 1);
    }
}

/* Decides and records. */
static bool is_allowed(const struct aws_iot *aws, const struct registry_entry *entry,
                       const struct mosquitto *client, const struct connection *connection,
                       enum policy_action action, const char *name)
{
    struct policy_values values = { 0 };
    struct moment moment;
    const char *client_id = mosquitto_client_id(client);
    fill_moment(&moment, &values);
    fill_connection(client, connection, action, &values);
    registry_values(entry, client_id, &values);
    const struct policy *attached[CERTIFICATE_POLICIES_MAX];
    struct policy_list policies = { .item = attached };
    policies.count = settings_policies(&aws->settings, entry, attached);
    struct policy_decision decision = policy_decide(policies, action, name, &values);
    struct policy_comparison comparison =
        policy_compare(policies, action, name, &values, &decision);
    struct explain_question question = { .action = action,
                                         .name = name,
                                         .thing = entry->attached ? entry->thing : NULL,
                                         .certificate_id = entry->certificate_id,
                                         .client_id = client_id,
                                         .decision = &decision,
                                         .comparison = &comparison };
    if (decision.verdict != POLICY_ALLOWED) {
        char reason[600];
        explain_reason(&question, reason, sizeof reason);
        mosquitto_log_printf(MOSQ_LOG_NOTICE, "aws-iot: refused %s on %s/%.300s for thing %s: %s",
                             policy_action_name(action), policy_resource_type(action), name,
                             entry->thing, reason);
    }
    decision_log(aws->settings.decisions, "policy", explain_json(&question));
    policy_comparison_fini(&comparison);
    return decision.verdict == POLICY_ALLOWED;
}

/* The certificate that the gateway put into the client's CONNECT, or NULL; others may claim what
 * they like. */
static X509 *certificate_of(const struct mosquitto_evt_basic_auth *connect)
{
    return is_from_gateway(connect->client) ? gateway_identity_certificate(connect->password)
                                            : NULL;
}

/* The registry entry behind a client's certificate; fills what the policy may ask of it. */
static enum client_kind identify(const struct aws_iot *aws,
                                 const struct mosquitto_evt_basic_auth *connect,
                                 struct registry_entry **ret_entry)
{
    X509 *certificate = certificate_of(connect);
    if (certificate == NULL) {
        return CLIENT_WITHOUT_CERTIFICATE;
    }
    enum client_kind kind = CLIENT_UNKNOWN_CERTIFICATE;
    char id[CERTIFICATE_ID_LENGTH + 1] = "";
    if (identity_certificate_id(certificate, id) == 0) {
        struct registry_entry *entry = registry_find(aws->settings.registry, id);
        if (entry != NULL && identity_fill(entry, certificate) == 0) {
            *ret_entry = entry;
            kind = CLIENT_THING;
        }
    }
    if (kind == CLIENT_UNKNOWN_CERTIFICATE) {
        refuse_certificate(
            aws, &(struct explain_certificate){ .rule = "CERTIFICATE_NOT_REGISTERED",
                                                .client_id = mosquitto_client_id(connect->client),
                                                .certificate_id = id });
    }
    X509_free(certificate);
    return kind;
}

/* A client admitted earlier, by the user name it was given then. */
static enum client_kind recall(const struct aws_iot *aws, const struct mosquitto *client,
                               const struct registry_entry **ret_entry)
{
    const char *user = mosquitto_client_username(client);
    const char *slash = user == NULL ? NULL : strrchr(user, '/');
    if (slash == NULL || strlen(slash + 1) != CERTIFICATE_ID_LENGTH) {
        return CLIENT_WITHOUT_CERTIFICATE;
    }
    *ret_entry = registry_find(aws->settings.registry, slash + 1);
    return *ret_entry == NULL ? CLIENT_UNKNOWN_CERTIFICATE : CLIENT_THING;
}

static int on_connect(int event, void *event_data, void *user_data)
{
    (void)event;
    const struct aws_iot *aws = user_data;
    const struct mosquitto_evt_basic_auth *connect = event_data;
    const char *client_id = mosquitto_client_id(connect->client);
    struct registry_entry *entry = NULL;
    switch (identify(aws, connect, &entry)) {
    case CLIENT_UNKNOWN_CERTIFICATE:
        return refuse_connect(aws);
    case CLIENT_WITHOUT_CERTIFICATE:
        if (aws->settings.allow_without_certificate) {
            return MOSQ_ERR_SUCCESS;
        }
        refuse_certificate(
            aws, &(struct explain_certificate){ .rule = "NO_CERTIFICATE", .client_id = client_id });
        return refuse_connect(aws);
    case CLIENT_THING:
        break;
    }
    if (!is_active(aws, entry, client_id)) {
        return refuse_connect(aws);
    }
    struct connection connection;
    const char *will = gateway_identity_connection(connect->password, connection.server_name);
    connection.will_topic = will == NULL ? NULL : policy_resource_text(POLICY_PUBLISH, will);
    bool allowed = is_allowed(aws, entry, connect->client, &connection, POLICY_CONNECT, client_id);
    free(connection.will_topic);
    if (!allowed) {
        return refuse_connect(aws);
    }
    char user[USER_NAME_SIZE];
    bool named = connection.server_name[0] != '\0';
    snprintf(user, sizeof user, "%s/%s%s%s", entry->thing, connection.server_name, named ? "/" : "",
             entry->certificate_id);
    return mosquitto_set_username(connect->client, user);
}

/* What an ACL check is about. */
static enum policy_action action_of(int access)
{
    switch (access) {
    case MOSQ_ACL_READ:
        return POLICY_RECEIVE;
    case MOSQ_ACL_SUBSCRIBE:
        return POLICY_SUBSCRIBE;
    default:
        return POLICY_PUBLISH;
    }
}

/* What the Device Shadow service alone publishes, whatever the policy says. */
static void refuse_reserved(const struct aws_iot *aws, const struct registry_entry *entry,
                            const struct mosquitto_evt_acl_check *check)
{
    mosquitto_log_printf(MOSQ_LOG_NOTICE,
                         "aws-iot: refused iot:Publish on topic/%.300s for thing %s: only the "
                         "Device Shadow service publishes there",
                         check->topic, entry->thing);
    decision_log(aws->settings.decisions, "shadow",
                 shadow_decision_reserved_json(check->topic, mosquitto_client_id(check->client),
                                               entry->certificate_id));
}

static bool is_access_allowed(const struct aws_iot *aws,
                              const struct mosquitto_evt_acl_check *check)
{
    const struct registry_entry *entry = NULL;
    switch (recall(aws, check->client, &entry)) {
    case CLIENT_UNKNOWN_CERTIFICATE:
        return false;
    case CLIENT_WITHOUT_CERTIFICATE:
        return aws->settings.allow_without_certificate;
    case CLIENT_THING:
        break;
    }
    if (check->access == MOSQ_ACL_WRITE &&
        shadow_topic_parse(check->topic).kind == SHADOW_TOPIC_ANSWER) {
        refuse_reserved(aws, entry, check);
        return false;
    }
    struct connection connection;
    recall_connection(check->client, &connection);
    if (strncmp(check->topic, own_topics, sizeof own_topics - 1) == 0 ||
        !is_active(aws, entry, mosquitto_client_id(check->client)) ||
        !is_allowed(aws, entry, check->client, &connection, action_of(check->access),
                    check->topic)) {
        return false;
    }
    return check->access != MOSQ_ACL_WRITE || !check->retain ||
           is_allowed(aws, entry, check->client, &connection, POLICY_RETAIN_PUBLISH, check->topic);
}

static int on_access(int event, void *event_data, void *user_data)
{
    (void)event;
    const struct mosquitto_evt_acl_check *check = event_data;
    if (check->access == MOSQ_ACL_UNSUBSCRIBE) {
        return MOSQ_ERR_SUCCESS; /* AWS has no action for it */
    }
    const struct aws_iot *aws = user_data;
    if (is_access_allowed(aws, check)) {
        return MOSQ_ERR_SUCCESS;
    }
    /* A message that may not be received is left out, the connection stays. */
    return check->access == MOSQ_ACL_READ || aws->settings.polite ? ANSWER_AND_STAY
                                                                  : CLOSE_WITHOUT_ACKNOWLEDGEMENT;
}

/* SIGHUP: connected clients are judged by the new files from now on. Behind this Mosquitto asks
 * on_connect() for each of them once more, and closes those that are refused. */
static int on_reload(int event, void *event_data, void *user_data)
{
    (void)event;
    (void)event_data;
    struct aws_iot *aws = user_data;
    if (settings_reload(&aws->settings) != 0) {
        mosquitto_log_printf(MOSQ_LOG_ERR, "aws-iot: not reloaded, policy and things stay as they "
                                           "were; the reason stands above");
        return MOSQ_ERR_SUCCESS; /* an error would end the broker's other reloading */
    }
    mosquitto_log_printf(MOSQ_LOG_NOTICE, "aws-iot: reloaded, %zu certificates registered",
                         registry_count(aws->settings.registry));
    return MOSQ_ERR_SUCCESS;
}

static void on_shadow_rejected(void *user, const struct mosquitto *client,
                               const struct shadow_rejection *rejection)
{
    const struct aws_iot *aws = user;
    const struct registry_entry *entry = NULL;
    const char *certificate_id =
        recall(aws, client, &entry) == CLIENT_THING ? entry->certificate_id : NULL;
    decision_log(aws->settings.decisions, "shadow",
                 shadow_decision_json(rejection, mosquitto_client_id(client), certificate_id));
}

static void aws_iot_free(struct aws_iot *aws)
{
    shadow_plugin_stop(&aws->shadow);
    settings_fini(&aws->settings);
    free(aws);
}

static int start(struct aws_iot *aws, const struct mosquitto_opt *option, int option_count)
{
    if (settings_load(&aws->settings, option, option_count) != 0) {
        return MOSQ_ERR_INVAL;
    }
    int rc = mosquitto_callback_register(aws->id, MOSQ_EVT_BASIC_AUTH, on_connect, NULL, aws);
    if (rc == MOSQ_ERR_SUCCESS) {
        rc = mosquitto_callback_register(aws->id, MOSQ_EVT_ACL_CHECK, on_access, NULL, aws);
    }
    if (rc == MOSQ_ERR_SUCCESS) {
        rc = mosquitto_callback_register(aws->id, MOSQ_EVT_RELOAD, on_reload, NULL, aws);
    }
    if (rc == MOSQ_ERR_SUCCESS) {
        rc = shadow_plugin_start(aws->id, aws->settings.state_folder, on_shadow_rejected, aws,
                                 &aws->shadow);
    }
    return rc;
}

SHOWN int mosquitto_plugin_version(int supported_version_count, const int *supported_versions)
{
    for (int i = 0; i < supported_version_count; i++) {
        if (supported_versions[i] == MOSQ_PLUGIN_VERSION) {
            return MOSQ_PLUGIN_VERSION;
        }
    }
    return -1;
}

SHOWN int mosquitto_plugin_init(mosquitto_plugin_id_t *identifier, void **userdata,
                                struct mosquitto_opt *options, int option_count)
{
    struct aws_iot *aws = calloc(1, sizeof *aws);
    if (aws == NULL) {
        return MOSQ_ERR_NOMEM;
    }
    aws->id = identifier;
    int rc = start(aws, options, option_count);
    if (rc != MOSQ_ERR_SUCCESS) {
        aws_iot_free(aws);
        return rc;
    }
    *userdata = aws;
    mosquitto_log_printf(MOSQ_LOG_INFO, "aws-iot: %zu certificates registered",
                         registry_count(aws->settings.registry));
    return MOSQ_ERR_SUCCESS;
}

SHOWN int mosquitto_plugin_cleanup(void *userdata, struct mosquitto_opt *options, int option_count)
{
    (void)options;
    (void)option_count;
    struct aws_iot *aws = userdata;
    if (aws == NULL) {
        return MOSQ_ERR_SUCCESS;
    }
    mosquitto_callback_unregister(aws->id, MOSQ_EVT_RELOAD, on_reload, NULL);
    mosquitto_callback_unregister(aws->id, MOSQ_EVT_ACL_CHECK, on_access, NULL);
    mosquitto_callback_unregister(aws->id, MOSQ_EVT_BASIC_AUTH, on_connect, NULL);
    aws_iot_free(aws);
    return MOSQ_ERR_SUCCESS;
}
