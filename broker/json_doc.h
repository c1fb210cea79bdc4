/* A JSON document a person wrote: cJSON's tree together with the text it came from, so that an
 * error can name the line and column of the value that is wrong (cJSON alone keeps no positions). A
 * document owns its tree and borrows the text, which must stay in place until json_doc_free(). It
 * knows nothing of what the document means and reads no files. */
#ifndef BROKER_JSON_DOC_H
#define BROKER_JSON_DOC_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

enum {
    JSON_DOC_MAX_LENGTH = 1 << 18, /* bytes; AWS itself takes 2048 per policy */
    JSON_PATH_MAX_DEPTH = 8
};

struct json_doc {
    const char *text;
    size_t length;
    cJSON *root;
};

/* The way from the root to a value: at each level the position among its siblings, from 0. */
struct json_path {
    size_t ordinal[JSON_PATH_MAX_DEPTH];
    size_t depth;
};

/* Where a document is wrong, and how. Line and column count from 1, columns in characters. */
struct json_error {
    size_t line;
    size_t column;
    char what[256];
};

/* Parses 'text', which has 'length' bytes and a NUL byte after them.
 * Returns 0, or -EINVAL with *ret_error filled (nothing to free then). */
int json_doc_parse(struct json_doc *ret_doc, const char *text, size_t length,
                   struct json_error *ret_error);

/* Releases the tree. Harmless on a document that was never parsed but zeroed. */
void json_doc_free(struct json_doc *doc);

/* Fills *ret_error with the position of the value at 'path' (at_key: of that member's name) and the
 * printf-like text. Returns -EINVAL, so that a caller can end with it. */
int json_doc_fail(const struct json_doc *doc, const struct json_path *path, bool at_key,
                  struct json_error *ret_error, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

#endif
