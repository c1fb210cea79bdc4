#include "sim/at/out.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"

void out_init(struct out *o, const struct at_settings *set, const struct trace *trace)
{
    *o = (struct out){ .set = set, .trace = trace };
    buf_init(&o->tx, OUT_TX_MAX);
    o->tail = &o->head;
}

void out_forget(struct out *o)
{
    while (o->head != NULL) {
        struct out_unit *u = o->head;
        o->head = u->next;
        free(u);
    }
    o->tail = &o->head;
    o->held = 0;
}

void out_fini(struct out *o)
{
    out_forget(o);
    buf_fini(&o->tx);
}

void out_raw(struct out *o, struct span bytes)
{
    if (!buf_add(&o->tx, bytes)) {
        o->dropped++;
        trace_emit(o->trace, "uart.overrun", TRACE_NUM("dropped_bytes", (int64_t)bytes.n));
    }
}

static void add_cr_lf(const struct out *o, struct buf *to)
{
    (void)buf_add_byte(to, (uint8_t)o->set->s3);
    (void)buf_add_byte(to, (uint8_t)o->set->s4);
}

void out_frame(const struct out *o, struct span text, struct buf *to)
{
    if (o->set->verbose != 0) {
        add_cr_lf(o, to);
    }
    (void)buf_add(to, text);
    add_cr_lf(o, to);
}

void out_info(struct out *o, struct span text, struct span traced)
{
    if (o->tx.cap - o->tx.n < text.n + 4) {
        out_raw(o, text); /* takes the overrun path as a whole: never half a unit */
        return;
    }
    out_frame(o, text, &o->tx);
    trace_emit(o->trace, "at", TRACE_STR("from", "modem"), TRACE_SPAN("text", traced));
}

static void final_text(struct out *o, const char *verbose, const char *numeric)
{
    trace_emit(o->trace, "at", TRACE_STR("from", "modem"), TRACE_STR("text", verbose));
    if (o->set->quiet != 0) {
        return;
    }
    if (o->set->verbose != 0) {
        out_frame(o, span_str(verbose), &o->tx);
    } else {
        out_raw(o, span_str(numeric));
        (void)buf_add_byte(&o->tx, (uint8_t)o->set->s3);
    }
}

void out_final(struct out *o, bool ok)
{
    final_text(o, ok ? "OK" : "ERROR", ok ? "0" : "4");
}

static const char *cme_text(uint32_t number)
{
    static const struct {
        uint32_t number;
        const char *text;
    } texts[] = {

#define CME(n, t) { n, t },
#include "sim/at/cme.def"
#undef CME
    };
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        if (texts[i].number == number) {
            return texts[i].text;
        }
    }
    return "Unknown";
}

void out_cme(struct out *o, uint32_t number)
{
    if (o->set->cmee == 0) {
        out_final(o, false);
        return;
    }
    char text[96];
    if (o->set->cmee == 1) {
        (void)snprintf(text, sizeof text, "+CME ERROR: %u", (unsigned)number);
    } else {
        (void)snprintf(text, sizeof text, "+CME ERROR: %s", cme_text(number));
    }
    trace_emit(o->trace, "at", TRACE_STR("from", "modem"), TRACE_STR("text", text));
    if (o->set->quiet == 0) {
        out_frame(o, span_str(text), &o->tx);
    }
}

void out_hold(struct out *o, enum out_class class, struct span unit)
{
    if (unit.n > OUT_HELD_MAX - o->held) {
        o->dropped++;
        trace_emit(o->trace, "uart.overrun", TRACE_NUM("dropped_bytes", (int64_t)unit.n));
        return;
    }
    struct out_unit *u = xcalloc(1, sizeof *u + unit.n);
    u->class = class;
    u->n = unit.n;
    memcpy(u->bytes, unit.p, unit.n);
    *o->tail = u;
    o->tail = &u->next;
    o->held += unit.n;
}

void out_traced(const struct out *o, struct span unit)
{
    while (unit.n > 0 && (unit.p[0] == '\r' || unit.p[0] == '\n')) {
        unit = span_from(unit, 1);
    }
    while (unit.n > 0 && (unit.p[unit.n - 1] == '\r' || unit.p[unit.n - 1] == '\n')) {
        unit.n--;
    }
    trace_emit(o->trace, "at", TRACE_STR("from", "modem"), TRACE_SPAN("text", unit));
}

void out_release(struct out *o)
{
    struct out_unit *u = o->head;
    CHECK(u != NULL);
    o->head = u->next;
    if (o->head == NULL) {
        o->tail = &o->head;
    }
    o->held -= u->n;
    out_raw(o, span_of(u->bytes, u->n));
    out_traced(o, span_of(u->bytes, u->n));
    free(u);
}
