/* AT+FS…: the file system; AT+CFTRANRX, AT+CFTRANTX: files over the UART (general-commands.md
 * B4.11). */
#include <stdio.h>
#include <stdlib.h>

#include "sim/modem/modem_int.h"

/* What FSCOPY says; the others just refuse. */
static const char *const reasons[] = {
    [FS_NO_SD_CARD] = "SD CARD NOT PLUGGED IN",  [FS_INVALID_PATH] = "INVALID PATH NAME",
    [FS_INVALID_NAME] = "INVALID FILE NAME",     [FS_NO_FILE] = "FILE NOT EXISTING",
    [FS_NO_FOLDER] = "DIRECTORY NOT EXISTED",    [FS_FILE_EXISTS] = "FILE IS EXISTING",
    [FS_FOLDER_EXISTS] = "DIRECTORY IS EXISTED", [FS_NOT_EMPTY] = "FORBID DELETE DIRECTORY",
    [FS_FULL] = "EFS HAVE NO ENOUGH MEMORY",     [FS_FAILED] = "WRITE FILE ERROR",
};

static struct at_result done(enum fs_result r)
{
    return r == FS_OK ? AT_OK : AT_ERROR;
}

/* The path of an argument; the caller ends 'ret'. */
static enum fs_result path_of(struct modem *m, const struct value *v, bool folder, struct buf *ret)
{
    buf_init(ret, FS_PATH_MAX + 1);
    return fs_path(m, v, folder, ret);
}

/* --- folders --- */

static void tell_folder(struct at_chan *ch)
{
    at_info(ch, "+FSCD: %s", modem_of(ch)->fs.folder);
}

static struct at_result cd_read(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    tell_folder(ch);
    return AT_OK;
}

static struct at_result cd_set(struct at_chan *ch, const struct at_call *call)
{
    struct modem *m = modem_of(ch);
    struct buf path;
    enum fs_result r = path_of(m, &call->arg[0], true, &path);
    r = r == FS_OK ? fs_folder_of(m, buf_span(&path)) : r;
    if (r == FS_OK) {
        (void)snprintf(m->fs.folder, sizeof m->fs.folder, "%.*s", (int)path.n,
                       (const char *)path.p);
        tell_folder(ch);
    }
    buf_fini(&path);
    return done(r);
}

static struct at_result mkdir_set(struct at_chan *ch, const struct at_call *call)
{
    struct modem *m = modem_of(ch);
    struct buf path;
    enum fs_result r = path_of(m, &call->arg[0], true, &path);
    r = r == FS_OK ? fs_make_folder(m, buf_span(&path)) : r;
    buf_fini(&path);
    return done(r);
}

/* Not one that the current folder is, or is in. */
static struct at_result rmdir_set(struct at_chan *ch, const struct at_call *call)
{
    struct modem *m = modem_of(ch);
    struct buf path;
    enum fs_result r = path_of(m, &call->arg[0], true, &path);
    if (r == FS_OK) {
        bool in_use = span_has_prefix(span_str(m->fs.folder), buf_span(&path));
        r = in_use ? FS_NOT_EMPTY : fs_remove_folder(m, buf_span(&path));
    }
    buf_fini(&path);
    return done(r);
}

/* --- lists --- */

/* A heading comes only before entries, and is set off from lines in front of it. */
struct section {
    struct at_chan *ch;
    const char *heading;
    bool *any;
};

static void list_entry(void *arg, struct span name)
{
    struct section *s = arg;
    if (s->heading != NULL) {
        if (*s->any) {
            at_info(s->ch, "%s", "");
        }
        at_info(s->ch, "+FSLS: %s:", s->heading);
        s->heading = NULL;
        *s->any = true;
    }
    at_info_secret(s->ch, name, name);
}

enum { LIST_BOTH, LIST_FOLDERS, LIST_FILES };

static struct at_result list(struct at_chan *ch, int32_t type)
{
    struct modem *m = modem_of(ch);
    struct span here = span_str(m->fs.folder);
    bool any = false;
    struct section folders = { ch, "SUBDIRECTORIES", &any };
    struct section files = { ch, "FILES", &any };
    enum fs_result r = FS_OK;
    if (type != LIST_FILES) {
        r = fs_list(m, here, true, list_entry, &folders);
    }
    if (r == FS_OK && type != LIST_FOLDERS) {
        r = fs_list(m, here, false, list_entry, &files);
    }
    return done(r);
}

static struct at_result ls_exec(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    return list(ch, LIST_BOTH);
}

