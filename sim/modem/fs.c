#include "sim/modem/fs.h"

#include <errno.h>

#include "sim/modem/modem_int.h"

#define DATES          "file-dates" /* NVRAM: lines of "seconds=name in the store" */
#define DATES_MAX      (256U * 1024)
#define DRIVE_SIZE     11348480U
#define LOCAL_OVERHEAD 2201600U /* what is in use of C: in a fresh module (part E) */
#define STORE_NAME_MAX (FS_PATH_MAX + 1)

/* --- paths --- */

static bool is_drive(uint8_t c)
{
    return c >= 'C' && c <= 'F';
}

static bool letter_or_digit(uint8_t c)
{
    uint8_t up = (uint8_t)ascii_upper((char)c);
    return (up >= 'A' && up <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c >= 0x80;
}

/* The general rules for names (SIM7600 AT manual, chapter file system). */
static bool name_ok(struct span name)
{
    if (name.n == 0 || !letter_or_digit(name.p[0]) || name.p[name.n - 1] == '.') {
        return false;
    }
    for (size_t i = 0; i < name.n; i++) {
        uint8_t c = name.p[i];
        if (c < 0x20 || c == 0x7F || strchr("\\:*?\"<>|,;", c) != NULL) {
            return false;
        }
    }
    return true;
}

/* Removes the last part of a folder's path; the root stays. */
static void go_up(struct buf *path)
{
    if (path->n > 3) {
        path->n--;
        while (path->p[path->n - 1] != '/') {
            path->n--;
        }
    }
}

/* Takes the part before the next '/' off *rest. */
static struct span take_part(struct span *rest)
{
    const uint8_t *slash = rest->n == 0 ? NULL : memchr(rest->p, '/', rest->n);
    struct span part = span_of(rest->p, slash == NULL ? rest->n : (size_t)(slash - rest->p));
    *rest = span_from(*rest, part.n + 1);
    return part;
}

static enum fs_result walk(struct span rest, bool folder, struct buf *path)
{
    while (rest.n > 0) {
        bool last = memchr(rest.p, '/', rest.n) == NULL;
        struct span part = take_part(&rest);
        if (span_eq(part, SPAN_LIT(".")) || part.n == 0) {
            continue;
        }
        if (span_eq(part, SPAN_LIT(".."))) {
            go_up(path);
            continue;
        }
        if (!name_ok(part)) {
            return last ? FS_INVALID_NAME : FS_INVALID_PATH;
        }
        bool ends_in_slash = folder || !last;
        if (!buf_add(path, part) || (ends_in_slash && !buf_add_byte(path, '/'))) {
            return FS_INVALID_PATH;
        }
    }
    bool is_folder = path->p[path->n - 1] == '/';
    return folder == is_folder ? FS_OK : FS_INVALID_NAME;
}

enum fs_result fs_path(const struct modem *m, const struct value *v, bool folder, struct buf *ret)
{
    struct buf text;
    buf_init(&text, FS_PATH_MAX + 2);
    value_bytes(v, &text);
    struct span rest = buf_span(&text);
    bool drive = rest.n >= 2 && rest.p[1] == ':';
    buf_clear(ret);
    enum fs_result r = FS_OK;
    if (drive && !is_drive((uint8_t)ascii_upper((char)rest.p[0]))) {
        r = FS_INVALID_PATH;
    } else if (drive) {
        (void)buf_addf(ret, "%c:/", ascii_upper((char)rest.p[0]));
        rest = span_from(rest, 2);
    } else {
        (void)buf_add(ret, span_str(m->fs.folder));
    }
    if (r == FS_OK) {
        r = walk(rest, folder, ret);
    }
    if (r == FS_OK && ret->p[0] == 'D' && m->profile->sd_card == 0) {
        r = FS_NO_SD_CARD;
    }
    buf_fini(&text);
    return r;
}

/* The folder part of a path, with its '/'. */
static struct span folder_part(struct span path)
{
    while (path.p[path.n - 1] != '/') {
        path.n--;
    }
    return path;
}

/* --- the store --- */

/* A path as a name in the store: "C:/a/b" is "C|a|b". */
static void store_name(struct span path, struct buf *ret)
{
    buf_init(ret, STORE_NAME_MAX);
    (void)buf_add(ret, span_of(path.p, 1));
    for (size_t i = 2; i < path.n; i++) {
        (void)buf_add_byte(ret, path.p[i] == '/' ? '|' : path.p[i]);
    }
}

static enum fs_result of_host(int rc)
{
    return rc == 0 ? FS_OK : rc == -ENOENT ? FS_NO_FILE : rc == -ENOSPC ? FS_FULL : FS_FAILED;
}

static enum fs_result get(struct modem *m, struct span path, struct buf *ret)
{
    struct buf name;
    store_name(path, &name);
    int rc = m->host->file_get(m->host_ctx, FILE_USER, buf_span(&name), ret);
    buf_fini(&name);
    return of_host(rc);
}

static bool exists(struct modem *m, struct span path)
{
    struct buf content;
    buf_init(&content, FS_FILE_MAX);
    bool there = get(m, path, &content) == FS_OK;
    buf_fini(&content);
    return there;
}

static bool is_root(struct span path)
{
    return path.n == 3;
}

enum fs_result fs_folder_of(struct modem *m, struct span path)
{
    struct span folder = folder_part(path);
    return is_root(folder) || exists(m, folder) ? FS_OK : FS_NO_FOLDER;
}

/* --- dates --- */

/* Forgets the dates of two names, and notes one for the second when 'date' is not negative. */
static void note_date(struct modem *m, struct span gone, struct span name, int64_t date)
{
    struct buf old;
    struct buf text;
    struct span when;
    struct span which;
    buf_init(&old, DATES_MAX);
    buf_init(&text, DATES_MAX);
    nvram_get(m, DATES, &old);
    struct span rest = buf_span(&old);
    while (nvram_line(&rest, &when, &which)) {
        if (!span_eq(which, gone) && !span_eq(which, name)) {
            (void)buf_add(&text, when);
            (void)buf_add_byte(&text, '=');
            (void)buf_add(&text, which);
            (void)buf_add_byte(&text, '\n');
        }
    }
    if (date >= 0) {
        (void)buf_addf(&text, "%lld=", (long long)date);
        (void)buf_add(&text, name);
        (void)buf_add_byte(&text, '\n');
    }
    (void)nvram_put(m, DATES, buf_span(&text));
    buf_fini(&text);
    buf_fini(&old);
}

int64_t fs_date(struct modem *m, struct span path)
{
    struct buf text;
    struct buf name;
    struct span when;
    struct span which;
    int64_t date = 0;
    store_name(path, &name);
    buf_init(&text, DATES_MAX);
    nvram_get(m, DATES, &text);
    struct span rest = buf_span(&text);
    while (nvram_line(&rest, &when, &which)) {
        if (span_eq(which, buf_span(&name)) && !schema_decimal(when, 0, &date)) {
            date = 0;
        }
    }
    buf_fini(&text);
    buf_fini(&name);
    return date;
}

/* --- files --- */

enum fs_result fs_read(struct modem *m, struct span path, struct buf *ret)
{
    return get(m, path, ret);
}

static int64_t now(const struct modem *m)
{
    return modem_clock(m) + (int64_t)m->clock_zone * 900;
}

static enum fs_result put(struct modem *m, struct span path, struct span content, int64_t date)
{
    struct buf name;
    uint32_t total = 0;
    uint32_t used = 0;
    fs_space(m, (char)path.p[0], &total, &used);
    if (content.n > FS_FILE_MAX || content.n > total - used) {
        return FS_FULL;
    }
    store_name(path, &name);
    int rc = m->host->file_put(m->host_ctx, FILE_USER, buf_span(&name), content);
    if (rc == 0) {
        note_date(m, buf_span(&name), buf_span(&name), date);
    }
    buf_fini(&name);
    return of_host(rc);
}

/* A name is that of a file or of a folder. */
static bool folder_named(struct modem *m, struct span file)
{
    struct buf path;
    buf_init(&path, FS_PATH_MAX + 1);
    bool taken = buf_add(&path, file) && buf_add_byte(&path, '/') && exists(m, buf_span(&path));
    buf_fini(&path);
    return taken;
}

enum fs_result fs_write(struct modem *m, struct span path, struct span content)
{
    enum fs_result r = fs_folder_of(m, path);
    if (r == FS_OK && folder_named(m, path)) {
        r = FS_FOLDER_EXISTS;
    }
    return r == FS_OK ? put(m, path, content, now(m)) : r;
}

static enum fs_result take_away(struct modem *m, struct span path)
{
    struct buf name;
    store_name(path, &name);
    int rc = m->host->file_remove(m->host_ctx, FILE_USER, buf_span(&name));
    if (rc == 0) {
        note_date(m, buf_span(&name), buf_span(&name), -1);
    }
    buf_fini(&name);
    return of_host(rc);
}

enum fs_result fs_remove(struct modem *m, struct span path)
{
    return take_away(m, path);
}

enum fs_result fs_rename(struct modem *m, struct span from, struct span to)
{
    struct buf content;
    buf_init(&content, FS_FILE_MAX);
    enum fs_result r = fs_read(m, from, &content);
    int64_t date = fs_date(m, from);
    if (r == FS_OK && (exists(m, to) || folder_named(m, to))) {
        r = FS_FILE_EXISTS;
    }
    if (r == FS_OK) {
        r = put(m, to, buf_span(&content), date); /* first the new name: nothing is ever lost */
    }
    if (r == FS_OK) {
        r = take_away(m, from);
    }
    buf_fini(&content);
    return r;
}

/* --- folders --- */

/* What stands in a store name behind that of a folder: entries of the folder itself. */
struct lister {
    struct span folder; /* its name in the store, with '|' */
    bool folders;
    void (*each)(void *arg, struct span name);
    void *arg;
    size_t n;
};

static void list_one(void *arg, struct span name)
{
    struct lister *l = arg;
    struct span entry = span_from(name, l->folder.n);
    if (entry.p == NULL || !span_has_prefix(name, l->folder)) {
        return;
    }
    const uint8_t *bar = memchr(entry.p, '|', entry.n);
    bool is_folder = bar == entry.p + entry.n - 1;
    if ((bar == NULL && !l->folders) || (is_folder && l->folders)) {
        entry.n -= is_folder ? 1 : 0;
        l->n++;
        if (l->each != NULL) {
            l->each(l->arg, entry);
        }
    }
}

static int list(struct modem *m, struct span folder, struct lister *l)
{
    struct buf name;
    store_name(folder, &name);
    l->folder = buf_span(&name);
    int rc = m->host->file_list(m->host_ctx, FILE_USER, list_one, l);
    buf_fini(&name);
    return rc;
}

enum fs_result fs_list(struct modem *m, struct span folder, bool folders,
                       void (*each)(void *arg, struct span name), void *arg)
{
    struct lister l = { .folders = folders, .each = each, .arg = arg };
    return of_host(list(m, folder, &l));
}

enum fs_result fs_make_folder(struct modem *m, struct span path)
{
    struct span file = span_of(path.p, path.n - 1); /* the same name as a file's */
    if (is_root(path) || exists(m, path)) {
        return FS_FOLDER_EXISTS;
    }
    enum fs_result r = fs_folder_of(m, file);
    if (r == FS_OK && exists(m, file)) {
        r = FS_FILE_EXISTS;
    }
    return r == FS_OK ? put(m, path, (struct span){ NULL, 0 }, now(m)) : r;
}

enum fs_result fs_remove_folder(struct modem *m, struct span path)
{
    struct lister files = { .folders = false };
    struct lister folders = { .folders = true };
    if (is_root(path) || !exists(m, path)) {
        return FS_NO_FOLDER;
    }
    if (list(m, path, &files) != 0 || list(m, path, &folders) != 0) {
        return FS_FAILED;
    }
    return files.n + folders.n > 0 ? FS_NOT_EMPTY : take_away(m, path);
}

/* --- space --- */

struct counter {
    struct modem *m;
    uint8_t drive;
    uint32_t bytes;
};

static void count_one(void *arg, struct span name)
{
    struct counter *c = arg;
    struct buf content;
    if (name.p[0] != c->drive) {
        return;
    }
    buf_init(&content, FS_FILE_MAX);
    if (c->m->host->file_get(c->m->host_ctx, FILE_USER, name, &content) == 0) {
        c->bytes += (uint32_t)content.n;
    }
    buf_fini(&content);
}

void fs_space(struct modem *m, char drive, uint32_t *ret_total, uint32_t *ret_used)
{
    struct counter c = { .m = m, .drive = (uint8_t)drive };
    (void)m->host->file_list(m->host_ctx, FILE_USER, count_one, &c);
    uint32_t used = c.bytes + (drive == 'C' ? LOCAL_OVERHEAD : 0);
    *ret_total = DRIVE_SIZE;
    *ret_used = used < DRIVE_SIZE ? used : DRIVE_SIZE;
}

void fs_reset(struct modem *m)
{
    memcpy(m->fs.folder, "C:/", sizeof "C:/");
}
