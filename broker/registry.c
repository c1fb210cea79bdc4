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
    struct registry *registry; /* as far as it is read */
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

static int no_memory(const struct loader *loader)
{
    fail(loader, "out of memory");
    return -ENOMEM;
}

static int copy_text(const struct loader *loader, const cJSON *member, char **ret_text)
{
    const char *text = cJSON_GetStringValue(member);
    if (text == NULL || *text == '\0') {
        return json_doc_fail(loader->doc, &loader->path, false, loader->error,
                             "%s must be a text between quotes", member->string);
    }
    *ret_text = strdup(text);
    return *ret_text == NULL ? no_memory(loader) : 0;
}

static int read_thing_name(struct loader *loader, const cJSON *member, struct registry_entry *entry)
{
    const char *name = cJSON_GetStringValue(member);
    if (name == NULL || !is_thing_name(name)) {
        return fail(loader, "thingName must be 1 to 128 of a-z, A-Z, 0-9, ':', '_' and '-'");
    }
    memcpy(entry->thing, name, strlen(name) + 1);
    return 0;
}

static int read_certificate_id(struct loader *loader, const cJSON *member,
                               struct registry_entry *entry)
{
    const char *id = cJSON_GetStringValue(member);
    if (id == NULL || !is_certificate_id(id)) {
        return fail(loader,
                    "certificateId must be 64 lower-case hexadecimal digits (the SHA-256 of "
                    "the certificate)");
    }
    if (registry_find(loader->registry, id) != NULL) {
        return fail(loader, "this certificateId is registered a second time");
    }
    memcpy(entry->certificate_id, id, CERTIFICATE_ID_LENGTH + 1);
    return 0;
}

static int read_status(struct loader *loader, const cJSON *member, struct registry_entry *entry)
{
    static const char *const known[] = { "ACTIVE", "INACTIVE", "REVOKED", "PENDING_TRANSFER",
                                         "PENDING_ACTIVATION" };
    const char *status = cJSON_GetStringValue(member);
    for (size_t i = 0; status != NULL && i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(status, known[i]) == 0) {
            return copy_text(loader, member, &entry->status);
        }
    }
    return fail(loader, "status must be \"ACTIVE\", \"INACTIVE\", \"REVOKED\", "
                        "\"PENDING_TRANSFER\" or \"PENDING_ACTIVATION\"");
}

static int read_attached(struct loader *loader, const cJSON *member, struct registry_entry *entry)
{
    entry->attached = cJSON_IsTrue(member);
    return cJSON_IsBool(member) ? 0 : fail(loader, "attached must be true or false");
}

static int read_thing_type(struct loader *loader, const cJSON *member, struct registry_entry *entry)
{
    return copy_text(loader, member, &entry->thing_type);
}

static int read_attributes(struct loader *loader, const cJSON *member, struct registry_entry *entry)
{
    size_t most = (size_t)cJSON_GetArraySize(member);
    if (!cJSON_IsObject(member) || most > THING_ATTRIBUTES_MAX) {
        return fail(loader, "attributes must be { \"NAME\": \"VALUE\" } with at most 50 of them");
    }
    entry->attribute = calloc(most + 1, sizeof *entry->attribute);
    if (entry->attribute == NULL) {
        return no_memory(loader);
    }
    size_t level = loader->path.depth;
    size_t ordinal = 0;
    const cJSON *attribute = NULL;
    cJSON_ArrayForEach(attribute, member)
    {
        loader->path.ordinal[level] = ordinal++;
        loader->path.depth = level + 1;
        struct policy_attribute *copy = &entry->attribute[entry->attribute_count++];
        copy->name = strdup(attribute->string);
        int rc =
            copy->name == NULL ? no_memory(loader) : copy_text(loader, attribute, &copy->value);
        if (rc != 0) {
            return rc;
        }
    }
    loader->path.depth = level;
    return 0;
}

static int read_policy(struct loader *loader, const cJSON *member, struct registry_entry *entry)
{
    bool is_array = cJSON_IsArray(member);
    size_t count = is_array ? (size_t)cJSON_GetArraySize(member) : 1;
    if (count == 0 || count > CERTIFICATE_POLICIES_MAX) {
        return fail(loader, "policy is a file name or an array of 1 to 10 file names");
    }
    const cJSON *name = is_array ? member->child : member;
    for (size_t i = 0; i < count; i++, name = name->next) {
        const char *text = cJSON_GetStringValue(name);
        if (text == NULL || *text == '\0') {
            return fail(loader, "policy is a file name or an array of 1 to 10 file names");
        }
        entry->policy[i] = strdup(text);
        if (entry->policy[i] == NULL) {
            return no_memory(loader);
        }
        entry->policy_count++;
    }
    return 0;
}

static const struct {
    const char *name;
    int (*read)(struct loader *loader, const cJSON *member, struct registry_entry *entry);
    bool required;
} member_row[] = {
    { "thingName", read_thing_name, true },
    { "certificateId", read_certificate_id, true },
    { "status", read_status, false },
    { "attached", read_attached, false },
    { "thingTypeName", read_thing_type, false },
    { "attributes", read_attributes, false },
    { "policy", read_policy, false },
};

