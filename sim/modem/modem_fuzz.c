/* A whole modem in virtual time with links that do anything: input bytes, time, link events and
 * bytes from brokers, decoded from the fuzz input. The host keeps its own side of struct modem_host
 * and checks the modem's. At the end everything must come to rest: output drains, no timer is left,
 * and nothing of what is secret stands in the trace.
 *
 * Input: first byte: profile and boot; then steps of one byte operation and one byte argument;
 * "type", "broker" and "message" are followed by as many bytes as the argument says. */
#include "base/check.h"
#include "sim/modem/exchange.h"
#include "sim/modem/modem_fuzz_lines.h"
#include "sim/modem/modem_int.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum op {
    OP_TYPE,    /* argument: how many bytes follow and are typed */
    OP_LINE,    /* argument: one of the lines below */
    OP_TIME_MS, /* argument: ms */
    OP_TIME_S,  /* argument: s */
    OP_UP,      /* bit 0: the link */
    OP_DOWN,    /* bit 0: the link; rest: why */
    OP_BROKER,  /* bit 0: the link; rest: how many bytes follow */
    OP_PACKET,  /* bit 0: the link; rest: one of the packets below */
    OP_READ,    /* even: somebody reads the port from now on; odd: nobody */
    OP_FILES,   /* even: files work; odd: they fail */
    OP_WORLD,   /* argument: one of the changes below */
    OP_PRESS,   /* argument: one of the pins */
    OP_MESSAGE, /* argument: how many bytes follow and are sent as a short message */
    OP_CALL,    /* 0-1 somebody outside calls, 2 answers, 3 hangs up; 4-7 is called and does as key
                   callee says; 8-9 the network goes, comes */
    OP_ANSWER,  /* bits 0-1: the query; 2-3: how it ends; rest: how many bytes follow */
    OP_FAULT,   /* bit 0: the client; rest: one of the faults below, or all are taken back */
    OP_COUNT
};

static const struct {
    uint8_t n;
    const char *bytes;
} packets[] = {
    { 4, "\x20\x02\x00\x00" },
    { 4, "\x20\x02\x00\x05" },
    { 4, "\x40\x02\x00\x01" },
    { 4, "\x50\x02\x00\x01" },
    { 4, "\x70\x02\x00\x01" },
    { 5, "\x90\x03\x00\x01\x00" },
    { 5, "\x90\x03\x00\x01\x80" },
    { 4, "\xb0\x02\x00\x01" },
    { 2, "\xd0\x00" },
    { 7, "\x30\x05\x00\x01thi" },
    { 9, "\x34\x07\x00\x01t\x00\x07hi" },
    { 4, "\x62\x02\x00\x07" },
    { 4, "\x40\x02\x00\x02" },
    { 5, "\x90\x03\x00\x02\x01" },
};

/* The host has room for one file of each kind. */
struct stored {
    struct buf content;
    char name[300];
    size_t name_n;
    bool there;
};

struct world {
    struct sched sched;
    struct trace trace;
    struct modem *m;
    bool open[MODEM_LINKS], up[MODEM_LINKS], asked[MODEM_QUERIES];
    bool deaf, files_fail;
    struct stored file[FILE_USER + 1];
    struct exchange *exchange;
};

static void host_dial(void *ctx, unsigned link, const struct dial *d)
{
    struct world *w = ctx;
    CHECK(!w->open[link] && d->host.n > 0 && d->port > 0);
    w->open[link] = true;
}

static void host_send(void *ctx, unsigned link, struct span bytes)
{
    const struct world *w = ctx;
    CHECK(w->open[link] && w->up[link] && bytes.n > 0);
}

static void host_hangup(void *ctx, unsigned link, bool flush)
{
    (void)flush;
    struct world *w = ctx;
    CHECK(w->open[link]);
    w->open[link] = w->up[link] = false;
}

static void host_query(void *ctx, unsigned id, const struct query *q)
{
    struct world *w = ctx;
    CHECK(id < MODEM_QUERIES && !w->asked[id] && q->target.n > 0 && q->limit_ms > 0);
    w->asked[id] = true;
}

static void host_query_cancel(void *ctx, unsigned id)
{
    struct world *w = ctx;
    CHECK(id < MODEM_QUERIES && w->asked[id]);
    w->asked[id] = false;
}

static int host_put(void *ctx, enum modem_file kind, struct span name, struct span content)
{
    struct world *w = ctx;
    struct stored *f = &w->file[kind];
    CHECK(name.n > 0 && name.n < sizeof f->name && memchr(name.p, '/', name.n) == NULL);
    CHECK(kind != FILE_CERTIFICATE || name.n >= 5);
    f->there = !w->files_fail && buf_set(&f->content, content);
    memcpy(f->name, name.p, name.n);
    f->name_n = name.n;
    return f->there ? 0 : -28;
}

