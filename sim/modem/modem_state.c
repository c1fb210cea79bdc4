/* What the modem is at this moment, as one JSON object: for the control socket, and for those who
 * must know what was when something failed. No password, key or PIN is in it. */
#include "sim/modem/modem_int.h"

/* A text of any bytes: what is not printable ASCII becomes \u00XX. */
static void text(struct buf *out, const char *name, struct span s)
{
    (void)buf_addf(out, "\"%s\":\"", name);
    for (size_t i = 0; i < s.n; i++) {
        uint8_t c = s.p[i];
        if (c < 0x20 || c > 0x7E || c == '"' || c == '\\') {
            (void)buf_addf(out, "\\u00%02x", c);
        } else {
            (void)buf_add_byte(out, c);
        }
    }
    (void)buf_addf(out, "\"");
}

static void words(struct buf *out, const char *name, const char *value)
{
    text(out, name, span_str(value));
}

static void more(struct buf *out)
{
    (void)buf_addf(out, ",");
}

static void flag(struct buf *out, const char *name, bool on)
{
    (void)buf_addf(out, ",\"%s\":%s", name, on ? "true" : "false");
}

static void number(struct buf *out, const char *name, int64_t n)
{
    (void)buf_addf(out, ",\"%s\":%lld", name, (long long)n);
}

static void network(const struct modem *m, struct buf *out)
{
    static const char *const states[] = {
        [REG_IDLE] = "not registered", [REG_HOME] = "home",       [REG_SEARCHING] = "searching",
        [REG_DENIED] = "denied",       [REG_ROAMING] = "roaming",
    };
    static const char *const rats[] = { "gsm", "wcdma", "lte" };
    (void)buf_addf(out, "\"network\":{");
    words(out, "registration", states[m->radio.state]);
    more(out);
    words(out, "technology", m->radio.rat < 0 ? "none" : rats[m->radio.rat]);
    number(out, "signal_dbm", m->profile->signal_dbm);
    flag(out, "attached", m->radio.attached);
    flag(out, "bearer", pdp_default_active(m));
    flag(out, "netopen", m->net_open);
    (void)buf_addf(out, "},\"sim\":{");
    words(out, "card", m->profile->sim_card != 0 ? "present" : "absent");
    uint32_t error = card_error(m);
    if (error == 0 || error == 11 || error == 12) {
        more(out);
        words(out, "cpin", card_word(m));
    }
    number(out, "cme_error", error);
    number(out, "pin_attempts_left", m->card.pin_left);
    number(out, "puk_attempts_left", m->card.puk_left);
    (void)buf_addf(out, "}");
}

static void client(const struct mqtt_client *c, struct buf *out)
{
    static const char *const states[] = {
        [CLIENT_FREE] = "free", [CLIENT_ACQUIRED] = "acquired", [CLIENT_CONNECTED] = "connected"
    };
    static const char *const operations[] = {
        [OP_NONE] = "none",   [OP_CONNECT] = "CONNECT", [OP_SUB] = "SUB",
        [OP_UNSUB] = "UNSUB", [OP_PUB] = "PUB",         [OP_DISC] = "DISC"
    };
    (void)buf_addf(out, "{");
    words(out, "state", states[c->state]);
    number(out, "client", c->index);
    more(out);
    text(out, "client_id", buf_span(&c->client_id));
    more(out);
    text(out, "address", buf_span(&c->address));
    number(out, "server_type", c->server_type);
    number(out, "ssl_context", c->ssl_ctx);
    number(out, "keep_alive", c->keep_alive);
    flag(out, "clean_session", c->clean);
    flag(out, "link_open", c->link_open);
    more(out);
    words(out, "operation", operations[c->op]);
    number(out, "topic_length", (int64_t)c->topic.n);
    number(out, "payload_length", (int64_t)c->payload.n);
    flag(out, "will", c->has_will_topic);
    flag(out, "pingresp_due", c->session.ping_open);
    (void)buf_addf(out, "}");
}

static void ssl_context(const struct ssl_context *s, size_t number_of, struct buf *out)
{
    (void)buf_addf(out, "{\"context\":%zu,", number_of);
    words(out, "cacert", s->cacert);
    more(out);
    words(out, "clientcert", s->clientcert);
    more(out);
    words(out, "clientkey", s->clientkey);
    number(out, "sslversion", s->sslversion);
    number(out, "authmode", s->authmode);
    number(out, "ignorelocaltime", s->ignorelocaltime);
    number(out, "negotiatetime", s->negotiatetime);
    number(out, "enableSNI", s->enable_sni);
    number(out, "ciphersuites", s->ciphersuites);
    flag(out, "password_set", s->keypwd[0] != '\0' || s->password[0] != '\0');
    (void)buf_addf(out, "}");
}

static void add_file(void *arg, struct span name)
{
    struct buf *out = arg;
    (void)buf_addf(out, "%s", out->p[out->n - 1] == '[' ? "" : ",");
    struct buf one;
    buf_init(&one, 6 * name.n + 8);
    text(&one, "", name);
    (void)buf_add(out, span_from(buf_span(&one), 3)); /* without the empty name and its colon */
    buf_fini(&one);
}

