#include "broker/policy.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ARN "arn:aws:iot:eu-west-1:123456789012:"
#define ATTACHED(effect, value)                                                                    \
    "{\"Effect\":\"" effect                                                                        \
    "\",\"Action\":\"iot:Publish\",\"Resource\":\"*\",\"Condition\":{\"Bool\":"                    \
    "{\"iot:Connection.Thing.IsAttached\":" value "}}}"
#define CONDITION(tests)                                                                           \
    "{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\",\"Condition\":{" tests "}}"
#define POLICY(statements) "{\"Version\":\"2012-10-17\",\"Statement\":[" statements "]}"
#define ALLOW(action, resource)                                                                    \
    "{\"Effect\":\"Allow\",\"Action\":\"" action "\",\"Resource\":\"" resource "\"}"
#define DENY(action, resource)                                                                     \
    "{\"Sid\":\"No\",\"Effect\":\"Deny\",\"Action\":\"" action "\",\"Resource\":\"" resource "\"}"

/* Each client is thing1 with the client id "id1". */
static const struct policy_values values = { .value = { [POLICY_CLIENT_ID] = { "id1" },
                                                        [POLICY_THING_NAME] = { "thing1" },
                                                        [POLICY_THING_IS_ATTACHED] = { "true" },
                                                        [POLICY_SUBJECT_COMMON_NAME] = {
                                                            "AWS IoT Certificate" } } };

static struct policy_decision decide(const struct policy *policy, enum policy_action action,
                                     const char *name, const struct policy_values *of)
{
    return policy_decide((struct policy_list){ .item = &policy, .count = 1 }, action, name, of);
}

