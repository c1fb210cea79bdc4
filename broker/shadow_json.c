#include "broker/shadow_json.h"

#include <stdbool.h>
#include <string.h>

/* A scanner over the text. It only says whether the text is JSON; cJSON makes the tree. */
struct scan {
    const unsigned char *text;
    size_t length;
    size_t at;
    unsigned nesting;
    bool too_deep;
};

static bool scan_value(struct scan *scan);

static bool next_is(const struct scan *scan, unsigned char c)
{
    return scan->at < scan->length && scan->text[scan->at] == c;
}

static bool take(struct scan *scan, unsigned char c)
{
    if (!next_is(scan, c)) {
        return false;
    }
    scan->at++;
    return true;
}

static void skip_space(struct scan *scan)
{
    while (next_is(scan, ' ') || next_is(scan, '\t') || next_is(scan, '\r') ||
           next_is(scan, '\n')) {
        scan->at++;
    }
}

static bool take_word(struct scan *scan, const char *word)
{
    for (; *word != '\0'; word++) {
        if (!take(scan, (unsigned char)*word)) {
            return false;
        }
    }
    return true;
}

static bool take_digits(struct scan *scan)
{
    size_t begin = scan->at;
    while (scan->at < scan->length && scan->text[scan->at] >= '0' && scan->text[scan->at] <= '9') {
        scan->at++;
    }
    return scan->at > begin;
}

static bool scan_number(struct scan *scan)
{
    take(scan, '-');
    if (!take(scan, '0') && !take_digits(scan)) {
        return false;
    }
    if (take(scan, '.') && !take_digits(scan)) {
        return false;
    }
    if (take(scan, 'e') || take(scan, 'E')) {
        if (!take(scan, '+')) {
            take(scan, '-');
        }
        return take_digits(scan);
    }
    return true;
}

static bool scan_escape(struct scan *scan)
{
    if (!take(scan, 'u')) {
        if (scan->at < scan->length && scan->text[scan->at] != '\0' &&
            strchr("\"\\/bfnrt", scan->text[scan->at]) != NULL) {
            scan->at++;
            return true;
        }
        return false;
    }
    bool is_nul = true;
    for (int i = 0; i < 4; i++) {
        if (scan->at >= scan->length || scan->text[scan->at] == '\0' ||
            strchr("0123456789abcdefABCDEF", scan->text[scan->at]) == NULL) {
            return false;
        }
        is_nul = is_nul && scan->text[scan->at] == '0';
        scan->at++;
    }
    return !is_nul;
}

static bool scan_string(struct scan *scan)
{
    if (!take(scan, '"')) {
        return false;
    }
    while (scan->at < scan->length && scan->text[scan->at] >= ' ') {
        if (take(scan, '"')) {
            return true;
        }
        if (take(scan, '\\')) {
            if (!scan_escape(scan)) {
                return false;
            }
        } else {
            scan->at++;
        }
    }
    return false;
}

static bool scan_member(struct scan *scan)
{
    skip_space(scan);
    if (!scan_string(scan)) {
        return false;
    }
    skip_space(scan);
    return take(scan, ':') && scan_value(scan);
}

/* An object or an array; its opening bracket is taken. */
static bool scan_list(struct scan *scan, unsigned char end, bool (*scan_element)(struct scan *))
{
    if (++scan->nesting > SHADOW_JSON_MAX_NESTING) {
        scan->too_deep = true;
        return false;
    }
    skip_space(scan);
    if (!take(scan, end)) {
        do {
            if (!scan_element(scan)) {
                return false;
            }
        } while (take(scan, ','));
        if (!take(scan, end)) {
            return false;
        }
    }
    scan->nesting--;
    return true;
}

/* A value with the white space around it. */
static bool scan_value(struct scan *scan)
{
    skip_space(scan);
    bool ok = false;
    if (take(scan, '{')) {
        ok = scan_list(scan, '}', scan_member);
    } else if (take(scan, '[')) {
        ok = scan_list(scan, ']', scan_value);
    } else if (next_is(scan, '"')) {
        ok = scan_string(scan);
    } else if (next_is(scan, 't')) {
        ok = take_word(scan, "true");
    } else if (next_is(scan, 'f')) {
        ok = take_word(scan, "false");
    } else if (next_is(scan, 'n')) {
        ok = take_word(scan, "null");
    } else {
        ok = scan_number(scan);
    }
    skip_space(scan);
    return ok;
}

