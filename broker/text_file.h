/* Reads a small text file whole. The only part of the broker plugin that opens files. */
#ifndef BROKER_TEXT_FILE_H
#define BROKER_TEXT_FILE_H

#include <stddef.h>

/* Reads at most 'limit' bytes of 'path'. Returns 0 with *ret_text the caller's to free() (a NUL
 * byte follows the *ret_length bytes), or a negative errno: -EFBIG for a longer file. */
int text_file_read(const char *path, size_t limit, char **ret_text, size_t *ret_length);

#endif
