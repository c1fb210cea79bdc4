#include "broker/identity.h"

#include <errno.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    enum policy_key_id key;
    bool of_issuer;
    int nid;
} field_row[] = {
    { POLICY_SUBJECT_DN_QUALIFIER, false, NID_dnQualifier },
    { POLICY_SUBJECT_COUNTRY, false, NID_countryName },
    { POLICY_SUBJECT_ORGANIZATION, false, NID_organizationName },
    { POLICY_SUBJECT_ORGANIZATIONAL_UNIT, false, NID_organizationalUnitName },
    { POLICY_SUBJECT_STATE, false, NID_stateOrProvinceName },
    { POLICY_SUBJECT_COMMON_NAME, false, NID_commonName },
    { POLICY_SUBJECT_SERIAL_NUMBER, false, NID_serialNumber },
    { POLICY_SUBJECT_TITLE, false, NID_title },
    { POLICY_SUBJECT_SURNAME, false, NID_surname },
    { POLICY_SUBJECT_GIVEN_NAME, false, NID_givenName },
    { POLICY_SUBJECT_INITIALS, false, NID_initials },
    { POLICY_SUBJECT_PSEUDONYM, false, NID_pseudonym },
    { POLICY_SUBJECT_GENERATION_QUALIFIER, false, NID_generationQualifier },
    { POLICY_ISSUER_DN_QUALIFIER, true, NID_dnQualifier },
    { POLICY_ISSUER_COUNTRY, true, NID_countryName },
    { POLICY_ISSUER_ORGANIZATION, true, NID_organizationName },
    { POLICY_ISSUER_ORGANIZATIONAL_UNIT, true, NID_organizationalUnitName },
    { POLICY_ISSUER_STATE, true, NID_stateOrProvinceName },
    { POLICY_ISSUER_COMMON_NAME, true, NID_commonName },
    { POLICY_ISSUER_SERIAL_NUMBER, true, NID_serialNumber },
    { POLICY_ISSUER_TITLE, true, NID_title },
    { POLICY_ISSUER_SURNAME, true, NID_surname },
    { POLICY_ISSUER_GIVEN_NAME, true, NID_givenName },
    { POLICY_ISSUER_INITIALS, true, NID_initials },
    { POLICY_ISSUER_PSEUDONYM, true, NID_pseudonym },
    { POLICY_ISSUER_GENERATION_QUALIFIER, true, NID_generationQualifier },
};

/* The kinds of an alternative name that are texts in the certificate. */
static const struct {
    int type;
    enum policy_key_id of_subject;
    enum policy_key_id of_issuer;
} alternative_row[] = {
    { GEN_EMAIL, POLICY_SUBJECT_ALTERNATIVE_RFC822, POLICY_ISSUER_ALTERNATIVE_RFC822 },
    { GEN_DNS, POLICY_SUBJECT_ALTERNATIVE_DNS, POLICY_ISSUER_ALTERNATIVE_DNS },
    { GEN_URI, POLICY_SUBJECT_ALTERNATIVE_URI, POLICY_ISSUER_ALTERNATIVE_URI },
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

/* Appends a value to a key's, in UTF-8. A value with a NUL, one that is too long and one behind the
 * fifth are left out, as on AWS. Returns 0 or -ENOMEM. */
static int add_value(struct registry_entry *entry, enum policy_key_id key, const ASN1_STRING *value)
{
    size_t at = 0;
    while (at < POLICY_VALUES_MAX && entry->certificate_value[key][at] != NULL) {
        at++;
    }
    unsigned char *utf8 = NULL;
    int length = ASN1_STRING_to_UTF8(&utf8, value);
    if (length < 0) {
        return 0; /* no text that can be compared: as if it were not there */
    }
    int rc = 0;
    if (at < POLICY_VALUES_MAX && length <= POLICY_VALUE_MAX_LENGTH &&
        memchr(utf8, '\0', (size_t)length) == NULL) {
        entry->certificate_value[key][at] = strndup((const char *)utf8, (size_t)length);
        rc = entry->certificate_value[key][at] == NULL ? -ENOMEM : 0;
    }
    OPENSSL_free(utf8);
    return rc;
}

static int add_fields(struct registry_entry *entry, enum policy_key_id key, const X509_NAME *name,
                      int nid)
{
    int rc = 0;
    int at = -1;
    while (rc == 0 && (at = X509_NAME_get_index_by_NID(name, nid, at)) >= 0) {
        rc = add_value(entry, key, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
    }
    return rc;
}

static int add_alternatives(struct registry_entry *entry, const X509 *certificate, bool of_issuer)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(
        certificate, of_issuer ? NID_issuer_alt_name : NID_subject_alt_name, NULL, NULL);
    int rc = 0;
    for (int i = 0; rc == 0 && i < sk_GENERAL_NAME_num(names); i++) {
        int type = 0;
        const ASN1_STRING *value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names, i), &type);
        for (size_t k = 0; rc == 0 && k < sizeof alternative_row / sizeof alternative_row[0]; k++) {
            if (alternative_row[k].type == type) {
                rc = add_value(
                    entry, of_issuer ? alternative_row[k].of_issuer : alternative_row[k].of_subject,
                    value);
            }
        }
    }
    GENERAL_NAMES_free(names);
    return rc;
}

/* AWS compares the serial number as a decimal integer. */
static int add_serial(struct registry_entry *entry, const X509 *certificate)
{
    BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), NULL);
    char *decimal = number == NULL ? NULL : BN_bn2dec(number);
    int rc = -ENOMEM;
    if (decimal != NULL) {
        entry->certificate_value[POLICY_CERTIFICATE_SERIAL_NUMBER][0] = strdup(decimal);
        rc = entry->certificate_value[POLICY_CERTIFICATE_SERIAL_NUMBER][0] == NULL ? -ENOMEM : 0;
    }
    OPENSSL_free(decimal);
    BN_free(number);
    return rc;
}

static void forget(struct registry_entry *entry)
{
    for (int key = 0; key < POLICY_KEY_COUNT; key++) {
        for (int i = 0; i < POLICY_VALUES_MAX; i++) {
            free(entry->certificate_value[key][i]);
            entry->certificate_value[key][i] = NULL;
        }
    }
}

int identity_fill(struct registry_entry *entry, const X509 *certificate)
{
    if (entry->certificate_seen) {
        return 0;
    }
    forget(entry);
    int rc = add_serial(entry, certificate);
    for (size_t i = 0; rc == 0 && i < sizeof field_row / sizeof field_row[0]; i++) {
        const X509_NAME *name = field_row[i].of_issuer ? X509_get_issuer_name(certificate)
                                                       : X509_get_subject_name(certificate);
        rc = add_fields(entry, field_row[i].key, name, field_row[i].nid);
    }
    if (rc == 0) {
        rc = add_alternatives(entry, certificate, false);
    }
    if (rc == 0) {
        rc = add_alternatives(entry, certificate, true);
    }
    entry->certificate_seen = rc == 0;
    return rc;
}
