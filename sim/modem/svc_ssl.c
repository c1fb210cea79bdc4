/* AT+CSSLCFG: ten SSL contexts in RAM (mqtt-ssl-commands.md 5.1), and what CONNECT takes out of
 * one. */
#include <errno.h>

#include <stdio.h>

#include "sim/modem/modem_int.h"

void ssl_defaults(struct modem *m)
{
    for (unsigned i = 0; i < SSL_CONTEXTS; i++) {
        m->ssl[i] =
            (struct ssl_context){ .sslversion = 4, .ignorelocaltime = 1, .negotiatetime = 300 };
    }
}

/* --- settings --- */

static struct ssl_context *context_of(struct at_chan *ch, const struct at_call *call)
{
    return &modem_of(ch)->ssl[call->arg[0].num];
}

#define NUMBER_SETTER(field)                                                                       \
    static struct at_result set_##field(struct at_chan *ch, const struct at_call *call)            \
    {                                                                                              \
        context_of(ch, call)->field = call->arg[1].num;                                            \
        return AT_OK;                                                                              \
    }
NUMBER_SETTER(sslversion)
NUMBER_SETTER(authmode)
NUMBER_SETTER(ignorelocaltime)
NUMBER_SETTER(negotiatetime)
NUMBER_SETTER(enable_sni)
NUMBER_SETTER(ciphersuites)

static void copy_text(char to[CERT_NAME_MAX + 1], struct span text)
{
    memcpy(to, text.p, text.n);
    to[text.n] = '\0';
}

static bool is_stored(struct modem *m, struct span name)
{
    struct buf content;
    buf_init(&content, 10240);
    int rc = m->host->file_get(m->host_ctx, FILE_CERTIFICATE, name, &content);
    buf_wipe(&content);
    return rc == 0;
}

static struct at_result set_file(struct at_chan *ch, const struct at_call *call, char *to)
{
    struct modem *m = modem_of(ch);
    struct buf name;
    buf_init(&name, CERT_NAME_MAX);
    bool ok = cert_name(&call->arg[1], &name) &&
              (m->profile->csslcfg_check_file == 0 || is_stored(m, buf_span(&name)));
    if (ok) {
        copy_text(to, buf_span(&name));
    }
    buf_fini(&name);
    return ok ? AT_OK : AT_ERROR;
}

#define FILE_SETTER(field)                                                                         \
    static struct at_result set_##field(struct at_chan *ch, const struct at_call *call)            \
    {                                                                                              \
        return set_file(ch, call, context_of(ch, call)->field);                                    \
    }
FILE_SETTER(cacert)
FILE_SETTER(clientcert)
FILE_SETTER(clientkey)

FILE_SETTER(password)

static struct at_result set_keypwd(struct at_chan *ch, const struct at_call *call)
{
    copy_text(context_of(ch, call)->keypwd, call->arg[1].str);
    return AT_OK;
}

/* --- reading --- */

static void context_line(const struct modem *m, unsigned i, const char *keypwd, struct buf *out)
{
    const struct ssl_context *c = &m->ssl[i];
    (void)buf_addf(out, "+CSSLCFG: %u,%d,%d,%d,%d,\"%s\",\"%s\",\"%s\"", i, (int)c->sslversion,
                   (int)c->authmode, (int)c->ignorelocaltime, (int)c->negotiatetime, c->cacert,
                   c->clientcert, c->clientkey);
    if (m->profile->csslcfg_fields == 9) { /* sim7022-emqx-0-32-wildcard-cert */
        (void)buf_addf(out, ",%d", (int)c->enable_sni);
    } else if (m->profile->csslcfg_fields == 10) { /* A76XX: name of a password file, then SNI */
        (void)buf_addf(out, ",\"%s\",%d", keypwd, (int)c->enable_sni);
    } else if (m->profile->csslcfg_fields > 10) {
        (void)buf_addf(out, c->ciphersuites == 0 ? ",%d,\"%s\",0x%X" : ",%d,\"%s\",0x%04X",
                       (int)c->enable_sni, keypwd, (unsigned)c->ciphersuites);
    }
}

