#include "sim/host/store_fs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/check.h"
#include "sim/host/store_private.h"

#define KINDS       3
#define FRESH_FILE  "fresh" /* a write in progress, in the modem's folder */
#define FOLDER_MODE 0700
#define FILE_MODE   0600

static const char *const kind_folder[KINDS] = {
    [FILE_CERTIFICATE] = "certificates",
    [FILE_NVRAM] = "nvram",
    [FILE_USER] = "files",
};

struct store_fs {
    char *path; /* on the heap */
    int fd;
    int lock;
    bool private; /* removed at the end, so nothing in it needs to reach the disk */
};

struct store_fs_modem {
    const struct store_fs *store;
    char folder[32];
    int fd;
    int kind_fd[KINDS];
};

/* ---- folders ---- */

/* The name of a new folder is not on the disk before its parent is. */
static void sync_parent(int folder)
{
    int parent = openat(folder, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (parent >= 0) {
        (void)fsync(parent);
        (void)close(parent);
    }
}

/* Opens folder 'name' under 'at', made if missing. Returns the descriptor or -errno. */
static int open_folder(int at, const char *name, bool durable)
{
    bool made = mkdirat(at, name, FOLDER_MODE) == 0;
    if (!made && errno != EEXIST) {
        return -errno;
    }
    int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0 && made && durable) {
        sync_parent(fd);
    }
    return fd >= 0 ? fd : -errno;
}

static void close_fd(int *fd)
{
    if (*fd >= 0) {
        (void)close(*fd);
        *fd = -1;
    }
}

static bool take_lock(struct store_fs *s, struct reason *why)
{
    s->lock = store_lock(s->fd);
    if (s->lock == -EWOULDBLOCK) {
        return reason_set(why,
                          "state folder %.200s is used by another emulator; end it or choose "
                          "another with --state",
                          s->path);
    }
    return s->lock >= 0 || reason_set(why,
                                      "cannot write in the state folder %.200s: %s; choose another "
                                      "with --state",
                                      s->path, strerror(-s->lock));
}

static bool open_store(struct store_fs *s, const char *dir, struct reason *why)
{
    char path[PATH_MAX];
    if (dir == NULL) {
        s->private = store_private_make(path, &s->fd, &s->lock, why);
        s->path = s->private ? text_copy(path) : NULL;
        return s->private;
    }
    s->path = text_copy(dir);
    s->fd = open_folder(AT_FDCWD, dir, true);
    if (s->fd < 0) {
        return reason_set(why,
                          "cannot use the state folder %.200s: %s; choose another with --state",
                          dir, strerror(-s->fd));
    }
    return take_lock(s, why);
}

struct store_fs *store_fs_open(const char *dir, struct reason *why)
{
    struct store_fs *s = xcalloc(1, sizeof *s);
    s->fd = -1;
    s->lock = -1;
    if (!open_store(s, dir, why)) {
        store_fs_close(&s);
    }
    return s;
}

void store_fs_close(struct store_fs **sp)
{
    struct store_fs *s = *sp;
    *sp = NULL;
    if (s == NULL) {
        return;
    }
    if (s->private) {
        store_private_remove(s->fd, s->path);
    }
    close_fd(&s->lock);
    close_fd(&s->fd);
    free(s->path);
    free(s);
}

struct store_fs_modem *store_fs_modem_open(struct store_fs *s, unsigned index, struct reason *why)
{
    struct store_fs_modem *m = xcalloc(1, sizeof *m);
    *m = (struct store_fs_modem){ .store = s, .kind_fd = { -1, -1, -1 } };
    (void)snprintf(m->folder, sizeof m->folder, "modem%u", index);
    const char *part = m->folder;
    m->fd = open_folder(s->fd, m->folder, !s->private);
    int bad = m->fd;
    for (size_t k = 0; k < KINDS && bad >= 0; k++) {
        part = kind_folder[k];
        m->kind_fd[k] = open_folder(m->fd, part, !s->private);
        bad = m->kind_fd[k];
    }
    if (bad < 0) {
        (void)reason_set(why, "cannot use %s of %s in the state folder %.200s: %s", part, m->folder,
                         s->path, strerror(-bad));
        store_fs_modem_close(&m);
        return NULL;
    }
    (void)fchmod(m->fd, FOLDER_MODE);
    (void)unlinkat(m->fd, FRESH_FILE, 0); /* of a write a crash interrupted */
    return m;
}

