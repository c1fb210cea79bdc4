/* What loading a policy document carries along, and the readers that a statement's Action, Resource
 * and Condition share. */
#ifndef BROKER_LOADING_H
#define BROKER_LOADING_H

#include "broker/json_doc.h"
#include "broker/pattern.h"

#include <stdbool.h>
#include <stddef.h>

/* 'path' is where loading stands and is changed by it. */
struct loading {
    const struct json_doc *doc;
    struct json_path path;
    bool variables; /* the Version knows policy variables */
    struct json_error *error;
};

struct pattern_list {
    struct pattern **item;
    size_t count;
};

/* Fills loading->error with the printf-like text and the position where loading stands; returns
 * -EINVAL. */
#define LOADING_FAIL(loading, ...)                                                                 \
    json_doc_fail((loading)->doc, &(loading)->path, false, (loading)->error, __VA_ARGS__)

/* Fills loading->error with "out of memory"; returns -ENOMEM. */
int loading_no_memory(struct loading *loading);

/* Compiles 'text' ('syntax': enum pattern_syntax; without variables where the Version has none) and
 * appends it to the list, which has room for it. Returns 0, -EINVAL or -ENOMEM. */
int loading_pattern(struct loading *loading, struct pattern_list *list, const char *text,
                    unsigned syntax);

/* The same for a resource: "*" or an ARN of AWS IoT, of which the part behind the account is kept.
 */
int loading_resource(struct loading *loading, struct pattern_list *list, const char *text);

typedef int loading_text_fn(struct loading *loading, void *into, const char *text);

/* Calls 'read' for a string, or for each string of an array, with loading->path at it. true, false
 * and numbers count as strings where 'scalars' says so. Returns the first result that is not 0. */
int loading_each(struct loading *loading, const cJSON *element, bool scalars, loading_text_fn *read,
                 void *into);

/* How many strings loading_each() will find: the room a list needs. */
size_t loading_count(const cJSON *element);

/* Makes room for 'count' patterns. Returns 0 or -ENOMEM. */
int pattern_list_init(struct loading *loading, struct pattern_list *list, size_t count);

/* Releases the patterns and empties the list. */
void pattern_list_fini(struct pattern_list *list);

#endif
