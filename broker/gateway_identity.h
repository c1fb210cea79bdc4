/* The client's identity on its way from the gateway to the plugin, inside the CONNECT: as user name
 * "aws-iot/" and the certificate id, as password the certificate's DER form in base64, a space, the
 * server name of the handshake or "-", and where there is a will a space and its topic: Mosquitto
 * shows a plugin neither. The two sides of that agreement stand here together. */
#ifndef BROKER_GATEWAY_IDENTITY_H
#define BROKER_GATEWAY_IDENTITY_H

#include "broker/registry.h"

#include <openssl/x509.h>

#define GATEWAY_USER_PREFIX "aws-iot/"

struct gateway_identity {
    char certificate_id[CERTIFICATE_ID_LENGTH + 1]; /* empty: no certificate */
    char user[sizeof GATEWAY_USER_PREFIX + CERTIFICATE_ID_LENGTH];
    char *password; /* owned */
};

/* A client without a certificate. */
void gateway_identity_none(struct gateway_identity *ret_identity);

/* Replaces *identity by that of the certificate. A certificate too long for a CONNECT (49151 bytes)
 * counts as one whose DER form is not known. */
void gateway_identity_of(struct gateway_identity *identity, const X509 *certificate);

/* Adds the server name of the handshake, empty if there was none, behind gateway_identity_of(). */
void gateway_identity_server_name(struct gateway_identity *identity, const char *server_name);

void gateway_identity_fini(struct gateway_identity *identity);

/* The certificate inside a password, to be released with X509_free(); NULL if it holds none. */
X509 *gateway_identity_certificate(const char *password);

enum { GATEWAY_SERVER_NAME_MAX = 255 };

/* What a password tells of the connection: writes the server name ("" if there was none) and
 * returns the will's topic, inside 'password', or NULL. */
const char *gateway_identity_connection(const char *password,
                                        char ret_server_name[GATEWAY_SERVER_NAME_MAX + 1]);

#endif
