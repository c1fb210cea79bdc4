/* The stable name of a pty: a symbolic link. Created atomically, removed at exit, and it never
 * replaces anything but a dead link of an emulator. Alive or dead is told by a record lock that
 * each emulator holds on its own slave, so nothing but the link itself lies on disk, and the kernel
 * cleans up after a crash. */
#ifndef SIM_HOST_LINK_PATH_H
#define SIM_HOST_LINK_PATH_H

#include <limits.h>

#include "sim/host/say.h"

/* The path for modem 'index' of 'count': 'base' itself for one modem; for several, a final 0 of
 * 'base' that is not part of a longer number is replaced by the index (…/modem0 gives …/modem1),
 * otherwise the index is appended. */
bool link_path_for(char ret_path[PATH_MAX], const char *base, unsigned index, unsigned count);

/* Where links go without --link: $XDG_RUNTIME_DIR/sim7600/modem0, or modem0 in a fresh folder under
 * /tmp. In the second case *ret_folder is that folder, to be removed at exit; otherwise it is
 * empty. */
bool link_path_default(char ret_base[PATH_MAX], char ret_folder[PATH_MAX], struct reason *why);

/* Makes 'path' point to the pty 'target' whose slave is open as 'slave'. */
bool link_publish(const char *path, const char *target, int slave, struct reason *why);

/* Removes 'path' if it still points to 'target'. */
void link_withdraw(const char *path, const char *target);

#endif
