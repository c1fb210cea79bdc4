#include "broker/explain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_SIZE = 1024 };

/* Texts of clients can be long; a line of explanation is not. */
#define NAME "%.200s"

static void reason_no_allow(const struct explain_question *question, char *text, size_t size)
{
    const struct policy_comparison *comparison = question->comparison;
    const char *action = policy_action_name(question->action);
    if (comparison->unmet != NULL) {
        snprintf(text, size,
                 "no statement allows it: statement %zu would, but its Condition is not "
                 "met: %.400s",
                 comparison->unmet_statement, comparison->unmet);
    } else if (!comparison->has_allow) {
        snprintf(text, size, "no statement allows it: none allows the action %s at all", action);
    } else if (comparison->missing != NULL && comparison->count == 1) {
        snprintf(text, size,
                 "no statement allows it: the policy variable %.120s has no value for "
                 "this client",
                 comparison->missing);
    } else {
        snprintf(text, size, "no statement allows it: allowed is " NAME "%s",
                 comparison->count > 0 ? comparison->resource[0] : "nothing",
                 comparison->count > 1 || comparison->more ? " and others" : "");
    }
}

void explain_reason(const struct explain_question *question, char *ret_text, size_t size)
{
    const struct policy_decision *decision = question->decision;
    if (decision->verdict == POLICY_NO_MEMORY) {
        snprintf(ret_text, size, "out of memory");
    } else if (decision->verdict == POLICY_NO_ALLOW) {
        reason_no_allow(question, ret_text, size);
    } else {
        bool has_sid = decision->sid != NULL;
        snprintf(ret_text, size, "%s by statement %zu%s%.100s%s of %.200s",
                 decision->verdict == POLICY_DENIED ? "denied" : "allowed", decision->statement,
                 has_sid ? " \"" : "", has_sid ? decision->sid : "", has_sid ? "\"" : "",
                 policy_name(decision->policy));
    }
}

/* The traps that people fall into with AWS's resources; NULL if this is none. */
static const char *trap(const struct explain_question *question)
{
    const struct policy_comparison *comparison = question->comparison;
    const char *type = policy_resource_type(question->action);
    size_t type_length = strlen(type);
    for (size_t i = 0; i < comparison->count; i++) {
        const char *resource = comparison->resource[i];
        bool right_type = strncmp(resource, type, type_length) == 0 && resource[type_length] == '/';
        if (!right_type && resource[0] != '*') {
            return question->action == POLICY_SUBSCRIBE
                       ? "iot:Subscribe is compared with topicfilter/…, not with topic/…"
                       : "this action is compared with another type of resource than the statement "
                         "names";
        }
        if (question->action != POLICY_CONNECT && strpbrk(resource, "+#") != NULL) {
            return "+ and # in a policy are letters; its wildcards are * and ?";
        }
    }
    return NULL;
}

static void remedy_no_allow(const struct explain_question *question, char *text, size_t size)
{
    const struct policy_comparison *comparison = question->comparison;
    const char *action = policy_action_name(question->action);
    const char *type = policy_resource_type(question->action);
    const char *hint = trap(question);
    if (comparison->unmet != NULL) {
        snprintf(text, size, "make the condition true, or change it: %.400s", comparison->unmet);
    } else if (!comparison->has_allow || comparison->count == 0) {
        snprintf(text, size,
                 "add a statement that allows %s on %s/" NAME " to the certificate's "
                 "policy",
                 action, type, question->name);
    } else if (comparison->missing != NULL && comparison->count == 1) {
        snprintf(text, size,
                 "give %.120s a value: attach the certificate to its thing, with the "
                 "thing's name as client id, or take the variable out of the policy",
                 comparison->missing);
    } else if (question->action == POLICY_CONNECT) {
        const char *allowed = strchr(comparison->resource[0], '/');
        snprintf(text, size,
                 "connect with a client id that fits \"" NAME "\" (AT+CMQTTACCQ), or "
                 "allow client/" NAME " in iot:Connect",
                 allowed == NULL ? comparison->resource[0] : allowed + 1, question->name);
    } else {
        snprintf(text, size, "use a topic that fits " NAME ", or allow %s/" NAME " in %s%s%s",
                 comparison->resource[0], type, question->name, action, hint == NULL ? "" : "; ",
                 hint == NULL ? "" : hint);
    }
}

