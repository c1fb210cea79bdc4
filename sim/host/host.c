#include "sim/host/host.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/check.h"
#include "sim/host/control.h"
#include "sim/host/modems.h"
#include "sim/host/read_file.h"
#include "sim/host/trace_ring.h"
#include "sim/modem/dump.h"
#include "sim/modem/exchange.h"
#include "sim/modem/gnss_track.h"

#define PROFILE_FILE_MAX ((size_t)256 * 1024)
#define TRACK_FILE_MAX   ((size_t)16 * 1024 * 1024)
#define DUMP_MAX         ((size_t)4 * 1024 * 1024)
#define SIGNALS          3

struct host {
    struct loop loop;
    bool loop_open;
    struct profile profile;
    struct gnss_track track; /* empty: none was given */
    struct connect_to connect_to;
    struct conn_env conn;
    struct query_env query;
    struct instance_env env;
    struct store_fs *store;
    struct trace_targets trace;
    struct control *control;
    struct control_facts facts;
    struct control_scripts *scripts;
    struct exchange *exchange;
    struct modems modems;
    char *link_base;
    char *link_folder; /* made for the default link, NULL: none */
    uv_signal_t signals[SIGNALS];
};

/* ---- profile and dump ---- */

static bool read_profile_file(const char *path, struct buf *ret, struct reason *why)
{
    int rc = read_file(path, ret);
    if (rc == -ENOENT) {
        return reason_set(
            why,
            "--profile %.200s: neither a built-in profile (%s) nor a file that can be read: %s",
            path, profile_builtin_names(), strerror(-rc));
    }
    return rc == 0 || reason_set(why, "--profile %.200s: %s%s", path,
                                 rc == -EFBIG ? "too large for a profile" : "cannot be read: ",
                                 rc == -EFBIG ? "" : strerror(-rc));
}

bool host_profile(struct profile *p, const char *name_or_file, struct reason *why)
{
    profile_default(p);
    if (name_or_file == NULL || profile_builtin(p, name_or_file)) {
        return true;
    }
    struct buf text;
    char error[256] = "";
    buf_init(&text, PROFILE_FILE_MAX);
    bool ok = read_profile_file(name_or_file, &text, why);
    if (ok && !profile_parse(p, buf_span(&text), error, sizeof error)) {
        ok = reason_set(why, "--profile %.200s: %s", name_or_file, error);
    }
    buf_fini(&text);
    return ok;
}

static bool read_track(struct gnss_track *ret, const char *path, struct reason *why)
{
    struct buf text;
    char error[256] = "";
    buf_init(&text, TRACK_FILE_MAX);
    int rc = read_file(path, &text);
    bool ok = rc == 0 && gnss_track_parse(ret, buf_span(&text), error, sizeof error);
    buf_fini(&text);
    return ok || reason_set(why, "--gnss-track %.200s: %s", path,
                            rc == -EFBIG ? "too large for a track"
                            : rc != 0    ? strerror(-rc)
                                         : error);
}

int host_print(struct span text)
{
    if (fwrite(text.p, 1, text.n, stdout) == text.n && fflush(stdout) == 0) {
        return HOST_OK;
    }
    say("cannot write on stdout: %s", strerror(errno));
    return HOST_FAILED;
}

int host_dump(const struct options *o)
{
    static const char *const whats[] = { "", "commands", "urcs", "faults", "profile", "control" };
    static const char *const formats[] = { "text", "md", "json" };
    struct profile p;
    struct reason why;
    if (!host_profile(&p, o->profile, &why)) {
        say("%s", why.text);
        return HOST_USAGE;
    }
    struct buf text;
    buf_init(&text, DUMP_MAX);
    bool control = o->dump == DUMP_CONTROL;
    if (control && o->dump_format == DUMP_MD) {
        control_dump_md(&text);
    }
    bool ok = control ? text.n > 0 : modem_dump(whats[o->dump], formats[o->dump_format], &p, &text);
    if (!ok) {
        say("--dump %s: there is no such document in format %s", whats[o->dump],
            formats[o->dump_format]);
    }
    int code = ok ? host_print(buf_span(&text)) : HOST_USAGE;
    buf_fini(&text);
    return code;
}

