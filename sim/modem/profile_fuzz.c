/* Any bytes as a profile file: it is refused with one line, or it is taken, and then its values are
 * in range, its dump reads back to the same values, and a modem runs on it. */
#include "base/check.h"
#include "sim/modem/dump.h"
#include "sim/modem/modem_int.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void none_dial(void *ctx, unsigned link, const struct dial *d)
{
    (void)ctx;
    (void)link;
    (void)d;
}

static void none_send(void *ctx, unsigned link, struct span bytes)
{
    (void)ctx;
    (void)link;
    (void)bytes;
}

static void none_hangup(void *ctx, unsigned link, bool flush)
{
    (void)ctx;
    (void)link;
    (void)flush;
}

static void none_query(void *ctx, unsigned id, const struct query *q)
{
    (void)ctx;
    (void)id;
    (void)q;
}

static void none_query_cancel(void *ctx, unsigned id)
{
    (void)ctx;
    (void)id;
}

static int none_put(void *ctx, enum modem_file kind, struct span name, struct span content)
{
    (void)ctx;
    (void)kind;
    (void)name;
    (void)content;
    return 0;
}

static int none_get(void *ctx, enum modem_file kind, struct span name, struct buf *ret_content)
{
    (void)ctx;
    (void)kind;
    (void)name;
    (void)ret_content;
    return 0;
}

static int none_remove(void *ctx, enum modem_file kind, struct span name)
{
    (void)ctx;
    (void)kind;
    (void)name;
    return 0;
}

static int none_list(void *ctx, enum modem_file kind, void (*each)(void *arg, struct span name),
                     void *arg)
{
    (void)ctx;
    (void)kind;
    each(arg, SPAN_LIT("a.pem"));
    return 0;
}

static void none_ready(void *ctx)
{
    (void)ctx;
}

static void none_port(void *ctx, bool present)
{
    (void)ctx;
    (void)present;
}

static void none_speed(void *ctx, uint32_t baud)
{
    (void)ctx;
    (void)baud;
}

static const struct modem_host host = {
    none_dial,   none_send, none_hangup, none_query, none_query_cancel, none_put, none_get,
    none_remove, none_list, none_ready,  none_port,  none_speed,        NULL
};

static void same_number(int32_t a, int32_t b, int32_t low, int32_t high)
{
    CHECK(a == b && a >= low && a <= high);
}

static void same_text(const char *a, const char *b, size_t most)
{
    CHECK(strcmp(a, b) == 0 && strlen(a) <= most);
}

static void check_values(const struct profile *a, const struct profile *b)
{
#define WORD(field, key, words, def, doc)       same_number(a->field, b->field, 0, 9);
#define NUMBER(field, key, low, high, def, doc) same_number(a->field, b->field, low, high);
#define RANGE(field, key, low, high, def, doc)                                                     \
    same_text(a->ranges[RANGE_##field], b->field, PROFILE_RANGE_MAX - 1);
#define TEXT(field, key, most, def, doc) same_text(a->field, b->field, most);
#include "sim/modem/profile.def"
}

static void run_modem(const struct profile *p)
{
    static const char *const lines[] = {
        "ATI;+CGDCONT?;+CSSLCFG?\r",
        "AT+CSSLCFG=?;+CMQTTCFG=?;+CMQTTPUB=?;+CMQTTWILLMSG=?\r",
        "AT+CMQTTSTART\r",
        "AT+CMQTTACCQ=0,\"0123456789012345678901234567890123456789\"\r",
        "AT+CMQTTCONNECT=0,\"tcp://b.example\",64000,1\r",
        "AT+CMQTTCONNECT=0,\"tcp://b.example\",1,1\r",
        "AT+CCERTDOWN=\"0123456789012345678901234567890123456789.pem\",3\rabc",
        "AT+CCERTLIST\r",
        "AT+CRESET\r",
    };
    struct sched sched = { .now = 0 };
    struct modem_cfg cfg = { .profile = p, .boot = true, .index = 7 };
    struct modem *m = modem_new(&cfg, &sched, &host, NULL);
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        sched_run(&sched, sched.now + 700000);
        modem_rx(m, span_str(lines[i]));
        modem_tx_done(m, modem_tx(m).n);
    }
    modem_link_up(m, 0);
    sched_run(&sched, sched.now + 700000);
    modem_free(&m);
    CHECK(sched.head == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char error[256] = "";
    struct profile p;
    profile_default(&p);
    if (!profile_parse(&p, span_of(data, size), error, sizeof error)) {
        CHECK(strncmp(error, "line ", 5) == 0 && strlen(error) < sizeof error);
        return 0;
    }
    struct profile again;
    struct buf text;
    buf_init(&text, (size_t)64 * 1024);
    CHECK(modem_dump("profile", "text", &p, &text));
    profile_default(&again);
    CHECK(profile_parse(&again, buf_span(&text), error, sizeof error));
    check_values(&p, &again);
    buf_fini(&text);
    run_modem(&p);
    return 0;
}
