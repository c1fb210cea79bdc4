#include "sim/link/tls_records.h"

#include <string.h>

static uint32_t body_length(const struct tls_records *r)
{
    return (uint32_t)r->head[3] << 8 | r->head[4];
}

bool tls_records_next(struct tls_records *r, struct span *bytes, uint32_t *ret_length)
{
    while (r->n < TLS_RECORD_HEAD) {
        if (bytes->n == 0) {
            return false;
        }
        r->head[r->n++] = bytes->p[0];
        *bytes = span_from(*bytes, 1);
        r->left = body_length(r); /* complete with the last byte of the head */
    }
    size_t n = bytes->n < r->left ? bytes->n : r->left;
    *bytes = span_from(*bytes, n);
    r->left -= (uint32_t)n;
    if (r->left > 0) {
        return false;
    }
    *ret_length = body_length(r);
    r->n = 0;
    return true;
}

const char *tls_records_type(uint8_t type)
{
    static const char *const names[] = { "change_cipher_spec", "alert", "handshake",
                                         "application_data" };
    return type >= 20 && type < 24 ? names[type - 20] : "unknown";
}
