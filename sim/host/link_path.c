#include "sim/host/link_path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define PTS_FOLDER "/dev/pts/"

bool link_path_for(char ret_path[PATH_MAX], const char *base, unsigned index, unsigned count)
{
    size_t n = strlen(base);
    bool ends_in_0 = n > 0 && base[n - 1] == '0';
    bool longer_number = n > 1 && base[n - 2] >= '0' && base[n - 2] <= '9';
    int written;
    if (count <= 1) {
        written = snprintf(ret_path, PATH_MAX, "%s", base);
    } else if (ends_in_0 && !longer_number) {
        written = snprintf(ret_path, PATH_MAX, "%.*s%u", (int)(n - 1), base, index);
    } else {
        written = snprintf(ret_path, PATH_MAX, "%s%u", base, index);
    }
    return written > 0 && written < PATH_MAX;
}

bool link_path_default(char ret_base[PATH_MAX], char ret_folder[PATH_MAX], struct reason *why)
{
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    ret_folder[0] = '\0';
    if (runtime != NULL && runtime[0] == '/') {
        char folder[PATH_MAX - 16];
        int n = snprintf(folder, sizeof folder, "%s/sim7600", runtime);
        if (n < 0 || n >= (int)sizeof folder) {
            return reason_set(why, "XDG_RUNTIME_DIR is too long; choose a place with --link");
        }
        if (mkdir(folder, 0700) != 0 && errno != EEXIST) {
            return reason_set(why, "cannot create %.200s: %s; choose a place with --link", folder,
                              strerror(errno));
        }
        (void)snprintf(ret_base, PATH_MAX, "%s/modem0", folder);
        return true;
    }
    (void)snprintf(ret_folder, PATH_MAX, "/tmp/sim7600-XXXXXX");
    if (mkdtemp(ret_folder) == NULL) {
        ret_folder[0] = '\0';
        return reason_set(why, "cannot create a folder under /tmp: %s; choose a place with --link",
                          strerror(errno));
    }
    (void)snprintf(ret_base, PATH_MAX, "%.*s/modem0", PATH_MAX - 16, ret_folder);
    return true;
}

/* The folder of a link, locked: two emulators starting at once take turns. And a number for the
 * link in it, which tells on the slave of a pty which link its emulator published. */
struct place {
    int folder; /* -1 where it cannot be opened; then publishing fails by itself */
    off_t id;
};

static uint32_t hash(uint32_t h, const void *p, size_t n)
{
    const uint8_t *byte = p;
    for (size_t i = 0; i < n; i++) {
        h = (h ^ byte[i]) * 16777619U; /* FNV-1a */
    }
    return h;
}

static struct place place_lock(const char *path)
{
    char folder[PATH_MAX];
    struct stat st = { .st_ino = 0 };
    (void)snprintf(folder, sizeof folder, "%s", path);
    char *slash = strrchr(folder, '/');
    const char *name = slash == NULL ? path : path + (slash - folder) + 1;
    if (slash == NULL) {
        (void)snprintf(folder, sizeof folder, ".");
    } else {
        slash[slash == folder ? 1 : 0] = '\0';
    }
    struct place at = { .folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) };
    if (at.folder >= 0) {
        (void)flock(at.folder, LOCK_EX);
        (void)fstat(at.folder, &st);
    }
    uint32_t h = hash(2166136261U, &st.st_dev, sizeof st.st_dev);
    h = hash(h, &st.st_ino, sizeof st.st_ino);
    at.id = (off_t)(hash(h, name, strlen(name)) >> 1); /* fits where off_t has 32 bits, too */
    return at;
}

static void place_unlock(const struct place *at)
{
    if (at->folder >= 0) {
        (void)close(at->folder);
    }
}

static struct flock lock_of(const struct place *at)
{
    return (struct flock){ .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = at->id, .l_len = 1 };
}

/* True when the emulator that published this link is alive, or the terminal is one we may not look
 * at. */
static bool terminal_in_use(const char *target, const struct place *at)
{
    int fd = open(target, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) {
        return errno != ENOENT && errno != ENXIO && errno != EIO;
    }
    struct flock l = lock_of(at);
    bool in_use = fcntl(fd, F_OFD_GETLK, &l) != 0 || l.l_type != F_UNLCK;
    (void)close(fd);
    return in_use;
}

static bool may_replace(const char *path, const struct place *at, struct reason *why)
{
    char target[PATH_MAX];
    ssize_t n = readlink(path, target, sizeof target - 1);
    if (n < 0 && errno == ENOENT) {
        return true;
    }
    if (n < 0 && errno != EINVAL) {
        return reason_set(why, "cannot use %.200s as link: %s; choose another name with --link",
                          path, strerror(errno));
    }
    if (n < 0) {
        return reason_set(
            why, "%.200s exists and is not a link of an emulator; choose another name with --link",
            path);
    }
    target[n] = '\0';
    if (strncmp(target, PTS_FOLDER, strlen(PTS_FOLDER)) != 0) {
        return reason_set(why,
                          "%.200s points to %.100s and is not a link of an emulator; choose "
                          "another name with --link",
                          path, target);
    }
    if (terminal_in_use(target, at)) {
        return reason_set(
            why, "%.200s belongs to a running emulator; end it or choose another name with --link",
            path);
    }
    return true;
}

static bool put_link(const char *path, const char *target, struct reason *why)
{
    char fresh[PATH_MAX + 16];
    (void)snprintf(fresh, sizeof fresh, "%s.%ld", path, (long)getpid());
    if (symlink(target, fresh) != 0) {
        return reason_set(why, "cannot create the link %.200s: %s; choose a place with --link",
                          path, strerror(errno));
    }
    if (rename(fresh, path) != 0) {
        int err = errno;
        (void)unlink(fresh);
        return reason_set(why, "cannot create the link %.200s: %s; choose a place with --link",
                          path, strerror(err));
    }
    return true;
}

bool link_publish(const char *path, const char *target, int slave, struct reason *why)
{
    struct place at = place_lock(path);
    /* Our own lock comes after the check: a dead link may point to the very number we were given
     * now. */
    bool ok = may_replace(path, &at, why);
    struct flock l = lock_of(&at);
    ok = ok && (fcntl(slave, F_OFD_SETLK, &l) == 0 ||
                reason_set(why, "cannot lock %s: %s", target, strerror(errno)));
    ok = ok && put_link(path, target, why);
    place_unlock(&at);
    return ok;
}

void link_withdraw(const char *path, const char *target)
{
    char now[PATH_MAX];
    struct place at = place_lock(path);
    ssize_t n = readlink(path, now, sizeof now - 1);
    if (n > 0) {
        now[n] = '\0';
        if (strcmp(now, target) == 0) {
            (void)unlink(path);
        }
    }
    place_unlock(&at);
}
