/* Bytes of a TLS connection: names, cuts at every place, closes, alerts, broken records, much data.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/check.h"
#include "sim/link/tls_dates.h"
#include "sim/link/tls_test_pair.h"

static void server_name(void **state)
{
    static const struct {
        const char *host;
        bool sni;
        const char *seen;
    } cases[] = {
        { "xxxx-ats.iot.eu-west-1.amazonaws.com", true, "xxxx-ats.iot.eu-west-1.amazonaws.com" },
        { "xxxx-ats.iot.eu-west-1.amazonaws.com", false, "" },
        { "127.0.0.1", true, "" },
        { "::1", true, "" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct pair w;
        struct tls_params p = good_params();
        struct peer_setup s = good_server();
        p.sni = cases[i].sni;
        pair_init(&w, &p, &s, cases[i].host);
        (void)exchange(&w, ALL_BYTES, ALL_BYTES);
        /* The name is sent, but the certificate, made for "server", is not compared with it. */
        assert_int_equal(tls_state(w.client), TLS_OPEN);
        assert_string_equal(w.server.sni, cases[i].seen);
        pair_fini(&w);
    }
}

/* Two CA certificates in one file, the fitting one last. */
static void several_cas(void **state)
{
    static uint8_t both[2 * PKI_TEXT_SIZE];
    struct pair w;
    struct tls_params p = good_params();
    struct peer_setup s = good_server();
    (void)state;
    memcpy(both, pki.other_ca.bytes, pki.other_ca.n);
    memcpy(both + pki.other_ca.n, pki.ca.bytes, pki.ca.n);
    p.ca = span_of(both, pki.other_ca.n + pki.ca.n);
    pair_init(&w, &p, &s, "server");
    (void)exchange(&w, ALL_BYTES, ALL_BYTES);
    assert_int_equal(tls_state(w.client), TLS_OPEN);
    pair_fini(&w);
}

static void cut_at(size_t limit, bool reset)
{
    struct pair w;
    struct tls_params p = good_params();
    struct peer_setup s = good_server();
    pair_init(&w, &p, &s, "server");
    size_t given = exchange(&w, ALL_BYTES, limit);
    bool open = tls_state(w.client) == TLS_OPEN;
    tls_feed_end(w.client, reset);
    assert_int_equal(tls_state(w.client), TLS_ENDED);
    assert_true(given <= limit);
    enum link_end when_open = reset ? LINK_RESET : LINK_CLOSED;
    assert_int_equal(tls_why(w.client), open ? when_open : LINK_TLS_CLOSED);
    pair_fini(&w);
}

/* The server goes away after any number of bytes: in steps that hit every flight and most records.
 */
static void cut_everywhere(void **state)
{
    (void)state;
    for (size_t limit = 0; limit < 1600; limit += 23) {
        cut_at(limit, limit % 2 == 0);
    }
    cut_at(ALL_BYTES, false);
    cut_at(ALL_BYTES, true);
}

static void not_tls(void **state)
{
    struct buf out;
    uint8_t plain[16];
    (void)state;
    buf_init(&out, 1 << 20);
    struct tls *t = lone_client(&out);
    tls_feed(t, SPAN_LIT("220 mail.example.com ESMTP ready\r\n"));
    assert_int_equal(tls_read(t, plain, sizeof plain), 0);
    assert_int_equal(tls_state(t), TLS_ENDED);
    assert_int_equal(tls_why(t), LINK_TLS_HANDSHAKE);
    tls_free(&t);
    buf_fini(&out);
}

static void opened(struct pair *w)
{
    struct tls_params p = good_params();
    struct peer_setup s = good_server();
    pair_init(w, &p, &s, "server");
    (void)exchange(w, ALL_BYTES, ALL_BYTES);
    assert_int_equal(tls_state(w->client), TLS_OPEN);
}

static void close_notify_of_the_server(void **state)
{
    struct pair w;
    (void)state;
    opened(&w);
    peer_write(&w.server, "last words", 10);
    assert_int_equal(mbedtls_ssl_close_notify(&w.server.ssl), 0);
    (void)exchange(&w, ALL_BYTES, ALL_BYTES);
    assert_true(span_eq(buf_span(&w.plain), SPAN_LIT("last words")));
    assert_int_equal(tls_state(w.client), TLS_ENDED);
    assert_int_equal(tls_why(w.client), LINK_CLOSED);
    pair_fini(&w);
}

/* A server that asked for a certificate, got none, and closes without a word refuses the client as
 * AWS IoT does; every other close is an ordinary one. */