static struct at_result ls_set(struct at_chan *ch, const struct at_call *call)
{
    return list(ch, call->arg[0].num);
}

static void count_entry(void *arg, struct span name)
{
    (void)name;
    ++*(unsigned *)arg;
}

static struct at_result ls_read(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    struct modem *m = modem_of(ch);
    unsigned folders = 0;
    unsigned files = 0;
    enum fs_result r = fs_list(m, span_str(m->fs.folder), true, count_entry, &folders);
    r = r == FS_OK ? fs_list(m, span_str(m->fs.folder), false, count_entry, &files) : r;
    if (r == FS_OK) {
        at_info(ch, "+FSLS: SUBDIRECTORIES:%u,FILES:%u", folders, files);
    }
    return done(r);
}

/* --- files --- */

static void collect_entry(void *arg, struct span name)
{
    struct buf *names = arg;
    (void)buf_add(names, name);
    (void)buf_add_byte(names, '\n');
}

/* FSDEL=*.*: every file of the current folder. */
static enum fs_result delete_all(struct modem *m)
{
    struct span here = span_str(m->fs.folder);
    struct buf names;
    struct buf path;
    buf_init(&names, 1024U * 1024);
    buf_init(&path, FS_PATH_MAX + 1);
    enum fs_result r = fs_list(m, here, false, collect_entry, &names);
    for (struct span rest = buf_span(&names); r == FS_OK && rest.n > 0;) {
        const uint8_t *end = memchr(rest.p, '\n', rest.n);
        size_t n = end == NULL ? rest.n : (size_t)(end - rest.p);
        buf_clear(&path);
        if (buf_add(&path, here) && buf_add(&path, span_of(rest.p, n))) {
            r = fs_remove(m, buf_span(&path));
        }
        rest = span_from(rest, n + 1);
    }
    buf_fini(&path);
    buf_fini(&names);
    return r;
}

static struct at_result del_set(struct at_chan *ch, const struct at_call *call)
{
    struct modem *m = modem_of(ch);
    if (span_eq(call->arg[0].str, SPAN_LIT("*.*"))) {
        return done(delete_all(m));
    }
    struct buf path;
    enum fs_result r = path_of(m, &call->arg[0], false, &path);
    r = r == FS_OK ? fs_remove(m, buf_span(&path)) : r;
    buf_fini(&path);
    return done(r);
}

static struct at_result rename_set(struct at_chan *ch, const struct at_call *call)
{
    struct modem *m = modem_of(ch);
    struct buf from;
    struct buf to;
    enum fs_result r = path_of(m, &call->arg[0], false, &from);
    enum fs_result r2 = path_of(m, &call->arg[1], false, &to);
    r = r == FS_OK ? r2 : r;
    r = r == FS_OK ? fs_folder_of(m, buf_span(&to)) : r;
    r = r == FS_OK ? fs_rename(m, buf_span(&from), buf_span(&to)) : r;
    buf_fini(&from);
    buf_fini(&to);
    return done(r);
}

static void tell_attributes(struct at_chan *ch, size_t size, int64_t date)
{
    static const char *const week[] = { "Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed" };
    struct civil c = civil_from_days(date / 86400);
    int s = (int)(date % 86400);
    at_info(ch, "+FSATTRI: %zu, %04d/%02d/%02d %02d:%02d:%02d %s", size, (int)c.year, (int)c.month,
            (int)c.day, s / 3600, s / 60 % 60, s % 60, week[date / 86400 % 7]);
}

static struct at_result attri_set(struct at_chan *ch, const struct at_call *call)
{
    struct modem *m = modem_of(ch);
    struct buf path;
    struct buf content;
    buf_init(&content, FS_FILE_MAX);
    enum fs_result r = path_of(m, &call->arg[0], false, &path);
    r = r == FS_OK ? fs_read(m, buf_span(&path), &content) : r;
    if (r == FS_OK) {
        tell_attributes(ch, content.n, fs_date(m, buf_span(&path)));
    }
    buf_fini(&content);
    buf_fini(&path);
    return done(r);
}

static struct at_result mem_exec(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    struct modem *m = modem_of(ch);
    uint32_t total = 0;
    uint32_t used = 0;
    fs_space(m, m->fs.folder[0], &total, &used);
    at_info(ch, "+FSMEM: %c:(%u, %u)", m->fs.folder[0], (unsigned)total, (unsigned)used);
    return AT_OK;
}

/* --- copy --- */

