/* The phonebook (general-commands.md B4.8): two memories that are written, on the card and in the
 * modem, both kept in NVRAM; lists of the last calls, lost at power-off; and what the card says
 * about own, fixed and emergency numbers. Part of struct modem. */
#ifndef SIM_MODEM_PHONEBOOK_H
#define SIM_MODEM_PHONEBOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

#define PB_ENTRIES    200
#define PB_CALLS      10
#define PB_NUMBER_MAX 40
#define PB_NAME_MAX   14

struct modem;

/* In the order of CPBS=?. */
enum pb_memory { PB_SM, PB_DC, PB_FD, PB_LD, PB_MC, PB_ME, PB_RC, PB_EN, PB_ON };

#define PB_MEMORIES "\"SM\",\"DC\",\"FD\",\"LD\",\"MC\",\"ME\",\"RC\",\"EN\",\"ON\""

struct pb_entry {
    char number[PB_NUMBER_MAX + 2]; /* with its '+' when type is 145; empty: no entry */
    int32_t type;
    char name[PB_NAME_MAX + 1];
};

struct phonebook {
    struct pb_entry sm[PB_ENTRIES], me[PB_ENTRIES];
    struct pb_entry dialled[PB_CALLS], missed[PB_CALLS],
        received[PB_CALLS]; /* the last one first */
};

void phonebook_init(struct modem *m);
void phonebook_reset(struct modem *m);

unsigned phonebook_total(enum pb_memory memory);
unsigned phonebook_used(const struct modem *m, enum pb_memory memory);

/* Entry 'index', from 1; false: it is empty, or there is no such place. */
bool phonebook_get(const struct modem *m, enum pb_memory memory, unsigned index,
                   struct pb_entry *ret);

/* Writes an entry, or empties the place with NULL. 0, or the CME error that says why not. */
uint32_t phonebook_put(struct modem *m, enum pb_memory memory, unsigned index,
                       const struct pb_entry *entry);

/* The first empty place, or 0. */
unsigned phonebook_free(const struct modem *m, enum pb_memory memory);

/* The first entry of that name; false: there is none. */
bool phonebook_find(const struct modem *m, enum pb_memory memory, struct span name,
                    struct pb_entry *ret);

/* The name that goes with a number, or "". Valid until the phonebook changes. */
const char *phonebook_name(const struct modem *m, const char *number);

/* Notes a call in one of the lists DC, MC, RC. */
void phonebook_note(struct modem *m, enum pb_memory list, const char *number, int32_t type);

/* Fills an entry; adds the '+' of an international number. False: number or name do not fit. */
bool phonebook_make(struct pb_entry *e, struct span number, int32_t type, struct span name);

#endif
