#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "sim/link/tls_test_pair.h"

struct pki pki;
static struct tls_rng *rng;

static void client_gets(struct pair *w, struct span bytes)
{
    uint8_t part[300];
    tls_feed(w->client, bytes);
    for (size_t n = tls_read(w->client, part, sizeof part); n > 0;
         n = tls_read(w->client, part, sizeof part)) {
        assert_true(buf_add(&w->plain, span_of(part, n)));
    }
}

size_t exchange(struct pair *w, size_t chunk, size_t limit)
{
    size_t given = 0;
    for (;;) {
        size_t up = w->out.n < chunk ? w->out.n : chunk;
        if (up > 0) {
            assert_true(buf_add(&w->server.in, span_of(w->out.p, up)));
            buf_drop(&w->out, up);
        }
        peer_run(&w->server);
        size_t down = w->server.out.n < chunk ? w->server.out.n : chunk;
        down = down < limit - given ? down : limit - given;
        if (down > 0) {
            client_gets(w, span_of(w->server.out.p, down));
            buf_drop(&w->server.out, down);
            given += down;
        }
        if (up == 0 && down == 0) {
            return given;
        }
    }
}

void pair_init(struct pair *w, const struct tls_params *p, const struct peer_setup *s,
               const char *host)
{
    buf_init(&w->out, 1 << 20);
    buf_init(&w->plain, 1 << 20);
    peer_init(&w->server, &pki, s);
    w->client = tls_new(p, span_str(host), &w->out, rng, NULL, 0);
}

void pair_fini(struct pair *w)
{
    tls_free(&w->client);
    peer_fini(&w->server);
    buf_fini(&w->out);
    buf_fini(&w->plain);
}

struct tls_params good_params(void)
{
    return (struct tls_params){
        .min_version = TLS_SSL_3_0,
        .max_version = TLS_1_2,
        .verify_server = true,
        .send_cert = true,
        .check_dates = true,
        .now = YEAR_2030,
        .ca = pki_span(&pki.ca),
        .cert = pki_span(&pki.client_ec),
        .key = pki_span(&pki.client_ec_key),
        .handshake_ms = 1000,
        .ciphersuite = 0xFFFF,
    };
}

struct peer_setup good_server(void)
{
    return (struct peer_setup){ .cert = &pki.server_ec,
                                .key = &pki.server_ec_key,
                                .demands_cert = true };
}

struct tls *lone_client(struct buf *out)
{
    struct tls_params p = good_params();
    return tls_new(&p, SPAN_LIT("server"), out, rng, NULL, 0);
}

int pair_group_set_up(void **state)
{
    (void)state;
    pki_make(&pki);
    rng = tls_rng_new(NULL);
    return 0;
}

int pair_group_tear_down(void **state)
{
    (void)state;
    tls_rng_free(&rng);
    return 0;
}
