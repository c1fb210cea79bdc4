#include "sim/host/store_private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME_START  "sim7600-state-"
#define NAME_RANDOM 6 /* characters, of mkdtemp */
#define LEVELS      3 /* modemN, the kind of file, the file */
#define LOCK_FILE   "lock"
#define LOCK_MODE   0600

static int open_below(int at, const char *name)
{
    return openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
}

int store_lock(int dir)
{
    int fd = openat(dir, LOCK_FILE, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, LOCK_MODE);
    if (fd < 0) {
        return -errno;
    }
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        int err = errno;
        (void)close(fd);
        return -err;
    }
    return fd;
}

/* The next name in 'd' that is neither the folder itself nor its parent; NULL at the end. */
static const char *next_name(DIR *d)
{
    for (const struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0) {
            return e->d_name;
        }
    }
    return NULL;
}

static void leave(DIR *levels[LEVELS], size_t *depth, char names[LEVELS][NAME_MAX + 1])
{
    (void)closedir(levels[--*depth]);
    if (*depth > 0) {
        (void)unlinkat(dirfd(levels[*depth - 1]), names[*depth], AT_REMOVEDIR);
    }
}

static void enter(DIR *levels[LEVELS], size_t *depth, char names[LEVELS][NAME_MAX + 1],
                  const char *name)
{
    int fd = open_below(dirfd(levels[*depth - 1]), name);
    DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
    if (d == NULL) {
        if (fd >= 0) {
            (void)close(fd);
        }
        return;
    }
    (void)snprintf(names[*depth], NAME_MAX + 1, "%s", name);
    levels[(*depth)++] = d;
}

/* Removes files and folders below 'folder', as deep as a store goes, but for the lock file: should
 * this be interrupted, the rest must still look like what it is. */
static void empty_folder(int folder)
{
    DIR *levels[LEVELS];
    char names[LEVELS][NAME_MAX + 1];
    int fd = open_below(folder, ".");
    levels[0] = fd >= 0 ? fdopendir(fd) : NULL;
    if (levels[0] == NULL) {
        if (fd >= 0) {
            (void)close(fd);
        }
        return;
    }
    for (size_t depth = 1; depth > 0;) {
        const char *name = next_name(levels[depth - 1]);
        if (name == NULL) {
            leave(levels, &depth, names);
        } else if (depth == 1 && strcmp(name, LOCK_FILE) == 0) {
            continue;
        } else if (unlinkat(dirfd(levels[depth - 1]), name, 0) != 0 && depth < LEVELS) {
            enter(levels, &depth, names, name);
        }
    }
}

void store_private_remove(int folder, const char *path)
{
    empty_folder(folder);
    (void)unlinkat(folder, LOCK_FILE, 0);
    (void)rmdir(path);
}

static bool is_our_name(const char *name)
{
    return strncmp(name, NAME_START, strlen(NAME_START)) == 0 &&
           strlen(name) == strlen(NAME_START) + NAME_RANDOM;
}

/* Removes 'name' in the folder 'tmp' if it is a private folder of ours whose emulator is dead. */
static void remove_if_dead(int tmp, const char *tmp_path, const char *name)
{
    struct stat st;
    char path[PATH_MAX];
    int n = snprintf(path, sizeof path, "%s/%s", tmp_path, name);
    int folder = n < (int)sizeof path ? open_below(tmp, name) : -1;
    if (folder < 0) {
        return;
    }
    bool ours = fstat(folder, &st) == 0 && st.st_uid == geteuid() && (st.st_mode & 077) == 0;
    /* Without a lock file, which store_lock would make, nothing is proven. */
    bool has_lock = ours && fstatat(folder, LOCK_FILE, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
                    S_ISREG(st.st_mode) && st.st_uid == geteuid();
    int lock = has_lock ? store_lock(folder) : -1;
    if (lock >= 0) {
        store_private_remove(folder, path);
        (void)close(lock);
    }
    (void)close(folder);
}

static void remove_dead_ones(const char *tmp)
{
    DIR *d = opendir(tmp);
    if (d == NULL) {
        return;
    }
    for (const char *name = next_name(d); name != NULL; name = next_name(d)) {
        if (is_our_name(name)) {
            remove_if_dead(dirfd(d), tmp, name);
        }
    }
    (void)closedir(d);
}

/* Gives the folder made as 'path' its name and its lock; the lock first. */
static int settle(const char *path, const char *final_path, int *ret_folder, int *ret_lock)
{
    int folder = open_below(AT_FDCWD, path);
    if (folder < 0) {
        return -errno;
    }
    int lock = store_lock(folder);
    int err = lock < 0 ? -lock : 0;
    if (err == 0 && rename(path, final_path) != 0) {
        err = errno;
        (void)unlinkat(folder, LOCK_FILE, 0);
        (void)close(lock);
    }
    if (err != 0) {
        (void)close(folder);
        return -err;
    }
    *ret_folder = folder;
    *ret_lock = lock;
    return 0;
}

bool store_private_make(char ret_path[PATH_MAX], int *ret_folder, int *ret_lock, struct reason *why)
{
    const char *variable = getenv("TMPDIR");
    const char *tmp = variable != NULL && variable[0] == '/' ? variable : "/tmp";
    char fresh[PATH_MAX];
    remove_dead_ones(tmp);
    int n = snprintf(fresh, sizeof fresh, "%s/sim7600-start-XXXXXX", tmp);
    int rc = n >= (int)sizeof fresh ? -ENAMETOOLONG : 0;
    if (rc == 0) {
        rc = mkdtemp(fresh) == NULL ? -errno : 0;
    }
    if (rc == 0) {
        (void)snprintf(ret_path, PATH_MAX, "%s/" NAME_START "%s", tmp,
                       fresh + n - NAME_RANDOM); /* as long as 'fresh' */
        rc = settle(fresh, ret_path, ret_folder, ret_lock);
        if (rc != 0) {
            (void)rmdir(fresh);
        }
    }
    return rc == 0 ||
           reason_set(why,
                      "cannot create a temporary state folder in %.200s: %s; choose one with "
                      "--state",
                      tmp, strerror(-rc));
}
