#include "broker/shadow_doc.h"

#include "broker/shadow_json.h"

#include <stddef.h>

static const char *const section_name[] = { "desired", "reported" };

enum { SECTION_COUNT = sizeof section_name / sizeof section_name[0] };

/* Puts 'item' into 'object', in the place of a member with that name. Takes the item in any case;
 * false without memory, which an item that is NULL also says. */
static bool put(cJSON *object, const char *name, cJSON *item)
{
    if (item == NULL) {
        return false;
    }
    cJSON *old = cJSON_GetObjectItemCaseSensitive(object, name);
    bool ok = old == NULL ? cJSON_AddItemToObject(object, name, item) != 0
                          : cJSON_ReplaceItemInObjectCaseSensitive(object, name, item) != 0;
    if (!ok) {
        cJSON_Delete(item);
    }
    return ok;
}

/* The member that is an object, made anew if there is none; NULL without memory. */
static cJSON *object_in(cJSON *object, const char *name)
{
    cJSON *member = cJSON_GetObjectItemCaseSensitive(object, name);
    if (cJSON_IsObject(member)) {
        return member;
    }
    cJSON *fresh = cJSON_CreateObject();
    return put(object, name, fresh) ? fresh : NULL;
}

static void remove_member(cJSON *state, cJSON *metadata, const char *name)
{
    cJSON_DeleteItemFromObjectCaseSensitive(state, name);
    cJSON_DeleteItemFromObjectCaseSensitive(metadata, name);
}

void shadow_doc_fini(struct shadow_doc *doc)
{
    cJSON_Delete(doc->state);
    cJSON_Delete(doc->metadata);
    *doc = (struct shadow_doc){ 0 };
}

int64_t shadow_doc_version(const struct shadow_doc *doc, int64_t now)
{
    bool is_forgotten = doc->state == NULL && now - doc->timestamp > SHADOW_DELETED_SECONDS;
    return is_forgotten ? 0 : doc->version;
}

static cJSON *array_metadata(const cJSON *array, int64_t now)
{
    cJSON *metadata = cJSON_CreateArray();
    const cJSON *element = NULL;
    cJSON_ArrayForEach(element, array)
    {
        cJSON *of_element = shadow_doc_metadata(element, now);
        if (metadata == NULL || of_element == NULL ||
            cJSON_AddItemToArray(metadata, of_element) == 0) {
            cJSON_Delete(of_element);
            cJSON_Delete(metadata);
            return NULL;
        }
    }
    return metadata;
}

cJSON *shadow_doc_metadata(const cJSON *value, int64_t now)
{
    if (cJSON_IsArray(value)) {
        return array_metadata(value, now);
    }
    cJSON *metadata = cJSON_CreateObject();
    if (!cJSON_IsObject(value)) {
        if (metadata == NULL ||
            cJSON_AddNumberToObject(metadata, "timestamp", (double)now) == NULL) {
            cJSON_Delete(metadata);
            return NULL;
        }
        return metadata;
    }
    const cJSON *member = NULL;
    cJSON_ArrayForEach(member, value)
    {
        if (!cJSON_IsNull(member) && (metadata == NULL || !put(metadata, member->string,
                                                               shadow_doc_metadata(member, now)))) {
            cJSON_Delete(metadata);
            return NULL;
        }
    }
    return metadata;
}

static bool merge(cJSON *state, cJSON *metadata, const cJSON *change, int64_t now)
{
    const cJSON *member = NULL;
    cJSON_ArrayForEach(member, change)
    {
        const char *name = member->string;
        if (cJSON_IsNull(member)) {
            remove_member(state, metadata, name);
        } else if (cJSON_IsObject(member)) {
            cJSON *old = cJSON_GetObjectItemCaseSensitive(state, name);
            if (old != NULL && !cJSON_IsObject(old)) {
                remove_member(state, metadata,
                              name); /* metadata of an array or a { "timestamp" } */
            }
            cJSON *below = object_in(state, name);
            cJSON *metadata_below = object_in(metadata, name);
            if (below == NULL || metadata_below == NULL ||
                !merge(below, metadata_below, member, now)) {
                return false;
            }
        } else if (!put(state, name, cJSON_Duplicate(member, true)) ||
                   !put(metadata, name, shadow_doc_metadata(member, now))) {
            return false;
        }
    }
    return true;
}

