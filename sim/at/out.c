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

static const char *code_text(enum at_code code)
{
    switch (code) {
    case AT_CODE_OK:
        return "OK";
    case AT_CODE_CONNECT:
        return "CONNECT";
    case AT_CODE_RING:
        return "RING";
    case AT_CODE_NO_CARRIER:
        return "NO CARRIER";
    case AT_CODE_ERROR:
        return "ERROR";
    case AT_CODE_NO_DIALTONE:
        return "NO DIALTONE";
    case AT_CODE_BUSY:
        return "BUSY";
    case AT_CODE_NO_ANSWER:
        return "NO ANSWER";
    }
    return "ERROR";
}

void out_code_unit(const struct out *o, enum at_code code, struct buf *to)
{
    if (o->set->quiet != 0) {
        return;
    }
    if (o->set->verbose != 0) {
        out_frame(o, span_str(code_text(code)), to);
    } else {
        (void)buf_addf(to, "%d%c", (int)code, (char)o->set->s3);
    }
}

void out_code(struct out *o, enum at_code code)
{
    trace_emit(o->trace, "at", TRACE_STR("from", "modem"), TRACE_STR("text", code_text(code)));
    out_code_unit(o, code, &o->tx);
}

struct error_text {
    uint32_t number;
    const char *text;
};

static const struct error_text cme_texts[] = {

#define CME(n, t) { n, t },
#include "sim/at/cme.def"
#undef CME
};

static const struct error_text cms_texts[] = {

#define CMS(n, t) { n, t },
#include "sim/at/cms.def"
#undef CMS
};

static const char *find_text(const struct error_text *texts, size_t n, uint32_t number,
                             const char *otherwise)
{
    for (size_t i = 0; i < n; i++) {
        if (texts[i].number == number) {
            return texts[i].text;
        }
    }
    return otherwise;
}

/* CMEE 0: ERROR, 1: the number, 2: the text (27.007 9.1, 27.005 3.2.5). */
static void extended_error(struct out *o, const char *name, uint32_t number, const char *verbose)
{
    char text[96];
    if (o->set->cmee == 0) {
        out_code(o, AT_CODE_ERROR);
        return;
    }
    if (o->set->cmee == 1) {
        (void)snprintf(text, sizeof text, "%s: %u", name, (unsigned)number);
    } else {
        (void)snprintf(text, sizeof text, "%s: %s", name, verbose);
    }
    trace_emit(o->trace, "at", TRACE_STR("from", "modem"), TRACE_STR("text", text));
    if (o->set->quiet == 0) {
        out_frame(o, span_str(text), &o->tx);
    }
}

void out_cme(struct out *o, uint32_t number)
{
    extended_error(o, "+CME ERROR", number,
                   find_text(cme_texts, ARRAY_LEN(cme_texts), number, "Unknown"));
}

void out_cms(struct out *o, uint32_t number)
{
    extended_error(o, "+CMS ERROR", number,
                   find_text(cms_texts, ARRAY_LEN(cms_texts), number, "Unknown error"));
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