/* ---- start ---- */

static void on_signal(uv_signal_t *s, int number)
{
    struct host *h = s->data;
    (void)number;
    uv_stop(&h->loop.uv);
}

static bool start_loop(struct host *h, struct reason *why)
{
    static const int numbers[SIGNALS] = { SIGTERM, SIGINT, SIGHUP };
    int rc = loop_init(&h->loop);
    if (rc != 0) {
        return reason_set(why, "cannot start: %s", uv_strerror(rc));
    }
    h->loop_open = true;
    for (size_t i = 0; i < SIGNALS; i++) {
        (void)uv_signal_init(&h->loop.uv, &h->signals[i]);
        h->signals[i].data = h;
        (void)uv_signal_start(&h->signals[i], on_signal, numbers[i]);
    }
    return true;
}

static bool open_shared(struct host *h, const struct options *o, struct reason *why)
{
    if (o->trace != NULL) {
        h->trace.file = trace_file_open(o->trace, why);
        if (h->trace.file == NULL) {
            return false;
        }
    }
    h->trace.ring = o->control == NULL ? NULL : trace_ring_new();
    h->store = store_fs_open(o->state, why);
    if (h->store == NULL) {
        return false;
    }
    if (o->ports_n > 0) {
        return true;
    }
    if (o->link != NULL) {
        h->link_base = text_copy(o->link);
        return true;
    }
    char base[PATH_MAX];
    char folder[PATH_MAX];
    bool ok = link_path_default(base, folder, why);
    if (ok) {
        h->link_base = text_copy(base);
        h->link_folder = folder[0] == '\0' ? NULL : text_copy(folder);
    }
    return ok;
}

static bool open_instances(struct host *h, const struct options *o, struct reason *why)
{
    h->connect_to = (struct connect_to){ o->rules, o->rules_n };
    h->trace.loop = &h->loop;
    h->trace.start = uv_now(&h->loop.uv);
    h->conn.loop = &h->loop;
    h->conn.connect_to = &h->connect_to;
    h->conn.rng = tls_rng_new(NULL);
    h->query.loop = &h->loop;
    h->query.connect_to = &h->connect_to;
    h->exchange = exchange_new(&h->loop.sched);
    h->env = (struct instance_env){
        .loop = &h->loop,
        .conn = &h->conn,
        .query = &h->query,
        .store = h->store,
        .trace = &h->trace,
        .exchange = h->exchange,
        .track = h->track.n > 0 ? &h->track : NULL,
        .utc = (int64_t)time(NULL) - (int64_t)(sched_now(&h->loop.sched) / 1000),
        .link_base = h->link_base,
        .boot = o->boot,
    };
    h->modems = (struct modems){ .env = &h->env, .o = o };
    for (unsigned i = 0; i < o->count; i++) {
        if (modems_open(&h->modems, &h->profile, NULL, false, why) == NULL) {
            return false;
        }
    }
    return true;
}

/* --- modems that the control socket adds and removes --- */

static bool added_profile(struct profile *p, const struct host *h, const char *name,
                          struct span keys, struct reason *why)
{
    char error[256] = "";
    if (name == NULL) {
        profile_copy(p, &h->profile);
    } else if (!host_profile(p, name, why)) {
        return false;
    }
    return profile_parse(p, keys, error, sizeof error) || reason_set(why, "add: %s", error);
}

static const struct control_modem *add_modem(void *ctx, const char *link, const char *profile,
                                             struct span keys, struct reason *why)
{
    struct host *h = ctx;
    struct profile p;
    if (!added_profile(&p, h, profile, keys, why)) {
        return NULL;
    }
    const struct control_modem *m = modems_open(&h->modems, &p, link, true, why);
    h->facts.n = h->modems.n;
    return m;
}

