/* Bytes of a server into a client's handshake. The random numbers repeat from run to run, so that a
 * recorded server flight gets far. The first byte chooses the settings, the second how many bytes
 * come at a time. */
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"
#include "sim/link/tls.h"

#define OUT_MAX (1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int same_entropy(void *ctx, unsigned char *out, size_t len)
{
    (void)ctx;
    memset(out, 0x5A, len);
    return 0;
}

/* Somebody listens, so that what is only done for the trace is done: records are counted there. */
static void listen(void *ctx, const char *event, const struct trace_field *fields, size_t n)
{
    (void)ctx;
    (void)event;
    CHECK(fields != NULL && n > 0);
}

static void feed_all(struct tls *t, struct span in, size_t chunk)
{
    uint8_t plain[128];
    while (in.n > 0 && tls_state(t) != TLS_ENDED) {
        size_t n = in.n < chunk ? in.n : chunk;
        tls_feed(t, (struct span){ in.p, n });
        while (tls_read(t, plain, sizeof plain) > 0) {
            tls_write(t, SPAN_LIT("an answer"));
        }
        in = span_from(in, n);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2) {
        return 0;
    }
    struct buf out;
    buf_init(&out, OUT_MAX);
    struct tls_rng *rng = tls_rng_new(same_entropy);
    const struct trace trace = { .sink = listen };
    const struct tls_params p = {
        .min_version = TLS_1_0,
        .max_version = (data[0] & 1) != 0 ? TLS_1_2 : TLS_1_1,
        .ciphersuite = (data[0] & 2) != 0 ? 0x002F : 0,
        .check_dates = (data[0] & 4) != 0,
        .now = 1700000000,
        .sni = (data[0] & 8) != 0,
        .handshake_ms = 1000,
    };
    struct tls *t = tls_new(&p, SPAN_LIT("broker.example"), &out, rng, &trace, 0);
    feed_all(t, (struct span){ data + 2, size - 2 }, (size_t)data[1] + 1);
    tls_close(t);
    tls_feed_end(t, (data[0] & 16) != 0);
    CHECK(tls_state(t) == TLS_ENDED);
    tls_free(&t);
    tls_rng_free(&rng);
    buf_fini(&out);
    return 0;
}
