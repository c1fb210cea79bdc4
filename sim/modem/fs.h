/* The file system of the module: drives C: (local), D: (SD card), E: (multimedia) and F: (cache)
 * with folders and files (general-commands.md B4.11). Part of struct modem; the bytes are with the
 * host (FILE_USER), one entry per file and folder, so they outlive power-off.
 *
 * Paths are absolute here: "C:/folder/name", a folder ends in '/'. In the store the same is
 * "C|folder|name", since its names hold no '/', and '|' can be in no name. */
#ifndef SIM_MODEM_FS_H
#define SIM_MODEM_FS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/schema.h"
#include "base/span.h"

#define FS_PATH_MAX 254
#define FS_FILE_MAX (512U * 1024) /* of one file */

struct modem;

struct fs {
    char folder[FS_PATH_MAX + 2]; /* the current one, of FSCD */
};

enum fs_result {
    FS_OK,
    FS_NO_SD_CARD,
    FS_INVALID_PATH,
    FS_INVALID_NAME,
    FS_NO_FILE,
    FS_NO_FOLDER,
    FS_FILE_EXISTS,
    FS_FOLDER_EXISTS,
    FS_NOT_EMPTY,
    FS_FULL,
    FS_FAILED, /* the host could not */
};

void fs_reset(struct modem *m);

/* The absolute path that an argument means, in a buf of cap FS_PATH_MAX + 1; relative ones begin at
 * the current folder. 'folder': it names a folder, and ends in '/' then. */
enum fs_result fs_path(const struct modem *m, const struct value *v, bool folder, struct buf *ret);

/* Does the folder of this path, or the one that this file is in, exist? */
enum fs_result fs_folder_of(struct modem *m, struct span path);

enum fs_result fs_read(struct modem *m, struct span path, struct buf *ret);
/* A new file, or new content; its folder must exist. */
enum fs_result fs_write(struct modem *m, struct span path, struct span content);
enum fs_result fs_remove(struct modem *m, struct span path);
enum fs_result fs_rename(struct modem *m, struct span from, struct span to);
enum fs_result fs_make_folder(struct modem *m, struct span path);
enum fs_result fs_remove_folder(struct modem *m, struct span path);

/* Names in a folder, in byte order: of its folders, or of its files. */
enum fs_result fs_list(struct modem *m, struct span folder, bool folders,
                       void (*each)(void *arg, struct span name), void *arg);

/* When a file was made, by the modem's clock: s since 1970. */
int64_t fs_date(struct modem *m, struct span path);

/* Size of a drive and how much of it is in use, in bytes. */
void fs_space(struct modem *m, char drive, uint32_t *ret_total, uint32_t *ret_used);

#endif
