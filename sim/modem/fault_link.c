/* What goes wrong on connections: the rows, and when they strike. What they do to bytes is done
 * where the bytes are, in sim/host/conn_fault.c. */
#include "sim/modem/fault_link.h"

#include <stdio.h>

#include "base/check.h"
#include "sim/at/cmd.h"
#include "sim/modem/modem_int.h"

#define MS_MAX 3600000

/* --- the rows --- */

/* Parameters of the rows that have a place; the others have what they need. */
enum { CLIENT, DIRECTION, BYTES, RECORDS, PLACED_MS };

static bool acts_by_itself(const struct fault *f);
static void cut_now(struct modem *m, struct fault *f);
static bool check_place(const struct value *v, char *error, size_t error_size);
static bool check_limit(const struct value *v, char *error, size_t error_size);

/* clang-format off */
#define P_CLIENT P_INT("client", 0, 1, "only the connection of this MQTT client", .flags = PARAM_OPTIONAL)
#define P_PLACE P_WORD("direction", "\"upstream\",\"downstream\"", "of the bytes that count: the modem's, or the broker's", .flags = PARAM_OPTIONAL), \
    P_INT("bytes", 0, INT32_MAX, "behind so many bytes of the connection, TLS included; of one that is open when the fault is armed, from then on", .flags = PARAM_OPTIONAL), \
    P_INT("records", 1, 1000000, "behind so many TLS records, counted in the same way", .flags = PARAM_OPTIONAL)

static const struct param client_only[] = { P_CLIENT };
static const struct param placed[] = { P_CLIENT, P_PLACE };
static const struct param placed_timeout[] = { P_CLIENT, P_PLACE,
    P_INT("timeout", 0, MS_MAX, "ms until the connection is closed; 0: never", .flags = PARAM_OPTIONAL) };
static const struct param placed_ms[] = { P_CLIENT, P_PLACE, P_INT("ms", 1, MS_MAX, "ms") };
static const struct param latency[] = { P_CLIENT, P_INT("latency", 0, MS_MAX, "ms"),
    P_INT("jitter", 0, MS_MAX, "at most so many ms more", .flags = PARAM_OPTIONAL) };
static const struct param bandwidth[] = { P_CLIENT, P_INT("rate", 1, 1000000, "KB/s") };
static const struct param slicer[] = { P_CLIENT, P_INT("size", 1, 65536, "bytes"),
    P_INT("delay", 0, MS_MAX, "ms between slices", .flags = PARAM_OPTIONAL) };
static const struct param slow_close[] = { P_CLIENT, P_INT("delay", 1, MS_MAX, "ms") };

#define ROW(text, list, what, ...) \
    { .name = (text), .hook = FAULT_LINK, .params = (list), .n_params = ARRAY_LEN(list), .doc = (what), .clause = "mqtt-ssl-commands.md 3.2", __VA_ARGS__ }
#define NOW .act = cut_now, .acts = acts_by_itself, .check = check_place

static const struct fault_row rows[LINK_FAULTS] = {
    [LINK_FAULT_DOWN] = ROW("link.down", client_only, "A connection is refused, as by a port where nobody listens; each is one strike.", .act = NULL),
    [LINK_FAULT_DNS] = ROW("link.dns", client_only, "The name is not resolved, whatever it is; each connection is one strike.", .act = NULL),
    [LINK_FAULT_CLOSE] = ROW("link.close", placed, "The connection ends with FIN on both sides: at the place, or at once when its event comes, or else with the first byte.", NOW),
    [LINK_FAULT_LIMIT_DATA] = ROW("link.limit_data", placed, "As link.close, but always at a place: nothing behind it passes.", .check = check_limit),
    [LINK_FAULT_RESET_PEER] = ROW("link.reset_peer", placed, "The connection ends with RST on both sides: at the place, when its event comes, or with the first byte.", NOW),
    [LINK_FAULT_TIMEOUT] = ROW("link.timeout", placed_timeout, "Nothing passes any more, in either direction; after `timeout` the connection is closed.", NOW),
    [LINK_FAULT_STALL] = ROW("link.stall", placed_ms, "Nothing passes for so long, in either direction; then all of it does.", NOW),
    [LINK_FAULT_HALF_OPEN] = ROW("link.half_open", placed, "What the modem sends vanishes, and nothing comes. Neither side sees the other's end: the broker has a session until its keep-alive is over.", NOW),
    [LINK_FAULT_LATENCY] = ROW("link.latency", latency, "Bytes come late, in both directions; those that come meanwhile go with them. Each connection is one strike.", .act = NULL),
    [LINK_FAULT_BANDWIDTH] = ROW("link.bandwidth", bandwidth, "No more passes than that, in each direction. Each connection is one strike.", .act = NULL),
    [LINK_FAULT_SLICER] = ROW("link.slicer", slicer, "Bytes pass in slices, each in a segment of its own. Each connection is one strike.", .act = NULL),
    [LINK_FAULT_SLOW_CLOSE] = ROW("link.slow_close", slow_close, "The modem sees the end of a connection so much later. Each connection is one strike.", .act = NULL),
};
/* clang-format on */

