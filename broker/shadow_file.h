/* The text of a shadow document as it is kept in a file, and the file itself. */
#ifndef BROKER_SHADOW_FILE_H
#define BROKER_SHADOW_FILE_H

#include "broker/json_doc.h"
#include "broker/shadow_doc.h"

#include <stddef.h>

/* Reads the text of a file, of 'length' bytes with a NUL byte after them, into *ret_doc, which must
 * be zero. Returns 0, or -EINVAL with *ret_error filled. */
int shadow_file_parse(const char *text, size_t length, struct shadow_doc *ret_doc,
                      struct json_error *ret_error);

/* The text for a document; NULL without memory. To be released with
 * cJSON_free(). */
char *shadow_file_print(const struct shadow_doc *doc);

/* Writes a file so that after a crash its old or its new content is there. Returns 0 or a negative
 * errno. */
int shadow_file_write(const char *folder, const char *path, const char *text);

#endif
