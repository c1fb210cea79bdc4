/* The thing registry: which thing a client certificate belongs to, as AWS IoT Core's registry has
 * it. A certificate is known by its id, the SHA-256 of its DER form in 64 lower-case hexadecimal
 * digits (AWS's certificateId); several certificates may belong to one thing. The text read is what
 * certs/make-certs writes:
 *
 *     { "things": [ { "thingName": "thing1", "certificateId": "9f2c…" } ] }
 *
 * The registry owns its entries; they stay in place until registry_free(). It reads no files and
 * knows no X.509. */
#ifndef BROKER_REGISTRY_H
#define BROKER_REGISTRY_H

#include "broker/json_doc.h"
#include "broker/pattern.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    CERTIFICATE_ID_LENGTH = 64,
    THING_NAME_MAX_LENGTH = 128 /* AWS: [a-zA-Z0-9:_-]{1,128} */
};

struct registry_entry {
    char certificate_id[CERTIFICATE_ID_LENGTH + 1];
    char thing[THING_NAME_MAX_LENGTH + 1];
    /* What the certificate says of itself, filled in when it is first seen (identity.h): owned
     * copies, NULL where it says nothing. */
    char *certificate_value[POLICY_VARIABLE_COUNT];
    bool certificate_seen;
};

struct registry;

/* Loads a registry; 'text' has 'length' bytes and a NUL byte after them, and is not kept.
 * Returns 0 and a registry that is the caller's, or -EINVAL or -ENOMEM with *ret_error filled. */
int registry_parse(const char *text, size_t length, struct registry **ret_registry,
                   struct json_error *ret_error);

/* Releases *registry with its entries and sets it to NULL. NULL is fine. */
void registry_free(struct registry **registry);

/* The entry of a certificate, or NULL if it is not registered. */
struct registry_entry *registry_find(struct registry *registry, const char *certificate_id);

/* How many certificates are registered. */
size_t registry_count(const struct registry *registry);

#endif
