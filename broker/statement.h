/* One statement of a policy document: an effect on some actions and some resources. Used by
 * policy.c only; a statement is embedded in its policy, which owns it. */
#ifndef BROKER_STATEMENT_H
#define BROKER_STATEMENT_H

#include "broker/json_doc.h"
#include "broker/pattern.h"

#include <stdbool.h>
#include <stddef.h>

struct pattern_list {
    struct pattern **item;
    size_t count;
};

struct statement {
    char *sid; /* NULL if the document gives none */
    bool deny;
    bool never; /* its Condition cannot be met */
    struct pattern_list actions;
    struct pattern_list resources;
};

/* What loading carries along. 'path' is where loading stands and is changed by it. */
struct statement_loader {
    const struct json_doc *doc;
    struct json_path path;
    bool variables; /* the Version knows policy variables */
    struct json_error *error;
};

/* Reads the statement at loader->path. Returns 0, or -EINVAL or -ENOMEM with loader->error filled;
 * in either case statement_fini() releases what was read. *statement must be zeroed before. */
int statement_parse(struct statement_loader *loader, const cJSON *element,
                    struct statement *statement);

/* Releases what the statement owns, not the statement itself. */
void statement_fini(struct statement *statement);

/* Whether the statement is about this action on this resource ("topic/a/b"), whatever its effect.
 */
bool statement_applies(const struct statement *statement, const char *action, const char *resource,
                       const struct policy_values *values);

/* Fills loader->error with "out of memory"; returns -ENOMEM. */
int statement_no_memory(struct statement_loader *loader);

#endif
