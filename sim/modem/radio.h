/* The radio model: one state that CREG, CGREG, CEREG, COPS, CSQ, CPSI, CNSMOD, CGATT and the bearer
 * are views of, so that answers never contradict each other (general-commands.md B4.3). Its inputs
 * are the keys network.* and signal.*, the card, CFUN, CNMP and COPS. Part of struct modem. */
#ifndef SIM_MODEM_RADIO_H
#define SIM_MODEM_RADIO_H

#include <stdbool.h>
#include <stdint.h>

#include "base/sched.h"

struct modem;

/* <stat> of 27.007 10.1.20 */
enum reg_state { REG_IDLE = 0, REG_HOME = 1, REG_SEARCHING = 2, REG_DENIED = 3, REG_ROAMING = 5 };

/* <mode> of COPS */
enum { COPS_AUTO, COPS_MANUAL, COPS_DEREGISTER, COPS_FORMAT_ONLY, COPS_MANUAL_AUTO };

struct radio {
    enum reg_state state;
    int rat; /* serving RAT_…; -1: none */
    bool attach_wanted, attached;
    struct timer register_timer, bearer_timer, csq_timer, cpsi_timer;
    int32_t cops_mode, cops_format;
    char cops_plmn[8]; /* of a manual selection */
    struct timer cops_timer;
    uint32_t cops_ticket;
    bool cops_selecting; /* a manual selection waits, not a search */
    char bands[3][68];   /* CNBP: GSM and WCDMA, LTE, TD-SCDMA */
    /* what the last URCs said */
    enum reg_state told_cs, told_ps, told_eps;
    int32_t told_csq, told_mode;
};

void radio_reset(struct modem *m);
void radio_fini(struct modem *m);

/* Something it depends on has changed: card, CFUN, keys, CNMP, COPS. 'at_once': registers without
 * taking time and without a word, as in a modem that is up. */
void radio_update(struct modem *m, bool at_once);
/* Leaves the cell and registers anew (CNMP, COPS). */
void radio_restart(struct modem *m);
/* The keys network.* or signal.* have changed. */
void radio_world_changed(struct modem *m);

bool radio_registered(const struct modem *m);
/* A registration is under way or can come: START and NETOPEN wait for the bearer. */
bool radio_may_register(const struct modem *m);
/* CGATT. */
void radio_attach(struct modem *m, bool attach);

int32_t radio_csq(const struct modem *m);         /* 0-31, or 99 */
int32_t radio_system_mode(const struct modem *m); /* of CNSMOD */
int32_t radio_act(const struct modem *m);         /* AcT of COPS and CEREG */
enum reg_state radio_cs(const struct modem *m), radio_ps(const struct modem *m),
    radio_eps(const struct modem *m);

#endif
