#include "sim/host/instance_port.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SERIAL_PREFIX "serial:" /* of ready_path */
#define RETRY_MIN_MS  100
#define RETRY_MAX_MS  3200
#define READ_BY_MS    1000 /* a client that reads its farewell later than that loses it */
#define READ_POLL_MS  10

#define INSTANCE_OF(timer, member)                                                                 \
    ((struct instance *)(void *)((char *)(timer)-offsetof(struct instance, member)))

/* ---- serial ports ---- */

/* 0, or a negative errno, which is what uv errors are on Linux, too. */
static int attach_serial(struct instance *in, const char *path)
{
    struct port *serial = NULL;
    int rc = port_open(path, in->baud, &serial);
    rc = rc != 0 ? rc : modem_port_attach_serial(in->port, &serial);
    port_close(&serial);
    return rc;
}

/* A serial adapter was unplugged: it comes back under the same name. */
static void try_again(struct timer *t)
{
    struct instance *in = INSTANCE_OF(t, retry);
    if (attach_serial(in, in->ready_path + strlen(SERIAL_PREFIX)) == 0) {
        say("%s: %s is back", in->name, in->ready_path);
        return;
    }
    in->retry_ms = in->retry_ms < RETRY_MAX_MS ? in->retry_ms * 2 : RETRY_MAX_MS;
    timer_arm(&in->env->loop->sched, &in->retry, in->retry_ms, try_again);
}

static void port_gone(void *ctx, int err)
{
    struct instance *in = ctx;
    const char *why = err == 0 ? "unplugged or closed" : strerror(-err);
    if (in->baud != 0) {
        say("%s: %s is gone: %s; waiting for it to come back", in->name, in->ready_path, why);
        in->retry_ms = RETRY_MIN_MS;
        timer_arm(&in->env->loop->sched, &in->retry, in->retry_ms, try_again);
    } else if (in->listener.fd < 0) {
        say("%s: %s is gone: %s", in->name, in->ready_path, why);
    } else if (err != 0) {
        say("%s: client lost: %s", in->ready_path, why);
    }
}

static bool open_serial(struct instance *in, const struct port_spec *spec, struct reason *why)
{
    in->baud = spec->baud;
    int rc = attach_serial(in, spec->path);
    if (rc != 0) {
        return reason_set(why, "--serial %.200s: %s; give a serial port, as in /dev/ttyUSB0:115200",
                          spec->path, rc == -ENOTTY ? "not a terminal device" : strerror(-rc));
    }
    char path[PATH_MAX + 16];
    (void)snprintf(path, sizeof path, SERIAL_PREFIX "%s", spec->path);
    in->ready_path = text_copy(path);
    return true;
}

/* ---- ptys ---- */

/* A fresh pty that the modem talks to, and that nobody can find yet. */
static bool attach_pty(struct instance *in, struct reason *why)
{
    if (!pty_open(&in->pty, why)) {
        return false;
    }
    int rc = modem_port_attach(in->port, in->pty.master, false);
    if (rc != 0) {
        (void)reason_set(why, "cannot wait for %s: %s", in->pty.path, uv_strerror(rc));
        pty_close(&in->pty);
        return false;
    }
    pty_watch(&in->pty, in->env->loop);
    return true;
}

static bool publish_pty(struct instance *in, struct reason *why)
{
    in->linked = link_publish(in->ready_path, in->pty.path, in->pty.slave, why);
    return in->linked;
}

static bool open_pty(struct instance *in, unsigned count, const char *link, struct reason *why)
{
    char path[PATH_MAX];
    if (link == NULL && in->env->link_base == NULL) {
        return reason_set(why, "the others are not on ptys, so that 'link' must say where");
    }
    if (link == NULL && !link_path_for(path, in->env->link_base, in->index, count)) {
        return reason_set(why, "--link: the path is too long");
    }
    in->ready_path = text_copy(link != NULL ? link : path);
    return attach_pty(in, why) && publish_pty(in, why);
}

/* ---- sockets ---- */

static bool open_listener(struct instance *in, const struct port_spec *spec, struct reason *why)
{
    bool ok = spec->kind == PORT_TCP ? listener_tcp(&in->listener, spec->host, spec->port, why)
                                     : listener_unix(&in->listener, spec->path, why);
    if (!ok) {
        return false;
    }
    int rc = listener_start(&in->listener, in->env->loop, in->port);
    if (rc != 0) {
        return reason_set(why, "%s: %s", in->listener.where, uv_strerror(rc));
    }
    in->ready_path = text_copy(in->listener.where);
    return true;
}