static void show_context(struct at_chan *ch, unsigned i)
{
    const struct modem *m = modem_of(ch);
    const char *keypwd = m->profile->csslcfg_fields == 10 ? m->ssl[i].password : m->ssl[i].keypwd;
    bool hide = keypwd == m->ssl[i].keypwd && keypwd[0] != '\0';
    struct buf text;
    struct buf shown;
    buf_init(&text, 2048);
    buf_init(&shown, 2048);
    context_line(m, i, keypwd, &text);
    context_line(m, i, hide ? "***" : keypwd, &shown);
    at_info_secret(ch, buf_span(&text), buf_span(&shown));
    buf_wipe(&text);
    buf_fini(&shown);
}

static struct at_result sslcfg_read(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    for (unsigned i = 0; i < SSL_CONTEXTS; i++) {
        show_context(ch, i);
    }
    return AT_OK;
}

static struct at_result sslcfg_query(struct at_chan *ch, const struct at_call *call)
{
    show_context(ch, (unsigned)call->arg[0].num);
    return AT_OK;
}

/* --- for CONNECT --- */

static bool load(struct modem *m, const char *name, struct buf *to)
{
    int rc = m->host->file_get(m->host_ctx, FILE_CERTIFICATE, span_str(name), to);
    if (rc != 0) {
        trace_emit(
            m->trace, "ssl.file", TRACE_STR("file", name),
            TRACE_STR("error", rc == -ENOENT ? "not in the certificate store" : "cannot be read"));
    }
    return rc == 0;
}

/* The password itself, or the first line of the file that holds it. */
static bool load_password(struct modem *m, const struct ssl_context *c, struct buf *to)
{
    if (m->profile->csslcfg_fields != 10) {
        return buf_set(to, span_str(c->keypwd));
    }
    if (c->password[0] == '\0') {
        return true;
    }
    struct buf file;
    buf_init(&file, 10240);
    bool ok = load(m, c->password, &file);
    size_t n = 0;
    while (n < file.n && file.p[n] != '\r' && file.p[n] != '\n') {
        n++;
    }
    ok = ok && buf_set(to, span_of(file.p, n));
    buf_wipe(&file);
    return ok;
}

int ssl_params(struct modem *m, unsigned ctx, struct tls_params *ret, struct ssl_files *files)
{
    const struct ssl_context *c = &m->ssl[ctx];
    bool verify = c->authmode == 1 || c->authmode == 2;
    bool present = c->authmode == 2 || c->authmode == 3;
    buf_init(&files->ca, 10240);
    buf_init(&files->cert, 10240);
    buf_init(&files->key, 10240);
    buf_init(&files->password, CERT_NAME_MAX);
    trace_emit(m->trace, "ssl.context", TRACE_NUM("context", ctx),
               TRACE_NUM("sslversion", c->sslversion), TRACE_NUM("authmode", c->authmode),
               TRACE_NUM("ignorelocaltime", c->ignorelocaltime),
               TRACE_NUM("negotiatetime", c->negotiatetime), TRACE_NUM("enableSNI", c->enable_sni),
               TRACE_STR("cacert", c->cacert), TRACE_STR("clientcert", c->clientcert),
               TRACE_STR("clientkey", c->clientkey), TRACE_NUM("ciphersuites", c->ciphersuites),
               TRACE_NUM("modem_clock", modem_clock(m)));
    if ((verify && c->cacert[0] == '\0') ||
        (present && (c->clientcert[0] == '\0' || c->clientkey[0] == '\0'))) {
        trace_emit(m->trace, "ssl.file", TRACE_STR("file", ""),
                   TRACE_STR("error", verify && c->cacert[0] == '\0' ? "no cacert is configured"
                                      : c->clientcert[0] == '\0'     ? "no clientcert is configured"
                                                                 : "no clientkey is configured"));
        return 33;
    }
    bool ok =
        (!verify || load(m, c->cacert, &files->ca)) &&
        (!present || (load(m, c->clientcert, &files->cert) && load(m, c->clientkey, &files->key)));
    if (!ok || (!load_password(m, c, &files->password) && present)) {
        return -1;
    }
    enum tls_version most = (enum tls_version)m->profile->tls_max;
    enum tls_version only = (enum tls_version)c->sslversion;
    *ret = (struct tls_params){
        .min_version = c->sslversion == 4 ? TLS_SSL_3_0 : only,
        .max_version = c->sslversion == 4 || only > most ? most : only,
        .verify_server = verify,
        .send_cert = present,
        .check_dates = c->ignorelocaltime == 0,
        .now = modem_clock(m),
        .handshake_ms = (uint32_t)c->negotiatetime * 1000,
        .ca = buf_span(&files->ca),
        .cert = buf_span(&files->cert),
        .key = buf_span(&files->key),
        .key_password = buf_span(&files->password),
        .sni = c->enable_sni != 0,
        .ciphersuite = (uint16_t)c->ciphersuites,
    };
    return 0;
}

