/* One statement of a policy document: an effect on some actions and some resources, under a
 * condition. Used by policy.c only; a statement is embedded in its policy, which owns it. */
#ifndef BROKER_STATEMENT_H
#define BROKER_STATEMENT_H

#include "broker/condition.h"
#include "broker/loading.h"

#include <stdbool.h>

struct statement {
    char *sid; /* NULL if the document gives none */
    bool deny;
    bool not_actions;   /* NotAction: all actions but these */
    bool not_resources; /* NotResource */
    struct pattern_list actions;
    struct pattern_list resources;
    struct condition condition;
};

/* Reads the statement at loading->path. Returns 0, or -EINVAL or -ENOMEM with the error filled; in
 * either case statement_fini() releases what was read. *statement must be zeroed before. */
int statement_parse(struct loading *loading, const cJSON *element, struct statement *statement);

/* Releases what the statement owns, not the statement itself. */
void statement_fini(struct statement *statement);

/* Whether the statement speaks of this action ("iot:Publish"). */
bool statement_has_action(const struct statement *statement, const char *action);

/* Whether it speaks of this resource ("topic/a/b"). A NotResource with a variable that has no value
 * leaves nothing out that could be known, so it speaks of none. */
bool statement_has_resource(const struct statement *statement, const char *resource,
                            const struct policy_values *values);

#endif