/* The bytes of the UTF-8 character at 'text', 0 if there is none: RFC 3629, no overlong forms, no
 * surrogates, nothing above U+10FFFF. */
static size_t character_length(const unsigned char *text, size_t length)
{
    static const struct {
        unsigned char first_from;
        unsigned char first_to;
        unsigned char second_from;
        unsigned char second_to;
        size_t length;
    } row[] = {
        { 0x00, 0x7F, 0x80, 0xBF, 1 }, { 0xC2, 0xDF, 0x80, 0xBF, 2 }, { 0xE0, 0xE0, 0xA0, 0xBF, 3 },
        { 0xE1, 0xEC, 0x80, 0xBF, 3 }, { 0xED, 0xED, 0x80, 0x9F, 3 }, { 0xEE, 0xEF, 0x80, 0xBF, 3 },
        { 0xF0, 0xF0, 0x90, 0xBF, 4 }, { 0xF1, 0xF3, 0x80, 0xBF, 4 }, { 0xF4, 0xF4, 0x80, 0x8F, 4 },
    };

    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        if (text[0] < row[i].first_from || text[0] > row[i].first_to) {
            continue;
        }
        if (row[i].length > length) {
            return 0;
        }
        if (row[i].length > 1 && (text[1] < row[i].second_from || text[1] > row[i].second_to)) {
            return 0;
        }
        for (size_t k = 2; k < row[i].length; k++) {
            if ((text[k] & 0xC0U) != 0x80U) {
                return 0;
            }
        }
        return row[i].length;
    }
    return 0;
}

/* The offset of the first byte that is not UTF-8, or 'length'. */
static size_t find_not_utf8(const unsigned char *text, size_t length)
{
    size_t at = 0;
    while (at < length) {
        size_t step = character_length(text + at, length - at);
        if (step == 0) {
            break;
        }
        at += step;
    }
    return at;
}

enum shadow_json_result shadow_json_parse(const char *text, size_t length, cJSON **ret_root,
                                          size_t *ret_offset)
{
    const unsigned char *bytes = (const unsigned char *)text;
    *ret_offset = find_not_utf8(bytes, length);
    if (*ret_offset < length) {
        return SHADOW_JSON_NOT_UTF8;
    }
    struct scan scan = { .text = bytes, .length = length };
    bool is_value = scan_value(&scan);
    *ret_offset = scan.at;
    if (!is_value || scan.at < length) {
        return scan.too_deep ? SHADOW_JSON_TOO_DEEP : SHADOW_JSON_INVALID;
    }
    const char *end = NULL;
    cJSON *root = cJSON_ParseWithLengthOpts(text, length, &end, false);
    if (root == NULL) {
        /* Half of a surrogate pair is left, which the scanner does not look for; cJSON says the
         * same of memory that it does not get. */
        *ret_offset = end == NULL ? 0 : (size_t)(end - text);
        return end == NULL ? SHADOW_JSON_NO_MEMORY : SHADOW_JSON_INVALID;
    }
    *ret_root = root;
    return SHADOW_JSON_OK;
}

void shadow_json_keep_last(cJSON *value)
{
    for (cJSON *child = value->child; child != NULL; child = child->next) {
        shadow_json_keep_last(child);
    }
    if (!cJSON_IsObject(value)) {
        return;
    }
    for (cJSON *member = value->child; member != NULL; member = member->next) {
        cJSON *earlier = value->child;
        while (earlier != member) {
            cJSON *following = earlier->next;
            if (strcmp(earlier->string, member->string) == 0) {
                cJSON_Delete(cJSON_DetachItemViaPointer(value, earlier));
            }
            earlier = following;
        }
    }
}

cJSON *shadow_json_member(const cJSON *object, const char *name)
{
    cJSON *found = NULL;
    if (!cJSON_IsObject(object)) {
        return NULL;
    }
    for (cJSON *member = object->child; member != NULL; member = member->next) {
        if (strcmp(member->string, name) == 0) {
            found = member;
        }
    }
    return found;
}
