/* What modems keep over power-off, as files: DIR/modemN/certificates/NAME, DIR/modemN/nvram/NAME
 * and DIR/modemN/files/NAME, files 0600 in folders 0700. A write is a new file, synced and renamed
 * over the old one, so that after an error or a crash the old content is still there. One emulator
 * at a time uses a DIR (a lock on DIR/lock). Without a DIR it is a private folder under the
 * temporary folder, which goes away with the store. */
#ifndef SIM_HOST_STORE_FS_H
#define SIM_HOST_STORE_FS_H

#include "sim/host/say.h"
#include "sim/modem/modem.h"

struct store_fs;       /* the whole DIR */
struct store_fs_modem; /* one modem's part of it */

/* Opens 'dir' (made if missing; its parent must exist), or a private folder where 'dir' is NULL.
 * NULL with the reason when that cannot be. */
struct store_fs *store_fs_open(const char *dir, struct reason *why);

/* Closes it; removes a private folder. Every part must be closed before. */
void store_fs_close(struct store_fs **sp);

/* Opens the part of modem 'index'. NULL with the reason when that cannot be. 's' must outlive it.
 */
struct store_fs_modem *store_fs_modem_open(struct store_fs *s, unsigned index, struct reason *why);
void store_fs_modem_close(struct store_fs_modem **mp);

/* As struct modem_host has it. 0 or -errno; -EINVAL for a name that is no plain file name. */
int store_fs_put(struct store_fs_modem *m, enum modem_file kind, struct span name,
                 struct span content);
int store_fs_get(struct store_fs_modem *m, enum modem_file kind, struct span name,
                 struct buf *ret_content);
int store_fs_remove(struct store_fs_modem *m, enum modem_file kind, struct span name);
int store_fs_list(struct store_fs_modem *m, enum modem_file kind,
                  void (*each)(void *arg, struct span name), void *arg);

#endif
