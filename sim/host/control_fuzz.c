/* Any bytes as requests on the control socket, one a line, with two modems behind it in virtual
 * time: one line of answer each, in UTF-8, always, and the modems live on. A client of each sends a
 * command between them, so that faults have bytes, commands and events to strike at. */
#include <errno.h>

#include "base/check.h"
#include "sim/host/control.h"
#include "sim/host/trace_ring.h"
#include "sim/modem/modem.h"
#include "sim/modem/profile.h"
#include "sim/mqtt/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MODEMS 2

/* --- a world without brokers and files --- */

static void host_dial(void *ctx, unsigned link, const struct dial *d)
{
    (void)ctx;
    (void)link;
    (void)d;
    CHECK(false); /* nobody types */
}

static void host_send(void *ctx, unsigned link, struct span bytes)
{
    (void)ctx;
    (void)link;
    (void)bytes;
    CHECK(false);
}

static void host_hangup(void *ctx, unsigned link, bool flush)
{
    (void)ctx;
    (void)link;
    (void)flush;
}

static void host_query(void *ctx, unsigned id, const struct query *q)
{
    (void)ctx;
    (void)id;
    (void)q;
    CHECK(false);
}

static void host_query_cancel(void *ctx, unsigned id)
{
    (void)ctx;
    (void)id;
    CHECK(false);
}

static int host_put(void *ctx, enum modem_file kind, struct span name, struct span content)
{
    (void)ctx;
    (void)kind;
    (void)name;
    (void)content;
    return 0;
}

static int host_get(void *ctx, enum modem_file kind, struct span name, struct buf *ret_content)
{
    (void)ctx;
    (void)kind;
    (void)name;
    (void)ret_content;
    return -ENOENT;
}

static int host_remove(void *ctx, enum modem_file kind, struct span name)
{
    (void)ctx;
    (void)kind;
    (void)name;
    return -ENOENT;
}

static int host_list(void *ctx, enum modem_file kind, void (*each)(void *arg, struct span name),
                     void *arg)
{
    (void)ctx;
    (void)kind;
    (void)each;
    (void)arg;
    return 0;
}

static void host_tx_ready(void *ctx)
{
    (void)ctx;
}

static void host_port_present(void *ctx, bool present)
{
    (void)ctx;
    (void)present;
}

static void host_line_speed(void *ctx, uint32_t baud)
{
    (void)ctx;
    (void)baud;
}

static const struct modem_host host = {
    .dial = host_dial,
    .send = host_send,
    .hangup = host_hangup,
    .query = host_query,
    .query_cancel = host_query_cancel,
    .file_put = host_put,
    .file_get = host_get,
    .file_remove = host_remove,
    .file_list = host_list,
    .tx_ready = host_tx_ready,
    .port_present = host_port_present,
    .line_speed = host_line_speed,
};

/* --- requests --- */

static void request(const struct control_facts *facts, struct span line)
{
    struct buf out;
    buf_init(&out, CONTROL_LINE_MAX);
    struct control_subscription subscription = { .active = false };
    control_answer(facts, line, &subscription, &out);
    CHECK(out.n > 2 && out.p[0] == '{' && out.p[out.n - 1] == '\n');
    CHECK(memchr(out.p, '\n', out.n - 1) == NULL && utf8_valid(buf_span(&out)));
    buf_fini(&out);
}

static struct trace_ring *ring; /* of this input */

/* What the host's trace does: the latest events are kept, and faults wait for them. */
static void see(void *ctx, const char *event, const struct trace_field *fields, size_t n)
{
    const struct control_modem *of = ctx;
    trace_ring_add(ring, 0, of->number, event, fields, n);
    if (of->modem != NULL) { /* not while it is made */
        modem_see(of->modem, event, fields, n);
    }
}

/* A client that asks something, whatever becomes of the answer. */
static void pass(struct sched *s, const struct control_modem *modems)
{
    for (size_t i = 0; i < MODEMS; i++) {
        modem_rx(modems[i].modem, SPAN_LIT("AT+CSQ\r"));
    }
    sched_run(s, sched_now(s) + 1000);
    for (size_t i = 0; i < MODEMS; i++) {
        modem_tx_done(modems[i].modem, modem_tx(modems[i].modem).n);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[MODEMS] = { "modem0", "modem1" };
    struct control_modem modems[MODEMS];
    struct trace traces[MODEMS];
    struct sched sched = { .head = NULL };
    struct profile profile;
    profile_default(&profile);
    ring = trace_ring_new();
    for (size_t i = 0; i < MODEMS; i++) {
        traces[i] = (struct trace){ .sink = see, .ctx = &modems[i] };
        const struct modem_cfg cfg = { .profile = &profile,
                                       .trace = &traces[i],
                                       .index = (unsigned)i };
        modems[i] = (struct control_modem){
            .name = names[i], .path = "/run", .profile = "sim7600", .number = (unsigned)i
        };
        modems[i].modem = modem_new(&cfg, &sched, &host, NULL);
    }
    struct control_facts facts = { .version = "0",
                                   .modems = modems,
                                   .n = MODEMS,
                                   .ring = ring,
                                   .scripts = control_scripts_new(&sched) };
    for (struct span rest = span_of(data, size); rest.n > 0;) {
        const uint8_t *end = memchr(rest.p, '\n', rest.n);
        size_t n = end == NULL ? rest.n : (size_t)(end - rest.p);
        request(&facts, span_of(rest.p, n));
        pass(&sched, modems);
        rest = span_from(rest, n + 1);
    }
    control_scripts_free(&facts.scripts);
    for (size_t i = 0; i < MODEMS; i++) {
        modem_free(&modems[i].modem);
    }
    trace_ring_free(&ring);
    return 0;
}
