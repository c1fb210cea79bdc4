/* Packet data contexts (27.007 10.1; general-commands.md B4.4). Part of struct modem. */
#ifndef SIM_MODEM_PDP_H
#define SIM_MODEM_PDP_H

#include <stdbool.h>
#include <stdint.h>

#define PDP_CONTEXTS 24 /* cid 1-24; 100-179 are accepted in ranges only */
#define PDP_APN_MAX  100
#define PDP_OPTIONS  4
#define PDP_TEXT_MAX 128 /* user, password */

struct modem;

/* Types of CGDCONT in the order of its words. */
enum { PDP_IP, PDP_PPP, PDP_IPV6, PDP_IPV4V6, PDP_TYPES };

struct pdp_context {
    bool defined, active;
    int32_t type; /* place in the list of types */
    char apn[PDP_APN_MAX + 1];
    char address[64];            /* as written in CGDCONT */
    int32_t option[PDP_OPTIONS]; /* d_comp, h_comp, ipv4_ctrl, request_type */
    int32_t auth;
    char user[PDP_TEXT_MAX + 1], password[PDP_TEXT_MAX + 1];
};

struct pdp {
    struct pdp_context context[PDP_CONTEXTS]; /* of cid 1 first */
};

void pdp_init(struct modem *m);
/* The network attached us: the default bearer, and what it brings up with it; or all is gone. */
void pdp_attached(struct modem *m, bool attached);
/* CGACT. False: it cannot be: not defined, or not attached. */
bool pdp_activate(struct modem *m, unsigned cid, bool active);
/* Keeps the contexts over power-off. */
void pdp_store(struct modem *m);
/* Context 1 has a bearer. */
bool pdp_default_active(const struct modem *m);

#endif
