/* The thing registry: which thing a client certificate belongs to, as AWS IoT Core's registry has
 * it. A certificate is known by its id, the SHA-256 of its DER form in 64 lower-case hexadecimal
 * digits (AWS's certificateId); several certificates may belong to one thing. The text read is what
 * certs/make-certs writes, to which a user may add:
 *
 *     { "things": [ { "thingName": "thing1", "certificateId": "9f2c…",
 *                     "status": "ACTIVE",             (INACTIVE, REVOKED, PENDING_TRANSFER)
 *                     "attached": true,               (false: the certificate has no thing)
 *                     "thingTypeName": "lamp", "attributes": { "room": "3" },
 *                     "policy": "mine.json" } ] }     (or an array: all of them are attached)
 *
 * The registry owns its entries; they stay in place until registry_free(). It reads no files and
 * knows no X.509. */
#ifndef BROKER_REGISTRY_H
#define BROKER_REGISTRY_H

#include "broker/json_doc.h"
#include "broker/keys.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    CERTIFICATE_ID_LENGTH = 64,
    THING_NAME_MAX_LENGTH = 128, /* AWS: [a-zA-Z0-9:_-]{1,128} */
    THING_ATTRIBUTES_MAX = 50,   /* of a thing with a type, AWS's higher limit */
    CERTIFICATE_POLICIES_MAX = 10
};

struct registry_entry {
    char certificate_id[CERTIFICATE_ID_LENGTH + 1];
    char thing[THING_NAME_MAX_LENGTH + 1];
    char *status;     /* AWS's word; NULL is ACTIVE */
    char *thing_type; /* or NULL */
    bool attached;
    struct policy_attribute *attribute;
    size_t attribute_count;
    char *policy[CERTIFICATE_POLICIES_MAX]; /* document names as written; none: the broker's own */
    size_t policy_count;
    /* What the certificate says of itself, filled in when it is first seen (identity.h): owned
     * copies, NULL where it says nothing. Only keys of a certificate. */
    char *certificate_value[POLICY_KEY_COUNT][POLICY_VALUES_MAX];
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

/* The first entry of a thing, or NULL. */
struct registry_entry *registry_find_thing(struct registry *registry, const char *thing);

/* How many certificates are registered. */
size_t registry_count(const struct registry *registry);

/* The entry at 'index', from 0. */
struct registry_entry *registry_at(struct registry *registry, size_t index);

/* What 'from' has seen of certificates goes over to the entries of the same certificates in 'to':
 * messages for a client that is away are judged by it, too. */
void registry_take_seen(struct registry *to, struct registry *from);

/* Whether the certificate may connect at all. */
bool registry_is_active(const struct registry_entry *entry);

/* Fills what the entry knows of a client with this id. A thing's type and attributes are those of
 * the thing named by the client id, as AWS documents them: another client id has none. The values
 * are borrowed from the entry and from 'client_id'. */
void registry_values(const struct registry_entry *entry, const char *client_id,
                     struct policy_values *values);

#endif