void store_fs_modem_close(struct store_fs_modem **mp)
{
    struct store_fs_modem *m = *mp;
    *mp = NULL;
    if (m == NULL) {
        return;
    }
    for (size_t k = 0; k < KINDS; k++) {
        close_fd(&m->kind_fd[k]);
    }
    close_fd(&m->fd);
    free(m);
}

/* ---- files ---- */

/* Copies a name; false for what is no plain file name, whatever the modem promises. */
static bool plain_name(struct span name, char ret[NAME_MAX + 1])
{
    if (name.n == 0 || name.n > NAME_MAX || memchr(name.p, '/', name.n) != NULL ||
        memchr(name.p, '\0', name.n) != NULL) {
        return false;
    }
    memcpy(ret, name.p, name.n);
    ret[name.n] = '\0';
    return strcmp(ret, ".") != 0 && strcmp(ret, "..") != 0;
}

static int write_all(int fd, struct span bytes)
{
    while (bytes.n > 0) {
        ssize_t n = write(fd, bytes.p, bytes.n);
        if (n < 0 && errno != EINTR) {
            return -errno;
        }
        bytes = span_from(bytes, n > 0 ? (size_t)n : 0);
    }
    return 0;
}

static int write_fresh(const struct store_fs_modem *m, struct span content)
{
    int fd =
        openat(m->fd, FRESH_FILE, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, FILE_MODE);
    if (fd < 0) {
        return -errno;
    }
    int rc = write_all(fd, content);
    if (rc == 0 && !m->store->private && fsync(fd) != 0) {
        rc = -errno;
    }
    if (close(fd) != 0 && rc == 0) {
        rc = -errno;
    }
    return rc;
}

int store_fs_put(struct store_fs_modem *m, enum modem_file kind, struct span name,
                 struct span content)
{
    char file[NAME_MAX + 1];
    if (!plain_name(name, file)) {
        return -EINVAL;
    }
    int rc = write_fresh(m, content);
    if (rc == 0 && renameat(m->fd, FRESH_FILE, m->kind_fd[kind], file) != 0) {
        rc = -errno;
    }
    if (rc != 0) {
        (void)unlinkat(m->fd, FRESH_FILE, 0);
        return rc;
    }
    if (!m->store->private && fsync(m->kind_fd[kind]) != 0) {
        return -errno;
    }
    return 0;
}

static int read_all(int fd, struct buf *ret)
{
    uint8_t part[4096];
    for (;;) {
        ssize_t n = read(fd, part, sizeof part);
        if (n == 0) {
            return 0;
        }
        if (n < 0 && errno != EINTR) {
            return -errno;
        }
        if (n > 0 && !buf_add(ret, span_of(part, (size_t)n))) {
            return -EFBIG;
        }
    }
}

int store_fs_get(struct store_fs_modem *m, enum modem_file kind, struct span name,
                 struct buf *ret_content)
{
    char file[NAME_MAX + 1];
    if (!plain_name(name, file)) {
        return -EINVAL;
    }
    int fd = openat(m->kind_fd[kind], file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) {
        return -errno;
    }
    buf_clear(ret_content);
    int rc = read_all(fd, ret_content);
    (void)close(fd);
    return rc;
}

int store_fs_remove(struct store_fs_modem *m, enum modem_file kind, struct span name)
{
    char file[NAME_MAX + 1];
    if (!plain_name(name, file)) {
        return -EINVAL;
    }
    if (unlinkat(m->kind_fd[kind], file, 0) != 0) {
        return -errno;
    }
    if (!m->store->private && fsync(m->kind_fd[kind]) != 0) {
        return -errno;
    }
    return 0;
}

static int by_bytes(const void *a, const void *b)
{
    /* strcmp compares as unsigned char (C11 7.24.4): byte order. */
    return strcmp(*(char *const *)a, *(char *const *)b);
}

int store_fs_list(struct store_fs_modem *m, enum modem_file kind,
                  void (*each)(void *arg, struct span name), void *arg)
{
    int fd = openat(m->kind_fd[kind], ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
    if (d == NULL) {
        int err = errno;
        close_fd(&fd);
        return -err;
    }
    char **names = NULL;
    size_t n = 0;
    for (const struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0) {
            continue;
        }
        size_t size = strlen(e->d_name) + 1;
        names = xrealloc(names, (n + 1) * sizeof *names);
        names[n] = xcalloc(1, size);
        memcpy(names[n], e->d_name, size);
        n++;
    }
    (void)closedir(d);
    if (n > 0) {
        qsort(names, n, sizeof *names, by_bytes);
    }
    for (size_t i = 0; i < n; i++) {
        each(arg, span_str(names[i]));
        free(names[i]);
    }
    free(names);
    return 0;
}
