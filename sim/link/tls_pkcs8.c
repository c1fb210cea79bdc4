#include "sim/link/tls_pkcs8.h"

#include <stdlib.h>

#include <mbedtls/asn1.h>
#include <mbedtls/cipher.h>
#include <mbedtls/oid.h>
#include <mbedtls/pem.h>
#include <mbedtls/pkcs5.h>
#include <mbedtls/platform_util.h>

#define PEM_HEADER "-----BEGIN ENCRYPTED PRIVATE KEY-----"
#define PEM_FOOTER "-----END ENCRYPTED PRIVATE KEY-----"
#define SEQUENCE   (MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SEQUENCE)

/* What the file says about its encryption; points into it. */
struct pbes2 {
    mbedtls_asn1_buf salt, iv, data;
    unsigned iterations; /* 0: not sane */
    mbedtls_md_type_t md;
    const mbedtls_cipher_info_t *cipher;
};

/* A string or integer at *p, which moves behind it. */
static bool get(unsigned char **p, const unsigned char *end, int tag, mbedtls_asn1_buf *ret)
{
    if (mbedtls_asn1_get_tag(p, end, &ret->len, tag) != 0) {
        return false;
    }
    ret->tag = tag;
    ret->p = *p;
    *p += ret->len;
    return true;
}

static bool oid_is(const mbedtls_asn1_buf *got, const char *oid, size_t n)
{
    return got->len == n && memcmp(got->p, oid, n) == 0;
}

/* A number of iterations; 0 for one that cannot be or is more than TLS_PKCS8_ITERATIONS_MAX. */
static bool get_count(unsigned char **p, const unsigned char *end, unsigned *ret)
{
    mbedtls_asn1_buf number;
    if (!get(p, end, MBEDTLS_ASN1_INTEGER, &number)) {
        return false;
    }
    bool negative = number.len > 0 && (number.p[0] & 0x80) != 0;
    uint64_t n = 0;
    for (size_t i = 0; i < number.len && n <= TLS_PKCS8_ITERATIONS_MAX; i++) {
        n = n << 8 | number.p[i];
    }
    *ret = negative || n > TLS_PKCS8_ITERATIONS_MAX ? 0 : (unsigned)n;
    return true;
}

/* PBKDF2-params of RFC 8018 A.2: salt, iterations, the key's length (known from the cipher) and the
 * hash, SHA-1 where absent. */
static bool read_kdf(struct pbes2 *e, const mbedtls_asn1_buf *params)
{
    unsigned char *p = params->p;
    const unsigned char *end = p + params->len;
    mbedtls_asn1_buf key_length, oid;
    if (!get(&p, end, MBEDTLS_ASN1_OCTET_STRING, &e->salt) || !get_count(&p, end, &e->iterations)) {
        return false;
    }
    e->md = MBEDTLS_MD_SHA1;
    if (p < end && *p == MBEDTLS_ASN1_INTEGER && !get(&p, end, MBEDTLS_ASN1_INTEGER, &key_length)) {
        return false;
    }
    return p == end || (mbedtls_asn1_get_alg_null(&p, end, &oid) == 0 && p == end &&
                        mbedtls_oid_get_md_hmac(&oid, &e->md) == 0);
}

static bool read_cipher(struct pbes2 *e, unsigned char *p, const unsigned char *end)
{
    /* 2.16.840.1.101.3.4.1, then 2, 22 or 42 for AES-128, -192 and -256 in CBC mode */
    static const char aes[] = "\x60\x86\x48\x01\x65\x03\x04\x01";
    mbedtls_asn1_buf oid, iv;
    mbedtls_cipher_type_t type = MBEDTLS_CIPHER_NONE;
    if (mbedtls_asn1_get_alg(&p, end, &oid, &iv) != 0 || iv.tag != MBEDTLS_ASN1_OCTET_STRING) {
        return false;
    }
    if (oid.len == sizeof aes && memcmp(oid.p, aes, sizeof aes - 1) == 0) {
        switch (oid.p[sizeof aes - 1]) {
        case 2:
            type = MBEDTLS_CIPHER_AES_128_CBC;
            break;
        case 22:
            type = MBEDTLS_CIPHER_AES_192_CBC;
            break;
        case 42:
            type = MBEDTLS_CIPHER_AES_256_CBC;
            break;
        default:
            return false;
        }
    } else if (mbedtls_oid_get_cipher_alg(&oid, &type) != 0) {
        return false;
    }
    e->iv = iv;
    e->cipher = mbedtls_cipher_info_from_type(type);
    return e->cipher != NULL && iv.len == e->cipher->iv_size;
}

