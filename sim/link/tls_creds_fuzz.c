/* Any bytes as root certificate, client certificate, client key and key password, as AT+CCERTDOWN
 * stores whatever it gets. The first byte says what is asked for; the rest are password, key,
 * certificate and root, with SEPARATOR between them.
 *
 * The keys of the corpus are none: the EC key is the number 1, the RSA key is made of the first
 * suitable primes above 2^257 and 2^256. */
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"
#include "sim/link/tls_creds.h"

#define SEPARATOR SPAN_LIT("\x1E\x1E\x1E")

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What stands before the next separator; *rest moves behind it. */
static struct span next_part(struct span *rest)
{
    const struct span mark = SEPARATOR;
    size_t n = 0;
    while (n + mark.n <= rest->n && memcmp(rest->p + n, mark.p, mark.n) != 0) {
        n++;
    }
    bool found = n + mark.n <= rest->n;
    struct span part = span_of(rest->p, found ? n : rest->n);
    *rest = span_from(*rest, found ? n + mark.n : rest->n);
    return part;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    struct span rest = span_of(data + 1, size - 1);
    struct tls_params p = { .verify_server = (data[0] & 1) != 0, .send_cert = (data[0] & 2) != 0 };
    p.key_password = next_part(&rest);
    p.key = next_part(&rest);
    p.cert = next_part(&rest);
    p.ca = rest;
    struct tls_creds creds;
    char detail[TLS_DETAIL_SIZE] = "";
    tls_creds_init(&creds);
    bool loaded = tls_creds_load(&creds, &p, detail);
    CHECK(loaded == (detail[0] == '\0'));
    CHECK(memchr(detail, 0, sizeof detail) != NULL);
    tls_creds_drop(&creds);
    return 0;
}