static enum fs_result copy(struct modem *m, const struct value *from, const struct value *to,
                           bool *ret_to_card)
{
    struct buf source;
    struct buf target;
    struct buf content;
    buf_init(&content, FS_FILE_MAX);
    enum fs_result r = path_of(m, from, false, &source);
    enum fs_result r2 = path_of(m, to, false, &target);
    r = r == FS_OK ? fs_read(m, buf_span(&source), &content) : r;
    r = r == FS_OK ? r2 : r;
    *ret_to_card = target.n > 0 && target.p[0] == 'D';
    if (r == FS_OK) {
        struct buf there;
        buf_init(&there, FS_FILE_MAX);
        r = fs_read(m, buf_span(&target), &there) == FS_OK ? FS_FILE_EXISTS : FS_OK;
        buf_fini(&there);
    }
    r = r == FS_OK ? fs_write(m, buf_span(&target), buf_span(&content)) : r;
    buf_fini(&content);
    buf_fini(&target);
    buf_fini(&source);
    return r;
}

/* A file as small as these is told of at its beginning and its end. */
static struct at_result copy_set(struct at_chan *ch, const struct at_call *call)
{
    bool to_card = false;
    enum fs_result r = copy(modem_of(ch), &call->arg[0], &call->arg[1], &to_card);
    if (r != FS_OK) {
        at_info(ch, "%s", r == FS_FULL && to_card ? "SD CARD HAVE NO ENOUGH MEMORY" : reasons[r]);
        return AT_ERROR;
    }
    if (call->arg[2].num == 1) { /* asynchronous: OK comes first */
        at_late_result(ch, "+FSCOPY: 1.0");
        at_late_result(ch, "+FSCOPY: 100.0");
        at_late_result(ch, "+FSCOPY: END");
    } else {
        at_info(ch, "+FSCOPY: 1.0");
        at_info(ch, "+FSCOPY: 100.0");
    }
    return AT_OK;
}

/* --- transmission --- */

/* These two want the drive, too. */
static enum fs_result full_path_of(struct modem *m, const struct value *v, struct buf *ret)
{
    enum fs_result r = path_of(m, v, false, ret);
    bool drive = v->non_ascii || (v->str.n > 2 && v->str.p[1] == ':');
    return r == FS_OK && !drive ? FS_INVALID_PATH : r;
}

static enum fs_result may_receive(struct modem *m, struct span path, uint32_t len)
{
    uint32_t total = 0;
    uint32_t used = 0;
    enum fs_result r = fs_folder_of(m, path);
    fs_space(m, (char)path.p[0], &total, &used);
    return r == FS_OK && (len > FS_FILE_MAX || len > total - used) ? FS_FULL : r;
}

static struct at_result rx_data(struct at_chan *ch, const struct at_call *call, struct span data)
{
    struct modem *m = modem_of(ch);
    struct buf path;
    enum fs_result r = full_path_of(m, &call->arg[0], &path);
    r = r == FS_OK ? fs_write(m, buf_span(&path), data) : r;
    buf_fini(&path);
    return done(r);
}

static struct at_result rx_set(struct at_chan *ch, const struct at_call *call)
{
    struct modem *m = modem_of(ch);
    uint32_t len = (uint32_t)call->arg[1].num;
    struct buf path;
    enum fs_result r = full_path_of(m, &call->arg[0], &path);
    r = r == FS_OK ? may_receive(m, buf_span(&path), len) : r;
    buf_fini(&path);
    if (r != FS_OK) {
        return AT_ERROR;
    }
    return len > 0 ? AT_DATA(len) : rx_data(ch, call, (struct span){ NULL, 0 });
}

static void tell_data(struct at_chan *ch, struct span data)
{
    char traced[48];
    (void)snprintf(traced, sizeof traced, "(%zu bytes of a file)", data.n);
    if (data.n > 0) {
        at_info(ch, "+CFTRANTX: DATA,%zu", data.n);
        at_info_secret(ch, data, span_str(traced));
    }
    at_info(ch, "+CFTRANTX: 0");
}

static struct at_result tx_set(struct at_chan *ch, const struct at_call *call)
{
    struct modem *m = modem_of(ch);
    struct buf path;
    struct buf content;
    buf_init(&content, FS_FILE_MAX);
    enum fs_result r = full_path_of(m, &call->arg[0], &path);
    r = r == FS_OK ? fs_read(m, buf_span(&path), &content) : r;
    size_t at = (size_t)call->arg[1].num;
    r = r == FS_OK && at > content.n ? FS_FAILED : r;
    if (r == FS_OK) {
        struct span data = span_from(buf_span(&content), at);
        size_t most = call->arg[2].present ? (size_t)call->arg[2].num : data.n;
        tell_data(ch, span_of(data.p, data.n < most ? data.n : most));
    }
    buf_fini(&content);
    buf_fini(&path);
    return done(r);
}

