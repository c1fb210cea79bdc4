#include "broker/shadow_decision.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const char *const action[SHADOW_OPERATION_COUNT] = {
    [SHADOW_UPDATE] = "UpdateThingShadow",
    [SHADOW_GET] = "GetThingShadow",
    [SHADOW_DELETE] = "DeleteThingShadow",
};

static const struct {
    int code;
    const char *rule;
    const char *remedy;
} code_row[] = {
    { 400, "InvalidRequestException",
      "send one JSON object {\"state\":{\"desired\":{...},\"reported\":{...}}}, changed as the "
      "reason "
      "says" },
    { 404, "ResourceNotFoundException", "create the shadow first, with an update" },
    { 409, "ConflictException",
      "get the shadow and send the version it has, or leave \"version\" out" },
    { 413, "RequestEntityTooLargeException",
      "remove members of the state by setting them to null, or use several named shadows" },
    { 415, "UnsupportedDocumentEncodingException", "send the payload in UTF-8" },
    { 500, "InternalFailureException", "repair what the reason names; the shadow is not lost" },
};

static const char *text_or_empty(const char *text)
{
    return text == NULL ? "" : text;
}

static bool add(cJSON *object, const char *name, const char *value)
{
    return value == NULL || cJSON_AddStringToObject(object, name, value) != NULL;
}

static bool add_code(cJSON *object, int code)
{
    for (size_t i = 0; i < sizeof code_row / sizeof code_row[0]; i++) {
        if (code_row[i].code == code) {
            return add(object, "rule", code_row[i].rule) &&
                   add(object, "remedy", code_row[i].remedy);
        }
    }
    return true;
}

cJSON *shadow_decision_json(const struct shadow_rejection *rejection, const char *client_id,
                            const char *certificate_id)
{
    const struct shadow_topic *topic = rejection->topic;
    bool is_named = topic->name[0] != '\0';
    char resource[SHADOW_TOPIC_SIZE + sizeof "topic/"];
    snprintf(resource, sizeof resource, "topic/$aws/things/%s/shadow/%s%s%s%s", topic->thing,
             is_named ? "name/" : "", topic->name, is_named ? "/" : "",
             shadow_operation_name(topic->operation));
    char reason[sizeof(struct shadow_store_error) + 256];
    snprintf(reason, sizeof reason, "%d %.200s%s%s", rejection->code, rejection->message,
             rejection->detail[0] == '\0' ? "" : ": ", rejection->detail);
    cJSON *object = cJSON_CreateObject();
    if (object == NULL || !add(object, "decision", "deny") ||
        !add(object, "clientId", text_or_empty(client_id)) ||
        !add(object, "thingName", topic->thing) || !add(object, "certificateId", certificate_id) ||
        !add(object, "action", action[topic->operation]) || !add(object, "resource", resource) ||
        !add(object, "reason", reason) || !add_code(object, rejection->code)) {
        cJSON_Delete(object);
        return NULL;
    }
    return object;
}

cJSON *shadow_decision_reserved_json(const char *topic, const char *client_id,
                                     const char *certificate_id)
{
    char resource[SHADOW_TOPIC_SIZE + sizeof "topic/"];
    snprintf(resource, sizeof resource, "topic/%s", topic);
    cJSON *object = cJSON_CreateObject();
    if (object == NULL || !add(object, "decision", "deny") ||
        !add(object, "clientId", text_or_empty(client_id)) ||
        !add(object, "thingName", shadow_topic_parse(topic).thing) ||
        !add(object, "certificateId", certificate_id) || !add(object, "action", "iot:Publish") ||
        !add(object, "resource", resource) || !add(object, "rule", "RESERVED_TOPIC") ||
        !add(object, "reason", "only the Device Shadow service publishes there") ||
        !add(object, "remedy", "publish to the topic that ends with /update, /get or /delete")) {
        cJSON_Delete(object);
        return NULL;
    }
    return object;
}
