/* The state document of one shadow: what is desired and reported, when each of it was set, and the
 * version. Follows the AWS IoT Core developer guide, "Device Shadow service documents" and
 * "Interacting with shadows". Pure: no files, no clock, no topics; times are seconds since 1970.
 *
 * A struct shadow_doc that is all zero is a shadow that never was. A deleted shadow keeps its
 * version: one that is made anew within 48 hours goes on from there. */
#ifndef BROKER_SHADOW_DOC_H
#define BROKER_SHADOW_DOC_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    SHADOW_STATE_MAX_LENGTH =
        8192,                     /* bytes of desired and reported together, without white space */
    SHADOW_STATE_MAX_NESTING = 6, /* below desired or reported; with them and "state" it is 8 */
    SHADOW_DELETED_SECONDS = 48 * 60 * 60
};

struct shadow_doc {
    cJSON
        *state; /* an object with "desired" and "reported" where there are such; NULL: no shadow */
    cJSON *metadata;   /* the same tree with { "timestamp": N } for each value */
    int64_t version;   /* from 1; of a deleted shadow its last one */
    int64_t timestamp; /* of the last update, or of the deletion */
};

/* Releases the trees and sets everything to zero. */
void shadow_doc_fini(struct shadow_doc *doc);

/* The version an update must name, if it names one: 0 where a new shadow would begin at 1. */
int64_t shadow_doc_version(const struct shadow_doc *doc, int64_t now);

/* Makes *ret_doc, which must be zero, from 'doc' and the "state" of a request, null for neither
 * section: objects are merged member by member, null removes a member, anything else replaces it,
 * arrays too. Returns false without memory; shadow_doc_fini(ret_doc) is due in both cases. */
bool shadow_doc_merge(const struct shadow_doc *doc, const cJSON *state, int64_t now,
                      struct shadow_doc *ret_doc);

/* Makes *ret_doc, which must be zero, a deleted shadow. */
void shadow_doc_delete(const struct shadow_doc *doc, int64_t now, struct shadow_doc *ret_doc);

/* What "desired" has and "reported" has not or has otherwise, and its metadata. Returns
 * false without memory. Without a difference both are NULL; they are the caller's. */
bool shadow_doc_delta(const struct shadow_doc *doc, cJSON **ret_delta, cJSON **ret_metadata);

/* Metadata for a value: { "timestamp": now } for everything but objects and arrays; members that
 * are null have none. NULL without memory; else the caller's. */
cJSON *shadow_doc_metadata(const cJSON *value, int64_t now);

#endif
