#include "broker/shadow_topic.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const char *const operation_name[SHADOW_OPERATION_COUNT] = {
    [SHADOW_UPDATE] = "update",
    [SHADOW_GET] = "get",
    [SHADOW_DELETE] = "delete",
};

static const char *const answer_name[SHADOW_ANSWER_COUNT] = {
    [SHADOW_ACCEPTED] = "accepted",
    [SHADOW_REJECTED] = "rejected",
    [SHADOW_DELTA] = "delta",
    [SHADOW_DOCUMENTS] = "documents",
};

const char *shadow_operation_name(enum shadow_operation operation)
{
    return operation_name[operation];
}

/* Whether 'text' can be the name of a thing or shadow with at most 'max_length' characters. */
static bool is_name(const char *text, unsigned max_length)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789:_-";
    size_t length = strspn(text, allowed);
    return length > 0 && length <= max_length && text[length] == '\0';
}

/* Moves *text behind 'word' and the slash after it. */
static bool take_level(const char **text, const char *word)
{
    size_t length = strlen(word);
    if (strncmp(*text, word, length) != 0 || (*text)[length] != '/') {
        return false;
    }
    *text += length + 1;
    return true;
}

/* Copies the name up to the next slash and moves *text behind that. */
static bool take_name(const char **text, char *ret_name, size_t max_length)
{
    size_t length = strcspn(*text, "/");
    if (length > max_length || (*text)[length] != '/') {
        return false;
    }
    memcpy(ret_name, *text, length);
    ret_name[length] = '\0';
    *text += length + 1;
    return is_name(ret_name, (unsigned)max_length);
}

/* What stands behind the operation: nothing in a request, the name of an answer it can have. */
static enum shadow_topic_kind kind_of(enum shadow_operation operation, const char *rest)
{
    if (*rest == '\0') {
        return SHADOW_TOPIC_REQUEST;
    }
    int count = operation == SHADOW_UPDATE ? SHADOW_ANSWER_COUNT : SHADOW_DELTA;
    for (int i = 0; i < count; i++) {
        if (*rest == '/' && strcmp(rest + 1, answer_name[i]) == 0) {
            return SHADOW_TOPIC_ANSWER;
        }
    }
    return SHADOW_TOPIC_NONE;
}

static enum shadow_topic_kind take_operation(const char *text, enum shadow_operation *ret_operation)
{
    for (int i = 0; i < SHADOW_OPERATION_COUNT; i++) {
        size_t length = strlen(operation_name[i]);
        if (strncmp(text, operation_name[i], length) == 0) {
            *ret_operation = (enum shadow_operation)i;
            return kind_of(*ret_operation, text + length);
        }
    }
    return SHADOW_TOPIC_NONE;
}

struct shadow_topic shadow_topic_parse(const char *topic)
{
    struct shadow_topic parsed = { .kind = SHADOW_TOPIC_NONE };
    const char *text = topic;
    if (!take_level(&text, "$aws") || !take_level(&text, "things") ||
        !take_name(&text, parsed.thing, SHADOW_THING_MAX_LENGTH) || !take_level(&text, "shadow") ||
        (take_level(&text, "name") && !take_name(&text, parsed.name, SHADOW_NAME_MAX_LENGTH))) {
        return (struct shadow_topic){ .kind = SHADOW_TOPIC_NONE };
    }
    parsed.kind = take_operation(text, &parsed.operation);
    return parsed.kind == SHADOW_TOPIC_NONE ? (struct shadow_topic){ .kind = SHADOW_TOPIC_NONE }
                                            : parsed;
}

void shadow_topic_answer(const struct shadow_topic *request, enum shadow_answer answer,
                         char ret_topic[SHADOW_TOPIC_SIZE])
{
    bool is_named = request->name[0] != '\0';
    snprintf(ret_topic, SHADOW_TOPIC_SIZE, "$aws/things/%s/shadow/%s%s%s%s/%s", request->thing,
             is_named ? "name/" : "", request->name, is_named ? "/" : "",
             operation_name[request->operation], answer_name[answer]);
}
