#include "sim/modem/hw.h"

#include <stdio.h>

#include "sim/modem/modem_int.h"

#define STORE     "hardware"
#define STORE_MAX 256U
#define ALARM_MS  10000 /* the alarm repeats until the voltage is right again */

/* GPIO numbers in the order of the bits of gpio.in, and what else the pin can be (SIM7600 AT
 * manual, CGFUNC: 3 Ethernet, 40 STATUS, 44 SD_DETECT). */
static const struct {
    int32_t gpio;
    bool has_function, special;
} pins[HW_PINS] = {
    { 3, true, false },   { 6, false, false }, { 40, true, true },   { 41, false, false },
    { 43, false, false }, { 44, true, false }, { 77, false, false },
};

/* --- voltage and temperature --- */

static int side_of(int32_t mv, const int32_t limits[3])
{
    return limits[0] == 0 ? 0 : mv < limits[1] ? -1 : mv > limits[2] ? 1 : 0;
}

static const char *side_name(int side)
{
    return side < 0 ? "UNDER" : "OVER";
}

static void alarm_due(struct timer *t)
{
    struct modem *m = MODEM_OF(t, hw.alarm_timer);
    urc_voltage(m, side_name(m->hw.voltage_side));
    modem_every(m, t, ALARM_MS, alarm_due);
}

static void watch_voltage(struct modem *m)
{
    struct hw *hw = &m->hw;
    int32_t mv = m->profile->battery_mv;
    int off = side_of(mv, m->set.cpmvt);
    if (off != 0 && !hw->going_down) {
        hw->going_down = true;
        urc_voltage_off(m, side_name(off));
        modem_off_soon(m);
    }
    int side = side_of(mv, m->set.cvalarm);
    if (side == hw->voltage_side) {
        return;
    }
    hw->voltage_side = side;
    timer_stop(&hw->alarm_timer);
    if (side != 0) {
        alarm_due(&hw->alarm_timer);
    }
}

/* SIMCom's thresholds: critical from 81 and 86 degrees on, and from -30 and -45 down. */
static int temperature_level(int32_t t)
{
    return t < -45 ? -2 : t <= -30 ? -1 : t > 85 ? 2 : t > 80 ? 1 : 0;
}

static void watch_temperature(struct modem *m)
{
    int level = m->set.cmte == 1 ? temperature_level(m->profile->temperature) : 0;
    if (level != m->hw.temperature_level) {
        m->hw.temperature_level = level;
        if (level != 0) {
            urc_cmte(m, level);
        }
    }
}

/* --- pins --- */

struct hw_pin *hw_pin(struct modem *m, int32_t gpio)
{
    for (size_t i = 0; i < HW_PINS; i++) {
        if (pins[i].gpio == gpio) {
            return &m->hw.pin[i];
        }
    }
    return NULL;
}

bool hw_pin_has_function(int32_t gpio)
{
    for (size_t i = 0; i < HW_PINS; i++) {
        if (pins[i].gpio == gpio) {
            return pins[i].has_function;
        }
    }
    return false;
}

static bool applied(const struct modem *m, const struct hw_pin *pin, int32_t in)
{
    return (in >> (pin - m->hw.pin) & 1) != 0;
}

bool hw_pin_level(const struct modem *m, const struct hw_pin *pin)
{
    return pin->out ? pin->high : applied(m, pin, m->profile->gpio_in);
}

static bool interrupts(const struct hw_pin *pin, bool high)
{
    return !pin->special && !pin->out && pin->detect != DETECT_NONE && pin->on_high == high;
}

static void watch_pins(struct modem *m)
{
    int32_t in = m->profile->gpio_in;
    for (size_t i = 0; i < HW_PINS; i++) {
        const struct hw_pin *pin = &m->hw.pin[i];
        bool high = applied(m, pin, in);
        if (high != applied(m, pin, m->hw.seen) && interrupts(pin, high)) {
            urc_gpio(m, pin->text);
        }
    }
    m->hw.seen = in;
}

void hw_pin_set_isr(struct modem *m, struct hw_pin *pin, enum hw_detect detect, bool on_high,
                    struct span text)
{
    pin->detect = detect;
    pin->on_high = on_high;
    int32_t gpio = pins[pin - m->hw.pin].gpio;
    if (text.n > 0) {
        (void)snprintf(pin->text, sizeof pin->text, "%.*s", (int)text.n, (const char *)text.p);
    } else {
        (void)snprintf(pin->text, sizeof pin->text, "GPIO_%d_ISR!", (int)gpio);
    }
    if (detect == DETECT_LEVEL && interrupts(pin, hw_pin_level(m, pin))) {
        urc_gpio(m, pin->text);
    }
}

/* --- what is kept --- */

static void store(struct modem *m)
{
    struct buf text;
    buf_init(&text, STORE_MAX);
    (void)buf_addf(&text, "usb_pid=0x%04X\n", (unsigned)m->hw.usb_pid);
    for (size_t i = 0; i < HW_PINS; i++) {
        (void)buf_addf(&text, "%d=%d\n", (int)pins[i].gpio, m->hw.pin[i].special ? 1 : 0);
    }
    (void)nvram_put(m, STORE, buf_span(&text));
    buf_fini(&text);
}

static void load_one(struct modem *m, struct span name, int32_t value)
{
    int32_t gpio = 0;
    if (span_eq(name, SPAN_LIT("usb_pid"))) {
        m->hw.usb_pid = (uint32_t)value;
    } else if (schema_number(name, false, &gpio) && hw_pin_has_function(gpio)) {
        hw_pin(m, gpio)->special = value == 1;
    }
}

void hw_pin_set_function(struct modem *m, struct hw_pin *pin, bool special)
{
    pin->special = special;
    store(m);
}

void hw_set_usb_pid(struct modem *m, uint32_t pid)
{
    m->hw.usb_pid = pid;
    store(m);
}

/* --- life --- */

void hw_init(struct modem *m)
{
    struct buf text;
    struct span name;
    struct span value;
    m->hw.usb_pid = HW_USB_9001;
    for (size_t i = 0; i < HW_PINS; i++) {
        m->hw.pin[i].special = pins[i].special;
    }
    buf_init(&text, STORE_MAX);
    nvram_get(m, STORE, &text);
    struct span rest = buf_span(&text);
    while (nvram_line(&rest, &name, &value)) {
        int32_t n = 0;
        if (schema_number(value, true, &n)) {
            load_one(m, name, n);
        }
    }
    buf_fini(&text);
}

void hw_fini(struct modem *m)
{
    timer_stop(&m->hw.alarm_timer);
}

/* Directions, levels and interrupts are lost; the function of a pin stays. */
void hw_reset(struct modem *m)
{
    struct hw *hw = &m->hw;
    hw_fini(m);
    for (size_t i = 0; i < HW_PINS; i++) {
        hw->pin[i] = (struct hw_pin){ .special = hw->pin[i].special };
    }
    hw->voltage_side = hw->temperature_level = 0;
    hw->going_down = false;
    hw->aux_mv = HW_AUX_MV;
}

void hw_power_on(struct modem *m)
{
    m->hw.seen = m->profile->gpio_in;
    hw_world_changed(m);
}

void hw_world_changed(struct modem *m)
{
    if (m->power == POWER_ON) {
        watch_voltage(m);
        watch_temperature(m);
        watch_pins(m);
    }
}
