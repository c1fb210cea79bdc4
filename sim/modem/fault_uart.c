/* What goes wrong on the line between the modem and its client. */
#include "sim/modem/fault_uart.h"

#include "base/check.h"
#include "sim/at/cmd.h"
#include "sim/modem/modem_int.h"

#define LINE_MAX_BYTES ((size_t)1024 * 1024)
#define LINE_HIGH      ((size_t)64 * 1024) /* past the faults: no more passes until it is fetched */
#define MS_MAX         3600000

/* --- the rows --- */

enum {
    DROP,
    DUPLICATE,
    CORRUPT,
    INSERT,
    SLICER,
    SPLIT,
    MERGE,
    STALL,
    OVERRUN,
    HANGUP,
    MARK,
};

/* Parameters: every row begins with FROM; those that strike at a place have AT next. */
enum { FROM, AT, THIRD, FOURTH };

enum { SLICER_SIZE = 1, SLICER_DELAY, MERGE_MS = 1 };

/* clang-format off */
#define P_FROM P_WORD("from", "\"host\",\"modem\"", "whose bytes: the client's, or the modem's")
#define P_AT P_INT("at", 0, INT32_MAX, "behind so many bytes of that direction, counted from when the fault is awake, or from its last place")
#define P_BYTES P_INT("bytes", 1, 65536, "how many", .flags = PARAM_OPTIONAL, .def = 1)

static const struct param bytes_params[] = { P_FROM, P_AT, P_BYTES };
static const struct param corrupt_params[] = { P_FROM, P_AT, P_BYTES,
    P_INT("mask", 1, 255, "the bits that change", .flags = PARAM_OPTIONAL, .def = 255) };
static const struct param insert_params[] = { P_FROM, P_AT,
    P_STR("text", 1, 1024, "what comes before the byte; \\xHH is a byte by its number, \\r and \\n a CR and LF") };
static const struct param slicer_params[] = { P_FROM,
    P_INT("size", 1, 65536, "bytes that pass together"), P_INT("delay", 0, MS_MAX, "ms before the next") };
static const struct param split_params[] = { P_FROM, P_AT,
    P_INT("ms", 0, MS_MAX, "ms before the rest", .flags = PARAM_OPTIONAL, .def = 20) };
static const struct param merge_params[] = { P_FROM, P_INT("ms", 1, MS_MAX, "ms that bytes wait for each other") };
static const struct param stall_params[] = { P_FROM, P_AT,
    P_INT("ms", 0, MS_MAX, "ms; 0: until the fault is cleared") };
static const struct param hangup_params[] = { P_FROM, P_AT,
    P_INT("ms", 0, MS_MAX, "ms until the port is back", .flags = PARAM_OPTIONAL, .def = 1000) };
static const struct param mark_params[] = { P_FROM, P_AT };

#define ROW(text, list, what, follows) \
    { .name = (text), .hook = FAULT_UART, .params = (list), .n_params = ARRAY_LEN(list), .doc = (what), .clause = (follows) }

static const struct fault_row rows[] = {
    [DROP] = ROW("uart.drop", bytes_params, "Bytes are lost.", "field-failures.md F16"),
    [DUPLICATE] = ROW("uart.duplicate", bytes_params, "Bytes arrive twice, each behind itself.", "field-failures.md F16"),
    [CORRUPT] = ROW("uart.corrupt", corrupt_params, "Bits of bytes change, as by noise on the wire.", "field-failures.md F16"),
    [INSERT] = ROW("uart.insert", insert_params, "Bytes that nobody sent come before a byte: noise, or a line in the middle of another.", "general-commands.md A13"),
    [SLICER] = ROW("uart.slicer", slicer_params, "Bytes dribble: so many, then a pause; each slice is one strike.", "general-commands.md A17"),
    [SPLIT] = ROW("uart.split", split_params, "What came before the place is delivered alone, the rest later.", "general-commands.md A17"),
    [MERGE] = ROW("uart.merge", merge_params, "The first byte and all that follow it within the time arrive together; each such lot is one strike.", "general-commands.md A17"),
    [STALL] = ROW("uart.stall", stall_params, "Nothing passes from that place on, as when a flow-control line is stuck; nothing is lost.", "general-commands.md A17"),
    [OVERRUN] = ROW("uart.overrun", bytes_params, "Bytes are lost in the receiver's FIFO; unlike with uart.drop the trace has a `uart.overrun`.", "general-commands.md A17"),
    [HANGUP] = ROW("uart.hangup", hangup_params, "The port goes away at that place, as that of a USB modem does, with all that was on the way; then it is back. The modem keeps running.", "general-commands.md A20"),
    [MARK] = ROW("uart.mark", mark_params, "Nothing happens, but the trace has a `uart.mark` there: another fault can wait for it.", "general-commands.md A17"),
};
/* clang-format on */

const struct fault_table fault_table_uart = { rows, ARRAY_LEN(rows) };

/* --- one byte --- */

static void step(struct uart_line *l);

