/* Groups of rows that need the card: their preconditions, and the error in whose place they answer
 * (general-commands.md A22). For the tables of the services. */
#ifndef SIM_MODEM_GATES_H
#define SIM_MODEM_GATES_H

#include "sim/modem/modem_int.h"

/* The card must be ready, or +CME ERROR. */
extern const struct at_group gate_card;
/* The same, and PB DONE must be out. */
extern const struct at_group gate_phonebook;
/* The card must be ready and SMS DONE out, or +CMS ERROR. */
extern const struct at_group gate_sms;

#endif
