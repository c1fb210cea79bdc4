/* Outcomes of a TLS handshake for every setting a modem has, against an mbedTLS server through two
 * memory links: no socket and no waiting. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/check.h"
#include "sim/link/tls_test_pair.h"

#define YEAR_2001 993945600 /* 2001-07-01 */
#define YEAR_2050 2524608000
#define YEAR_2019 1546300800

/* One handshake and its expected outcome; 'change' makes the case out of the good parameters. */
struct outcome {
    const char *name;
    void (*change)(struct tls_params *p, struct peer_setup *s);
    bool opens;
    enum link_end why;
    const char *detail; /* must occur in the detail */
};

static void as_it_is(struct tls_params *p, struct peer_setup *s)
{
    (void)p;
    (void)s;
}

static void no_verify_no_cert(struct tls_params *p, struct peer_setup *s)
{
    p->verify_server = false;
    p->send_cert = false;
    p->ca = (struct span){ NULL, 0 };
    s->demands_cert = false;
}

static void cert_not_sent(struct tls_params *p, struct peer_setup *s)
{
    (void)s;
    p->send_cert = false;
}

static void wrong_ca(struct tls_params *p, struct peer_setup *s)
{
    (void)s;
    p->ca = pki_span(&pki.other_ca);
}

static void wrong_ca_unverified(struct tls_params *p, struct peer_setup *s)
{
    (void)s;
    p->ca = pki_span(&pki.other_ca);
    p->verify_server = false;
}

static void no_ca(struct tls_params *p, struct peer_setup *s)
{
    (void)s;
    p->ca = (struct span){ NULL, 0 };
}

static void ca_is_garbage(struct tls_params *p, struct peer_setup *s)
{
    (void)s;
    p->ca = SPAN_LIT("-----BEGIN CERTIFICATE-----\nthis is none\n-----END CERTIFICATE-----\n");
}

static void expired(struct tls_params *p, struct peer_setup *s)
{
    (void)s;
    p->now = YEAR_2050;
}

static void not_yet_valid(struct tls_params *p, struct peer_setup *s)
{
    (void)s;
    p->now = YEAR_2019;
}

static void expired_but_ignored(struct tls_params *p, struct peer_setup *s)
{
    (void)s;
    p->now = YEAR_2050;
    p->check_dates = false;
}

static void old_cert_modem_in_2001(struct tls_params *p, struct peer_setup *s)
{
    s->cert = &pki.server_2001;
    p->now = YEAR_2001;
}

static void old_cert_dates_ignored(struct tls_params *p, struct peer_setup *s)
{
    s->cert = &pki.server_2001;
    p->check_dates = false;
}

static void old_cert_modem_in_2030(struct tls_params *p, struct peer_setup *s)
{
    (void)p;
    s->cert = &pki.server_2001;
}

static void key_of_another(struct tls_params *p, struct peer_setup *s)
{
    (void)s;
    p->key = pki_span(&pki.client_rsa_key);
}

static void cert_is_garbage(struct tls_params *p, struct peer_setup *s)
{
    (void)s;
    p->cert = SPAN_LIT("no certificate");
}

static void key_is_garbage(struct tls_params *p, struct peer_setup *s)
{
    (void)s;
    p->key = SPAN_LIT("no key");
}

static void no_key(struct tls_params *p, struct peer_setup *s)
{
    (void)s;
    p->key = (struct span){ NULL, 0 };
}

static void rsa_client(struct tls_params *p, struct peer_setup *s)
{
    (void)s;
    p->cert = pki_span(&pki.client_rsa);
    p->key = pki_span(&pki.client_rsa_key);
}

static void der_client(struct tls_params *p, struct peer_setup *s)
{
    (void)s;
    p->cert = pki_span(&pki.client_ec_der);
    p->key = pki_span(&pki.client_ec_key_der);
}

static void crlf_client(struct tls_params *p, struct peer_setup *s)
{
    (void)s;
    p->cert = pki_span(&pki.client_crlf);
}

static void locked_key(struct tls_params *p, struct peer_setup *s)
{
    (void)s;
    p->key = pki_span(&pki.client_ec_key_locked);
    p->key_password = SPAN_LIT(PKI_PASSWORD);
}

static void locked_key_wrong_password(struct tls_params *p, struct peer_setup *s)
{
    locked_key(p, s);
    p->key_password = SPAN_LIT("0000");
}

/* pbeWithSHAAnd3-KeyTripleDES-CBC with 2^31 - 1 iterations: minutes for anybody who tries. */
static void locked_key_for_ever(struct tls_params *p, struct peer_setup *s)
{
    locked_key(p, s);
    p->key = SPAN_LIT("\x30\x25\x30\x1B\x06\x0A\x2A\x86\x48\x86\xF7\x0D\x01\x0C\x01\x03"
                      "\x30\x0D\x04\x05salt1\x02\x04\x7F\xFF\xFF\xFF\x04\x06locked");
}

static void locked_key_no_password(struct tls_params *p, struct peer_setup *s)
{
    locked_key(p, s);
    p->key_password = (struct span){ NULL, 0 };
}

static void only_ssl3(struct tls_params *p, struct peer_setup *s)
{
    (void)s;
    p->max_version = TLS_SSL_3_0;
}

static void tls10_both(struct tls_params *p, struct peer_setup *s)
{
    p->min_version = p->max_version = TLS_1_0;
    s->min_minor = s->max_minor = MBEDTLS_SSL_MINOR_VERSION_1;
}

static void tls10_against_tls12(struct tls_params *p, struct peer_setup *s)
{
    p->min_version = p->max_version = TLS_1_0;
    s->min_minor = s->max_minor = MBEDTLS_SSL_MINOR_VERSION_3;
}

