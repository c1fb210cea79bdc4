/* A file that the build puts into a program (cmake/embed_files.cmake), so that the program needs no
 * installation. */
#ifndef BASE_EMBEDDED_H
#define BASE_EMBEDDED_H

#include <stddef.h>
#include <stdint.h>

struct embedded_file {
    const char *name; /* without folder and extension */
    const uint8_t *text;
    size_t n; /* a NUL stands behind them */
};

#endif
