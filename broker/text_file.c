#include "broker/text_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static int read_all(FILE *file, char *text, size_t limit, size_t *ret_length)
{
    size_t length = fread(text, 1, limit + 1, file);
    if (ferror(file) != 0) {
        return errno > 0 ? -errno : -EIO; /* a folder, for example: EISDIR */
    }
    if (length > limit) {
        return -EFBIG;
    }
    text[length] = '\0';
    *ret_length = length;
    return 0;
}

int text_file_read(const char *path, size_t limit, char **ret_text, size_t *ret_length)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return -errno;
    }
    int rc = -ENOMEM;
    char *text = malloc(limit + 1);
    if (text != NULL) {
        errno = 0;
        rc = read_all(file, text, limit, ret_length);
    }
    fclose(file);
    if (rc != 0) {
        free(text);
        return rc;
    }
    *ret_text = text;
    return 0;
}
