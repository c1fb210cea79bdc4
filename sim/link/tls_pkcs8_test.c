/* Encrypted PKCS#8 keys: what opens, what stays locked, and that no damaged file does harm. Keys of
 * OpenSSL itself are opened by the scenarios. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/link/tls_pkcs8.h"

/* Made with Python's hashlib and the openssl program: PBKDF2 with HMAC-SHA-256, password "sim7600",
 * salt "saltsalt", 2048 iterations; AES-256-CBC, IV of sixteen 'i'; plain text below. */
static const uint8_t file[] = {
    0x30, 0x81, 0x8D, 0x30, 0x59, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x05, 0x0D,
    0x30, 0x4C, 0x30, 0x2B, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x05, 0x0C, 0x30,
    0x1E, 0x04, 0x08, 0x73, 0x61, 0x6C, 0x74, 0x73, 0x61, 0x6C, 0x74, 0x02, 0x04, 0x00, 0x00, 0x08,
    0x00, 0x30, 0x0C, 0x06, 0x08, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x02, 0x09, 0x05, 0x00, 0x30,
    0x1D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2A, 0x04, 0x10, 0x69, 0x69,
    0x69, 0x69, 0x69, 0x69, 0x69, 0x69, 0x69, 0x69, 0x69, 0x69, 0x69, 0x69, 0x69, 0x69, 0x04, 0x30,
    0x46, 0x68, 0x8A, 0x6B, 0xDA, 0x56, 0xDB, 0x1C, 0x46, 0x3E, 0xFE, 0x1B, 0x85, 0xBA, 0x17, 0xF0,
    0x61, 0xB3, 0x60, 0xC2, 0x08, 0xB6, 0x4E, 0xF3, 0xF6, 0x3E, 0x21, 0x5B, 0x45, 0x60, 0x41, 0x81,
    0x9F, 0xEC, 0x8B, 0x92, 0xCF, 0xB8, 0x3C, 0xEC, 0x20, 0x16, 0x3A, 0x43, 0xF1, 0x9B, 0xF7, 0x56
};
#define PLAIN         "not really a key, but the bytes of one"
#define PASSWORD      SPAN_LIT("sim7600")
#define FILE_CAP      4096
#define ITERATIONS_AT 45 /* the four bytes of the INTEGER 2048 */

static enum tls_pkcs8 open_bytes(const uint8_t *p, size_t n, struct span password, struct buf *out)
{
    buf_init(out, FILE_CAP);
    return tls_pkcs8_open(span_of(p, n), password, out);
}

static void test_opens(void **state)
{
    (void)state;
    struct buf out;
    assert_int_equal(open_bytes(file, sizeof file, PASSWORD, &out), TLS_PKCS8_OPENED);
    assert_true(span_eq(buf_span(&out), SPAN_LIT(PLAIN)));
    buf_wipe(&out);
}

static void test_password(void **state)
{
    (void)state;
    struct buf out;
    assert_int_equal(open_bytes(file, sizeof file, SPAN_LIT("sim76000"), &out), TLS_PKCS8_LOCKED);
    buf_wipe(&out);
    assert_int_equal(open_bytes(file, sizeof file, span_str(NULL), &out), TLS_PKCS8_LOCKED);
    buf_wipe(&out);
}

static void test_empty_file(void **state)
{
    (void)state;
    struct buf out;
    assert_int_equal(open_bytes(file, 0, PASSWORD, &out), TLS_PKCS8_OTHER);
    buf_wipe(&out);
}

static void test_other_files(void **state)
{
    (void)state;
    static const char pem[] =
        "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n";
    struct buf out;
    assert_int_equal(open_bytes(NULL, 0, PASSWORD, &out), TLS_PKCS8_OTHER);
    buf_wipe(&out);
    assert_int_equal(open_bytes((const uint8_t *)pem, sizeof pem, PASSWORD, &out), TLS_PKCS8_OTHER);
    buf_wipe(&out);
}

/* A file could ask for 2^31 iterations: minutes in which the program would answer nobody. */
static void test_too_many_iterations(void **state)
{
    (void)state;
    struct buf out;
    uint8_t bytes[sizeof file];
    memcpy(bytes, file, sizeof file);
    static const uint8_t counts[][4] = { { 0, 0, 0, 0 },
                                         { 0x00, 0x0F, 0x42, 0x41 },
                                         { 0x7F, 0xFF, 0xFF, 0xFF },
                                         { 0xFF, 0xFF, 0xFF, 0xFF } };
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        memcpy(bytes + ITERATIONS_AT, counts[i], sizeof counts[i]);
        assert_int_equal(open_bytes(bytes, sizeof bytes, PASSWORD, &out), TLS_PKCS8_SLOW);
        buf_wipe(&out);
    }
}

/* pbeWithSHAAnd3-KeyTripleDES-CBC of PKCS#12, which is mbedTLS's to open, with 2048 and 2^31 - 1.
 */
static void test_older_scheme(void **state)
{
    (void)state;
    uint8_t bytes[] = { 0x30, 0x25, 0x30, 0x1B, 0x06, 0x0A, 0x2A, 0x86, 0x48, 0x86,
                        0xF7, 0x0D, 0x01, 0x0C, 0x01, 0x03, 0x30, 0x0D, 0x04, 0x05,
                        's',  'a',  'l',  't',  '1',  0x02, 0x04, 0x00, 0x00, 0x08,
                        0x00, 0x04, 0x06, 'l',  'o',  'c',  'k',  'e',  'd' };
    struct buf out;
    assert_int_equal(open_bytes(bytes, sizeof bytes, PASSWORD, &out), TLS_PKCS8_OTHER);
    buf_wipe(&out);
    memcpy(bytes + 27, (const uint8_t[]){ 0x7F, 0xFF, 0xFF, 0xFF }, 4);
    assert_int_equal(open_bytes(bytes, sizeof bytes, PASSWORD, &out), TLS_PKCS8_SLOW);
    buf_wipe(&out);
}

static void test_damaged(void **state)
{
    (void)state;
    struct buf out;
    for (size_t n = 0; n < sizeof file; n++) {
        assert_int_not_equal(open_bytes(file, n, PASSWORD, &out), TLS_PKCS8_OPENED);
        buf_wipe(&out);
    }
    /* The result of a wrong byte may be anything, also "opened" (the padding can fit by chance). */
    for (size_t i = 0; i < sizeof file; i++) {
        uint8_t bytes[sizeof file];
        memcpy(bytes, file, sizeof file);
        bytes[i] ^= 0xFF;
        (void)open_bytes(bytes, sizeof bytes, PASSWORD, &out);
        buf_wipe(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_opens),
        cmocka_unit_test(test_password),
        cmocka_unit_test(test_empty_file),
        cmocka_unit_test(test_other_files),
        cmocka_unit_test(test_too_many_iterations),
        cmocka_unit_test(test_older_scheme),
        cmocka_unit_test(test_damaged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
