/* What happens to the module as a whole, to its card and to the network: at once, or when an event
 * comes. */
#include "base/check.h"
#include "sim/at/cmd.h"
#include "sim/modem/modem_int.h"

#define MS_MAX 3600000

enum { REBOOT, BROWN_OUT, SIM_REMOVED, REGISTRATION_LOST, CLOCK_JUMP };

/* A key of the world takes another value, for 'ms' where that is not 0. */
static void change(struct modem *m, const struct fault *f, int32_t *key, int32_t value,
                   struct fault_back *back, timer_fn *come_back)
{
    if (!timer_armed(&back->timer)) {
        back->value = *key;
    }
    *key = value;
    modem_world_changed(m);
    if (f->value[0].num > 0) {
        timer_arm(m->sched, &back->timer, (uint64_t)f->value[0].num, come_back);
    }
}

static void card_back(struct timer *t)
{
    struct modem *m = MODEM_OF(t, card_back.timer);
    m->own.sim_card = m->card_back.value;
    modem_world_changed(m);
}

static void network_back(struct timer *t)
{
    struct modem *m = MODEM_OF(t, network_back.timer);
    m->own.network = m->network_back.value;
    modem_world_changed(m);
}

static void reboot(struct modem *m, struct fault *f)
{
    if (f->value[0].num == 0) {
        modem_reset_soon(m);
    } else {
        modem_press(m, MODEM_RESET);
    }
}

static void brown_out(struct modem *m, struct fault *f)
{
    (void)f;
    modem_press(m, MODEM_CUT);
}

static void sim_removed(struct modem *m, struct fault *f)
{
    change(m, f, &m->own.sim_card, 0, &m->card_back, card_back);
}

static void registration_lost(struct modem *m, struct fault *f)
{
    change(m, f, &m->own.network, 0, &m->network_back, network_back);
}

static void clock_jump(struct modem *m, struct fault *f)
{
    m->clock_base += f->value[0].num;
}

/* clang-format off */
static const struct param reboot_params[] = {
    P_WORD("farewell", "\"yes\",\"no\"", "with the lines of AT+CRESET before, or without a word", .flags = PARAM_OPTIONAL, .def = 1),
};
static const struct param for_ms[] = {
    P_INT("ms", 0, MS_MAX, "ms until it is as before; 0: until somebody changes it", .flags = PARAM_OPTIONAL),
};
static const struct param jump[] = {
    P_INT("seconds", -2000000000, 2000000000, "by which the modem's clock moves"),
};

static const struct fault_row rows[] = {
    [REBOOT] = {
        .name = "modem.reboot", .hook = FAULT_MODEM, .params = reboot_params, .n_params = ARRAY_LEN(reboot_params), .act = reboot,
        .doc = "The module starts again, as firmware that crashed does: all that is not stored is gone, connections end without a packet.",
        .clause = "field-failures.md F13; general-commands.md A20" },
    [BROWN_OUT] = {
        .name = "modem.brown_out", .hook = FAULT_MODEM, .act = brown_out,
        .doc = "The supply breaks down and is back: what was on the way is lost, and the module boots.",
        .clause = "field-failures.md F13" },
    [SIM_REMOVED] = {
        .name = "modem.sim_removed", .hook = FAULT_MODEM, .params = for_ms, .n_params = ARRAY_LEN(for_ms), .act = sim_removed,
        .doc = "The card is taken out (key `sim.card`), with all that follows for registration and connections.",
        .clause = "general-commands.md A22" },
    [REGISTRATION_LOST] = {
        .name = "modem.registration_lost", .hook = FAULT_MODEM, .params = for_ms, .n_params = ARRAY_LEN(for_ms), .act = registration_lost,
        .doc = "The cell is gone (key `network`), with all that follows for the bearer and for connections; after `ms` it is what it was.",
        .clause = "field-failures.md F14" },
    [CLOCK_JUMP] = {
        .name = "modem.clock_jump", .hook = FAULT_MODEM, .params = jump, .n_params = ARRAY_LEN(jump), .act = clock_jump,
        .doc = "The modem's clock jumps, as by a wrong time from the network; certificates are then judged by it.",
        .clause = "field-failures.md F02" },
};
/* clang-format on */

const struct fault_table fault_table_modem = { rows, ARRAY_LEN(rows) };

void fault_modem_fini(struct modem *m)
{
    timer_stop(&m->card_back.timer);
    timer_stop(&m->network_back.timer);
}