/* A document has a section only if there is something in it. */
static void remove_empty_sections(struct shadow_doc *doc)
{
    for (int i = 0; i < SECTION_COUNT; i++) {
        const cJSON *section = cJSON_GetObjectItemCaseSensitive(doc->state, section_name[i]);
        if (section != NULL && section->child == NULL) {
            remove_member(doc->state, doc->metadata, section_name[i]);
        }
    }
}

bool shadow_doc_merge(const struct shadow_doc *doc, const cJSON *state, int64_t now,
                      struct shadow_doc *ret_doc)
{
    bool keeps_old = doc->state != NULL && cJSON_IsObject(state);
    *ret_doc = (struct shadow_doc){
        .state = keeps_old ? cJSON_Duplicate(doc->state, true) : cJSON_CreateObject(),
        .metadata = keeps_old ? cJSON_Duplicate(doc->metadata, true) : cJSON_CreateObject(),
        .version = shadow_doc_version(doc, now) + 1,
        .timestamp = now,
    };
    if (ret_doc->state == NULL || ret_doc->metadata == NULL ||
        !merge(ret_doc->state, ret_doc->metadata, state, now)) {
        return false;
    }
    remove_empty_sections(ret_doc);
    return true;
}

void shadow_doc_delete(const struct shadow_doc *doc, int64_t now, struct shadow_doc *ret_doc)
{
    *ret_doc = (struct shadow_doc){ .version = doc->version, .timestamp = now };
}

/* Adds one member to a delta, with its metadata. */
static bool add_difference(const cJSON *value, const cJSON *metadata, int64_t timestamp,
                           cJSON *delta, cJSON *delta_metadata)
{
    if (!put(delta, value->string, cJSON_Duplicate(value, true))) {
        return false;
    }
    const cJSON *of_value = cJSON_GetObjectItemCaseSensitive(metadata, value->string);
    return put(delta_metadata, value->string,
               of_value != NULL ? cJSON_Duplicate(of_value, true)
                                : shadow_doc_metadata(value, timestamp));
}

struct difference {
    const cJSON *desired;
    const cJSON *reported;
    const cJSON *metadata; /* of desired */
    int64_t timestamp;     /* where the metadata has none */
};

static bool find_difference(const struct difference *of, cJSON *delta, cJSON *delta_metadata)
{
    const cJSON *wanted = NULL;
    cJSON_ArrayForEach(wanted, of->desired)
    {
        const char *name = wanted->string;
        const cJSON *reported = cJSON_GetObjectItemCaseSensitive(of->reported, name);
        if (reported != NULL && cJSON_Compare(wanted, reported, true)) {
            continue;
        }
        if (!cJSON_IsObject(wanted) || !cJSON_IsObject(reported)) {
            if (!add_difference(wanted, of->metadata, of->timestamp, delta, delta_metadata)) {
                return false;
            }
            continue;
        }
        struct difference below = { .desired = wanted,
                                    .reported = reported,
                                    .metadata =
                                        cJSON_GetObjectItemCaseSensitive(of->metadata, name),
                                    .timestamp = of->timestamp };
        cJSON *delta_below = object_in(delta, name);
        cJSON *metadata_below = object_in(delta_metadata, name);
        if (delta_below == NULL || metadata_below == NULL ||
            !find_difference(&below, delta_below, metadata_below)) {
            return false;
        }
        if (delta_below->child == NULL) { /* reported has more members, desired is satisfied */
            remove_member(delta, delta_metadata, name);
        }
    }
    return true;
}

bool shadow_doc_delta(const struct shadow_doc *doc, cJSON **ret_delta, cJSON **ret_metadata)
{
    struct difference whole = {
        .desired = cJSON_GetObjectItemCaseSensitive(doc->state, "desired"),
        .reported = cJSON_GetObjectItemCaseSensitive(doc->state, "reported"),
        .metadata = cJSON_GetObjectItemCaseSensitive(doc->metadata, "desired"),
        .timestamp = doc->timestamp,
    };
    *ret_delta = NULL;
    *ret_metadata = NULL;
    cJSON *delta = cJSON_CreateObject();
    cJSON *metadata = cJSON_CreateObject();
    bool ok = delta != NULL && metadata != NULL && find_difference(&whole, delta, metadata);
    if (ok && delta->child != NULL) {
        *ret_delta = delta;
        *ret_metadata = metadata;
        return true;
    }
    cJSON_Delete(delta);
    cJSON_Delete(metadata);
    return ok;
}