void ssl_files_free(struct ssl_files *files)
{
    buf_fini(&files->ca);
    buf_fini(&files->cert);
    buf_wipe(&files->key);
    buf_wipe(&files->password);
}

/* clang-format off */
#define P_CTX P_INT("ssl_ctx_index", 0, 9, "SSL context")
#define P_NAME(n, d) P_STR(n, 5, 128, d, .vary = RANGE_certname, .flags = PARAM_NON_ASCII)
#define KEY(k, fn, off, d, ...)                                                                     \
    { .key = (k), .set = (fn), .offered = (off), .doc = (d), .n_params = 2,                        \
      .params = (const struct param[]){ P_CTX, __VA_ARGS__ } }

static const struct at_cmd rows[] = {
    { .name = "+CSSLCFG", .doc = "Settings of an SSL context; they take effect at the next connection.",
      .clause = "mqtt-ssl-commands.md 5.1", .evidence = EV_LOG, .form_evidence = { [AT_TEST] = EV_MANUAL }, .read = sslcfg_read,
      AT_VARIANTS(
          KEY("sslversion", set_sslversion, 0, "protocol version",
              P_INT("sslversion", 0, 4, "0 SSL3.0, 1 TLS1.0, 2 TLS1.1, 3 TLS1.2, 4 all")),
          KEY("authmode", set_authmode, 0, "who proves who he is",
              P_INT("authmode", 0, 3, "0 nobody, 1 server, 2 both, 3 client certificate without checking the server")),
          KEY("ignorelocaltime", set_ignorelocaltime, 0, "validity dates against the modem's clock",
              P_INT("ignoreltime", 0, 1, "0 check, 1 ignore", .list = "0,1")),
          KEY("negotiatetime", set_negotiatetime, 0, "limit of the TLS handshake",
              P_INT("negotiatetime", 10, 300, "seconds")),
          KEY("cacert", set_cacert, 0, "root certificates of the server", P_NAME("cacert_file", "file of CCERTDOWN")),
          KEY("clientcert", set_clientcert, 0, "client certificate", P_NAME("clientcert_file", "file of CCERTDOWN")),
          KEY("clientkey", set_clientkey, 0, "key of the client certificate", P_NAME("clientkey_file", "file of CCERTDOWN")),
          KEY("enableSNI", set_enable_sni, OFFER_SSL_SNI, "server name indication",
              P_INT("enableSNI_flag", 0, 1, "0 off, 1 on", .list = "0,1")),
          KEY("keypwd", set_keypwd, OFFER_SSL_KEYPWD, "password of the key file",
              P_STR("key_pwd", 0, 128, "password", .flags = PARAM_SECRET)),
          KEY("password", set_password, OFFER_SSL_PASSWORD, "file of CCERTDOWN that holds the password of the key file", P_NAME("password_file", "file")),
          KEY("ciphersuites", set_ciphersuites, OFFER_SSL_CIPHERS, "cipher suites offered",
              P_INT("ciphersuites", 0, 0xFFFF, "0x002F TLS_RSA_WITH_AES_128_CBC_SHA, 0xFFFF all",
                    .list = "0x002F,0xFFFF", .flags = PARAM_HEX))),
      .reply = "+CSSLCFG: <ssl_ctx_index>,<sslversion>,<authmode>,<ignoreltime>,<negotiatetime>,\"<cacert_file>\","
               "\"<clientcert_file>\",\"<clientkey_file>\",<enableSNI_flag>,\"<key_pwd>\",<ciphersuites>" },
    { .name = "+CSSLCFG", .doc = "Shows one SSL context.", .clause = "mqtt-ssl-commands.md 5.1", .evidence = EV_MANUAL,
      .set = sslcfg_query, .flags = AT_ROW_NO_TEST, AT_PARAMS(P_CTX) },
};
/* clang-format on */

const struct at_service service_ssl = { "SSL contexts", rows, ARRAY_LEN(rows) };