static void closed_for_want_of_a_certificate(void **state)
{
    static const struct {
        bool asks, cert, data, verify;
        enum link_end why;
    } cases[] = {
        { true, false, false, true, LINK_CLOSED_NO_CERT },
        { true, false, false, false, LINK_CLOSED_NO_CERT },
        { true, false, true, true, LINK_CLOSED },
        { true, true, false, true, LINK_CLOSED },
        { false, false, false, true, LINK_CLOSED },
    };

    (void)state;
    for (size_t i = 0; i < 2 * ARRAY_LEN(cases); i++) {
        struct pair w;
        struct tls_params p = good_params();
        struct peer_setup s = good_server();
        s.demands_cert = false;
        s.asks_for_cert = cases[i / 2].asks;
        p.send_cert = cases[i / 2].cert;
        p.verify_server = cases[i / 2].verify;
        pair_init(&w, &p, &s, "server");
        (void)exchange(&w, ALL_BYTES, ALL_BYTES);
        assert_int_equal(tls_state(w.client), TLS_OPEN);
        if (cases[i / 2].data) {
            peer_write(&w.server, "x", 1);
        }
        if (i % 2 == 0) {
            assert_int_equal(mbedtls_ssl_close_notify(&w.server.ssl), 0);
        }
        (void)exchange(&w, ALL_BYTES, ALL_BYTES);
        tls_feed_end(w.client, false);
        assert_int_equal(tls_state(w.client), TLS_ENDED);
        if (tls_why(w.client) != cases[i / 2].why) {
            fail_msg("case %zu: %d, %s", i, tls_why(w.client), tls_detail(w.client));
        }
        pair_fini(&w);
    }
}

static void close_notify_of_ours(void **state)
{
    struct pair w;
    (void)state;
    opened(&w);
    tls_write(w.client, SPAN_LIT("bye"));
    tls_close(w.client);
    (void)exchange(&w, ALL_BYTES, ALL_BYTES);
    assert_true(span_eq(buf_span(&w.server.plain), SPAN_LIT("bye")));
    assert_int_equal(w.server.error, MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY);
    pair_fini(&w);
}

/* A server may refuse our certificate after its own Finished; later alerts are something else. */
static void late_alerts(void **state)
{
    static const struct {
        bool data_before;
        unsigned char alert;
        enum link_end why;
    } cases[] = {
        { false, MBEDTLS_SSL_ALERT_MSG_UNKNOWN_CA, LINK_TLS_HANDSHAKE },
        { false, MBEDTLS_SSL_ALERT_MSG_INTERNAL_ERROR, LINK_BROKEN },
        { true, MBEDTLS_SSL_ALERT_MSG_UNKNOWN_CA, LINK_BROKEN },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct pair w;
        opened(&w);
        if (cases[i].data_before) {
            peer_write(&w.server, "x", 1);
        }
        assert_int_equal(mbedtls_ssl_send_alert_message(
                             &w.server.ssl, MBEDTLS_SSL_ALERT_LEVEL_FATAL, cases[i].alert),
                         0);
        (void)exchange(&w, ALL_BYTES, ALL_BYTES);
        assert_int_equal(tls_state(w.client), TLS_ENDED);
        assert_int_equal(tls_why(w.client), cases[i].why);
        pair_fini(&w);
    }
}

static void bad_record(void **state)
{
    struct pair w;
    (void)state;
    opened(&w);
    peer_write(&w.server, "some text", 9);
    w.server.out.p[w.server.out.n - 1] ^= 1;
    (void)exchange(&w, ALL_BYTES, ALL_BYTES);
    assert_int_equal(w.plain.n, 0);
    assert_int_equal(tls_state(w.client), TLS_ENDED);
    assert_int_equal(tls_why(w.client), LINK_BROKEN);
    pair_fini(&w);
}

static void large_transfer(void **state)
{
    enum { SIZE = 100000 };

    static uint8_t block[SIZE];
    struct pair w;
    (void)state;
    for (size_t i = 0; i < SIZE; i++) {
        block[i] = (uint8_t)(i * 7 + i / 251);
    }
    opened(&w);
    tls_write(w.client, span_of(block, SIZE));
    peer_write(&w.server, block, SIZE);
    (void)exchange(&w, 1000, ALL_BYTES);
    assert_true(span_eq(buf_span(&w.server.plain), span_of(block, SIZE)));
    assert_true(span_eq(buf_span(&w.plain), span_of(block, SIZE)));
    pair_fini(&w);
}

static void queue_full(void **state)
{
    struct pair w;
    (void)state;
    opened(&w);
    w.out.cap = 64;
    tls_write(w.client,
              SPAN_LIT("one record with its overhead does not fit into so little room as this is"));
    assert_int_equal(tls_state(w.client), TLS_ENDED);
    assert_int_equal(tls_why(w.client), LINK_BROKEN);
    pair_fini(&w);
}

static void dates(void **state)
{
    static const struct {
        mbedtls_x509_time date;
        int64_t seconds;
    } cases[] = {
        { { 1970, 1, 1, 0, 0, 0 }, 0 },          { { 2000, 2, 29, 12, 0, 0 }, 951825600 },
        { { 2030, 1, 1, 0, 0, 0 }, YEAR_2030 },  { { 2100, 3, 1, 0, 0, 0 }, 4107542400 },
        { { 1950, 1, 1, 0, 0, 1 }, -631151999 },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_true(tls_date_seconds(&cases[i].date) == cases[i].seconds);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(server_name),
        cmocka_unit_test(several_cas),
        cmocka_unit_test(cut_everywhere),
        cmocka_unit_test(not_tls),
        cmocka_unit_test(close_notify_of_the_server),
        cmocka_unit_test(closed_for_want_of_a_certificate),
        cmocka_unit_test(close_notify_of_ours),
        cmocka_unit_test(late_alerts),
        cmocka_unit_test(bad_record),
        cmocka_unit_test(large_transfer),
        cmocka_unit_test(queue_full),
        cmocka_unit_test(dates),
    };
    return cmocka_run_group_tests(tests, pair_group_set_up, pair_group_tear_down);
}
