/* The temporary state folder of an emulator that was given no --state: TMPDIR/sim7600-state-XXXXXX,
 * TMPDIR being /tmp unless the variable says otherwise. Its file 'lock' is locked before the folder
 * gets that name, and the kernel drops the lock when its holder ends, however it ends. So a folder
 * of that name, of this user, with a lock that nobody holds, is what a killed emulator left behind:
 * it may hold private keys, and the next emulator removes it. Nothing else is ever removed. */
#ifndef SIM_HOST_STORE_PRIVATE_H
#define SIM_HOST_STORE_PRIVATE_H

#include <limits.h>

#include "sim/host/say.h"

/* Makes the folder, 0700 and empty but for its lock file, and removes dead ones beside it. The two
 * descriptors become the caller's. False with the reason. */
bool store_private_make(char ret_path[PATH_MAX], int *ret_folder, int *ret_lock,
                        struct reason *why);

/* Removes such a folder, open as 'folder', with all that a store keeps in it. The caller holds its
 * lock. */
void store_private_remove(int folder, const char *path);

/* Opens 'dir'/lock and locks it without waiting. Returns the descriptor, whose end is the lock's,
 * -EWOULDBLOCK where another process holds it, or another -errno. */
int store_lock(int dir);

#endif
