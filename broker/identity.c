#include "broker/identity.h"

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    enum policy_variable variable;
    bool of_issuer;
    int nid;
} field_row[] = {
    { POLICY_SUBJECT_COMMON_NAME, false, NID_commonName },
    { POLICY_SUBJECT_ORGANIZATION, false, NID_organizationName },
    { POLICY_SUBJECT_ORGANIZATIONAL_UNIT, false, NID_organizationalUnitName },
    { POLICY_SUBJECT_STATE, false, NID_stateOrProvinceName },
    { POLICY_SUBJECT_COUNTRY, false, NID_countryName },
    { POLICY_SUBJECT_SERIAL_NUMBER, false, NID_serialNumber },
    { POLICY_ISSUER_COMMON_NAME, true, NID_commonName },
    { POLICY_ISSUER_ORGANIZATION, true, NID_organizationName },
    { POLICY_ISSUER_ORGANIZATIONAL_UNIT, true, NID_organizationalUnitName },
    { POLICY_ISSUER_STATE, true, NID_stateOrProvinceName },
    { POLICY_ISSUER_COUNTRY, true, NID_countryName },
    { POLICY_ISSUER_SERIAL_NUMBER, true, NID_serialNumber },
};

int identity_certificate_id(const X509 *certificate, char ret_id[CERTIFICATE_ID_LENGTH + 1])
{
    static const char hex[] = "0123456789abcdef";
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int length = 0;
    if (X509_digest(certificate, EVP_sha256(), digest, &length) != 1 ||
        length != CERTIFICATE_ID_LENGTH / 2) {
        return -EIO;
    }
    for (size_t i = 0; i < length; i++) {
        ret_id[2 * i] = hex[digest[i] >> 4];
        ret_id[2 * i + 1] = hex[digest[i] & 0xF];
    }
    ret_id[CERTIFICATE_ID_LENGTH] = '\0';
    return 0;
}

/* The first field of that kind in UTF-8, or NULL with *ret_rc 0 if there is none. */
static char *copy_field(const X509_NAME *name, int nid, int *ret_rc)
{
    *ret_rc = 0;
    int at = X509_NAME_get_index_by_NID(name, nid, -1);
    if (at < 0) {
        return NULL;
    }
    unsigned char *utf8 = NULL;
    int length =
        ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
    if (length < 0) {
        return NULL; /* no text that can be compared: as if it were not there */
    }
    char *copy = NULL;
    if (memchr(utf8, '\0', (size_t)length) == NULL) {
        copy = strndup((const char *)utf8, (size_t)length);
        *ret_rc = copy == NULL ? -ENOMEM : 0;
    }
    OPENSSL_free(utf8);
    return copy;
}

int identity_fill(struct registry_entry *entry, const X509 *certificate)
{
    if (entry->certificate_seen) {
        return 0;
    }
    for (size_t i = 0; i < sizeof field_row / sizeof field_row[0]; i++) {
        const X509_NAME *name = field_row[i].of_issuer ? X509_get_issuer_name(certificate)
                                                       : X509_get_subject_name(certificate);
        int rc = 0;
        char **value = &entry->certificate_value[field_row[i].variable];
        free(*value);
        *value = copy_field(name, field_row[i].nid, &rc);
        if (rc != 0) {
            return rc;
        }
    }
    entry->certificate_seen = true;
    return 0;
}