static void go_on(struct uart_line *l)
{
    l->held = false;
    step(l);
    if (l->from == UART_FROM_MODEM && l->out.n > 0) {
        l->m->host->tx_ready(l->m->host_ctx);
    }
}

static void due(struct timer *t)
{
    go_on((struct uart_line *)(void *)((char *)t - offsetof(struct uart_line, timer)));
}

static void hold(struct uart_line *l, uint32_t ms, bool for_ever)
{
    l->held = true;
    if (!for_ever) {
        timer_arm(l->m->sched, &l->timer, ms, due);
    }
}

static void come_back(struct timer *t)
{
    struct modem *m = MODEM_OF(t, uart.away);
    m->host->port_present(m->host_ctx, true);
}

static void go_away(struct uart_line *l, uint32_t ms)
{
    struct modem *m = l->m;
    for (size_t i = 0; i < UART_DIRECTIONS; i++) {
        buf_clear(&m->uart.line[i].in);
    }
    m->host->port_present(m->host_ctx, false);
    timer_arm(m->sched, &m->uart.away, ms, come_back);
}

/* What has passed reaches the modem; the host fetches the rest itself. */
static void deliver(struct uart_line *l)
{
    if (l->from == UART_FROM_HOST && l->out.n > 0) {
        struct buf bytes = l->out;
        buf_init(&l->out, LINE_MAX_BYTES);
        modem_hear(l->m, buf_span(&bytes));
        buf_fini(&bytes);
    }
}

static int hex(uint8_t c)
{
    const char *digits = "0123456789abcdef";
    const char *at = c == '\0' ? NULL : strchr(digits, c | 0x20);
    return at == NULL ? -1 : (int)(at - digits);
}

/* Bytes as text writes them: \xHH, \r, \n, \\; anything else stands for itself. */
void fault_bytes(struct span text, struct buf *out)
{
    for (size_t i = 0; i < text.n; i++) {
        uint8_t c = text.p[i];
        uint8_t next = i + 1 < text.n ? text.p[i + 1] : 0;
        if (c == '\\' && next == 'x' && i + 3 < text.n && hex(text.p[i + 2]) >= 0 &&
            hex(text.p[i + 3]) >= 0) {
            (void)buf_add_byte(out, (uint8_t)(hex(text.p[i + 2]) * 16 + hex(text.p[i + 3])));
            i += 3;
        } else if (c == '\\' && (next == 'r' || next == 'n' || next == '\\')) {
            (void)buf_add_byte(out, next == 'r' ? '\r' : next == 'n' ? '\n' : '\\');
            i++;
        } else {
            (void)buf_add_byte(out, c);
        }
    }
}

static void insert(struct uart_line *l, const struct fault *f)
{
    struct buf bytes;
    buf_init(&bytes, 1024);
    fault_bytes(f->value[THIRD].str, &bytes);
    (void)buf_add(&l->out, buf_span(&bytes));
    buf_fini(&bytes);
}

/* What happens once, at the place itself. True: the byte waits with those behind it. */
static bool begin(struct uart_line *l, const struct fault *f)
{
    uint32_t third = (uint32_t)f->value[THIRD].num;
    switch (f->row - rows) {
    case INSERT:
        insert(l, f);
        return false;
    case SPLIT:
        hold(l, third, false);
        return true;
    case STALL:
        hold(l, third, third == 0);
        return true;
    case OVERRUN:
        trace_emit(l->m->trace, "uart.overrun", TRACE_NUM("dropped_bytes", third));
        return false;
    case HANGUP:
        go_away(l, third);
        return true;
    case MARK:
        deliver(l);
        trace_emit(l->m->trace, "uart.mark", TRACE_SPAN("from", fault_word(f, FROM)),
                   TRACE_NUM("fault", f->number));
        hold(l, 0, false); /* who waits for the event strikes before the byte */
        return true;
    default:
        return false;
    }
}

/* What a byte becomes: none, itself, or two. */
static void change(const struct fault *f, uint8_t *byte, unsigned *times)
{
    switch (f->row - rows) {
    case DROP:
    case OVERRUN:
        *times = 0;
        break;
    case DUPLICATE:
        *times += *times > 0; /* each of several adds one */
        break;
    case CORRUPT:
        *byte ^= (uint8_t)f->value[FOURTH].num;
        break;
    default:
        break;
    }
}

static bool has_place(const struct fault *f)
{
    return f->row != &rows[SLICER] && f->row != &rows[MERGE];
}

/* How many bytes a strike is about. */
static uint32_t run_of(const struct fault *f)
{
    return f->row->n_params > THIRD && strcmp(f->row->params[THIRD].name, "bytes") == 0
               ? (uint32_t)f->value[THIRD].num
               : 0;
}

/* The place of a fault may be before the next byte. True: that byte has to wait. */
static bool reach(struct uart_line *l, struct fault *f)
{
    if (f->run > 0 || f->left == 0 || !f->awake || f->bytes < (uint64_t)f->value[AT].num) {
        return false;
    }
    f->bytes = 0;
    if (!fault_strikes(l->m, f)) {
        return false;
    }
    f->run = run_of(f);
    return begin(l, f);
}

