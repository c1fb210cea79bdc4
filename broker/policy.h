/* AWS IoT Core policy documents: loads AWS's JSON and decides what a client may do. Explicit deny
 * wins, what no statement allows is denied; of several documents attached to one certificate all
 * statements count. Pure: no files, no mosquitto, no clock; a loaded policy never changes. See
 * docs.aws.amazon.com, "AWS IoT Core policies", for the language.
 *
 * An ARN is arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE. Region and account are not compared:
 * this broker stands in for the endpoint of whatever account the document was written for, so a
 * document pasted from the AWS console works as it is. What is not understood is refused when the
 * document is loaded, never passed over. */
#ifndef BROKER_POLICY_H
#define BROKER_POLICY_H

#include "broker/json_doc.h"
#include "broker/keys.h"

#include <stdbool.h>
#include <stddef.h>

enum policy_action {
    POLICY_CONNECT,        /* iot:Connect on client/ID */
    POLICY_PUBLISH,        /* iot:Publish on topic/NAME */
    POLICY_RETAIN_PUBLISH, /* iot:RetainPublish on topic/NAME, asked besides iot:Publish */
    POLICY_RECEIVE,        /* iot:Receive on topic/NAME */
    POLICY_SUBSCRIBE,      /* iot:Subscribe on topicfilter/FILTER */
    POLICY_ACTION_COUNT
};

enum policy_verdict {
    POLICY_ALLOWED,  /* a statement allows it and none denies it */
    POLICY_DENIED,   /* a statement denies it */
    POLICY_NO_ALLOW, /* no statement allows it */
    POLICY_NO_MEMORY /* not decided; treat as denied */
};

struct policy;

struct policy_decision {
    enum policy_verdict verdict;
    const struct policy *policy; /* whose statement decided, or NULL */
    size_t statement;            /* the deciding one, from 1 as a person counts; 0 if none */
    const char *sid;             /* its Sid or NULL; lives as long as the policy */
};

enum { POLICY_COMPARED_MAX = 8 };

/* What a decision looked at, as texts of its own. */
struct policy_comparison {
    char *resource[POLICY_COMPARED_MAX]; /* of statements with that action, variables filled in; of
                                          * the deciding statement, if there is one */
    size_t count;
    bool more;      /* there are more than these */
    bool has_allow; /* some statement allows the action, on whatever resource */
    char *missing;  /* a policy variable among them that has no value, or NULL */
    char *unmet;    /* a condition without which it would be allowed, or NULL */
    size_t unmet_statement;
};

/* Loads a document; 'text' has 'length' bytes and a NUL byte after them, and is not kept. 'name' is
 * what the document is called, for people; it is copied.
 * Returns 0 and a policy that is the caller's, or -EINVAL or -ENOMEM with *ret_error filled. */
int policy_parse(const char *name, const char *text, size_t length, struct policy **ret_policy,
                 struct json_error *ret_error);

/* Releases *policy and sets it to NULL. NULL is fine. */
void policy_free(struct policy **policy);

/* The name it was given. */
const char *policy_name(const struct policy *policy);

/* The 'count' documents that are attached to a certificate. */
struct policy_list {
    const struct policy *const *item;
    size_t count;
};

/* Decides whether the client described by 'values' may do 'action'. 'name' is the client id, topic
 * or topic filter. */
struct policy_decision policy_decide(struct policy_list policies, enum policy_action action,
                                     const char *name, const struct policy_values *values);

/* What policy_decide() with the same arguments compared. Where memory is short, texts are left
 * out. To be released with policy_comparison_fini(). */
struct policy_comparison policy_compare(struct policy_list policies, enum policy_action action,
                                        const char *name, const struct policy_values *values,
                                        const struct policy_decision *decision);

void policy_comparison_fini(struct policy_comparison *comparison);

/* "iot:Connect" and so on. */
const char *policy_action_name(enum policy_action action);

/* "topic/a/b". To be released with free(); NULL without memory. */
char *policy_resource_text(enum policy_action action, const char *name);

/* "client", "topic" or "topicfilter": what stands before the name in the resource. */
const char *policy_resource_type(enum policy_action action);

#endif
