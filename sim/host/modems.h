/* The modems of the process: those it started with, and those that the control socket adds and
 * removes. Owned by host.c. */
#ifndef SIM_HOST_MODEMS_H
#define SIM_HOST_MODEMS_H

#include "sim/host/control.h"
#include "sim/host/instance.h"

struct modems {
    const struct instance_env *env;
    const struct options *o;
    struct instance *instance[OPTIONS_MODEMS_MAX]; /* those that are there, in order */
    struct control_modem name[OPTIONS_MODEMS_MAX]; /* what the control socket knows of each */
    size_t n;
    unsigned next;         /* number of the next one; none is used twice */
    struct instance *gone; /* removed ones: libuv may still know their handles */
};

/* Opens the next modem: of the options, or with 'link' or 'added' on a pty of its own. NULL with
 * the reason. 'profile' is copied. */
const struct control_modem *modems_open(struct modems *ms, const struct profile *profile,
                                        const char *link, bool added, struct reason *why);

/* Closes one of them; its stored files stay. */
void modems_close(struct modems *ms, const struct control_modem *m);

/* Closes all. Their memory goes with modems_free, when the loop has ended. */
void modems_close_all(struct modems *ms);
void modems_free(struct modems *ms);

#endif