static bool is_there(const struct world *w, enum modem_file kind, struct span name)
{
    const struct stored *f = &w->file[kind];
    return f->there && !w->files_fail && span_eq(span_of(f->name, f->name_n), name);
}

/* Of certificates, and of NVRAM, the last file stands for all of them. Only the files of drives are
 * what they are. */
static int host_get(void *ctx, enum modem_file kind, struct span name, struct buf *ret_content)
{
    struct world *w = ctx;
    const struct stored *f = &w->file[kind];
    bool there = kind == FILE_USER ? is_there(w, kind, name) : f->there && !w->files_fail;
    return there && buf_set(ret_content, buf_span(&f->content)) ? 0 : -2;
}

static int host_remove(void *ctx, enum modem_file kind, struct span name)
{
    struct world *w = ctx;
    bool had = is_there(w, kind, name);
    w->file[kind].there = w->file[kind].there && !had;
    return had ? 0 : -2;
}

static int host_list(void *ctx, enum modem_file kind, void (*each)(void *arg, struct span name),
                     void *arg)
{
    const struct world *w = ctx;
    if (w->file[kind].there) {
        each(arg, span_of(w->file[kind].name, w->file[kind].name_n));
    }
    return w->files_fail ? -5 : 0;
}

static void host_tx_ready(void *ctx)
{
    (void)ctx;
}

static void host_port(void *ctx, bool present)
{
    (void)ctx;
    (void)present;
}

static void host_speed(void *ctx, uint32_t baud)
{
    (void)ctx;
    (void)baud;
}

static const struct modem_host host = {
    host_dial,   host_send, host_hangup,   host_query, host_query_cancel, host_put, host_get,
    host_remove, host_list, host_tx_ready, host_port,  host_speed,        NULL
};

static bool holds(struct span whole, struct span part)
{
    for (size_t i = 0; i + part.n <= whole.n; i++) {
        if (memcmp(whole.p + i, part.p, part.n) == 0) {
            return true;
        }
    }
    return false;
}

/* Topics, payloads and messages are shown as they are, also when a prompt has swallowed a line that
 * was meant as a command; everything else is checked. */
static void on_trace(void *ctx, const char *event, const struct trace_field *fields, size_t n)
{
    (void)ctx;
    if (strcmp(event, "at.data") == 0 || strcmp(event, "mqtt") == 0) {
        return;
    }
    for (size_t i = 0; i < n; i++) {
        bool message =
            holds(fields[i].text, SPAN_LIT("+CMG")) || holds(fields[i].text, SPAN_LIT("+CMT"));
        bool leaks = !message && holds(fields[i].text, SPAN_LIT(SECRET));
        CHECK(!leaks);
    }
}

static void read_port(struct world *w)
{
    while (!w->deaf && modem_tx(w->m).n > 0) {
        modem_tx_done(w->m, modem_tx(w->m).n);
    }
}

static void type(struct world *w, struct span bytes)
{
    size_t room = modem_rx_room(w->m);
    modem_rx(w->m, span_of(bytes.p, bytes.n < room ? bytes.n : room));
}

static void broker(struct world *w, unsigned link, struct span bytes)
{
    if (w->up[link]) {
        modem_link_data(w->m, link, bytes);
    }
}

static void down(struct world *w, unsigned link, unsigned why)
{
    static const enum link_end first_when_up = LINK_CLOSED;
    if (!w->open[link]) {
        return;
    }
    enum link_end end = (enum link_end)(why % (LINK_BROKEN + 1));
    if (w->up[link] && end < first_when_up) {
        end = first_when_up;
    }
    w->open[link] = w->up[link] = false;
    modem_link_down(w->m, link, end, "fuzz");
}

static void change_world(struct world *w, uint8_t arg)
{
    static const char *const changes[][2] = {
        { "network", "none" },        { "network", "home" },        { "network", "roaming" },
        { "network", "denied" },      { "network.rat", "gsm" },     { "network.rat", "lte" },
        { "network.data", "refuse" }, { "network.data", "accept" }, { "network.nitz", "on" },
        { "sim.card", "absent" },     { "sim.card", "present" },    { "sim.fault", "busy" },
        { "sim.fault", "failure" },   { "sim.fault", "none" },      { "signal.dbm", "-51" },
        { "signal.dbm", "-113" },     { "uart.dtr", "off" },        { "uart.dtr", "on" },
        { "time_percent", "0" },      { "time_percent", "100" },    { "usb", "on" },
        { "context.ims", "active" },  { "network.cs", "denied" },   { "gnss.fix", "none" },
        { "gnss.fix", "3d" },         { "gnss.satellites", "3" },   { "gnss.lat", "-90" },
        { "battery.mv", "3000" },     { "battery.mv", "3800" },     { "temperature", "-60" },
        { "gpio.in", "127" },         { "gpio.in", "0" },           { "sd.card", "present" },
        { "fault_triggers", "on" },   { "fault_triggers", "off" },
    };
    char error[256];
    const char *const *c = changes[arg % ARRAY_LEN(changes)];
    CHECK(modem_set(w->m, span_str(c[0]), span_str(c[1]), error, sizeof error));
}

