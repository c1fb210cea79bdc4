/* The ring indicator, a line of the UART that is high while nothing happens: low for a while at
 * each line that comes unasked (AT+CFGRI=1) and at each short message, and in the rhythm of a
 * telephone while a call rings (general-commands.md A21). "On" is low. Part of struct modem. */
#ifndef SIM_MODEM_RI_H
#define SIM_MODEM_RI_H

#include <stdbool.h>

#include "base/sched.h"

struct modem;

/* What can pull the line. Each has its own timer; the line is on while one of them pulls. */
enum ri_cause { RI_CALL, RI_SMS, RI_URC, RI_CAUSES };

struct ri {
    unsigned pulled; /* a bit for each cause */
    struct timer timer[RI_CAUSES];
};

/* High at once, whatever pulls: the power goes. */
void ri_reset(struct modem *m);
void ri_fini(struct modem *m);

bool ri_on(const struct modem *m);

/* A line has gone out that is no answer. */
void ri_urc(struct modem *m);
/* A short message has come. */
void ri_sms(struct modem *m);
/* A call begins to ring; no call rings any more. */
void ri_ring(struct modem *m);
void ri_ring_end(struct modem *m);

#endif
