/* AWS IoT Core policy documents: loads AWS's JSON and decides what a client may do. Explicit deny
 * wins, what no statement allows is denied. Pure: no files, no mosquitto, no clock; a loaded policy
 * never changes. See docs.aws.amazon.com, "AWS IoT Core policies", for the language.
 *
 * An ARN is arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE. Region and account are not compared:
 * this broker stands in for the endpoint of whatever account the document was written for, so a
 * document pasted from the AWS console works as it is. Not… elements and Conditions are refused
 * when the document is loaded, never passed over; the one Condition that is understood is Bool on
 * iot:Connection.Thing.IsAttached, which the samples for things carry. */
#ifndef BROKER_POLICY_H
#define BROKER_POLICY_H

#include "broker/json_doc.h"
#include "broker/pattern.h"

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

struct policy_decision {
    enum policy_verdict verdict;
    size_t statement; /* the deciding one, from 1 as a person counts; 0 if none */
    const char *sid;  /* its Sid or NULL; lives as long as the policy */
};

struct policy;

/* Loads a document; 'text' has 'length' bytes and a NUL byte after them, and is not kept.
 * Returns 0 and a policy that is the caller's, or -EINVAL or -ENOMEM with *ret_error filled. */
int policy_parse(const char *text, size_t length, struct policy **ret_policy,
                 struct json_error *ret_error);

/* Releases *policy and sets it to NULL. NULL is fine. */
void policy_free(struct policy **policy);

/* Decides whether the client described by 'values' may do 'action'. 'name' is the client id, topic
 * or topic filter. */
struct policy_decision policy_decide(const struct policy *policy, enum policy_action action,
                                     const char *name, const struct policy_values *values);

/* "iot:Connect" and so on. */
const char *policy_action_name(enum policy_action action);

/* "client", "topic" or "topicfilter": what stands before the name in the resource. */
const char *policy_resource_type(enum policy_action action);

#endif