const struct fault_table fault_table_link = { rows, LINK_FAULTS };

static bool has_place(const struct fault *f)
{
    return f->row->n_params > RECORDS && f->row->params[BYTES].name[0] == 'b' &&
           (f->value[BYTES].present || f->value[RECORDS].present);
}

static bool check_place(const struct value *v, char *error, size_t error_size)
{
    bool place = v[BYTES].present || v[RECORDS].present;
    if (place == v[DIRECTION].present && !(v[BYTES].present && v[RECORDS].present)) {
        return true;
    }
    (void)snprintf(error, error_size,
                   "a place is parameter 'direction' with one of 'bytes' and 'records'");
    return false;
}

static bool check_limit(const struct value *v, char *error, size_t error_size)
{
    if (!v[BYTES].present && !v[RECORDS].present) {
        (void)snprintf(error, error_size,
                       "link.limit_data: parameter 'bytes' or 'records' is missing");
        return false;
    }
    return check_place(v, error, error_size);
}

/* --- when they strike --- */

static bool acts_by_itself(const struct fault *f)
{
    return f->when.name.n > 0 && !has_place(f);
}

static bool of_link(const struct fault *f, const void *arg)
{
    unsigned link = *(const unsigned *)arg;
    return !has_place(f) && (!f->value[CLIENT].present || f->value[CLIENT].num == (int32_t)link);
}

static void cut_now(struct modem *m, struct fault *f)
{
    for (unsigned link = 0; link < MODEM_LINKS; link++) {
        if (m->client[link].link_open && of_link(f, &link) && m->host->link_fault != NULL) {
            m->host->link_fault(m->host_ctx, link, f);
        }
    }
}

bool fault_link_armed(const struct modem *m)
{
    return faults_armed(&m->faults, FAULT_LINK);
}

bool fault_link_awake(const struct modem *m, enum fault_link what)
{
    return fault_ready(&m->faults, &rows[what], NULL) != NULL;
}

const struct fault *fault_link_hit(struct modem *m, enum fault_link what, unsigned link)
{
    struct fault *f = fault_ready(&m->faults, &rows[what], NULL);
    while (f != NULL && ((f->row->acts != NULL && f->row->acts(f)) || !of_link(f, &link) ||
                         !fault_strikes(m, f))) {
        f = fault_ready(&m->faults, &rows[what], f);
    }
    return f;
}

/* True: the connection came to the fault's place before. */
static bool been_there(struct link_places *p, const struct fault *f)
{
    for (unsigned i = 0; i < p->n && i < FAULTS_MAX; i++) {
        if (p->fault[i] == f->number) {
            return true;
        }
    }
    p->fault[p->n++ % FAULTS_MAX] = f->number;
    return false;
}

const struct fault *fault_link_reached(struct modem *m, const struct link_moment *now,
                                       size_t *ret_bytes)
{
    *ret_bytes = SIZE_MAX;
    for (struct fault *f = m->faults.head; f != NULL; f = f->next) {
        if (f->row->hook != FAULT_LINK || f->left == 0 || !f->awake || !has_place(f) ||
            f->value[DIRECTION].num != (int32_t)now->direction ||
            (f->value[CLIENT].present && f->value[CLIENT].num != (int32_t)now->link)) {
            continue;
        }
        bool by_bytes = f->value[BYTES].present;
        uint64_t at = (uint64_t)f->value[by_bytes ? BYTES : RECORDS].num;
        if ((by_bytes ? now->bytes : now->records) < at) {
            size_t left =
                by_bytes && at - now->bytes < SIZE_MAX ? (size_t)(at - now->bytes) : SIZE_MAX;
            *ret_bytes = left < *ret_bytes ? left : *ret_bytes;
        } else if (!been_there(now->places, f) && fault_strikes(m, f)) {
            return f;
        }
    }
    return NULL;
}

enum fault_link fault_link_which(const struct fault *f)
{
    return (enum fault_link)(f->row - rows);
}

uint32_t fault_link_number(const struct fault *f, const char *parameter)
{
    for (unsigned i = 0; i < f->row->n_params; i++) {
        if (strcmp(f->row->params[i].name, parameter) == 0) {
            return (uint32_t)f->value[i].num;
        }
    }
    return 0;
}