static const struct {
    const char *document;
    const char *name;
    enum policy_action action;
    enum policy_verdict verdict;
    size_t statement;
} decision_row[] = {
    /* an action on the resource type that belongs to it */
    { POLICY(ALLOW("iot:Connect", ARN "client/id1")), "id1", POLICY_CONNECT, POLICY_ALLOWED, 1 },
    { POLICY(ALLOW("iot:Connect", ARN "client/id1")), "id2", POLICY_CONNECT, POLICY_NO_ALLOW, 0 },
    { POLICY(ALLOW("iot:Connect", ARN "client/id1")), "id11", POLICY_CONNECT, POLICY_NO_ALLOW, 0 },
    { POLICY(ALLOW("iot:Connect", ARN "client/id1")), "ID1", POLICY_CONNECT, POLICY_NO_ALLOW, 0 },
    { POLICY(ALLOW("iot:Connect", ARN "client/id1")), "id1", POLICY_PUBLISH, POLICY_NO_ALLOW, 0 },
    { POLICY(ALLOW("iot:Connect", ARN "topic/id1")), "id1", POLICY_CONNECT, POLICY_NO_ALLOW, 0 },
    { POLICY(ALLOW("iot:Publish", ARN "topic/a/b")), "a/b", POLICY_PUBLISH, POLICY_ALLOWED, 1 },
    { POLICY(ALLOW("iot:Publish", ARN "topic/a/b")), "a/b", POLICY_RECEIVE, POLICY_NO_ALLOW, 0 },
    { POLICY(ALLOW("iot:Publish", ARN "topic/a")), "a", POLICY_RETAIN_PUBLISH, POLICY_NO_ALLOW, 0 },
    { POLICY(ALLOW("iot:RetainPublish", ARN "topic/a")), "a", POLICY_RETAIN_PUBLISH, POLICY_ALLOWED,
      1 },
    { POLICY(ALLOW("iot:Receive", ARN "topic/a")), "a", POLICY_RECEIVE, POLICY_ALLOWED, 1 },
    { POLICY(ALLOW("iot:Subscribe", ARN "topicfilter/a")), "a", POLICY_SUBSCRIBE, POLICY_ALLOWED,
      1 },
    { POLICY(ALLOW("iot:Subscribe", ARN "topic/a")), "a", POLICY_SUBSCRIBE, POLICY_NO_ALLOW, 0 },
    /* names of actions: any case, wildcards, other services */
    { POLICY(ALLOW("IOT:connect", ARN "client/*")), "x", POLICY_CONNECT, POLICY_ALLOWED, 1 },
    { POLICY(ALLOW("iot:*", "*")), "#", POLICY_SUBSCRIBE, POLICY_ALLOWED, 1 },
    { POLICY(ALLOW("*", "*")), "x", POLICY_CONNECT, POLICY_ALLOWED, 1 },
    { POLICY(ALLOW("iot:Pub*", "*")), "x", POLICY_PUBLISH, POLICY_ALLOWED, 1 },
    { POLICY(ALLOW("iot:Pub*", "*")), "x", POLICY_SUBSCRIBE, POLICY_NO_ALLOW, 0 },
    { POLICY(ALLOW("iot:*Publish", "*")), "x", POLICY_RETAIN_PUBLISH, POLICY_ALLOWED, 1 },
    { POLICY(ALLOW("iot:?onnect", "*")), "x", POLICY_CONNECT, POLICY_ALLOWED, 1 },
    { POLICY(ALLOW("iot:GetThingShadow", "*")), "x", POLICY_PUBLISH, POLICY_NO_ALLOW, 0 },
    { POLICY(ALLOW("greengrass:*", "*")), "x", POLICY_PUBLISH, POLICY_NO_ALLOW, 0 },
    /* wildcards of resources */
    { POLICY(ALLOW("iot:Publish", ARN "topic/*")), "a/b/c", POLICY_PUBLISH, POLICY_ALLOWED, 1 },
    { POLICY(ALLOW("iot:Publish", ARN "topic/a/*")), "a", POLICY_PUBLISH, POLICY_NO_ALLOW, 0 },
    { POLICY(ALLOW("iot:Publish", ARN "topic/a/*")), "a/", POLICY_PUBLISH, POLICY_ALLOWED, 1 },
    { POLICY(ALLOW("iot:Publish", ARN "topic/a/*/z")), "a/b/c/z", POLICY_PUBLISH, POLICY_ALLOWED,
      1 },
    { POLICY(ALLOW("iot:Publish", ARN "topic/a/*/z")), "a/z", POLICY_PUBLISH, POLICY_NO_ALLOW, 0 },
    { POLICY(ALLOW("iot:Publish", ARN "topic/*ab*ac")), "xababacac", POLICY_PUBLISH, POLICY_ALLOWED,
      1 },
    { POLICY(ALLOW("iot:Publish", ARN "topic/*ab*ac")), "xababaca", POLICY_PUBLISH, POLICY_NO_ALLOW,
      0 },
    { POLICY(ALLOW("iot:Publish", ARN "topic/r?om")), "room", POLICY_PUBLISH, POLICY_ALLOWED, 1 },
    { POLICY(ALLOW("iot:Publish", ARN "topic/r?om")), "rom", POLICY_PUBLISH, POLICY_NO_ALLOW, 0 },
    { POLICY(ALLOW("iot:Publish", ARN "topic/r?om")), "r\xC3\xB6om", POLICY_PUBLISH, POLICY_ALLOWED,
      1 },
    { POLICY(ALLOW("iot:Publish", ARN "*")), "a", POLICY_PUBLISH, POLICY_ALLOWED, 1 },
    { POLICY(ALLOW("iot:Publish", "arn:aws:iot:*")), "a", POLICY_PUBLISH, POLICY_ALLOWED, 1 },
    { POLICY(ALLOW("iot:Publish", "arn:aws:iot:*:*:topic/a")), "a", POLICY_PUBLISH, POLICY_ALLOWED,
      1 },
    { POLICY(ALLOW("iot:Publish", "arn:aws-cn:iot:cn-north-1::topic/a:b")), "a:b", POLICY_PUBLISH,
      POLICY_ALLOWED, 1 },
    /* the Condition of the samples for things: every certificate that is known here is attached */
    { POLICY(ATTACHED("Allow", "[\"true\"]")), "a", POLICY_PUBLISH, POLICY_ALLOWED, 1 },
    { POLICY(ATTACHED("Allow", "\"true\"")), "a", POLICY_PUBLISH, POLICY_ALLOWED, 1 },
    { POLICY(ATTACHED("Allow", "[\"false\"]")), "a", POLICY_PUBLISH, POLICY_NO_ALLOW, 0 },
    { POLICY(ATTACHED("Deny", "\"false\"") "," ALLOW("iot:Publish", "*")), "a", POLICY_PUBLISH,
      POLICY_ALLOWED, 2 },
    { POLICY("{\"Effect\":\"Allow\",\"NotAction\":\"iot:Connect\",\"Resource\":\"*\"}"), "a",
      POLICY_PUBLISH, POLICY_ALLOWED, 1 },
    { POLICY("{\"Effect\":\"Allow\",\"NotAction\":\"iot:Con*\",\"Resource\":\"*\"}"), "a",
      POLICY_CONNECT, POLICY_NO_ALLOW, 0 },
    { POLICY("{\"Effect\":\"Allow\",\"Action\":\"*\",\"NotResource\":\"" ARN "topic/a\"}"), "a",
      POLICY_PUBLISH, POLICY_NO_ALLOW, 0 },
    { POLICY("{\"Effect\":\"Allow\",\"Action\":\"*\",\"NotResource\":\"" ARN "topic/a\"}"), "b",
      POLICY_PUBLISH, POLICY_ALLOWED, 1 },
    { POLICY("{\"Effect\":\"Allow\",\"Action\":\"*\",\"NotResource\":\"" ARN
             "topic/${iot:DomainName}\"}"),
      "b", POLICY_PUBLISH, POLICY_NO_ALLOW, 0 },
    /* MQTT's own wildcards mean themselves */
    { POLICY(ALLOW("iot:Subscribe", ARN "topicfilter/a/+/c")), "a/+/c", POLICY_SUBSCRIBE,
      POLICY_ALLOWED, 1 },
    { POLICY(ALLOW("iot:Subscribe", ARN "topicfilter/a/+/c")), "a/b/c", POLICY_SUBSCRIBE,
      POLICY_NO_ALLOW, 0 },
    { POLICY(ALLOW("iot:Subscribe", ARN "topicfilter/a/#")), "a/#", POLICY_SUBSCRIBE,
      POLICY_ALLOWED, 1 },
    { POLICY(ALLOW("iot:Subscribe", ARN "topicfilter/a/#")), "a/b", POLICY_SUBSCRIBE,
      POLICY_NO_ALLOW, 0 },
    { POLICY(ALLOW("iot:Publish", ARN "topic/a/#")), "a/b", POLICY_PUBLISH, POLICY_NO_ALLOW, 0 },
    { POLICY(ALLOW("iot:Subscribe", ARN "topicfilter/a/*")), "a/#", POLICY_SUBSCRIBE,
      POLICY_ALLOWED, 1 },
    /* variables */
    { POLICY(ALLOW("iot:Connect", ARN "client/${iot:Connection.Thing.ThingName}")), "thing1",
      POLICY_CONNECT, POLICY_ALLOWED, 1 },
    { POLICY(ALLOW("iot:Connect", ARN "client/${iot:Connection.Thing.ThingName}")), "thing10",
      POLICY_CONNECT, POLICY_NO_ALLOW, 0 },
    { POLICY(ALLOW("iot:Publish", ARN "topic/${iot:ClientId}/x")), "id1/x", POLICY_PUBLISH,
      POLICY_ALLOWED, 1 },
    { POLICY(ALLOW("iot:Publish", ARN "topic/${iot:clientid}${iot:ClientId}")), "id1id1",
      POLICY_PUBLISH, POLICY_ALLOWED, 1 },
    { POLICY(ALLOW("iot:Publish", ARN "topic/${iot:ClientId}/*/x")), "id1/a/b/x", POLICY_PUBLISH,
      POLICY_ALLOWED, 1 },
    { POLICY(ALLOW("iot:Publish", ARN "topic/*${iot:ClientId}")), "id0id1", POLICY_PUBLISH,
      POLICY_ALLOWED, 1 },
    { POLICY(ALLOW("iot:Publish", ARN "topic/${iot:Certificate.Subject.CommonName}")),
      "AWS IoT Certificate", POLICY_PUBLISH, POLICY_ALLOWED, 1 },
    { POLICY(ALLOW("iot:Publish", ARN "topic/${iot:Certificate.Subject.Country}")), "",
      POLICY_PUBLISH, POLICY_NO_ALLOW, 0 },
    { POLICY(ALLOW("iot:Publish", ARN "topic/a${*}b")), "a*b", POLICY_PUBLISH, POLICY_ALLOWED, 1 },
    { POLICY(ALLOW("iot:Publish", ARN "topic/a${*}b")), "axb", POLICY_PUBLISH, POLICY_NO_ALLOW, 0 },
    { POLICY(ALLOW("iot:Publish", ARN "topic/a${?}b${$}")), "a?b$", POLICY_PUBLISH, POLICY_ALLOWED,
      1 },
    { POLICY(ALLOW("iot:Publish", ARN "topic/$aws/x$")), "$aws/x$", POLICY_PUBLISH, POLICY_ALLOWED,
      1 },
    /* deny wins wherever it stands; a statement that does not apply decides nothing */
    { POLICY(ALLOW("iot:*", "*") "," DENY("iot:Publish", ARN "topic/secret")), "secret",
      POLICY_PUBLISH, POLICY_DENIED, 2 },
    { POLICY(DENY("iot:Publish", ARN "topic/secret") "," ALLOW("iot:*", "*")), "secret",
      POLICY_PUBLISH, POLICY_DENIED, 1 },
    { POLICY(DENY("iot:Publish", ARN "topic/secret") "," ALLOW("iot:*", "*")), "open",
      POLICY_PUBLISH, POLICY_ALLOWED, 2 },
    { POLICY(DENY("iot:Publish", ARN "topic/secret") "," ALLOW("iot:*", "*")), "secret",
      POLICY_RECEIVE, POLICY_ALLOWED, 2 },
    { POLICY(ALLOW("iot:Publish", "*") "," ALLOW("iot:Publish", "*")), "a", POLICY_PUBLISH,
      POLICY_ALLOWED, 1 },
    { POLICY(DENY("*", "*")), "a", POLICY_CONNECT, POLICY_DENIED, 1 },
    /* forms of a document */
    { POLICY(""), "id1", POLICY_CONNECT, POLICY_NO_ALLOW, 0 },
    { "{\"Statement\":" ALLOW("iot:Connect", "*") "}", "a", POLICY_CONNECT, POLICY_ALLOWED, 1 },
    { "{\"Version\":\"2008-10-17\",\"Id\":\"x\",\"Statement\":" ALLOW("iot:Connect", "*") "}", "a",
      POLICY_CONNECT, POLICY_ALLOWED, 1 },
    { "\xEF\xBB\xBF{\"Statement\":" ALLOW("iot:Connect", "*") "}\r\n", "a", POLICY_CONNECT,
      POLICY_ALLOWED, 1 },
    { POLICY(
          "{\"Effect\":\"Allow\",\"Action\":[\"iot:Publish\",\"iot:Receive\"],\"Resource\":[\"" ARN
          "topic/a\",\"" ARN "topic/b\"]}"),
      "b", POLICY_RECEIVE, POLICY_ALLOWED, 1 },
    { POLICY(
          "{\"Effect\":\"Allow\",\"Action\":[\"iot:Publish\",\"iot:Receive\"],\"Resource\":[\"" ARN
          "topic/a\",\"" ARN "topic/b\"]}"),
      "c", POLICY_RECEIVE, POLICY_NO_ALLOW, 0 },
};