/* What to change; empty for what is allowed. */
static void write_remedy(const struct explain_question *question, char *ret_text, size_t size)
{
    const struct policy_decision *decision = question->decision;
    ret_text[0] = '\0';
    if (decision->verdict == POLICY_NO_ALLOW) {
        remedy_no_allow(question, ret_text, size);
    } else if (decision->verdict == POLICY_DENIED) {
        snprintf(ret_text, size,
                 "a Deny wins over every Allow: narrow statement %zu of %.200s, or do not use "
                 "%s/" NAME,
                 decision->statement, policy_name(decision->policy),
                 policy_resource_type(question->action), question->name);
    }
}

static void add_text(cJSON *object, const char *name, const char *text)
{
    if (text != NULL && text[0] != '\0') {
        cJSON_AddStringToObject(object, name, text);
    }
}

cJSON *explain_json(const struct explain_question *question)
{
    const struct policy_decision *decision = question->decision;
    bool allowed = decision->verdict == POLICY_ALLOWED;
    cJSON *object = cJSON_CreateObject();
    if (object == NULL) {
        return NULL;
    }
    char text[TEXT_SIZE];
    add_text(object, "decision", allowed ? "allow" : "deny");
    add_text(object, "clientId", question->client_id);
    add_text(object, "thingName", question->thing);
    add_text(object, "certificateId", question->certificate_id);
    add_text(object, "action", policy_action_name(question->action));
    char *resource = policy_resource_text(question->action, question->name);
    add_text(object, "resource", resource);
    free(resource);
    if (!allowed) {
        add_text(object, "rule", decision->verdict == POLICY_DENIED ? "EXPLICIT_DENY" : "NO_ALLOW");
    }
    explain_reason(question, text, sizeof text);
    add_text(object, "reason", text);
    if (decision->policy != NULL) {
        cJSON_AddNumberToObject(object, "statement", (double)decision->statement);
        add_text(object, "sid", decision->sid);
        add_text(object, "document", policy_name(decision->policy));
    }
    cJSON *compared = cJSON_AddArrayToObject(object, "compared");
    for (size_t i = 0; compared != NULL && i < question->comparison->count; i++) {
        cJSON_AddItemToArray(compared, cJSON_CreateString(question->comparison->resource[i]));
    }
    write_remedy(question, text, sizeof text);
    add_text(object, "remedy", text);
    return object;
}

cJSON *explain_certificate_json(const struct explain_certificate *refused)
{
    cJSON *object = cJSON_CreateObject();
    if (object == NULL) {
        return NULL;
    }
    char text[TEXT_SIZE];
    add_text(object, "decision", "deny");
    add_text(object, "clientId", refused->client_id);
    add_text(object, "thingName", refused->thing);
    add_text(object, "certificateId", refused->certificate_id);
    add_text(object, "action", policy_action_name(POLICY_CONNECT));
    char *resource = policy_resource_text(POLICY_CONNECT, refused->client_id);
    add_text(object, "resource", resource);
    free(resource);
    add_text(object, "rule", refused->rule);
    if (refused->certificate_id == NULL) {
        add_text(object, "reason", "the client showed no certificate");
        add_text(
            object, "remedy",
            "give the modem certificate and key (AT+CCERTDOWN, AT+CSSLCFG) and set authmode to "
            "2");
    } else if (refused->status == NULL) {
        snprintf(text, sizeof text, "no thing has certificate %.64s", refused->certificate_id);
        add_text(object, "reason", text);
        add_text(object, "remedy",
                 "register the certificate (things.json), or give the modem the certificate of a "
                 "registered thing");
    } else {
        snprintf(text, sizeof text, "the certificate %.64s of thing %.128s is %.32s",
                 refused->certificate_id, refused->thing, refused->status);
        add_text(object, "reason", text);
        add_text(object, "remedy",
                 "make the certificate ACTIVE (at AWS: update-certificate; here: \"status\" in "
                 "things.json)");
    }
    return object;
}
