/* Files that the user names on the command line. */
#ifndef SIM_HOST_READ_FILE_H
#define SIM_HOST_READ_FILE_H

#include "base/buf.h"

/* Appends the content of a file. 0 or -errno; -EFBIG when it is more than ret's cap. */
int read_file(const char *path, struct buf *ret);

#endif