static void test_decisions(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof decision_row / sizeof decision_row[0]; i++) {
        struct policy *policy = NULL;
        struct json_error error = { 0 };
        const char *document = decision_row[i].document;
        if (policy_parse("test.json", document, strlen(document), &policy, &error) != 0) {
            fail_msg("row %zu: %zu:%zu: %s", i, error.line, error.column, error.what);
        }
        struct policy_decision decision =
            decide(policy, decision_row[i].action, decision_row[i].name, &values);
        if (decision.verdict != decision_row[i].verdict ||
            decision.statement != decision_row[i].statement) {
            fail_msg("row %zu: %s on %s: verdict %d by statement %zu, wanted %d by %zu", i,
                     policy_action_name(decision_row[i].action), decision_row[i].name,
                     (int)decision.verdict, decision.statement, (int)decision_row[i].verdict,
                     decision_row[i].statement);
        }
        policy_free(&policy);
    }
}

static const struct {
    const char *document;
    size_t line;
    size_t column;
    const char *what; /* a part of the message */
} error_row[] = {
    { "", 1, 1, "ends too early" },
    { "{\"Version\":\n  \"2012-10-17\",\n  \"Statement\": [,]}", 3, 17, "from ','" },
    { "{\"Statement\":[]", 1, 16, "ends too early" },
    { "{\"Statement\":[]} x", 1, 18, "from 'x'" },
    { "{\"Statement\":[],}", 1, 17, "from '}'" },
    { "[]", 1, 1, "is a JSON object" },
    { "{}", 1, 1, "has no Statement" },
    { "{\"Version\":\"2012-10-17\"}", 1, 1, "has no Statement" },
    { "{\"Version\":\"2013-10-17\",\"Statement\":[]}", 1, 12, "Version must be" },
    { "{\"Version\":1,\"Statement\":[]}", 1, 12, "Version must be" },
    { "{\"statement\":[]}", 1, 2, "no element \"statement\"" },
    { "{\"Statement\":[],\n \"Statement\":[]}", 2, 2, "a second time" },
    { "{\"Statement\":\"x\"}", 1, 14, "Statement must be an object or an array" },
    { "{\"Statement\":[\n 1]}", 2, 2, "a statement is a JSON object" },
    { POLICY("{\"Effect\":\"Allow\",\"Action\":\"iot:*\"}"), 1, 38, "has no Resource" },
    { POLICY("{\"Effect\":\"Allow\",\"Resource\":\"*\"}"), 1, 38, "has no Action" },
    { POLICY("{\"Action\":\"iot:*\",\"Resource\":\"*\"}"), 1, 38, "has no Effect" },
    { POLICY("\n{\"Effect\": \"allow\"}"), 2, 12, "Effect must be" },
    { POLICY("\n{\"Effect\": [\"Allow\"]}"), 2, 12, "Effect must be" },
    { POLICY("\n{\"Sid\": 1}"), 2, 9, "Sid must be a string" },
    { POLICY("\n{\"Action\":[\"iot:Connect\",\n 7]}"), 3, 2, "Action must be a string" },
    { POLICY("\n{\"Action\":\"Connect\"}"), 2, 11, "\"Connect\" is no action" },
    { POLICY("\n{\"Action\":[]}"), 2, 11, "Action is empty" },
    { POLICY("\n{\"Resource\":[\"*\",\"topic/a\"]}"), 2, 18, "\"topic/a\" is no resource" },
    { POLICY("\n{\"Resource\":\"arn:aws:iot:eu-west-1:topic/a\"}"), 2, 13, "is no resource" },
    { POLICY("\n{\"Resource\":\"arn:aws:s3:::bucket/x\"}"), 2, 13, "not a resource of AWS IoT" },
    { POLICY("\n{\"Resource\":\"" ARN "topic/${iot:Thing.Name}\"}"), 2, 13,
      "${iot:Thing.Name} is no policy variable" },
    { POLICY("\n{\"Resource\":\"" ARN "topic/${iot:ClientId\"}"), 2, 13, "has no closing }" },
    { "{\"Version\":\"2008-10-17\",\"Statement\":{\n\"Resource\":\"" ARN
      "topic/${iot:ClientId}\"}}",
      2, 12, "variables need" },
    { POLICY("\n{\"Condition\":[]}"), 2, 14, "Condition must be an object" },
    { POLICY("\n{\"Condition\":{\"Boole\":{}}}"), 2, 15, "\"Boole\" is no operator" },
    { POLICY("\n{\"Condition\":{\"NullIfExists\":{}}}"), 2, 15, "is no operator" },
    { POLICY("\n{\"Condition\":{\"Bool\":1}}"), 2, 22, "Bool takes an object" },
    { POLICY(ATTACHED("Allow", "\n\"maybe\"")), 2, 1, "Bool compares with \"true\" or \"false\"" },
    { POLICY(CONDITION("\n\"Bool\":{\"aws:SecureTransport\":\"true\"}")), 2, 9,
      "\"aws:SecureTransport\" is no key" },
    { POLICY(CONDITION("\n\"StringEquals\":{\"iot:ClientId\":[\"a\",{}]}")), 2, 37,
      "must be a string" },
    { POLICY(CONDITION("\n\"StringEquals\":{\"iot:ClientId\":\"${x}\"}")), 2, 32,
      "no policy variable" },
    { POLICY(CONDITION("\n\"StringEquals\":{\"iot:ConnectAttributes\":\"LastWill\"}")), 2, 41,
      "write ForAllValues:StringEquals or ForAnyValue:StringEquals" },
    { POLICY(CONDITION("\n\"ForAnyValue:StringEquals\":{\"iot:ClientId\":\"a\"}")), 2, 44,
      "has one value" },
    { POLICY(CONDITION("\n\"ArnEquals\":{\"iot:ClientId\":\"*\"}")), 2, 29, "is no ARN" },
    { POLICY(CONDITION("\n\"StringLike\":{\"iot:LastWillTopic\":\"*\"}")), 2, 35,
      "with ArnEquals" },
    { POLICY(CONDITION("\n\"NumericEquals\":{\"iot:ClientId\":\"0x1\"}")), 2, 33, "a number, not" },
    { POLICY(CONDITION("\n\"DateLessThan\":{\"aws:CurrentTime\":\"2030-13-01\"}")), 2, 35,
      "a time" },
    { POLICY(CONDITION("\n\"IpAddress\":{\"aws:SourceIp\":\"10.0.0.0/33\"}")), 2, 29, "a range" },
    { POLICY("\n{\"NotAction\":\"iot:*\",\"Action\":\"*\"}"), 2, 22, "not both" },
    { POLICY("\n{\"Principal\":\"*\"}"), 2, 2, "is the principal" },
    { POLICY("\n{\"Action\":\"iot:Conect\"}"), 2, 11, "write \"iot:Connect\"" },
    { POLICY("\n{\"Resource\":\"" ARN "topic/${iot:Certificate.Subject.Country.List}\"}"), 2, 13,
      "all values at once" },
    { POLICY("\n{\"Effekt\":\"Allow\"}"), 2, 2, "no element \"Effekt\"" },
    { POLICY("\n{\"Effect\":\"Allow\",\n\"Effect\":\"Deny\"}"), 3, 1, "a second time" },
    /* a backslash before the quote, a comma and a bracket inside a string, a two-byte character */
    { POLICY("\n{\"Sid\":\"a\\\"],}\xC3\xA9\",\"Effect\":\"no\"}"), 2, 27, "Effect must be" },
    { "{\"Statement\":[],\"Id\":\"a\\u0000b\"}", 1, 24, "NUL" },
    { "{\"Statement\":[],\"Id\":\"\\\\u0000\",\"x\":1}", 1, 32, "no element \"x\"" },
};

