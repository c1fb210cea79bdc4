/* The board around the module: supply voltage and temperature with their alarms, GPIO pins, and
 * what the USB side is (general-commands.md B4.12). Inputs are the keys battery.mv, temperature,
 * adc*.mv and gpio.in. Part of struct modem. */
#ifndef SIM_MODEM_HW_H
#define SIM_MODEM_HW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/sched.h"
#include "base/span.h"

#define HW_PINS     7
#define HW_ISR_MAX  45 /* bytes of a text for an interrupt */
#define HW_USB_9001 0x9001
#define HW_AUX_MV   2800

struct modem;

enum hw_detect { DETECT_NONE, DETECT_LEVEL, DETECT_EDGE };

struct hw_pin {
    bool special;   /* its own function instead of GPIO: CGFUNC */
    bool out, high; /* direction, and level that is driven */
    enum hw_detect detect;
    bool on_high; /* high level or rising edge */
    char text[HW_ISR_MAX + 1];
};

struct hw {
    struct hw_pin pin[HW_PINS];
    int32_t seen;     /* gpio.in as it was last looked at */
    int voltage_side; /* what the last alarm said: -1 under, 0 none, 1 over */
    int temperature_level;
    bool going_down; /* CPMVT has switched it off */
    struct timer alarm_timer;
    int32_t aux_mv; /* CVAUXV */
    uint32_t usb_pid;
};

void hw_init(struct modem *m);
void hw_reset(struct modem *m);
void hw_fini(struct modem *m);
void hw_power_on(struct modem *m);
/* The keys above have changed, or CVALARM, CPMVT or CMTE were set. */
void hw_world_changed(struct modem *m);

/* The pin with that GPIO number; NULL: there is none. */
struct hw_pin *hw_pin(struct modem *m, int32_t gpio);
bool hw_pin_level(const struct modem *m, const struct hw_pin *pin); /* high? */
bool hw_pin_has_function(int32_t gpio);
/* CGFUNC; kept over power-off. */
void hw_pin_set_function(struct modem *m, struct hw_pin *pin, bool special);
/* CGISR; a level that is there already is told at once. */
void hw_pin_set_isr(struct modem *m, struct hw_pin *pin, enum hw_detect detect, bool on_high,
                    struct span text);

/* CUSBPIDSWITCH; kept over power-off. */
void hw_set_usb_pid(struct modem *m, uint32_t pid);

#endif