static void set_key(struct world *w, const char *key, const char *value)
{
    char error[200];
    bool ok = modem_set(w->m, span_str(key), span_str(value), error, sizeof error);
    CHECK(ok);
}

static void call(struct world *w, uint8_t arg)
{
    static const char *const callee[] = { "none", "answer", "busy", "ring" };
    unsigned what = arg % 10;
    if (what < 2) {
        modem_call(w->m, what == 0 ? "+4930123" : "\"\r1");
    } else if (what == 2) {
        modem_call_answer(w->m);
    } else if (what == 3) {
        modem_call_end(w->m);
    } else if (what < 8) {
        set_key(w, "callee", callee[what - 4]);
    } else {
        set_key(w, "network", what == 8 ? "none" : "home");
    }
}

static void arm(struct world *w, int32_t client, unsigned which)
{
    static const struct {
        const char *name, *direction, *packet, *key;
        int32_t n;
    } faults[] = {
        { "mqtt.drop", "in", "PUBLISH", NULL, 0 },
        { "mqtt.drop", "in", "CONNACK", NULL, 0 },
        { "mqtt.drop", "out", "CONNECT", NULL, 0 },
        { "mqtt.duplicate", "in", "SUBACK", NULL, 0 },
        { "mqtt.duplicate", "in", "PUBLISH", NULL, 0 },
        { "mqtt.duplicate", "out", "PUBACK", NULL, 0 },
        { "mqtt.corrupt", "in", "PUBLISH", "at", 1 },
        { "mqtt.corrupt", "in", "CONNACK", "at", 3 },
        { "mqtt.corrupt", "in", "PUBACK", "at", 0 },
        { "mqtt.delay", "in", "CONNACK", "ms", 20 },
        { "mqtt.delay", "in", "PUBLISH", "ms", 2000 },
        { "mqtt.delay", "out", "PUBLISH", "ms", 20 },
    };

    which %= ARRAY_LEN(faults) + 1;
    if (which == ARRAY_LEN(faults)) {
        (void)modem_fault_clear(w->m, 0);
        return;
    }
    struct fault_arg args[] = {
        { .name = SPAN_LIT("client"), .is_number = true, .num = client },
        { .name = SPAN_LIT("direction"), .text = span_str(faults[which].direction) },
        { .name = SPAN_LIT("packet"), .text = span_str(faults[which].packet) },
        { .is_number = true, .num = faults[which].n },
    };
    size_t n = faults[which].key == NULL ? 3 : 4;
    args[3].name = n == 4 ? span_str(faults[which].key) : args[3].name;
    const struct fault_order order = {
        .name = span_str(faults[which].name), .args = args, .n = n, .count = 2
    };
    char error[512];
    (void)modem_fault(w->m, &order, error, sizeof error); /* NULL: enough of them are armed */
}

/* The bytes are the text, or the number, of the answer. */
static void answer(struct world *w, unsigned id, enum query_end end, struct span bytes)
{
    if (id >= MODEM_QUERIES || !w->asked[id]) {
        return;
    }
    struct query_result r = { .end = end, .text = bytes };
    for (size_t i = 0; i < bytes.n; i++) {
        r.utc = (int64_t)(((uint64_t)r.utc << 8) | bytes.p[i]);
    }
    r.ms = (uint32_t)r.utc;
    r.ttl = (uint8_t)r.utc;
    w->asked[id] = false;
    modem_query_done(w->m, id, &r);
}