static void test_errors(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof error_row / sizeof error_row[0]; i++) {
        struct policy *policy = NULL;
        struct json_error error = { 0 };
        const char *document = error_row[i].document;
        assert_int_equal(policy_parse("test.json", document, strlen(document), &policy, &error),
                         -EINVAL);
        assert_null(policy);
        if (error.line != error_row[i].line || error.column != error_row[i].column ||
            strstr(error.what, error_row[i].what) == NULL) {
            fail_msg("row %zu: got %zu:%zu: %s; wanted %zu:%zu: %s", i, error.line, error.column,
                     error.what, error_row[i].line, error_row[i].column, error_row[i].what);
        }
    }
}

#define ON(tests) POLICY(CONDITION(tests))

/* Conditions on values of one client; each document allows everything where its Condition is met.
 */
static const struct {
    const char *document;
    bool met;
} condition_row[] = {
    /* text */
    { ON("\"StringEquals\":{\"iot:ClientId\":\"id1\"}"), true },
    { ON("\"StringEquals\":{\"IOT:clientid\":\"id1\"}"), true },
    { ON("\"StringEquals\":{\"iot:ClientId\":\"ID1\"}"), false },
    { ON("\"StringEquals\":{\"iot:ClientId\":\"id*\"}"), false },
    { ON("\"StringEquals\":{\"iot:ClientId\":[\"x\",\"id1\"]}"), true },
    { ON("\"StringEquals\":{\"iot:ClientId\":[]}"), false },
    { ON("\"StringNotEquals\":{\"iot:ClientId\":[\"x\",\"id1\"]}"), false },
    { ON("\"StringNotEquals\":{\"iot:ClientId\":[\"x\",\"y\"]}"), true },
    { ON("\"StringEqualsIgnoreCase\":{\"iot:ClientId\":\"ID1\"}"), true },
    { ON("\"StringNotEqualsIgnoreCase\":{\"iot:ClientId\":\"ID1\"}"), false },
    { ON("\"StringLike\":{\"iot:ClientId\":\"i?*\"}"), true },
    { ON("\"StringNotLike\":{\"iot:ClientId\":\"i?*\"}"), false },
    { ON("\"StringEquals\":{\"iot:Connection.Thing.ThingName\":\"${iot:ClientId}\"}"), false },
    { ON("\"StringEquals\":{\"iot:ClientId\":\"${iot:ClientId}\"}"), true },
    { ON("\"StringEquals\":{\"iot:Connection.Thing.Attributes[Serial]\":\"42\"}"), true },
    { ON("\"StringEquals\":{\"iot:Connection.Thing.Attributes[serial]\":\"42\"}"), false },
    /* a key without a value */
    { ON("\"StringEquals\":{\"iot:DomainName\":\"x\"}"), false },
    { ON("\"StringNotEquals\":{\"iot:DomainName\":\"x\"}"), true },
    { ON("\"StringEqualsIfExists\":{\"iot:DomainName\":\"x\"}"), true },
    { ON("\"StringEqualsIfExists\":{\"iot:ClientId\":\"x\"}"), false },
    { ON("\"Null\":{\"iot:DomainName\":\"true\"}"), true },
    { ON("\"Null\":{\"iot:DomainName\":false}"), false },
    { ON("\"Null\":{\"iot:ClientId\":\"false\"}"), true },
    /* several values */
    { ON("\"ForAllValues:StringLike\":{\"iot:ConnectAttributes\":\"*\"}"), true },
    { ON("\"ForAllValues:StringEquals\":{\"iot:ConnectAttributes\":\"LastWill\"}"), false },
    { ON("\"ForAnyValue:StringEquals\":{\"iot:ConnectAttributes\":\"LastWill\"}"), true },
    { ON("\"ForAnyValue:StringNotEquals\":{\"iot:ConnectAttributes\":\"LastWill\"}"), true },
    { ON("\"ForAllValues:StringNotEquals\":{\"iot:ConnectAttributes\":\"LastWill\"}"), false },
    { ON("\"ForAllValues:StringEquals\":{\"iot:Certificate.Subject.Country.List\":\"x\"}"), true },
    { ON("\"ForAnyValue:StringEquals\":{\"iot:Certificate.Subject.Country.List\":\"x\"}"), false },
    /* numbers, times, addresses */
    { ON("\"NumericEquals\":{\"iot:Connection.Thing.Attributes[Serial]\":42}"), true },
    { ON("\"NumericLessThan\":{\"iot:Connection.Thing.Attributes[Serial]\":\"42\"}"), false },
    { ON("\"NumericLessThanEquals\":{\"iot:Connection.Thing.Attributes[Serial]\":\"4.2e1\"}"),
      true },
    { ON("\"NumericGreaterThan\":{\"iot:Connection.Thing.Attributes[Serial]\":\"-1\"}"), true },
    { ON("\"NumericNotEquals\":{\"iot:Connection.Thing.Attributes[Serial]\":[1,42]}"), false },
    { ON("\"NumericGreaterThanEquals\":{\"iot:ClientId\":0}"), false },
    { ON("\"DateLessThan\":{\"aws:CurrentTime\":\"2024-03-01\"}"), true },
    { ON("\"DateLessThan\":{\"aws:CurrentTime\":\"2024-02-29T12:00:00Z\"}"), false },
    { ON("\"DateEquals\":{\"aws:CurrentTime\":\"2024-02-29T13:00:00.0+01:00\"}"), true },
    { ON("\"DateEquals\":{\"aws:CurrentTime\":1709208000}"), true },
    { ON("\"DateNotEquals\":{\"aws:CurrentTime\":\"2024-02-29T12:00Z\"}"), false },
    { ON("\"DateGreaterThan\":{\"aws:CurrentTime\":\"2024-02-28T23:59:59-12:00\"}"), true },
    { ON("\"IpAddress\":{\"aws:SourceIp\":\"203.0.112.0/23\"}"), true },
    { ON("\"IpAddress\":{\"aws:SourceIp\":\"203.0.112.0/24\"}"), false },
    { ON("\"IpAddress\":{\"aws:SourceIp\":\"::/0\"}"), false },
    { ON("\"NotIpAddress\":{\"aws:SourceIp\":[\"203.0.113.7\"]}"), false },
    { ON("\"ArnLike\":{\"iot:LastWillTopic\":\"" ARN "topic/gone/*\"}"), true },
    { ON("\"ArnNotEquals\":{\"iot:LastWillTopic\":\"" ARN "topic/gone/${iot:ClientId}\"}"), false },
    { ON("\"Bool\":{\"iot:Connection.Thing.IsAttached\":true}"), true },
    /* all tests must be met */
    { ON(""), true },
    { ON("\"StringLike\":{\"iot:ClientId\":\"*\",\"iot:DomainName\":\"*\"}"), false },
    { ON("\"Bool\":{\"iot:Connection.Thing.IsAttached\":\"true\"},\"StringEquals\":{\"iot:"
         "ClientId\":"
         "\"x\"}"),
      false },
};

