#include "broker/keys.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#define POLICY_KEY_NAME(id, name) [POLICY_##id] = (name),
static const char *const key_name[] = { POLICY_KEYS(POLICY_KEY_NAME) };
#undef POLICY_KEY_NAME

const char *policy_key_name(enum policy_key_id id)
{
    return key_name[id];
}

/* Whether a key takes an index or .List behind its name. */
static bool has_index(enum policy_key_id id)
{
    return id > POLICY_CERTIFICATE_SERIAL_NUMBER;
}

/* [NAME] of a thing's attribute. */
static int parse_attribute(const char *text, size_t length, struct policy_key *ret_key)
{
    if (length < 3 || text[0] != '[' || text[length - 1] != ']' ||
        memchr(text + 1, '[', length - 2) != NULL || memchr(text + 1, ']', length - 2) != NULL) {
        return -EINVAL;
    }
    ret_key->attribute = text + 1;
    ret_key->attribute_length = length - 2;
    return 0;
}

/* What follows the name: nothing, [NAME], .1 or .List. */
static int parse_rest(const char *text, size_t length, struct policy_key *ret_key)
{
    if (ret_key->id == POLICY_THING_ATTRIBUTE) {
        return parse_attribute(text, length, ret_key);
    }
    if (length == 0) {
        ret_key->all = ret_key->id == POLICY_CONNECT_ATTRIBUTES;
        return 0;
    }
    if (!has_index(ret_key->id) || text[0] != '.') {
        return -EINVAL;
    }
    if (length == 5 && strncasecmp(text, ".List", 5) == 0) {
        ret_key->all = true;
        return 0;
    }
    if (length == 2 && text[1] >= '0' && text[1] <= '9') {
        ret_key->index = (size_t)(text[1] - '0');
        return 0;
    }
    return -EINVAL;
}

int policy_key_parse(const char *text, size_t length, struct policy_key *ret_key)
{
    for (int i = 0; i < POLICY_KEY_COUNT; i++) {
        size_t name_length = strlen(key_name[i]);
        if (length < name_length || strncasecmp(text, key_name[i], name_length) != 0) {
            continue;
        }
        *ret_key = (struct policy_key){ .id = (enum policy_key_id)i };
        if (parse_rest(text + name_length, length - name_length, ret_key) == 0) {
            return 0;
        }
    }
    return -EINVAL;
}

const char *policy_value(const struct policy_values *values, const struct policy_key *key)
{
    if (key->id != POLICY_THING_ATTRIBUTE) {
        return key->index < POLICY_VALUES_MAX ? values->value[key->id][key->index] : NULL;
    }
    for (size_t i = 0; i < values->attribute_count; i++) {
        const struct policy_attribute *attribute = &values->attribute[i];
        if (strlen(attribute->name) == key->attribute_length &&
            memcmp(attribute->name, key->attribute, key->attribute_length) == 0) {
            return attribute->value;
        }
    }
    return NULL;
}

const char *policy_variable_value(const struct policy_values *values, const struct policy_key *key)
{
    const char *value = policy_value(values, key);
    bool of_certificate = key->id > POLICY_CERTIFICATE_ID;
    return value != NULL && of_certificate && strpbrk(value, "*$+?#") != NULL ? NULL : value;
}

size_t policy_value_list(const struct policy_values *values, const struct policy_key *key,
                         const char *ret_value[POLICY_VALUES_MAX])
{
    if (!key->all) {
        ret_value[0] = policy_value(values, key);
        return ret_value[0] == NULL ? 0 : 1;
    }
    size_t count = 0;
    while (count < POLICY_VALUES_MAX && values->value[key->id][count] != NULL) {
        ret_value[count] = values->value[key->id][count];
        count++;
    }
    return count;
}