static void step(struct world *w, enum op op, uint8_t arg)
{
    unsigned link = arg & 1U;
    unsigned rest = arg >> 1;
    switch (op) {
    case OP_LINE:
        type(w, span_str(lines[arg % ARRAY_LEN(lines)]));
        break;
    case OP_TIME_MS:
        sched_run(&w->sched, w->sched.now + arg);
        break;
    case OP_TIME_S:
        sched_run(&w->sched, w->sched.now + arg * 1000U);
        break;
    case OP_UP:
        if (w->open[link] && !w->up[link]) {
            w->up[link] = true;
            modem_link_up(w->m, link);
        }
        break;
    case OP_DOWN:
        down(w, link, rest);
        break;
    case OP_PACKET:
        broker(w, link,
               span_of(packets[rest % ARRAY_LEN(packets)].bytes,
                       packets[rest % ARRAY_LEN(packets)].n));
        break;
    case OP_READ:
        w->deaf = link != 0;
        break;
    case OP_FILES:
        w->files_fail = link != 0;
        break;
    case OP_WORLD:
        change_world(w, arg);
        break;
    case OP_PRESS:
        modem_press(w->m, (enum modem_press)(arg % 3));
        break;
    case OP_FAULT:
        arm(w, (int32_t)link, rest);
        break;
    case OP_CALL:
        call(w, arg);
        break;
    case OP_TYPE:
    case OP_BROKER:
    case OP_MESSAGE:
    case OP_ANSWER:
    case OP_COUNT:
        break;
    }
}

/* The bytes that follow the argument of these; returns what is left of the script. */
static struct span feed(struct world *w, enum op op, uint8_t arg, struct span script)
{
    size_t n = op == OP_ANSWER ? arg >> 4 : op == OP_BROKER ? arg >> 1 : arg;
    n = n < script.n ? n : script.n;
    if (op == OP_TYPE) {
        type(w, span_of(script.p, n));
    } else if (op == OP_MESSAGE) {
        modem_sms(w->m, arg % 2 == 0 ? "+27840000000" : "somebody", span_of(script.p, n));
    } else if (op == OP_ANSWER) {
        answer(w, arg & 3U, (enum query_end)(arg >> 2 & 3U), span_of(script.p, n));
    } else {
        broker(w, arg & 1U, span_of(script.p, n));
    }
    return span_from(script, n);
}

static void run_script(struct world *w, struct span script)
{
    while (script.n >= 2 && script.p != NULL) {
        enum op op = script.p[0] % OP_COUNT;
        uint8_t arg = script.p[1];
        script = span_from(script, 2);
        if (op == OP_TYPE || op == OP_BROKER || op == OP_MESSAGE || op == OP_ANSWER) {
            script = feed(w, op, arg, script);
        } else {
            step(w, op, arg);
        }
        read_port(w);
    }
}

/* In peace the output drains and input is taken, whatever happened before. */
static void comes_to_rest(struct world *w)
{
    w->deaf = false;
    change_world(w, 17); /* DTR on: awake */
    for (unsigned i = 0; i < MODEM_LINKS; i++) {
        down(w, i, LINK_CLOSED);
    }
    for (int i = 0; i < 8; i++) { /* what waits for the network, and lines queued behind it */
        read_port(w);
        for (unsigned j = 0; j < MODEM_LINKS; j++) {
            down(w, j, LINK_CLOSED);
        }
        for (unsigned j = 0; j < MODEM_QUERIES; j++) {
            answer(w, j, QUERY_TIMEOUT, (struct span){ NULL, 0 });
        }
        sched_run(&w->sched, w->sched.now + 1000000);
    }
    read_port(w);
    CHECK(modem_tx(w->m).n == 0);
    CHECK(modem_rx_room(w->m) > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* The secret may only come from the lines above: of typed text that holds a part of it nothing
     * is proven when it comes back. */
    struct span all = span_of(data, size);
    if (size == 0 || holds(all, SPAN_LIT("hu")) || holds(all, SPAN_LIT("r2"))) {
        return 0;
    }
    struct world w = { .trace = { .sink = on_trace, .ctx = &w } };
    struct profile p;
    CHECK(profile_builtin(&p, (data[0] & 1) != 0 ? "sim7600-async" : "sim7600"));
    p.urc_while_pending = (data[0] & 4) != 0;
    p.data_timeout_ms = (data[0] & 8) != 0 ? 5000 : 0;
    p.order_start = (data[0] >> 4) % 3;
    w.exchange = exchange_new(&w.sched);
    struct modem_cfg cfg = {
        .profile = &p, .trace = &w.trace, .exchange = w.exchange, .boot = (data[0] & 2) != 0
    };
    for (size_t k = 0; k < ARRAY_LEN(w.file); k++) {
        buf_init(&w.file[k].content, 65536);
    }
    w.m = modem_new(&cfg, &w.sched, &host, &w);
    run_script(&w, span_of(data + 1, size - 1));
    comes_to_rest(&w);
    modem_free(&w.m);
    exchange_free(&w.exchange);
    CHECK(w.sched.head == NULL);
    for (size_t k = 0; k < ARRAY_LEN(w.file); k++) {
        buf_fini(&w.file[k].content);
    }
    return 0;
}
