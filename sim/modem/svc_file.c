/* AT+CCERT*: the certificate store (mqtt-ssl-commands.md 5.2 to 5.5). Contents are stored as they
 * come; nobody looks at them before CONNECT. */
#include "sim/modem/modem_int.h"

static bool name_ok(struct span name)
{
    for (size_t i = 0; i < name.n; i++) {
        if (name.p[i] < 0x20 || name.p[i] > 0x7E || name.p[i] == '/') {
            return false;
        }
    }
    return span_has_suffix_nocase(name, SPAN_LIT(".pem")) ||
           span_has_suffix_nocase(name, SPAN_LIT(".der"));
}

static uint8_t hex_digit(uint8_t c)
{
    c = (uint8_t)ascii_upper((char)c);
    return (uint8_t)(c <= '9' ? c - '0' : c - 'A' + 10);
}

void value_bytes(const struct value *v, struct buf *out)
{
    buf_clear(out);
    if (!v->non_ascii) {
        (void)buf_set(out, v->str);
    } else {
        for (size_t i = 0; i + 1 < v->str.n; i += 2) {
            (void)buf_add_byte(out,
                               (uint8_t)(hex_digit(v->str.p[i]) << 4 | hex_digit(v->str.p[i + 1])));
        }
    }
}

bool cert_name(const struct value *v, struct buf *out)
{
    value_bytes(v, out);
    return name_ok(buf_span(out));
}

static struct at_result down_set(struct at_chan *ch, const struct at_call *call)
{
    (void)ch;
    struct buf name;
    buf_init(&name, CERT_NAME_MAX);
    bool ok = cert_name(&call->arg[0], &name);
    buf_fini(&name);
    return ok ? AT_DATA((uint32_t)call->arg[1].num) : AT_ERROR;
}

static struct at_result down_data(struct at_chan *ch, const struct at_call *call, struct span data)
{
    struct modem *m = modem_of(ch);
    struct buf name;
    buf_init(&name, CERT_NAME_MAX);
    int rc = cert_name(&call->arg[0], &name)
                 ? m->host->file_put(m->host_ctx, FILE_CERTIFICATE, buf_span(&name), data)
                 : -1;
    buf_fini(&name);
    return rc == 0 ? AT_OK : AT_ERROR;
}

static void list_one(void *arg, struct span name)
{
    at_info(arg, "+CCERTLIST: \"%.*s\"", (int)name.n, (const char *)name.p);
}

static struct at_result list_exec(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    struct modem *m = modem_of(ch);
    int rc = m->host->file_list(m->host_ctx, FILE_CERTIFICATE, list_one, ch);
    return rc == 0 ? AT_OK : AT_ERROR;
}

static struct at_result dele_set(struct at_chan *ch, const struct at_call *call)
{
    struct modem *m = modem_of(ch);
    struct buf name;
    buf_init(&name, CERT_NAME_MAX);
    int rc = cert_name(&call->arg[0], &name)
                 ? m->host->file_remove(m->host_ctx, FILE_CERTIFICATE, buf_span(&name))
                 : -1;
    buf_fini(&name);
    return rc == 0 ? AT_OK : AT_ERROR;
}

#define P_FILE                                                                                     \
    P_STR("filename", 5, 128, "name ending in .pem or .der", .vary = RANGE_certname,               \
          .flags = PARAM_NON_ASCII)

/* clang-format off */
static const struct at_cmd rows[] = {
    { .name = "+CCERTDOWN", .doc = "Stores a certificate or key; an existing file is overwritten.", .clause = "mqtt-ssl-commands.md 5.2",
      .evidence = EV_LOG, .form_evidence = { [AT_TEST] = EV_MANUAL }, .set = down_set, .data = down_data, .flags = AT_ROW_SECRET_DATA,
      AT_PARAMS(P_FILE, P_INT("len", 1, 10240, "bytes after the prompt")) },
    { .name = "+CCERTLIST", .doc = "Lists the stored certificates and keys.", .clause = "mqtt-ssl-commands.md 5.3",
      .evidence = EV_LOG, .form_evidence = { [AT_TEST] = EV_MANUAL }, .exec = list_exec, .flags = AT_ROW_TEST_OK, .reply = "+CCERTLIST: \"<filename>\"" },
    { .name = "+CCERTDELE", .doc = "Deletes a stored certificate or key.", .clause = "mqtt-ssl-commands.md 5.4",
      .evidence = EV_LOG, .form_evidence = { [AT_TEST] = EV_MANUAL }, .set = dele_set, .flags = AT_ROW_TEST_OK, AT_PARAMS(P_FILE) },
};
/* clang-format on */

const struct at_service service_file = { "Certificates", rows, ARRAY_LEN(rows) };
