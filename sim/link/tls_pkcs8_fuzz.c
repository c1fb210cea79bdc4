/* Any bytes as an encrypted private key, as AT+CCERTDOWN stores whatever it gets: DER as it stands,
 * and with the NUL behind it that PEM has. The first byte chooses. */
#include "sim/link/tls_pkcs8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    struct buf file;
    struct buf plain;
    buf_init(&file, (size_t)1 << 20);
    buf_init(&plain, 16384);
    (void)buf_add(&file, span_of(data + 1, size - 1));
    if (data[0] == 'P') {
        (void)buf_add_byte(&file, 0);
    }
    (void)tls_pkcs8_open(buf_span(&file), SPAN_LIT("sim7600"), &plain);
    buf_wipe(&plain);
    buf_fini(&file);
    return 0;
}