enum { MEMBER_COUNT = sizeof member_row / sizeof member_row[0] };

static int read_member(struct loader *loader, const cJSON *member, struct registry_entry *entry,
                       bool *seen)
{
    for (size_t i = 0; i < MEMBER_COUNT; i++) {
        if (strcmp(member->string, member_row[i].name) != 0) {
            continue;
        }
        if (seen[i]) {
            return json_doc_fail(loader->doc, &loader->path, true, loader->error,
                                 "%s stands here a second time", member->string);
        }
        seen[i] = true;
        return member_row[i].read(loader, member, entry);
    }
    return json_doc_fail(loader->doc, &loader->path, true, loader->error,
                         "a thing has no \"%.40s\"; it has thingName, certificateId, status, "
                         "attached, thingTypeName, attributes and policy",
                         member->string);
}

static int read_entry(struct loader *loader, const cJSON *element, struct registry_entry *entry)
{
    entry->attached = true;
    if (!cJSON_IsObject(element)) {
        return fail(loader, "a thing is { \"thingName\": \"…\", \"certificateId\": \"…\" }");
    }
    bool seen[MEMBER_COUNT] = { false };
    size_t level = loader->path.depth;
    size_t ordinal = 0;
    const cJSON *member = NULL;
    cJSON_ArrayForEach(member, element)
    {
        loader->path.ordinal[level] = ordinal++;
        loader->path.depth = level + 1;
        int rc = read_member(loader, member, entry, seen);
        if (rc != 0) {
            return rc;
        }
    }
    loader->path.depth = level;
    for (size_t i = 0; i < MEMBER_COUNT; i++) {
        if (member_row[i].required && !seen[i]) {
            return json_doc_fail(loader->doc, &loader->path, false, loader->error,
                                 "the thing has no %s", member_row[i].name);
        }
    }
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
        return no_memory(loader);
    }
    loader->registry = registry;
    size_t index = 0;
    const cJSON *element = NULL;
    cJSON_ArrayForEach(element, things)
    {
        loader->path = (struct json_path){ .ordinal = { ordinal, index++ }, .depth = 2 };
        int rc = read_entry(loader, element, &registry->entry[registry->count++]);
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

static void entry_fini(struct registry_entry *entry)
{
    for (size_t i = 0; i < entry->attribute_count; i++) {
        free(entry->attribute[i].name);
        free(entry->attribute[i].value);
    }
    for (size_t i = 0; i < entry->policy_count; i++) {
        free(entry->policy[i]);
    }
    for (int key = 0; key < POLICY_KEY_COUNT; key++) {
        for (int i = 0; i < POLICY_VALUES_MAX; i++) {
            free(entry->certificate_value[key][i]);
        }
    }
    free(entry->attribute);
    free(entry->status);
    free(entry->thing_type);
}

void registry_free(struct registry **registry)
{
    if (*registry == NULL) {
        return;
    }
    for (size_t i = 0; i < (*registry)->count; i++) {
        entry_fini(&(*registry)->entry[i]);
    }
    free(*registry);
    *registry = NULL;
}

struct registry_entry *registry_find_thing(struct registry *registry, const char *thing)
{
    for (size_t i = 0; i < registry->count; i++) {
        if (strcmp(registry->entry[i].thing, thing) == 0) {
            return &registry->entry[i];
        }
    }
    return NULL;
}

struct registry_entry *registry_at(struct registry *registry, size_t index)
{
    return &registry->entry[index];
}

void registry_take_seen(struct registry *to, struct registry *from)
{
    for (size_t i = 0; i < to->count; i++) {
        struct registry_entry *entry = registry_find(from, to->entry[i].certificate_id);
        if (entry == NULL || !entry->certificate_seen) {
            continue;
        }
        memcpy(to->entry[i].certificate_value, entry->certificate_value,
               sizeof entry->certificate_value);
        memset(entry->certificate_value, 0, sizeof entry->certificate_value);
        to->entry[i].certificate_seen = true;
        entry->certificate_seen = false;
    }
}

bool registry_is_active(const struct registry_entry *entry)
{
    return entry->status == NULL || strcmp(entry->status, "ACTIVE") == 0;
}

void registry_values(const struct registry_entry *entry, const char *client_id,
                     struct policy_values *values)
{
    for (int key = POLICY_CERTIFICATE_ID; key < POLICY_KEY_COUNT; key++) {
        for (int i = 0; i < POLICY_VALUES_MAX; i++) {
            values->value[key][i] = entry->certificate_value[key][i];
        }
    }
    values->value[POLICY_CERTIFICATE_ID][0] = entry->certificate_id;
    values->value[POLICY_CLIENT_ID][0] = client_id;
    values->value[POLICY_THING_IS_ATTACHED][0] = entry->attached ? "true" : "false";
    if (!entry->attached) {
        return;
    }
    values->value[POLICY_THING_NAME][0] = entry->thing;
    if (client_id != NULL && strcmp(client_id, entry->thing) == 0) {
        values->value[POLICY_THING_TYPE_NAME][0] = entry->thing_type;
        values->attribute = entry->attribute;
        values->attribute_count = entry->attribute_count;
    }
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
