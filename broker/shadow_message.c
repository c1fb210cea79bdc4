#include "broker/shadow_message.h"

#include <stdbool.h>
#include <stddef.h>

/* A message that is being put together. One failure spoils it, and it ends as NULL. */
struct message {
    cJSON *root;
    bool spoiled;
};

static struct message begin(void)
{
    cJSON *root = cJSON_CreateObject();
    return (struct message){ .root = root, .spoiled = root == NULL };
}

/* Takes 'item' in any case. */
static void add(struct message *message, const char *name, cJSON *item)
{
    if (message->spoiled || item == NULL || cJSON_AddItemToObject(message->root, name, item) == 0) {
        cJSON_Delete(item);
        message->spoiled = true;
    }
}

static void add_number(struct message *message, const char *name, int64_t number)
{
    add(message, name, cJSON_CreateNumber((double)number));
}

static cJSON *end(struct message *message, const char *token)
{
    if (token != NULL) {
        add(message, "clientToken", cJSON_CreateString(token));
    }
    if (!message->spoiled) {
        return message->root;
    }
    cJSON_Delete(message->root);
    return NULL;
}

/* A copy of a tree; an empty object where there is none. */
static cJSON *copy(const cJSON *tree)
{
    return tree == NULL ? cJSON_CreateObject() : cJSON_Duplicate(tree, true);
}

/* The metadata of what an update set: of a section that it removes there is none. */
cJSON *shadow_message_updated(const struct shadow_doc *doc, const cJSON *state, const char *token)
{
    struct message message = begin();
    add(&message, "state", cJSON_Duplicate(state, true));
    add(&message, "metadata",
        cJSON_IsObject(state) ? shadow_doc_metadata(state, doc->timestamp) : cJSON_CreateObject());
    add_number(&message, "version", doc->version);
    add_number(&message, "timestamp", doc->timestamp);
    return end(&message, token);
}

cJSON *shadow_message_delta(const struct shadow_doc *doc, const char *token)
{
    cJSON *delta = NULL;
    cJSON *metadata = NULL;
    if (!shadow_doc_delta(doc, &delta, &metadata) || delta == NULL) {
        return NULL;
    }
    struct message message = begin();
    add_number(&message, "version", doc->version);
    add_number(&message, "timestamp", doc->timestamp);
    add(&message, "state", delta);
    add(&message, "metadata", metadata);
    return end(&message, token);
}

static cJSON *snapshot(const struct shadow_doc *doc, int64_t version)
{
    struct message message = begin();
    add(&message, "state", copy(doc->state));
    add(&message, "metadata", copy(doc->metadata));
    add_number(&message, "version", version);
    return end(&message, NULL);
}

cJSON *shadow_message_documents(const struct shadow_doc *before, const struct shadow_doc *after,
                                const char *token)
{
    struct message message = begin();
    add(&message, "previous", snapshot(before, after->version - 1));
    add(&message, "current", snapshot(after, after->version));
    add_number(&message, "timestamp", after->timestamp);
    return end(&message, token);
}

cJSON *shadow_message_got(const struct shadow_doc *doc, int64_t now, const char *token)
{
    cJSON *delta = NULL;
    cJSON *metadata = NULL;
    if (!shadow_doc_delta(doc, &delta, &metadata)) {
        return NULL;
    }
    cJSON_Delete(metadata); /* metadata is given for desired and reported only */
    struct message state = { .root = copy(doc->state) };
    state.spoiled = state.root == NULL;
    if (delta != NULL) {
        add(&state, "delta", delta);
    }
    struct message message = begin();
    add(&message, "state", end(&state, NULL));
    add(&message, "metadata", copy(doc->metadata));
    add_number(&message, "version", doc->version);
    add_number(&message, "timestamp", now);
    return end(&message, token);
}

cJSON *shadow_message_deleted(const struct shadow_doc *doc, const char *token)
{
    struct message message = begin();
    add_number(&message, "version", doc->version);
    add_number(&message, "timestamp", doc->timestamp);
    return end(&message, token);
}

cJSON *shadow_message_rejected(int code, const char *text, const char *token)
{
    struct message message = begin();
    add_number(&message, "code", code);
    add(&message, "message", cJSON_CreateString(text));
    return end(&message, token);
}
