#include "broker/json_doc.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void set_position(const char *text, size_t offset, struct json_error *ret_error)
{
    ret_error->line = 1;
    ret_error->column = 1;
    size_t at = strncmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0; /* an editor's byte order mark */
    for (; at < offset; at++) {
        if (text[at] == '\n') {
            ret_error->line++;
            ret_error->column = 1;
        } else if (((unsigned char)text[at] & 0xC0U) != 0x80U) {
            ret_error->column++;
        }
    }
}

/* cJSON cuts a string at an escaped NUL, so that a name would seem to be another, shorter one.
 * Returns its offset, or 'length'. */
static size_t find_nul(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '\0') {
            return i;
        }
        if (text[i] != '\\') {
            continue;
        }
        if (strncmp(text + i, "\\u0000", 6) == 0) {
            return i;
        }
        i++; /* the escaped character, perhaps a second backslash */
    }
    return length;
}

/* Where a member's name should begin cJSON reports the byte after the wrong one: after the } of
 * {"a": 1,} for example, the error people make most. */
static size_t correct_offset(const char *text, size_t offset)
{
    if (offset == 0 || strchr("\"[{ \t\r\n", text[offset - 1]) != NULL) {
        return offset;
    }
    size_t before = offset - 1;
    while (before > 0 && strchr(" \t\r\n", text[before - 1]) != NULL) {
        before--;
    }
    bool after_separator = before > 0 && (text[before - 1] == '{' || text[before - 1] == ',');
    return after_separator ? offset - 1 : offset;
}

static void describe_syntax_error(const char *text, size_t length, size_t offset,
                                  struct json_error *ret_error)
{
    while (offset < length && strchr(" \t\r\n", text[offset]) != NULL) {
        offset++;
    }
    set_position(text, offset, ret_error);
    unsigned char c = (unsigned char)text[offset];
    if (offset >= length) {
        snprintf(ret_error->what, sizeof ret_error->what,
                 "not valid JSON: the text ends too early");
    } else if (c > ' ' && c < 0x7F) {
        snprintf(ret_error->what, sizeof ret_error->what, "not valid JSON from '%c' on", c);
    } else {
        snprintf(ret_error->what, sizeof ret_error->what, "not valid JSON from byte 0x%02X on", c);
    }
}

int json_doc_parse(struct json_doc *ret_doc, const char *text, size_t length,
                   struct json_error *ret_error)
{
    if (length > JSON_DOC_MAX_LENGTH) {
        *ret_error = (struct json_error){ .line = 1, .column = 1 };
        snprintf(ret_error->what, sizeof ret_error->what, "longer than %d bytes",
                 JSON_DOC_MAX_LENGTH);
        return -EINVAL;
    }
    size_t nul = find_nul(text, length);
    if (nul < length) {
        set_position(text, nul, ret_error);
        snprintf(ret_error->what, sizeof ret_error->what, "a NUL character is not allowed");
        return -EINVAL;
    }
    const char *end = text;
    cJSON *root = cJSON_ParseWithLengthOpts(text, length + 1, &end, true);
    if (root == NULL) {
        describe_syntax_error(text, length, correct_offset(text, (size_t)(end - text)), ret_error);
        return -EINVAL;
    }
    *ret_doc = (struct json_doc){ .text = text, .length = length, .root = root };
    return 0;
}

void json_doc_free(struct json_doc *doc)
{
    cJSON_Delete(doc->root);
    *doc = (struct json_doc){ 0 };
}

/* The scanners below walk over text that cJSON has accepted; the length check of each keeps them
 * inside it even if cJSON accepts more than JSON allows. */
static size_t skip_space(const struct json_doc *doc, size_t at)
{
    /* cJSON takes every control character for white space */
    while (at < doc->length && (unsigned char)doc->text[at] <= ' ') {
        at++;
    }
    return at;
}

static size_t skip_string(const struct json_doc *doc, size_t at)
{
    for (at++; at < doc->length && doc->text[at] != '"'; at++) {
        if (doc->text[at] == '\\') {
            at++;
        }
    }
    return at + 1;
}

static size_t skip_value(const struct json_doc *doc, size_t at)
{
    size_t depth = 0;
    while (at < doc->length) {
        char c = doc->text[at];
        if (depth == 0 && (c == ',' || c == '}' || c == ']')) {
            break;
        }
        if (c == '"') {
            at = skip_string(doc, at);
            continue;
        }
        if (c == '{' || c == '[') {
            depth++;
        } else if (c == '}' || c == ']') {
            depth--;
        }
        at++;
    }
    return at;
}

/* From a member's name to its value. */
static size_t skip_key(const struct json_doc *doc, size_t at)
{
    at = skip_space(doc, skip_string(doc, at));
    return skip_space(doc, at + 1); /* the colon */
}

static size_t locate(const struct json_doc *doc, const struct json_path *path, bool at_key)
{
    size_t at = strncmp(doc->text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    at = skip_space(doc, at);
    for (size_t level = 0; level < path->depth && at < doc->length; level++) {
        bool is_object = doc->text[at] == '{';
        at = skip_space(doc, at + 1);
        for (size_t i = 0; i < path->ordinal[level]; i++) {
            if (is_object) {
                at = skip_key(doc, at);
            }
            at = skip_space(doc, skip_value(doc, at) + 1); /* the comma */
        }
        if (is_object && !(at_key && level + 1 == path->depth)) {
            at = skip_key(doc, at);
        }
    }
    return at < doc->length ? at : doc->length;
}

int json_doc_fail(const struct json_doc *doc, const struct json_path *path, bool at_key,
                  struct json_error *ret_error, const char *format, ...)
{
    set_position(doc->text, locate(doc, path, at_key), ret_error);
    va_list arguments;
    va_start(arguments, format);
    /* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): clang-tidy 14 does not see va_start() */
    vsnprintf(ret_error->what, sizeof ret_error->what, format, arguments);
    va_end(arguments);
    return -EINVAL;
}
