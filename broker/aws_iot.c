/* Mosquitto 2.0.11 plugin: AWS IoT Core's authorization. Glue only: it asks policy.h what a client
 * may do and answers in the way AWS does, by closing the connection without a word.
 *
 * Who a client is comes from its certificate, once, at CONNECT. The answer is kept as the client's
 * user name ("thing1/9f2c…", thing and certificate id): Mosquitto asks for permission also when the
 * TLS connection is gone (a will, a message for a persistent session), and then there is no
 * certificate any more. A user name the client states is replaced; AWS takes no notice of it
 * either.
 * The options are described in settings.h. */
#include "broker/identity.h"
#include "broker/policy.h"
#include "broker/registry.h"
#include "broker/settings.h"

#include <mosquitto.h>
#include <mosquitto_broker.h>
#include <mosquitto_plugin.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The three functions Mosquitto looks for are all that this library shows. */
#define SHOWN __attribute__((visibility("default")))

/* With these Mosquitto closes the connection and sends nothing; MOSQ_ERR_AUTH and
 * MOSQ_ERR_ACL_DENIED, which look nearer, answer CONNACK 5, PUBACK or SUBACK 0x80. */
enum {
    CLOSE_WITHOUT_CONNACK = MOSQ_ERR_CONN_REFUSED,
    CLOSE_WITHOUT_ACKNOWLEDGEMENT = MOSQ_ERR_AUTH
};

enum { USER_NAME_SIZE = THING_NAME_MAX_LENGTH + 1 + CERTIFICATE_ID_LENGTH + 1 };

struct aws_iot {
    mosquitto_plugin_id_t *id;
    struct settings settings;
};

enum client_kind { CLIENT_THING, CLIENT_WITHOUT_CERTIFICATE, CLIENT_UNKNOWN_CERTIFICATE };

static void log_refusal(const char *action, const char *type, const char *name, const char *who,
                        const struct policy_decision *decision)
{
    char reason[160] = "no statement allows it";
    if (decision->verdict == POLICY_DENIED) {
        bool has_sid = decision->sid != NULL;
        snprintf(reason, sizeof reason, "denied by statement %zu%s%.100s%s", decision->statement,
                 has_sid ? " \"" : "", has_sid ? decision->sid : "", has_sid ? "\"" : "");
    } else if (decision->verdict == POLICY_NO_MEMORY) {
        snprintf(reason, sizeof reason, "out of memory");
    }
    mosquitto_log_printf(MOSQ_LOG_NOTICE, "aws-iot: refused %s on %s/%.300s for thing %s: %s",
                         action, type, name, who, reason);
}

/* Decides and logs a refusal. */
static bool is_allowed(const struct aws_iot *aws, const struct registry_entry *entry,
                       const char *client_id, enum policy_action action, const char *name)
{
    struct policy_values values = { { NULL } };
    for (int i = 0; i < POLICY_VARIABLE_COUNT; i++) {
        values.value[i] = entry->certificate_value[i];
    }
    values.value[POLICY_THING_NAME] = entry->thing;
    values.value[POLICY_CLIENT_ID] = client_id;
    struct policy_decision decision = policy_decide(aws->settings.policy, action, name, &values);
    if (decision.verdict == POLICY_ALLOWED) {
        return true;
    }
    log_refusal(policy_action_name(action), policy_resource_type(action), name, entry->thing,
                &decision);
    return false;
}

/* The registry entry behind a client's certificate; fills what the policy may ask of it. */
static enum client_kind identify(const struct aws_iot *aws, const struct mosquitto *client,
                                 struct registry_entry **ret_entry)
{
    X509 *certificate = mosquitto_client_certificate(client);
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
        mosquitto_log_printf(
            MOSQ_LOG_NOTICE,
            "aws-iot: refused iot:Connect on client/%.300s: no thing has certificate %s",
            mosquitto_client_id(client), id);
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
    switch (identify(aws, connect->client, &entry)) {
    case CLIENT_UNKNOWN_CERTIFICATE:
        return CLOSE_WITHOUT_CONNACK;
    case CLIENT_WITHOUT_CERTIFICATE:
        if (aws->settings.allow_without_certificate) {
            return MOSQ_ERR_SUCCESS;
        }
        mosquitto_log_printf(MOSQ_LOG_NOTICE,
                             "aws-iot: refused iot:Connect on client/%.300s: no client certificate",
                             client_id);
        return CLOSE_WITHOUT_CONNACK;
    case CLIENT_THING:
        break;
    }
    if (!is_allowed(aws, entry, client_id, POLICY_CONNECT, client_id)) {
        return CLOSE_WITHOUT_CONNACK;
    }
    char user[USER_NAME_SIZE];
    snprintf(user, sizeof user, "%s/%s", entry->thing, entry->certificate_id);
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
    const char *client_id = mosquitto_client_id(check->client);
    if (!is_allowed(aws, entry, client_id, action_of(check->access), check->topic)) {
        return false;
    }
    return check->access != MOSQ_ACL_WRITE || !check->retain ||
           is_allowed(aws, entry, client_id, POLICY_RETAIN_PUBLISH, check->topic);
}

static int on_access(int event, void *event_data, void *user_data)
{
    (void)event;
    const struct mosquitto_evt_acl_check *check = event_data;
    if (check->access == MOSQ_ACL_UNSUBSCRIBE) {
        return MOSQ_ERR_SUCCESS; /* AWS has no action for it */
    }
    if (is_access_allowed(user_data, check)) {
        return MOSQ_ERR_SUCCESS;
    }
    /* A message that may not be received is left out, the connection stays. */
    return check->access == MOSQ_ACL_READ ? MOSQ_ERR_ACL_DENIED : CLOSE_WITHOUT_ACKNOWLEDGEMENT;
}

static void aws_iot_free(struct aws_iot *aws)
{
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
    mosquitto_callback_unregister(aws->id, MOSQ_EVT_ACL_CHECK, on_access, NULL);
    mosquitto_callback_unregister(aws->id, MOSQ_EVT_BASIC_AUTH, on_connect, NULL);
    aws_iot_free(aws);
    return MOSQ_ERR_SUCCESS;
}