/* clang-format off */
#define SHEET .clause = "general-commands.md B4.11", .evidence = EV_MANUAL
#define P_PATH(name, d) P_STR(name, 1, FS_PATH_MAX, d, .flags = PARAM_UNQUOTED | PARAM_NON_ASCII)

static const struct at_cmd rows[] = {
    { .name = "+FSCD", .doc = "Current folder, on drive C:, D: (SD card), E: or F:; .. is the one above.", SHEET,
      .read = cd_read, .set = cd_set, .flags = AT_ROW_TEST_OK, .reply = "+FSCD: <curr_path>", AT_PARAMS(P_PATH("path", "folder")) },
    { .name = "+FSMKDIR", .doc = "Makes a folder.", SHEET, .set = mkdir_set, .flags = AT_ROW_TEST_OK, AT_PARAMS(P_PATH("dir", "folder that does not exist")) },
    { .name = "+FSRMDIR", .doc = "Removes an empty folder that is not the current one.", SHEET, .set = rmdir_set, .flags = AT_ROW_TEST_OK, AT_PARAMS(P_PATH("dir", "folder")) },
    { .name = "+FSLS", .doc = "Lists the current folder; the read form counts.", SHEET, .exec = ls_exec, .read = ls_read, .set = ls_set,
      .reply = "+FSLS: SUBDIRECTORIES:<list>, +FSLS: FILES:<list>", AT_PARAMS(P_INT("type", 0, 2, "0 both, 1 folders, 2 files")) },
    { .name = "+FSDEL", .doc = "Removes a file, or with *.* every file of the current folder.", SHEET, .set = del_set, .flags = AT_ROW_TEST_OK, AT_PARAMS(P_PATH("file", "file")) },
    { .name = "+FSRENAME", .doc = "Gives a file another name, which no file has.", SHEET, .set = rename_set, .flags = AT_ROW_TEST_OK,
      AT_PARAMS(P_PATH("old_name", "file"), P_PATH("new_name", "its new name")) },
    { .name = "+FSATTRI", .doc = "Size of a file, and when it was made by the modem's clock.", SHEET, .set = attri_set, .flags = AT_ROW_TEST_OK, .reply = "+FSATTRI: <file_size>, <create_date>",
      AT_PARAMS(P_PATH("file", "file")) },
    { .name = "+FSMEM", .doc = "Size of the current drive and what of it is in use, in bytes.", .clause = "general-commands.md B4.11, part E", .evidence = EV_CLIENT, .exec = mem_exec, .flags = AT_ROW_TEST_OK,
      .reply = "+FSMEM: <drive>:(<total>, <used>)" },
    { .name = "+FSCOPY", .doc = "Copies a file to a name that no file has; says why when it cannot.", SHEET, .set = copy_set, .flags = AT_ROW_TEST_OK, .reply = "+FSCOPY: <percent>",
      AT_PARAMS(P_PATH("file1", "file"), P_PATH("file2", "its copy"), P_INT("sync_mode", 0, 1, "1: OK comes first, +FSCOPY: END last", .flags = PARAM_OPTIONAL)) },
    { .name = "+CFTRANRX", .doc = "Stores a file of so many bytes; an existing one is overwritten.", SHEET, .set = rx_set, .data = rx_data, .test_quirk = "+CFTRANRX: [{non-ascii}]\"FILEPATH\"",
      AT_PARAMS(P_PATH("filepath", "file, with its drive"), P_INT("len", 0, INT32_MAX, "bytes after the prompt; at most 524288 fit in a file of the emulator")) },
    { .name = "+CFTRANTX", .doc = "Gives a file, or a part of it.", SHEET, .set = tx_set, .test_quirk = "+CFTRANTX: [{non-ascii}]\"FILEPATH\"", .reply = "+CFTRANTX: DATA,<len>, bytes, +CFTRANTX: 0",
      AT_PARAMS(P_PATH("filepath", "file, with its drive"), P_INT("location", 0, INT32_MAX, "first byte", .flags = PARAM_OPTIONAL), P_INT("size", 0, INT32_MAX, "bytes; all if not given", .flags = PARAM_OPTIONAL)) },
};
/* clang-format on */

const struct at_service service_fs = { "File system", rows, ARRAY_LEN(rows) };
