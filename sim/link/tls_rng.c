#include "sim/link/tls_rng.h"

#include <stdlib.h>

#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/entropy_poll.h>

#include "base/buf.h"
#include "sim/link/tls.h"

struct tls_rng {
    tls_entropy_fn *entropy;
    mbedtls_ctr_drbg_context drbg;
    bool seeded;
};

/* The kernel's random numbers through the library's own call. Not through its collector: as Debian
 * builds it, that holds 37 KiB of HAVEGE state, which would stay dirty on the stack for good. */
static int system_entropy(void *ctx, unsigned char *out, size_t len)
{
    size_t got = 0;
    (void)ctx;
    int rc = mbedtls_platform_entropy_poll(NULL, out, len, &got);
    if (rc == 0 && got < len) {
        return MBEDTLS_ERR_ENTROPY_SOURCE_FAILED;
    }
    return rc;
}

struct tls_rng *tls_rng_new(tls_entropy_fn *entropy)
{
    struct tls_rng *r = xcalloc(1, sizeof *r);
    r->entropy = entropy != NULL ? entropy : system_entropy;
    mbedtls_ctr_drbg_init(&r->drbg);
    return r;
}

void tls_rng_free(struct tls_rng **rp)
{
    if (*rp == NULL) {
        return;
    }
    mbedtls_ctr_drbg_free(&(*rp)->drbg);
    free(*rp);
    *rp = NULL;
}

int tls_rng_fill(void *rng, unsigned char *out, size_t len)
{
    struct tls_rng *r = rng;
    if (!r->seeded) {
        int rc = mbedtls_ctr_drbg_seed(&r->drbg, r->entropy, NULL, NULL, 0);
        if (rc != 0) {
            return rc;
        }
        r->seeded = true;
    }
    return mbedtls_ctr_drbg_random(&r->drbg, out, len);
}