static void tls12_against_tls10(struct tls_params *p, struct peer_setup *s)
{
    p->min_version = p->max_version = TLS_1_2;
    s->min_minor = s->max_minor = MBEDTLS_SSL_MINOR_VERSION_1;
}

static void suite_2f_rsa(struct tls_params *p, struct peer_setup *s)
{
    p->ciphersuite = 0x002F;
    s->cert = &pki.server_rsa;
    s->key = &pki.server_rsa_key;
}

static void suite_2f_ec(struct tls_params *p, struct peer_setup *s)
{
    (void)s;
    p->ciphersuite = 0x002F;
}

static void suite_unknown(struct tls_params *p, struct peer_setup *s)
{
    (void)s;
    p->ciphersuite = 0xFEFE;
}

static const struct outcome outcomes[] = {
    { "mutual TLS", as_it_is, true, 0, NULL },
    { "authmode 0 against an open server", no_verify_no_cert, true, 0, NULL },
    { "authmode 1 against a server that demands a certificate", cert_not_sent, false,
      LINK_TLS_HANDSHAKE, "alert received" },
    { "wrong CA", wrong_ca, false, LINK_TLS_HANDSHAKE, "not correctly signed by the trusted CA" },
    { "wrong CA, not verified", wrong_ca_unverified, true, 0, NULL },
    { "no CA file", no_ca, false, LINK_TLS_SETUP, "cacert" },
    { "CA file is garbage", ca_is_garbage, false, LINK_TLS_SETUP, "cacert" },
    { "expired by the modem's clock", expired, false, LINK_TLS_HANDSHAKE, "expired" },
    { "not yet valid by the modem's clock", not_yet_valid, false, LINK_TLS_HANDSHAKE, "future" },
    { "expired, dates ignored", expired_but_ignored, true, 0, NULL },
    { "expired for the machine, valid for the modem", old_cert_modem_in_2001, true, 0, NULL },
    { "expired for both, dates ignored", old_cert_dates_ignored, true, 0, NULL },
    { "expired for both", old_cert_modem_in_2030, false, LINK_TLS_HANDSHAKE, "expired" },
    { "key of another certificate", key_of_another, false, LINK_TLS_SETUP,
      "clientkey does not belong" },
    { "client certificate is garbage", cert_is_garbage, false, LINK_TLS_SETUP, "clientcert" },
    { "key is garbage", key_is_garbage, false, LINK_TLS_SETUP, "clientkey" },
    { "no key file", no_key, false, LINK_TLS_SETUP, "clientkey" },
    { "RSA client", rsa_client, true, 0, NULL },
    { "DER client", der_client, true, 0, NULL },
    { "PEM with CR LF", crlf_client, true, 0, NULL },
    { "encrypted key", locked_key, true, 0, NULL },
    { "encrypted key, wrong password", locked_key_wrong_password, false, LINK_TLS_SETUP,
      "clientkey" },
    { "encrypted key, no password", locked_key_no_password, false, LINK_TLS_SETUP, "clientkey" },
    { "encrypted key, too many iterations", locked_key_for_ever, false, LINK_TLS_SETUP,
      "more than 1000000 iterations" },
    { "SSL 3.0 alone", only_ssl3, false, LINK_TLS_SETUP, "SSL 3.0" },
    { "TLS 1.0", tls10_both, true, 0, NULL },
    { "TLS 1.0 against a TLS 1.2 server", tls10_against_tls12, false, LINK_TLS_HANDSHAKE,
      "protocol_version" },
    { "TLS 1.2 against a TLS 1.0 server", tls12_against_tls10, false, LINK_TLS_HANDSHAKE, NULL },
    { "0x002F with an RSA server", suite_2f_rsa, true, 0, NULL },
    { "0x002F with an EC server", suite_2f_ec, false, LINK_TLS_HANDSHAKE, "handshake_failure" },
    { "unknown suite", suite_unknown, false, LINK_TLS_SETUP, "0xFEFE" },
};

static void check_outcome(const struct outcome *o, size_t chunk)
{
    struct pair w;
    struct tls_params p = good_params();
    struct peer_setup s = good_server();
    o->change(&p, &s);
    pair_init(&w, &p, &s, "127.0.0.1");
    (void)exchange(&w, chunk, ALL_BYTES);
    if (o->opens != (tls_state(w.client) == TLS_OPEN)) {
        fail_msg("%s: state %d, %s", o->name, tls_state(w.client), tls_detail(w.client));
    }
    if (!o->opens && (tls_state(w.client) != TLS_ENDED || tls_why(w.client) != o->why ||
                      (o->detail != NULL && strstr(tls_detail(w.client), o->detail) == NULL))) {
        fail_msg("%s: state %d, why %d, %s", o->name, tls_state(w.client), tls_why(w.client),
                 tls_detail(w.client));
    }
    if (o->opens) {
        tls_write(w.client, SPAN_LIT("ping"));
        (void)exchange(&w, chunk, ALL_BYTES);
        peer_write(&w.server, "pong", 4);
        (void)exchange(&w, chunk, ALL_BYTES);
        assert_true(span_eq(buf_span(&w.server.plain), SPAN_LIT("ping")));
        assert_true(span_eq(buf_span(&w.plain), SPAN_LIT("pong")));
        assert_string_equal(w.server.client, p.send_cert && s.demands_cert ? "CN=thing1" : "");
    }
    pair_fini(&w);
}

static void outcomes_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(outcomes); i++) {
        check_outcome(&outcomes[i], ALL_BYTES);
    }
}

static void outcomes_byte_by_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(outcomes); i++) {
        check_outcome(&outcomes[i], 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outcomes_whole),
        cmocka_unit_test(outcomes_byte_by_byte),
    };
    return cmocka_run_group_tests(tests, pair_group_set_up, pair_group_tear_down);
}
