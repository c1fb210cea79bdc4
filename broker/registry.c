#include "broker/registry.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct registry {
    size_t count;
    struct registry_entry entry[];
};

/* What loading carries along. */
struct loader {
    const struct json_doc *doc;
    struct json_path path;
    struct json_error *error;
};

static bool is_thing_name(const char *name)
{
    size_t length = strlen(name);
    return length >= 1 && length <= THING_NAME_MAX_LENGTH &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:_-") ==
               length;
}

static bool is_certificate_id(const char *id)
{
    return strlen(id) == CERTIFICATE_ID_LENGTH &&
           strspn(id, "0123456789abcdef") == CERTIFICATE_ID_LENGTH;
}

static int fail(const struct loader *loader, const char *what)
{
    return json_doc_fail(loader->doc, &loader->path, false, loader->error, "%s", what);
}

static int read_entry(struct loader *loader, const cJSON *element, struct registry *registry)
{
    const char *thing = cJSON_GetStringValue(
        cJSON_IsObject(element) ? cJSON_GetObjectItemCaseSensitive(element, "thingName") : NULL);
    const char *id = cJSON_GetStringValue(
        cJSON_IsObject(element) ? cJSON_GetObjectItemCaseSensitive(element, "certificateId")
                                : NULL);
    if (thing == NULL || id == NULL) {
        return fail(loader, "a thing is { \"thingName\": \"…\", \"certificateId\": \"…\" }");
    }
    if (!is_thing_name(thing)) {
        return fail(loader, "thingName must be 1 to 128 of a-z, A-Z, 0-9, ':', '_' and '-'");
    }
    if (!is_certificate_id(id)) {
        return fail(loader,
                    "certificateId must be 64 lower-case hexadecimal digits (the SHA-256 of "
                    "the certificate)");
    }
    if (registry_find(registry, id) != NULL) {
        return fail(loader, "this certificateId is registered a second time");
    }
    struct registry_entry *entry = &registry->entry[registry->count++];
    memcpy(entry->certificate_id, id, CERTIFICATE_ID_LENGTH + 1);
    memcpy(entry->thing, thing, strlen(thing) + 1);
    return 0;
}

static const cJSON *find_things(const struct json_doc *doc, size_t *ret_ordinal)
{
    size_t ordinal = 0;
    const cJSON *member = NULL;
    cJSON_ArrayForEach(member, doc->root)
    {
        if (cJSON_IsObject(doc->root) && strcmp(member->string, "things") == 0) {
            *ret_ordinal = ordinal;
            return member;
        }
        ordinal++;
    }
    return NULL;
}

static int load(struct loader *loader, struct registry **ret_registry)
{
    size_t ordinal = 0;
    const cJSON *things = find_things(loader->doc, &ordinal);
    if (!cJSON_IsArray(things)) {
        return fail(loader, "a registry is { \"things\": [ … ] }");
    }
    size_t most = (size_t)cJSON_GetArraySize(things);
    struct registry *registry = calloc(1, sizeof *registry + most * sizeof registry->entry[0]);
    if (registry == NULL) {
        fail(loader, "out of memory");
        return -ENOMEM;
    }
    size_t index = 0;
    const cJSON *element = NULL;
    cJSON_ArrayForEach(element, things)
    {
        loader->path = (struct json_path){ .ordinal = { ordinal, index++ }, .depth = 2 };
        int rc = read_entry(loader, element, registry);
        if (rc != 0) {
            registry_free(&registry);
            return rc;
        }
    }
    *ret_registry = registry;
    return 0;
}

int registry_parse(const char *text, size_t length, struct registry **ret_registry,
                   struct json_error *ret_error)
{
    struct json_doc doc = { 0 };
    int rc = json_doc_parse(&doc, text, length, ret_error);
    if (rc != 0) {
        return rc;
    }
    struct loader loader = { .doc = &doc, .error = ret_error };
    rc = load(&loader, ret_registry);
    json_doc_free(&doc);
    return rc;
}

void registry_free(struct registry **registry)
{
    if (*registry == NULL) {
        return;
    }
    for (size_t i = 0; i < (*registry)->count; i++) {
        for (int k = 0; k < POLICY_VARIABLE_COUNT; k++) {
            free((*registry)->entry[i].certificate_value[k]);
        }
    }
    free(*registry);
    *registry = NULL;
}

struct registry_entry *registry_find(struct registry *registry, const char *certificate_id)
{
    for (size_t i = 0; i < registry->count; i++) {
        if (strcmp(registry->entry[i].certificate_id, certificate_id) == 0) {
            return &registry->entry[i];
        }
    }
    return NULL;
}

size_t registry_count(const struct registry *registry)
{
    return registry->count;
}