static void test_conditions(void **state)
{
    (void)state;
    char name[] = "Serial";
    char value[] = "42";
    const struct policy_attribute attribute[] = { { name, value } };
    const struct policy_values of = {
        .value = { [POLICY_CLIENT_ID] = { "id1" },
                   [POLICY_THING_NAME] = { "thing1" },
                   [POLICY_THING_IS_ATTACHED] = { "true" },
                   [POLICY_SOURCE_IP] = { "203.0.113.7" },
                   [POLICY_CURRENT_TIME] = { "2024-02-29T12:00:00Z" },
                   [POLICY_LAST_WILL_TOPIC] = { "topic/gone/id1" },
                   [POLICY_CONNECT_ATTRIBUTES] = { "PersistentConnect", "LastWill" } },
        .attribute = attribute,
        .attribute_count = 1
    };
    for (size_t i = 0; i < sizeof condition_row / sizeof condition_row[0]; i++) {
        struct policy *policy = NULL;
        struct json_error error = { 0 };
        const char *document = condition_row[i].document;
        if (policy_parse("test.json", document, strlen(document), &policy, &error) != 0) {
            fail_msg("row %zu: %zu:%zu: %s", i, error.line, error.column, error.what);
        }
        bool met = decide(policy, POLICY_PUBLISH, "a", &of).verdict == POLICY_ALLOWED;
        if (met != condition_row[i].met) {
            fail_msg("row %zu: %s is %s", i, document, met ? "met" : "not met");
        }
        policy_free(&policy);
    }
}

