#include "sim/modem/pdp.h"

#include <stdio.h>

#include "sim/modem/modem_int.h"

#define CONTEXTS_FILE "contexts"
#define FILE_MAX      (64U * 1024)

#define EMPTY_V4V6 "0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0"

static void define(struct pdp_context *c, int32_t type, const char *apn)
{
    *c = (struct pdp_context){ .defined = true, .type = type };
    (void)snprintf(c->apn, sizeof c->apn, "%.100s", apn);
    (void)snprintf(c->address, sizeof c->address, "%s", type == PDP_IP ? "0.0.0.0" : EMPTY_V4V6);
}

static void factory(struct modem *m)
{
    struct pdp_context *c = m->pdp.context;
    define(&c[0], PDP_IP, m->profile->apn);
    define(&c[1], PDP_IPV4V6, "ims");
    define(&c[2], PDP_IPV4V6, m->profile->context_sos);
    c[2].option[3] = 1; /* emergency */
}

/* --- stored contexts: "cid=type,apn,address,o,o,o,o,auth,user,password"; texts in hex --- */

static void add_hex(struct buf *out, const char *text)
{
    for (const char *c = text; *c != '\0'; c++) {
        (void)buf_addf(out, "%02X", (unsigned)(uint8_t)*c);
    }
}

void pdp_store(struct modem *m)
{
    struct buf out;
    buf_init(&out, FILE_MAX);
    for (unsigned i = 0; i < PDP_CONTEXTS; i++) {
        const struct pdp_context *c = &m->pdp.context[i];
        (void)buf_addf(&out, "%u=%d", i + 1, c->defined ? (int)c->type : -1);
        const char *texts[] = { c->apn, c->address, c->user, c->password };
        for (size_t t = 0; t < ARRAY_LEN(texts); t++) {
            (void)buf_add_byte(&out, ',');
            add_hex(&out, texts[t]);
        }
        for (size_t o = 0; o < ARRAY_LEN(c->option); o++) {
            (void)buf_addf(&out, ",%d", (int)c->option[o]);
        }
        (void)buf_addf(&out, ",%d\n", (int)c->auth);
    }
    (void)nvram_put(m, CONTEXTS_FILE, buf_span(&out));
    buf_wipe(&out);
}

static struct span next_field(struct span *rest)
{
    const uint8_t *comma = rest->n == 0 ? NULL : memchr(rest->p, ',', rest->n);
    struct span field = span_of(rest->p, comma == NULL ? rest->n : (size_t)(comma - rest->p));
    *rest = span_from(*rest, field.n + 1);
    return field;
}

static bool take_number(struct span *rest, int32_t lo, int32_t hi, int32_t *ret)
{
    return schema_number(next_field(rest), false, ret) && *ret >= lo && *ret <= hi;
}

static bool take_hex(struct span *rest, char *ret, size_t size)
{
    struct span hex = next_field(rest);
    if (hex.n % 2 != 0 || hex.n / 2 >= size) {
        return false;
    }
    for (size_t i = 0; i < hex.n; i += 2) {
        const char digits[5] = { '0', 'x', (char)hex.p[i], (char)hex.p[i + 1], '\0' };
        int32_t byte = 0;
        if (!schema_number(span_str(digits), true, &byte) || byte < 0x20) {
            return false;
        }
        ret[i / 2] = (char)byte;
    }
    ret[hex.n / 2] = '\0';
    return true;
}

/* False: the line is not one of ours, and the context stays as it was. */
static bool load_context(struct pdp_context *to, struct span value)
{
    struct pdp_context c = { 0 };
    bool ok =
        take_number(&value, -1, PDP_TYPES - 1, &c.type) && take_hex(&value, c.apn, sizeof c.apn) &&
        take_hex(&value, c.address, sizeof c.address) && take_hex(&value, c.user, sizeof c.user) &&
        take_hex(&value, c.password, sizeof c.password);
    for (size_t o = 0; ok && o < ARRAY_LEN(c.option); o++) {
        ok = take_number(&value, 0, 4, &c.option[o]);
    }
    if (!ok || !take_number(&value, 0, 3, &c.auth)) {
        return false;
    }
    c.defined = c.type >= 0;
    c.type = c.defined ? c.type : 0;
    *to = c;
    return true;
}

void pdp_init(struct modem *m)
{
    factory(m);
    struct buf file;
    buf_init(&file, FILE_MAX);
    nvram_get(m, CONTEXTS_FILE, &file);
    struct span rest = buf_span(&file);
    struct span name;
    struct span value;
    while (nvram_line(&rest, &name, &value)) {
        int32_t cid = 0;
        if (schema_number(name, false, &cid) && cid >= 1 && cid <= PDP_CONTEXTS) {
            (void)load_context(&m->pdp.context[cid - 1], value);
        }
    }
    buf_wipe(&file);
}

/* --- activation --- */

void pdp_attached(struct modem *m, bool attached)
{
    struct pdp_context *c = m->pdp.context;
    for (unsigned i = 0; i < PDP_CONTEXTS; i++) {
        if (!attached) {
            c[i].active = false;
        }
    }
    if (attached) {
        c[0].active = c[0].defined; /* on LTE the default bearer comes with the attach */
        c[1].active = c[1].defined && m->profile->context_ims != 0;
    }
}

bool pdp_default_active(const struct modem *m)
{
    return m->pdp.context[0].active;
}

bool pdp_activate(struct modem *m, unsigned cid, bool active)
{
    struct pdp_context *c = &m->pdp.context[cid - 1];
    if (active && (!c->defined || !m->radio.attached)) {
        return false;
    }
    bool changed = c->active != active;
    c->active = active;
    if (changed && cid == 1) {
        (active ? net_bearer_up : net_bearer_lost)(m);
    }
    return true;
}