static void pending(const struct modem *m, struct buf *out)
{
    static const char *const doing[] = { [AT_DOES_NOTHING] = "nothing",
                                         [AT_READS_LINE] = "line",
                                         [AT_READS_DATA] = "data",
                                         [AT_WAITS] = "command" };
    const char *command = NULL;
    size_t missing = 0;
    enum at_doing what = at_doing(m->ch, &command, &missing);
    (void)buf_addf(out, "\"pending\":{");
    words(out, "at", doing[what]);
    if (command != NULL) {
        more(out);
        words(out, "command", command);
        number(out, "data_missing", (int64_t)missing);
    }
    (void)buf_addf(out, "}");
}

void modem_state_json(const struct modem *m, struct buf *out)
{
    static const char *const power[] = {
        [POWER_OFF] = "off", [POWER_BOOTING] = "booting", [POWER_ON] = "on"
    };
    (void)buf_addf(out, "{");
    words(out, "power", power[m->power]);
    number(out, "cfun", m->cfun);
    flag(out, "asleep", m->asleep);
    flag(out, "ri", ri_on(m));
    more(out);
    words(out, "imei", m->imei);
    number(out, "clock", modem_clock(m));
    number(out, "time_percent", m->profile->time_percent);
    number(out, "baud", m->baud);
    number(out, "bytes_from_host", (int64_t)m->traffic.from_host);
    number(out, "bytes_from_modem", (int64_t)m->traffic.from_modem);
    more(out);
    network(m, out);
    flag(out, "mqtt_started", m->mqtt_started);
    (void)buf_addf(out, ",\"mqtt_clients\":[");
    for (size_t i = 0; i < MODEM_LINKS; i++) {
        (void)buf_addf(out, "%s", i == 0 ? "" : ",");
        client(&m->client[i], out);
    }
    (void)buf_addf(out, "],\"ssl_contexts\":[");
    for (size_t i = 0; i < SSL_CONTEXTS; i++) {
        (void)buf_addf(out, "%s", i == 0 ? "" : ",");
        ssl_context(&m->ssl[i], i, out);
    }
    (void)buf_addf(out, "],\"certificates\":[");
    (void)m->host->file_list(m->host_ctx, FILE_CERTIFICATE, add_file, out);
    (void)buf_addf(out, "],");
    pending(m, out);
    (void)buf_addf(out, "}");
}

/* --- what the outside may do --- */

bool modem_urc(struct modem *m, struct span text_of)
{
    if (m->power != POWER_ON) {
        return false;
    }
    at_urc_text(m->ch, text_of);
    return true;
}

void modem_raw(struct modem *m, struct span bytes)
{
    at_raw(m->ch, bytes);
}

void modem_time(struct modem *m, int32_t percent)
{
    m->own.time_percent = percent;
}

struct modem_lines modem_lines(struct modem *m)
{
    return (struct modem_lines){
        .dtr = m->profile->uart_dtr != 0,
        .rts = !m->rts_off,
        .dcd = m->power == POWER_ON && m->set.dcd != 1, /* no carrier: there are no data calls */
        .ri = ri_on(m),
    };
}

void modem_set_lines(struct modem *m, bool dtr, bool rts)
{
    bool was_off = m->rts_off;
    m->rts_off = !rts;
    if (dtr != (m->profile->uart_dtr != 0)) {
        m->own.uart_dtr = dtr ? 1 : 0;
        modem_world_changed(m);
    }
    if (was_off && rts) {
        m->host->tx_ready(m->host_ctx);
    }
}

static const char *const forms[AT_FORMS] = {
    [AT_EXEC] = "execute", [AT_SET] = "write", [AT_READ] = "read", [AT_TEST] = "test"
};
static const char *const verdicts[AT_VERDICTS] = {
    [AT_V_OK] = "OK",          [AT_V_ERROR] = "ERROR",      [AT_V_CME] = "+CME ERROR",
    [AT_V_CMS] = "+CMS ERROR", [AT_V_CODE] = "code",        [AT_V_NO_RESULT] = "none",
    [AT_V_DATA] = "prompt",    [AT_V_TEXT] = "text prompt", [AT_V_PENDING] = "pending",
};

typedef void each_fn(void *arg, const char *command, const char *form, const char *verdict,
                     uint32_t count);

static void cover(const struct modem *m, const struct at_cmd *row, each_fn *each, void *arg)
{
    bool any = false;
    for (size_t k = 0; k < (size_t)AT_FORMS * AT_VERDICTS; k++) {
        enum at_form form = (enum at_form)(k / AT_VERDICTS);
        enum at_verdict verdict = (enum at_verdict)(k % AT_VERDICTS);
        uint32_t n = at_index_hits(m->index, row, form, verdict);
        if (n > 0) {
            each(arg, row->name, forms[form], verdicts[verdict], n);
            any = true;
        }
    }
    if (!any) {
        each(arg, row->name, NULL, NULL, 0);
    }
}

void modem_coverage(const struct modem *m,
                    void (*each)(void *arg, const char *command, const char *form,
                                 const char *verdict, uint32_t count),
                    void *arg)
{
    for (size_t s = 0; s < modem_table.n; s++) {
        for (size_t i = 0; i < modem_table.services[s]->n; i++) {
            cover(m, &modem_table.services[s]->rows[i], each, arg);
        }
    }
}
