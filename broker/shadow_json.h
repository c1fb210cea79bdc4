/* Foreign JSON, read as the Device Shadow service reads it: strictly by RFC 8259 and in UTF-8.
 * cJSON alone takes numbers such as 01, control characters in strings and text that is not UTF-8,
 * and keeps both of two members with one name. Pure: no files, no clock. */
#ifndef BROKER_SHADOW_JSON_H
#define BROKER_SHADOW_JSON_H

#include <cjson/cJSON.h>
#include <stddef.h>

enum {
    /* Levels of nesting that are read at all; a state document has at most 8. */
    SHADOW_JSON_MAX_NESTING = 64
};

enum shadow_json_result {
    SHADOW_JSON_OK,
    SHADOW_JSON_INVALID,
    SHADOW_JSON_NOT_UTF8,
    SHADOW_JSON_TOO_DEEP,
    SHADOW_JSON_NO_MEMORY
};

/* Parses the 'length' bytes of 'text', which need no NUL byte after them and may have one inside
 * (that is no JSON then). An escaped NUL, \u0000, is refused too: cJSON would cut the string there.
 * Returns SHADOW_JSON_OK with *ret_root the caller's, to be released with cJSON_Delete(); otherwise
 * *ret_offset is the byte from which on the text is wrong. */
enum shadow_json_result shadow_json_parse(const char *text, size_t length, cJSON **ret_root,
                                          size_t *ret_offset);

/* Of members with the same name in one object, at any depth, keeps only the last. Takes time in the
 * square of the number of members. */
void shadow_json_keep_last(cJSON *value);

/* The member 'name' of an object, the last one if there are several; NULL without it. */
cJSON *shadow_json_member(const cJSON *object, const char *name);

#endif
