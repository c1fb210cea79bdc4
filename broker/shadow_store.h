/* Where the Device Shadow service keeps its documents: in memory, and with a folder also in files,
 * one a shadow, so that they outlive the broker:
 *   DIR/THING.json           the classic shadow of a thing
 *   DIR/THING.SHADOW.json    a named shadow; a dot is in no name
 * A file is { "state", "metadata", "version", "timestamp" }; of a deleted shadow without the first
 * two. It is written beside its place, flushed to the disk and renamed, with mode 0600 in a folder
 * of mode 0700. A file that cannot be used stays as it is, and its shadow with it, until someone
 * repairs or removes it: it is looked at again with each request. */
#ifndef BROKER_SHADOW_STORE_H
#define BROKER_SHADOW_STORE_H

#include "broker/shadow_doc.h"
#include "broker/shadow_topic.h"

struct shadow_store;

/* Why something did not work, in words, with the file and where there is one the position. */
struct shadow_store_error {
    char what[512];
};

/* Opens a store. 'folder' is made if its parent is there; NULL: memory only. Returns 0 and a store
 * that is the caller's, or a negative errno with *ret_error filled. */
int shadow_store_open(const char *folder, struct shadow_store **ret_store,
                      struct shadow_store_error *ret_error);

/* Releases *store and sets it to NULL; the files stay. NULL is fine. */
void shadow_store_close(struct shadow_store **store);

/* The document of the shadow that 'topic' is about; all zero if there never was one. Returns 0 with
 * *ret_doc valid until the next call with this store, or a negative errno with *ret_error filled.
 */
int shadow_store_get(struct shadow_store *store, const struct shadow_topic *topic,
                     const struct shadow_doc **ret_doc, struct shadow_store_error *ret_error);

/* Puts *doc in the place of the document that shadow_store_get() gave, and leaves *doc zero. On
 * failure (negative errno, *ret_error filled) nothing has changed and *doc is still the caller's.
 */
int shadow_store_put(struct shadow_store *store, const struct shadow_topic *topic,
                     struct shadow_doc *doc, struct shadow_store_error *ret_error);

#endif