/* The schemes before PBES2 all have these parameters: salt and iterations. */
static enum tls_pkcs8 read_older(const mbedtls_asn1_buf *params)
{
    unsigned char *p = params->p;
    const unsigned char *end = p + params->len;
    mbedtls_asn1_buf salt;
    unsigned iterations;
    bool has_count =
        get(&p, end, MBEDTLS_ASN1_OCTET_STRING, &salt) && get_count(&p, end, &iterations);
    return has_count && iterations == 0 ? TLS_PKCS8_SLOW : TLS_PKCS8_OTHER;
}

static bool read_pbes2(struct pbes2 *e, const mbedtls_asn1_buf *params)
{
    unsigned char *p = params->p;
    const unsigned char *end = p + params->len;
    mbedtls_asn1_buf oid, kdf;
    return mbedtls_asn1_get_alg(&p, end, &oid, &kdf) == 0 && kdf.tag == SEQUENCE &&
           oid_is(&oid, MBEDTLS_OID_PKCS5_PBKDF2, sizeof MBEDTLS_OID_PKCS5_PBKDF2 - 1) &&
           read_kdf(e, &kdf) && read_cipher(e, p, end);
}

/* EncryptedPrivateKeyInfo of RFC 5958. */
static enum tls_pkcs8 read_key(struct pbes2 *e, const struct buf *der)
{
    unsigned char *p = der->p;
    const unsigned char *end = p + der->n;
    mbedtls_asn1_buf all, oid, params;
    if (!get(&p, end, SEQUENCE, &all)) {
        return TLS_PKCS8_OTHER;
    }
    p = all.p;
    end = p + all.len;
    if (mbedtls_asn1_get_alg(&p, end, &oid, &params) != 0 || params.tag != SEQUENCE) {
        return TLS_PKCS8_OTHER;
    }
    if (!oid_is(&oid, MBEDTLS_OID_PKCS5_PBES2, sizeof MBEDTLS_OID_PKCS5_PBES2 - 1)) {
        return read_older(&params);
    }
    if (!get(&p, end, MBEDTLS_ASN1_OCTET_STRING, &e->data) || !read_pbes2(e, &params)) {
        return TLS_PKCS8_LOCKED;
    }
    return e->iterations > 0 ? TLS_PKCS8_OPENED : TLS_PKCS8_SLOW;
}

static bool derive(const struct pbes2 *e, struct span password, unsigned char *ret_key, size_t n)
{
    mbedtls_md_context_t md;
    mbedtls_md_init(&md);
    bool good = mbedtls_md_setup(&md, mbedtls_md_info_from_type(e->md), 1) == 0 &&
                mbedtls_pkcs5_pbkdf2_hmac(&md, password.p, password.n, e->salt.p, e->salt.len,
                                          e->iterations, (uint32_t)n, ret_key) == 0;
    mbedtls_md_free(&md);
    return good;
}

static bool decrypt(const struct pbes2 *e, struct span password, struct buf *ret_der)
{
    unsigned char key[MBEDTLS_MAX_KEY_LENGTH];
    size_t n = 0, size = e->data.len + MBEDTLS_MAX_BLOCK_LENGTH;
    unsigned char *plain = xcalloc(1, size);
    mbedtls_cipher_context_t c;
    mbedtls_cipher_init(&c);
    bool good =
        derive(e, password, key, e->cipher->key_bitlen / 8) &&
        mbedtls_cipher_setup(&c, e->cipher) == 0 &&
        mbedtls_cipher_setkey(&c, key, (int)e->cipher->key_bitlen, MBEDTLS_DECRYPT) == 0 &&
        mbedtls_cipher_crypt(&c, e->iv.p, e->iv.len, e->data.p, e->data.len, plain, &n) == 0 &&
        buf_set(ret_der, (struct span){ plain, n });
    mbedtls_cipher_free(&c);
    mbedtls_platform_zeroize(key, sizeof key);
    mbedtls_platform_zeroize(plain, size);
    free(plain);
    return good;
}

enum tls_pkcs8 tls_pkcs8_open(struct span file, struct span password, struct buf *ret_der)
{
    struct pbes2 e = { 0 };
    mbedtls_pem_context pem;
    size_t used;
    mbedtls_pem_init(&pem);
    if (file.n > 0 && file.p[file.n - 1] == 0 &&
        mbedtls_pem_read_buffer(&pem, PEM_HEADER, PEM_FOOTER, file.p, NULL, 0, &used) == 0) {
        file = (struct span){ pem.buf, pem.buflen };
    }
    /* first the locked bytes, then the opened ones */
    bool some = file.n > 0 && buf_set(ret_der, file);
    enum tls_pkcs8 result = some ? read_key(&e, ret_der) : TLS_PKCS8_OTHER;
    if (result == TLS_PKCS8_OPENED && (password.n == 0 || !decrypt(&e, password, ret_der))) {
        result = TLS_PKCS8_LOCKED;
    }
    mbedtls_pem_free(&pem);
    return result;
}
