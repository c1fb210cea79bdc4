/* What a client's X.509 certificate tells the broker: its id, and the values of the policy
 * variables
 * ${iot:Certificate.…}. The only part of the plugin that knows OpenSSL. It keeps nothing. */
#ifndef BROKER_IDENTITY_H
#define BROKER_IDENTITY_H

#include "broker/registry.h"

#include <openssl/x509.h>

/* Writes the certificate's id, AWS's certificateId, into 'ret_id'. Returns 0, or -EIO if OpenSSL
 * cannot digest it. */
int identity_certificate_id(const X509 *certificate, char ret_id[CERTIFICATE_ID_LENGTH + 1]);

/* Fills entry->certificate_value from the certificate, once: an entry already filled is left alone.
 * The strings belong to the entry. Returns 0 or -ENOMEM (what was filled stays). */
int identity_fill(struct registry_entry *entry, const X509 *certificate);

#endif
