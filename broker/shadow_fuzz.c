/* Input: lines, each a topic, a space and a payload. Whatever is published, each request is
 * answered with valid JSON, exactly once accepted or rejected; a version never goes back; what is
 * stored can be written to a file and read again. */
#include "broker/shadow.h"
#include "broker/shadow_file.h"
#include "broker/shadow_json.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct heard {
    int answers;
    int64_t now;
};

static void demand(bool condition)
{
    if (!condition) {
        abort();
    }
}

static int64_t now(void *user)
{
    return ((struct heard *)user)->now++;
}

static bool ends_with(const char *text, const char *end)
{
    return strlen(text) >= strlen(end) && strcmp(text + strlen(text) - strlen(end), end) == 0;
}

static void publish(void *user, const char *topic, const char *payload)
{
    demand(shadow_topic_parse(topic).kind == SHADOW_TOPIC_ANSWER);
    cJSON *message = NULL;
    size_t offset = 0;
    demand(shadow_json_parse(payload, strlen(payload), &message, &offset) == SHADOW_JSON_OK);
    cJSON_Delete(message);
    ((struct heard *)user)->answers +=
        ends_with(topic, "/accepted") || ends_with(topic, "/rejected");
}

static void rejected(void *user, const struct shadow_rejection *rejection)
{
    (void)user;
    demand(rejection->code >= 400 && rejection->message[0] != '\0');
}

static void check_file(const struct shadow_doc *doc)
{
    char *text = shadow_file_print(doc);
    demand(text != NULL);
    struct shadow_doc again = { 0 };
    struct json_error error = { 0 };
    demand(shadow_file_parse(text, strlen(text), &again, &error) == 0);
    demand(again.version == doc->version && (again.state == NULL) == (doc->state == NULL));
    shadow_doc_fini(&again);
    cJSON_free(text);
}

static void run(struct shadow_store *store, struct heard *heard, const char *line, size_t length)
{
    const struct shadow_host host = {
        .user = heard, .now = now, .publish = publish, .rejected = rejected
    };
    const char *space = memchr(line, ' ', length);
    size_t topic_length = space == NULL ? length : (size_t)(space - line);
    char *name = strndup(line, topic_length);
    demand(name != NULL);
    struct shadow_topic topic = shadow_topic_parse(name);
    free(name);
    if (topic.kind != SHADOW_TOPIC_REQUEST) {
        return;
    }
    struct shadow_store_error error = { "" };
    const struct shadow_doc *doc = NULL;
    demand(shadow_store_get(store, &topic, &doc, &error) == 0);
    int64_t before = doc->version;
    heard->answers = 0;
    const char *payload = space == NULL ? "" : space + 1;
    size_t payload_length = space == NULL ? 0 : length - topic_length - 1;
    shadow_answer(store, &host, &topic, payload, payload_length);
    demand(heard->answers == 1);
    demand(doc->version >= before && doc->version <= before + 1);
    if (doc->version > 0) {
        check_file(doc);
    }
}

/* The same bytes as the file of a shadow. */
static void read_file(const char *text, size_t length)
{
    struct shadow_doc doc = { 0 };
    struct json_error error = { 0 };
    if (shadow_file_parse(text, length, &doc, &error) == 0) {
        check_file(&doc);
        shadow_doc_fini(&doc);
    } else {
        demand(error.line > 0 && error.column > 0 && error.what[0] != '\0');
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    if (text == NULL) {
        return 0;
    }
    if (size > 0) {
        memcpy(text, data, size);
    }
    text[size] = '\0';
    read_file(text, size);
    struct shadow_store *store = NULL;
    struct shadow_store_error error = { "" };
    demand(shadow_store_open(NULL, &store, &error) == 0);
    struct heard heard = { .now = 1000 };
    for (size_t at = 0; at < size;) {
        const char *end = memchr(text + at, '\n', size - at);
        size_t length = end == NULL ? size - at : (size_t)(end - text) - at;
        run(store, &heard, text + at, length);
        at += length + 1;
    }
    shadow_store_close(&store);
    free(text);
    return 0;
}
