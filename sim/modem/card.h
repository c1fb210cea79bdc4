/* The SIM card: its state after power-on, PIN and PUK, and what it remembers (general-commands.md
 * A22). Part of struct modem. */
#ifndef SIM_MODEM_CARD_H
#define SIM_MODEM_CARD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/sched.h"
#include "base/span.h"

#define CARD_CODE_MAX  8
#define CARD_PIN_TRIES 3
#define CARD_PUK_TRIES 10

struct modem;

enum card_state {
    CARD_ABSENT,
    CARD_BUSY, /* not initialised yet */
    CARD_PIN,
    CARD_PUK,
    CARD_READY,
    CARD_FAILED, /* broken, or PUK used up */
};

struct card {
    enum card_state state;
    bool sms_ready, phonebook_ready; /* SMS DONE, PB DONE */
    struct timer timer, failure_timer;
    /* on the card itself, kept in NVRAM */
    bool lock; /* facility SC: the PIN is asked at power-on */
    char pin[CARD_CODE_MAX + 1];
    int32_t pin_left, puk_left;
};

void card_init(struct modem *m);
void card_fini(struct modem *m);

/* Supplies the card with power: it initialises, tells its state and, once ready, SMS DONE and PB
 * DONE. With 'at_once' it is in its final state without a word, as in a modem that is up. */
void card_power_on(struct modem *m, bool at_once);
void card_power_off(struct modem *m);

/* The keys sim.* have changed. */
void card_world_changed(struct modem *m);

/* 0 when the card can be used, else the CME error that says why not. */
uint32_t card_error(const struct modem *m);

/* The word of +CPIN: "READY", "SIM PIN", "SIM PUK"; only while card_error is 0, 11 or 12. */
const char *card_word(const struct modem *m);

/* Compares a PIN and counts: true when right. Wrong ones end in CARD_PUK. */
bool card_verify_pin(struct modem *m, struct span pin);
/* PUK and new PIN; wrong ones end in CARD_FAILED. */
bool card_unblock(struct modem *m, struct span puk, struct span new_pin);
/* Once the PIN was right: the card gets ready. */
void card_unlocked(struct modem *m);
/* Stores what is on the card. */
void card_store(struct modem *m);

#endif
