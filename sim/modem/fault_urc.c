/* The hook "urc": what becomes of lines that come by themselves, but late results of commands. */
#include <stdlib.h>

#include "base/check.h"
#include "sim/at/cmd.h"
#include "sim/modem/modem_int.h"

#define MS_MAX 3600000

/* --- the rows --- */

enum { DELAY, DROP, DUPLICATE, REORDER, PLACE };

/* clang-format off */
#define P_URC P_STR("urc", 1, 64, "how the line begins: +CMQTTCONNLOST, +CMQTTRXSTART, RDY")

static const struct param urc_only[] = { P_URC };
static const struct param urc_delay[] = { P_URC, P_INT("ms", 1, MS_MAX, "ms") };
static const struct param urc_place[] = { P_URC,
    P_WORD("where", "\"command_echo\",\"echo_answer\",\"block\"", "where it stands") };

#define ROW(text, list, what, follows) \
    { .name = (text), .hook = FAULT_URC, .params = (list), .n_params = ARRAY_LEN(list), .doc = (what), .clause = (follows) }

static const struct fault_row rows[] = {
    [DELAY] = ROW("urc.delay", urc_delay, "A line that comes by itself comes later; those behind it do not wait.", "field-failures.md F07"),
    [DROP] = ROW("urc.drop", urc_only, "It never comes.", "field-failures.md F07"),
    [DUPLICATE] = ROW("urc.duplicate", urc_only, "It comes twice.", "field-failures.md F07"),
    [REORDER] = ROW("urc.reorder", urc_only, "It comes behind the next line that comes by itself.", "field-failures.md F07"),
    [PLACE] = ROW("urc.place", urc_place,
        "It is kept until the next command, or the next message: `command_echo` puts it between the command and its echo (before the first byte of it is echoed), "
        "`echo_answer` between the echo and the answer, `block` into a received message, between topic and payload.", "general-commands.md A13"),
};
/* clang-format on */

const struct fault_table fault_table_urc = { rows, ARRAY_LEN(rows) };

/* --- lines that are kept --- */

enum kept_for { FOR_ECHO, FOR_ANSWER, FOR_BLOCK, FOR_NEXT, FOR_TIME }; /* the first: of 'where' */

struct fault_urc {
    struct fault_urc *next;
    struct modem *m;
    enum kept_for what;
    struct timer timer;
    size_t n;
    uint8_t bytes[];
};

static struct fault_urc *keep(struct modem *m, struct span unit, enum kept_for what)
{
    struct fault_urc *new = xcalloc(1, sizeof *new + unit.n);
    new->m = m;
    new->what = what;
    new->n = unit.n;
    memcpy(new->bytes, unit.p, unit.n);
    struct fault_urc **at = &m->urcs;
    while (*at != NULL) {
        at = &(*at)->next;
    }
    *at = new;
    return new;
}

/* The place in the list of the first that is kept for that; where it ends: NULL is there. */
static struct fault_urc **place_for(struct modem *m, enum kept_for what)
{
    struct fault_urc **at = &m->urcs;
    while (*at != NULL && (*at)->what != what) {
        at = &(*at)->next;
    }
    return at;
}

static struct fault_urc *take(struct fault_urc **at)
{
    struct fault_urc *taken = *at;
    *at = taken->next;
    timer_stop(&taken->timer);
    return taken;
}

static void let_go(struct fault_urc **at)
{
    struct fault_urc *u = take(at);
    at_urc_past(u->m->ch, span_of(u->bytes, u->n));
    free(u);
}

static bool let_go_all(struct modem *m, enum kept_for what)
{
    bool any = false;
    for (struct fault_urc **at = place_for(m, what); *at != NULL; at = place_for(m, what)) {
        let_go(at);
        any = true;
    }
    return any;
}

static void time_is_up(struct timer *t)
{
    struct fault_urc *u =
        (struct fault_urc *)(void *)((char *)t - offsetof(struct fault_urc, timer));
    struct fault_urc **at = &u->m->urcs;
    while (*at != u) {
        at = &(*at)->next;
    }
    let_go(at);
}

/* --- the hook --- */

static bool begins(const struct fault *f, const void *arg)
{
    const struct span *unit = arg;
    struct span wanted = f->value[0].str;
    size_t at = 0;
    while (at < unit->n && (unit->p[at] == '\r' || unit->p[at] == '\n')) {
        at++;
    }
    return unit->n - at >= wanted.n && memcmp(unit->p + at, wanted.p, wanted.n) == 0;
}

/* Where in a received message the payload begins; 0: it is none, or it has none. */
static size_t payload_at(const struct modem *m, struct span unit)
{
    struct buf header;
    size_t found = 0;
    buf_init(&header, 64);
    (void)buf_addf(&header, "\r\n%s: ", m->profile->rx_payload_name);
    for (size_t i = 1; found == 0 && i + header.n <= unit.n; i++) {
        found = memcmp(unit.p + i, header.p, header.n) == 0 ? i : 0;
    }
    buf_fini(&header);
    return found;
}

static void bring(struct modem *m, struct span unit)
{
    struct fault_urc **place = place_for(m, FOR_BLOCK);
    size_t at = *place == NULL ? 0 : payload_at(m, unit);
    if (at == 0) {
        at_urc_past(m->ch, unit);
        return;
    }
    struct buf both;
    struct fault_urc *inside = take(place);
    buf_init(&both, unit.n + inside->n);
    (void)buf_add(&both, span_of(unit.p, at));
    (void)buf_add(&both, span_of(inside->bytes, inside->n));
    (void)buf_add(&both, span_from(unit, at));
    at_urc_past(m->ch, buf_span(&both));
    buf_fini(&both);
    free(inside);
}

bool fault_urc(void *owner, struct span unit)
{
    struct modem *m = owner;
    const struct fault *f;
    if (m->faults.head == NULL && m->urcs == NULL) {
        return false;
    }
    if (fault_hit(m, &rows[DROP], begins, &unit) != NULL) {
        return true;
    }
    if ((f = fault_hit(m, &rows[DELAY], begins, &unit)) != NULL) {
        struct fault_urc *u = keep(m, unit, FOR_TIME);
        timer_arm(m->sched, &u->timer, (uint64_t)f->value[1].num, time_is_up);
        return true;
    }
    if (fault_hit(m, &rows[REORDER], begins, &unit) != NULL) {
        (void)keep(m, unit, FOR_NEXT);
        return true;
    }
    if ((f = fault_hit(m, &rows[PLACE], begins, &unit)) != NULL) {
        (void)keep(m, unit, (enum kept_for)f->value[1].num);
        return true;
    }
    bring(m, unit);
    if (fault_hit(m, &rows[DUPLICATE], begins, &unit) != NULL) {
        bring(m, unit);
    }
    (void)let_go_all(m, FOR_NEXT);
    return true;
}

void fault_urc_before_echo(struct modem *m)
{
    if (at_idle(m->ch) && let_go_all(m, FOR_ECHO)) {
        at_release(m->ch);
    }
}

void fault_urc_before_answer(struct modem *m)
{
    if (let_go_all(m, FOR_ANSWER)) {
        at_release(m->ch);
    }
}

void fault_urc_release(struct modem *m)
{
    while (m->urcs != NULL) {
        let_go(&m->urcs);
    }
}

void fault_urc_fini(struct modem *m)
{
    while (m->urcs != NULL) {
        free(take(&m->urcs));
    }
}