/* ---- the port of a USB modem goes and comes ---- */

static void withdraw_pty(struct instance *in)
{
    if (in->linked) {
        link_withdraw(in->ready_path, in->pty.path);
        in->linked = false;
    }
}

/* The client gets what the modem said last, and its end. A pty stays until that was read: closing
 * it would take it away from the client. */
static void go(struct instance *in)
{
    if (in->baud != 0) {
        return;
    }
    modem_port_catch_up(in->port);
    modem_port_detach(in->port);
    listener_hold(&in->listener, true);
    if (in->pty.master >= 0) {
        withdraw_pty(in);
        pty_close(&in->leaving);
        in->leaving = in->pty;
        in->pty = PTY_NONE;
        in->read_by = sched_now(&in->env->loop->sched) + READ_BY_MS;
    }
}

static bool is_read(const struct instance *in)
{
    return sched_now(&in->env->loop->sched) >= in->read_by || pty_was_read(&in->leaving);
}

/* The fresh pty takes what the modem says from now on; it gets its name when the old one is gone,
 * so that a client which looks for the name cannot find it before it has seen the end. */
static bool come(struct instance *in, struct reason *why)
{
    bool on_pty = in->listener.fd < 0 && in->baud == 0;
    listener_hold(&in->listener, false);
    if (!on_pty || in->linked) {
        return true;
    }
    return (in->pty.master >= 0 || attach_pty(in, why)) &&
           (in->leaving.master >= 0 || publish_pty(in, why));
}

static void move_port(struct timer *t)
{
    struct instance *in = INSTANCE_OF(t, move);
    struct reason why;
    if (in->goes) {
        in->goes = false;
        go(in);
    }
    if (in->leaving.master >= 0 && is_read(in)) {
        pty_close(&in->leaving);
    }
    if (!in->away && !come(in, &why)) {
        if (in->retry_ms == 0) {
            say("%s: %s; trying again", in->name, why.text);
        }
        in->retry_ms = in->retry_ms == 0             ? RETRY_MIN_MS
                       : in->retry_ms < RETRY_MAX_MS ? in->retry_ms * 2
                                                     : RETRY_MAX_MS;
        timer_arm(&in->env->loop->sched, &in->move, in->retry_ms, move_port);
        return;
    }
    in->retry_ms = 0;
    if (in->leaving.master >= 0) {
        timer_arm(&in->env->loop->sched, &in->move, READ_POLL_MS, move_port);
    }
}

void instance_port_present(struct instance *in, bool present)
{
    if (in->port == NULL || present == !in->away) {
        return; /* not opened yet, or nothing new */
    }
    in->away = !present;
    in->goes = in->goes || !present;
    /* Not at once: the modem is at work. Before anything it says later. */
    timer_arm(&in->env->loop->sched, &in->move, 0, move_port);
}

/* ---- all of them ---- */

uint32_t instance_port_baud(const struct options *o, unsigned index)
{
    struct port_spec spec;
    bool serial = o->ports_n > 0 && options_port_for(o, index, &spec) && spec.kind == PORT_SERIAL;
    return serial ? spec.baud : MODEM_BAUD;
}

void instance_port_set_speed(struct instance *in, uint32_t baud)
{
    if (in->baud != 0 && baud != 0) {
        in->baud = baud; /* also for a serial port that comes back */
    }
    modem_port_set_speed(in->port, baud);
}

bool instance_port_open(struct instance *in, const struct options *o,
                        const struct instance_spec *which, struct reason *why)
{
    struct port_spec spec;
    const struct modem_port_cfg cfg = {
        .loop = in->env->loop,
        .modem = in->modem,
        .trace = &in->trace.trace,
        .speed = which->added ? MODEM_BAUD : instance_port_baud(o, in->index),
        .gone = port_gone,
        .ctx = in,
    };
    in->port = modem_port_new(&cfg);
    if (which->added) {
        return open_pty(in, in->index + 1, which->link, why);
    }
    if (o->ports_n == 0) {
        return open_pty(in, o->count, NULL, why);
    }
    if (!options_port_for(o, in->index, &spec)) {
        return reason_set(why, "no port for %s", in->name);
    }
    return spec.kind == PORT_SERIAL ? open_serial(in, &spec, why) : open_listener(in, &spec, why);
}

void instance_port_close(struct instance *in)
{
    timer_stop(&in->retry);
    timer_stop(&in->move);
    withdraw_pty(in);
    listener_close(&in->listener);
    modem_port_free(&in->port);
    pty_close(&in->leaving);
    pty_close(&in->pty);
    free(in->ready_path);
    in->ready_path = NULL;
}
