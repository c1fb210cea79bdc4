#include "broker/shadow.h"

#include "broker/shadow_message.h"

#include <inttypes.h>
#include <stdio.h>

/* One request on its way. */
struct work {
    struct shadow_store *store;
    const struct shadow_host *host;
    const struct shadow_topic *topic;
    struct shadow_request request;
    int64_t now;
    char detail[sizeof(struct shadow_store_error)];
};

/* Publishes and releases a message; without memory for it nothing can be said. */
static void publish(const struct work *work, enum shadow_answer answer, cJSON *message)
{
    char topic[SHADOW_TOPIC_SIZE];
    shadow_topic_answer(work->topic, answer, topic);
    char *text = cJSON_PrintUnformatted(message);
    if (text != NULL) {
        work->host->publish(work->host->user, topic, text);
    }
    cJSON_free(text);
    cJSON_Delete(message);
}

/* The name AWS puts into "No shadow exists with name": of the classic shadow the thing's. */
static const char *shadow_name(const struct shadow_topic *topic)
{
    return topic->name[0] == '\0' ? topic->thing : topic->name;
}

static void reject(struct work *work, enum shadow_reason reason)
{
    char message[SHADOW_STATE_MAX_LENGTH + 128]; /* room for the longest name in it */
    const char *name = shadow_name(work->topic);
    if (reason == SHADOW_INVALID_NODE) {
        name = work->request.invalid_node;
    } else if (reason == SHADOW_INVALID_JSON || reason == SHADOW_NOT_UTF8) {
        snprintf(work->detail, sizeof work->detail, "wrong from byte %zu of the payload on",
                 work->request.invalid_offset + 1);
    }
    shadow_reason_text(reason, name, message, sizeof message);
    const struct shadow_rejection rejection = { .topic = work->topic,
                                                .code = shadow_reason_code(reason),
                                                .message = message,
                                                .detail = work->detail };
    work->host->rejected(work->host->user, &rejection);
    publish(work, SHADOW_REJECTED,
            shadow_message_rejected(rejection.code, message, work->request.client_token));
}

/* Asks the store; on failure the request is rejected. */
static const struct shadow_doc *get_doc(struct work *work)
{
    struct shadow_store_error error = { "" };
    const struct shadow_doc *doc = NULL;
    if (shadow_store_get(work->store, work->topic, &doc, &error) == 0) {
        return doc;
    }
    snprintf(work->detail, sizeof work->detail, "%s", error.what);
    reject(work, SHADOW_INTERNAL);
    return NULL;
}

/* Stores 'fresh', which is zero afterwards. On failure the request is rejected. */
static bool put_doc(struct work *work, struct shadow_doc *fresh)
{
    struct shadow_store_error error = { "" };
    if (shadow_store_put(work->store, work->topic, fresh, &error) == 0) {
        return true;
    }
    shadow_doc_fini(fresh);
    snprintf(work->detail, sizeof work->detail, "%s", error.what);
    reject(work, SHADOW_INTERNAL);
    return false;
}

static enum shadow_reason check_version(struct work *work, const struct shadow_doc *doc)
{
    int64_t version = shadow_doc_version(doc, work->now);
    if (!work->request.has_version || work->request.version == version) {
        return SHADOW_OK;
    }
    snprintf(work->detail, sizeof work->detail,
             "the request is for version %" PRId64 ", the shadow has version %" PRId64,
             work->request.version, version);
    return SHADOW_VERSION_CONFLICT;
}

/* The document after the update; SHADOW_OK or why there is none. */
static enum shadow_reason merge(struct work *work, const struct shadow_doc *doc,
                                struct shadow_doc *fresh)
{
    enum shadow_reason reason = check_version(work, doc);
    if (reason != SHADOW_OK) {
        return reason;
    }
    bool fits = false;
    if (!shadow_doc_merge(doc, work->request.state, work->now, fresh) ||
        !shadow_request_fits(fresh->state, &fits)) {
        return SHADOW_INTERNAL;
    }
    return fits ? SHADOW_OK : SHADOW_TOO_LARGE;
}

static void update(struct work *work)
{
    const struct shadow_doc *doc = get_doc(work);
    if (doc == NULL) {
        return;
    }
    struct shadow_doc fresh = { 0 };
    enum shadow_reason reason = merge(work, doc, &fresh);
    if (reason != SHADOW_OK) {
        shadow_doc_fini(&fresh);
        reject(work, reason);
        return;
    }
    const char *token = work->request.client_token;
    cJSON *documents = shadow_message_documents(doc, &fresh, token); /* putting ends the old one */
    cJSON *accepted = shadow_message_updated(&fresh, work->request.state, token);
    cJSON *delta = shadow_message_delta(&fresh, token);
    if (!put_doc(work, &fresh)) {
        cJSON_Delete(documents);
        cJSON_Delete(accepted);
        cJSON_Delete(delta);
        return;
    }
    publish(work, SHADOW_ACCEPTED, accepted);
    if (delta != NULL) {
        publish(work, SHADOW_DELTA, delta);
    }
    publish(work, SHADOW_DOCUMENTS, documents);
}

static void get(struct work *work)
{
    const struct shadow_doc *doc = get_doc(work);
    if (doc == NULL) {
        return;
    }
    if (doc->state == NULL) {
        reject(work, SHADOW_NOT_FOUND);
        return;
    }
    publish(work, SHADOW_ACCEPTED, shadow_message_got(doc, work->now, work->request.client_token));
}

static void delete (struct work *work)
{
    const struct shadow_doc *doc = get_doc(work);
    if (doc == NULL) {
        return;
    }
    if (doc->state == NULL) {
        reject(work, SHADOW_NOT_FOUND);
        return;
    }
    struct shadow_doc fresh = { 0 };
    shadow_doc_delete(doc, work->now, &fresh);
    cJSON *accepted = shadow_message_deleted(&fresh, work->request.client_token);
    if (put_doc(work, &fresh)) {
        publish(work, SHADOW_ACCEPTED, accepted);
    } else {
        cJSON_Delete(accepted);
    }
}

void shadow_answer(struct shadow_store *store, const struct shadow_host *host,
                   const struct shadow_topic *topic, const void *payload, size_t length)
{
    static const struct {
        enum shadow_reason (*read)(const char *payload, size_t length,
                                   struct shadow_request *ret_request);
        void (*run)(struct work *work);
    } row[SHADOW_OPERATION_COUNT] = {
        [SHADOW_UPDATE] = { shadow_request_read_update, update },
        [SHADOW_GET] = { shadow_request_read_token, get },
        [SHADOW_DELETE] = { shadow_request_read_token, delete },
    };
    struct work work = {
        .store = store, .host = host, .topic = topic, .now = host->now(host->user)
    };
    const char *text = length == 0 ? "" : payload; /* an empty message may have no address */
    enum shadow_reason reason = row[topic->operation].read(text, length, &work.request);
    if (reason == SHADOW_OK) {
        row[topic->operation].run(&work);
    } else {
        reject(&work, reason);
    }
    shadow_request_fini(&work.request);
}
