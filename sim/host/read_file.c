#include "sim/host/read_file.h"

#include <errno.h>
#include <stdio.h>

int read_file(const char *path, struct buf *ret)
{
    FILE *f = fopen(path, "rb");
    if (f == NULL) {
        return -errno;
    }
    uint8_t part[4096];
    size_t n = 0;
    int rc = 0;
    while (rc == 0 && (n = fread(part, 1, sizeof part, f)) > 0) {
        rc = buf_add(ret, span_of(part, n)) ? 0 : -EFBIG;
    }
    if (rc == 0 && ferror(f) != 0) {
        rc = errno != 0 ? -errno : -EIO;
    }
    (void)fclose(f);
    return rc;
}
