#include "broker/gateway_identity.h"
#include "broker/identity.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DER_MAX = 60000 / 4 * 3 };

void gateway_identity_none(struct gateway_identity *ret_identity)
{
    *ret_identity = (struct gateway_identity){ .user = GATEWAY_USER_PREFIX "none" };
    ret_identity->password = calloc(1, 1);
    if (ret_identity->password == NULL) {
        abort();
    }
}

void gateway_identity_of(struct gateway_identity *identity, const X509 *certificate)
{
    if (identity_certificate_id(certificate, identity->certificate_id) != 0) {
        abort();
    }
    snprintf(identity->user, sizeof identity->user, GATEWAY_USER_PREFIX "%s",
             identity->certificate_id);
    unsigned char *der = NULL;
    int length = i2d_X509(certificate, &der);
    if (length > 0 && length <= DER_MAX) {
        free(identity->password);
        identity->password = malloc((size_t)(length + 2) / 3 * 4 + 1);
        if (identity->password == NULL) {
            abort();
        }
        EVP_EncodeBlock((unsigned char *)identity->password, der, length);
    }
    OPENSSL_free(der);
}

void gateway_identity_server_name(struct gateway_identity *identity, const char *server_name)
{
    const char *name = server_name[0] == '\0' ? "-" : server_name;
    size_t length = strlen(identity->password);
    char *longer = realloc(identity->password, length + 1 + strlen(name) + 1);
    if (longer == NULL) {
        abort();
    }
    snprintf(longer + length, 1 + strlen(name) + 1, " %s", name);
    identity->password = longer;
}

const char *gateway_identity_connection(const char *password,
                                        char ret_server_name[GATEWAY_SERVER_NAME_MAX + 1])
{
    ret_server_name[0] = '\0';
    const char *name = password == NULL ? NULL : strchr(password, ' ');
    if (name == NULL) {
        return NULL;
    }
    name++;
    size_t length = strcspn(name, " ");
    if (length <= GATEWAY_SERVER_NAME_MAX && strncmp(name, "-", length) != 0) {
        memcpy(ret_server_name, name, length);
        ret_server_name[length] = '\0';
    }
    return name[length] == '\0' ? NULL : name + length + 1;
}

void gateway_identity_fini(struct gateway_identity *identity)
{
    free(identity->password);
    identity->password = NULL;
}

X509 *gateway_identity_certificate(const char *password)
{
    size_t length = password == NULL ? 0 : strcspn(password, " ");
    if (length == 0 || length > 65535) {
        return NULL;
    }
    unsigned char *der = malloc(length);
    if (der == NULL) {
        return NULL;
    }
    /* the padding of base64 decodes to zero bytes behind the DER form, which knows its own length
     */
    int decoded = EVP_DecodeBlock(der, (const unsigned char *)password, (int)length);
    const unsigned char *at = der;
    X509 *certificate = decoded > 0 ? d2i_X509(NULL, &at, decoded) : NULL;
    free(der);
    return certificate;
}