static bool remove_modem(void *ctx, const struct control_modem *m, struct reason *why)
{
    struct host *h = ctx;
    if (h->modems.n == 1) {
        return reason_set(why, "remove: %s is the last one; SIGTERM ends the emulator", m->name);
    }
    modems_close(&h->modems, m);
    h->facts.n = h->modems.n;
    return true;
}

static bool open_control(struct host *h, const struct options *o, const char *version,
                         struct reason *why)
{
    if (o->control == NULL) {
        return true;
    }
    h->scripts = control_scripts_new(&h->loop.sched);
    h->facts = (struct control_facts){
        .version = version,
        .modems = h->modems.name,
        .n = h->modems.n,
        .ring = h->trace.ring,
        .scripts = h->scripts,
        .host = { .add = add_modem, .remove = remove_modem, .ctx = h },
    };
    h->control = control_open(o->control, &h->loop, &h->facts, &h->trace.live, why);
    return h->control != NULL;
}

static bool print_ready(const struct host *h)
{
    for (size_t i = 0; i < h->modems.n; i++) {
        const struct control_modem *m = &h->modems.name[i];
        if (dprintf(STDOUT_FILENO, "%s ready at %s\n", m->name, m->path) < 0) {
            return false;
        }
    }
    return true;
}

static bool start(struct host *h, const struct options *o, const char *version, struct reason *why)
{
    if (!start_loop(h, why) || !open_shared(h, o, why) || !open_instances(h, o, why) ||
        !open_control(h, o, version, why)) {
        return false;
    }
    return print_ready(h) || reason_set(why, "cannot write on stdout: %s", strerror(errno));
}

/* ---- end ---- */

static void stop(struct host *h)
{
    control_close(&h->control);
    control_scripts_free(&h->scripts);
    modems_close_all(&h->modems);
    exchange_free(&h->exchange);
    conn_env_close(&h->conn);
    query_env_close(&h->query);
    if (h->link_folder != NULL) {
        (void)rmdir(h->link_folder);
    }
    store_fs_close(&h->store);
    trace_file_close(&h->trace.file);
    trace_ring_free(&h->trace.ring);
    if (!h->loop_open) {
        return;
    }
    for (size_t i = 0; i < SIGNALS; i++) {
        uv_close((uv_handle_t *)&h->signals[i], NULL);
    }
    if (!loop_fini(&h->loop)) {
        /* A name is still being resolved in a thread that exit() would wait for. */
        _exit(HOST_OK);
    }
}

/* A descriptor 0-2 that our parent closed must not become a socket or a pty: messages would end up
 * there, and libuv refuses to close it. */
static void fill_standard_descriptors(void)
{
    int fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= STDERR_FILENO) {
        fd = open("/dev/null", O_RDWR);
    }
    if (fd >= 0) {
        (void)close(fd);
    }
}

int host_run(const struct options *o, const char *version)
{
    fill_standard_descriptors();
    struct host *h = xcalloc(1, sizeof *h);
    struct reason why;
    int code = HOST_OK;
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGXFSZ, SIG_IGN); /* a file too large is an error of write(), as a full disk is */
    if (!host_profile(&h->profile, o->profile, &why) ||
        (o->gnss_track != NULL && !read_track(&h->track, o->gnss_track, &why))) {
        say("%s", why.text);
        free(h);
        return HOST_USAGE;
    }
    if (start(h, o, version, &why)) {
        (void)uv_run(&h->loop.uv, UV_RUN_DEFAULT);
    } else {
        say("%s", why.text);
        code = HOST_FAILED;
    }
    stop(h);
    tls_rng_free(&h->conn.rng);
    gnss_track_free(&h->track);
    modems_free(&h->modems);
    free(h->link_base);
    free(h->link_folder);
    free(h);
    return code;
}