static void test_sid_is_reported(void **state)
{
    (void)state;
    static const char document[] = POLICY(DENY("*", "*"));
    struct policy *policy = NULL;
    struct json_error error = { 0 };
    assert_int_equal(policy_parse("test.json", document, sizeof document - 1, &policy, &error), 0);
    struct policy_decision decision = decide(policy, POLICY_CONNECT, "x", &values);
    assert_string_equal(decision.sid, "No");
    policy_free(&policy);
    assert_null(policy);
}

/* A client id is chosen by the client: it must never be taken for a pattern. */
static void test_value_is_no_pattern(void **state)
{
    (void)state;
    static const char document[] = POLICY(ALLOW("iot:Publish", ARN "topic/${iot:ClientId}/x"));
    const struct policy_values star = { .value = { [POLICY_CLIENT_ID] = { "*" } } };
    const struct policy_values none = { 0 };
    struct policy *policy = NULL;
    struct json_error error = { 0 };
    assert_int_equal(policy_parse("test.json", document, sizeof document - 1, &policy, &error), 0);
    assert_int_equal(decide(policy, POLICY_PUBLISH, "other/x", &star).verdict, POLICY_NO_ALLOW);
    assert_int_equal(decide(policy, POLICY_PUBLISH, "*/x", &star).verdict, POLICY_ALLOWED);
    assert_int_equal(decide(policy, POLICY_PUBLISH, "/x", &none).verdict, POLICY_NO_ALLOW);
    policy_free(&policy);
}

static void test_too_long_document(void **state)
{
    (void)state;
    size_t length = JSON_DOC_MAX_LENGTH + 1;
    char *text = malloc(length + 1);
    assert_non_null(text);
    memset(text, ' ', length);
    text[length] = '\0';
    struct policy *policy = NULL;
    struct json_error error = { 0 };
    assert_int_equal(policy_parse("test.json", text, length, &policy, &error), -EINVAL);
    assert_non_null(strstr(error.what, "longer than"));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decisions),           cmocka_unit_test(test_errors),
        cmocka_unit_test(test_conditions),          cmocka_unit_test(test_sid_is_reported),
        cmocka_unit_test(test_value_is_no_pattern), cmocka_unit_test(test_too_long_document),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