static bool on_line(const struct uart_line *l, const struct fault *f)
{
    return f->row->hook == FAULT_UART && f->value[FROM].num == (int32_t)l->from && has_place(f);
}

/* Takes the next byte past all faults; false where it has to wait. */
static bool next_byte(struct uart_line *l)
{
    unsigned times = 1;
    for (struct fault *f = l->m->faults.head; f != NULL; f = f->next) {
        if (on_line(l, f) && !f->before && reach(l, f)) {
            f->before = l->in.n > 0; /* not again when the byte's turn comes */
            return false;
        }
    }
    uint8_t byte = l->in.p[0];
    for (struct fault *f = l->m->faults.head; f != NULL; f = f->next) {
        if (!on_line(l, f)) {
            continue;
        }
        f->before = false;
        if (f->run > 0) {
            f->run--;
            change(f, &byte, &times);
        } else if (f->awake) {
            f->bytes++;
        }
    }
    buf_drop(&l->in, 1);
    for (; times > 0; times--) {
        (void)buf_add_byte(&l->out, byte);
    }
    return true;
}

/* --- a line --- */

static bool of_line(const struct fault *f, const void *arg)
{
    const struct uart_line *l = arg;
    return f->value[FROM].num == (int32_t)l->from;
}

/* A pause begins, or a slice; true: nothing passes now. */
static bool pauses(struct uart_line *l)
{
    const struct fault *f;
    if (!l->merging && (f = fault_hit(l->m, &rows[MERGE], of_line, l)) != NULL) {
        l->merging = true;
        hold(l, (uint32_t)f->value[MERGE_MS].num, false);
        return true;
    }
    if (l->slice == 0 && (f = fault_hit(l->m, &rows[SLICER], of_line, l)) != NULL) {
        l->slice = (uint32_t)f->value[SLICER_SIZE].num;
        l->slice_delay = (uint32_t)f->value[SLICER_DELAY].num;
    }
    return false;
}

/* What all faults there may be add to one byte fits above LINE_HIGH. */
static bool has_room(struct uart_line *l)
{
    if (l->out.n >= LINE_HIGH) {
        deliver(l);
    }
    return l->out.n < LINE_HIGH;
}

static void step(struct uart_line *l)
{
    while (l->in.n > 0 && !l->held && has_room(l) && !pauses(l) && next_byte(l)) {
        if (l->slice > 0 && --l->slice == 0) {
            hold(l, l->slice_delay, false);
        }
    }
    l->merging = l->merging && l->in.n > 0;
    deliver(l);
}

/* --- the two directions --- */

bool fault_uart_active(const struct modem *m, unsigned from)
{
    const struct uart_line *l = &m->uart.line[from];
    return l->in.n > 0 || l->out.n > 0 || l->held || faults_armed(&m->faults, FAULT_UART);
}

void fault_uart_rx(struct modem *m, struct span bytes)
{
    struct uart_line *l = &m->uart.line[UART_FROM_HOST];
    if (!buf_add(&l->in, bytes)) {
        trace_emit(m->trace, "uart.overrun", TRACE_NUM("dropped_bytes", (int64_t)bytes.n));
    }
    step(l);
}

struct span fault_uart_tx(struct modem *m)
{
    struct uart_line *l = &m->uart.line[UART_FROM_MODEM];
    struct span s = at_chan_tx(m->ch);
    /* what the client does not fetch stays with the modem, which then takes no more commands */
    while (s.n > 0 && l->in.n + l->out.n < LINE_HIGH && buf_add(&l->in, s)) {
        at_chan_tx_done(m->ch, s.n);
        s = at_chan_tx(m->ch);
    }
    step(l);
    return buf_span(&l->out);
}

void fault_uart_tx_done(struct modem *m, size_t n)
{
    buf_drop(&m->uart.line[UART_FROM_MODEM].out, n);
}

void fault_uart_release(struct modem *m)
{
    for (size_t i = 0; i < UART_DIRECTIONS; i++) {
        struct uart_line *l = &m->uart.line[i];
        timer_stop(&l->timer);
        l->merging = false;
        l->slice = 0;
        go_on(l);
    }
}

void fault_uart_init(struct modem *m)
{
    for (size_t i = 0; i < UART_DIRECTIONS; i++) {
        struct uart_line *l = &m->uart.line[i];
        l->m = m;
        l->from = (enum uart_direction)i;
        buf_init(&l->in, LINE_MAX_BYTES);
        buf_init(&l->out, LINE_MAX_BYTES);
    }
}

void fault_uart_fini(struct modem *m)
{
    timer_stop(&m->uart.away);
    for (size_t i = 0; i < UART_DIRECTIONS; i++) {
        timer_stop(&m->uart.line[i].timer);
        buf_fini(&m->uart.line[i].in);
        buf_fini(&m->uart.line[i].out);
    }
}
