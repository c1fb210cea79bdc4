#include "broker/condition.h"
#include "broker/comparison.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum type { TYPE_TEXT, TYPE_NUMBER, TYPE_TIME, TYPE_IP, TYPE_BOOL, TYPE_NULL, TYPE_ARN };

enum order { EQUAL, LESS, LESS_EQUAL, GREATER, GREATER_EQUAL };

struct op_form {
    const char *name;
    enum type type;
    unsigned syntax;  /* of TYPE_TEXT and TYPE_ARN: enum pattern_syntax */
    enum order order; /* of TYPE_NUMBER and TYPE_TIME */
    bool negated;
};

/* clang-format off */
static const struct op_form operator_row[] = {
    { "StringEquals",              TYPE_TEXT, PATTERN_VARIABLES, EQUAL, false },
    { "StringNotEquals",           TYPE_TEXT, PATTERN_VARIABLES, EQUAL, true },
    { "StringEqualsIgnoreCase",    TYPE_TEXT, PATTERN_VARIABLES | PATTERN_ANY_CASE, EQUAL, false },
    { "StringNotEqualsIgnoreCase", TYPE_TEXT, PATTERN_VARIABLES | PATTERN_ANY_CASE, EQUAL, true },
    { "StringLike",                TYPE_TEXT, PATTERN_VARIABLES | PATTERN_WILDCARDS, EQUAL, false },
    { "StringNotLike",             TYPE_TEXT, PATTERN_VARIABLES | PATTERN_WILDCARDS, EQUAL, true },
    { "ArnEquals",                 TYPE_ARN, 0, EQUAL, false },
    { "ArnLike",                   TYPE_ARN, 0, EQUAL, false },
    { "ArnNotEquals",              TYPE_ARN, 0, EQUAL, true },
    { "ArnNotLike",                TYPE_ARN, 0, EQUAL, true },
    { "NumericEquals",             TYPE_NUMBER, 0, EQUAL, false },
    { "NumericNotEquals",          TYPE_NUMBER, 0, EQUAL, true },
    { "NumericLessThan",           TYPE_NUMBER, 0, LESS, false },
    { "NumericLessThanEquals",     TYPE_NUMBER, 0, LESS_EQUAL, false },
    { "NumericGreaterThan",        TYPE_NUMBER, 0, GREATER, false },
    { "NumericGreaterThanEquals",  TYPE_NUMBER, 0, GREATER_EQUAL, false },
    { "DateEquals",                TYPE_TIME, 0, EQUAL, false },
    { "DateNotEquals",             TYPE_TIME, 0, EQUAL, true },
    { "DateLessThan",              TYPE_TIME, 0, LESS, false },
    { "DateLessThanEquals",        TYPE_TIME, 0, LESS_EQUAL, false },
    { "DateGreaterThan",           TYPE_TIME, 0, GREATER, false },
    { "DateGreaterThanEquals",     TYPE_TIME, 0, GREATER_EQUAL, false },
    { "IpAddress",                 TYPE_IP, 0, EQUAL, false },
    { "NotIpAddress",              TYPE_IP, 0, EQUAL, true },
    { "Bool",                      TYPE_BOOL, 0, EQUAL, false },
    { "Null",                      TYPE_NULL, 0, EQUAL, false },
};

/* clang-format on */

enum set { SET_NONE, SET_ALL, SET_ANY };

/* What a document's value is compared as: one of them, by the operator's type. */
struct wanted {
    double number;
    struct ip_range range;
    bool yes;
};

struct condition_test {
    const struct op_form *op;
    enum set set;
    bool if_exists;
    char *operator_name; /* as written, with ForAllValues: and IfExists */
    char *key_name;      /* as written; the key points into it */
    struct policy_key key;
    struct pattern_list text; /* of TYPE_TEXT and TYPE_ARN */
    struct wanted *wanted;    /* of the others */
    size_t wanted_count;
    char *values; /* as written, for a person: "a", "b" */
};

static bool is_pattern(const struct condition_test *test)
{
    return test->op->type == TYPE_TEXT || test->op->type == TYPE_ARN;
}

/* ForAllValues:StringEqualsIfExists into its three parts. */
static bool split_operator(const char *name, struct condition_test *test)
{
    static const char all[] = "ForAllValues:";
    static const char any[] = "ForAnyValue:";
    static const char if_exists[] = "IfExists";
    const char *base = name;
    if (strncmp(name, all, sizeof all - 1) == 0) {
        test->set = SET_ALL;
        base += sizeof all - 1;
    } else if (strncmp(name, any, sizeof any - 1) == 0) {
        test->set = SET_ANY;
        base += sizeof any - 1;
    }
    size_t length = strlen(base);
    size_t tail = sizeof if_exists - 1;
    if (length > tail && strcmp(base + length - tail, if_exists) == 0) {
        test->if_exists = true;
        length -= tail;
    }
    for (size_t i = 0; i < sizeof operator_row / sizeof operator_row[0]; i++) {
        if (strlen(operator_row[i].name) == length &&
            strncmp(operator_row[i].name, base, length) == 0) {
            test->op = &operator_row[i];
            return test->op->type != TYPE_NULL || (!test->if_exists && test->set == SET_NONE);
        }
    }
    return false;
}

static int add_wanted(struct loading *loading, void *into, const char *text)
{
    struct condition_test *test = into;
    const char *form = NULL;
    struct wanted *wanted = &test->wanted[test->wanted_count++];
    switch (test->op->type) {
    case TYPE_NUMBER:
        form = comparison_number(text, &wanted->number) == 0 ? NULL : "a number";
        break;
    case TYPE_TIME:
        form = comparison_time(text, &wanted->number) == 0
                   ? NULL
                   : "a time such as \"2030-01-31T12:00:00Z\" or seconds since 1970";
        break;
    case TYPE_IP:
        form = comparison_ip_range(text, &wanted->range) == 0
                   ? NULL
                   : "an address or a range such as \"203.0.113.0/24\"";
        break;
    case TYPE_BOOL:
    case TYPE_NULL:
        wanted->yes = strcmp(text, "true") == 0;
        form = wanted->yes || strcmp(text, "false") == 0 ? NULL : "\"true\" or \"false\"";
        break;
    case TYPE_TEXT:
        return loading_pattern(loading, &test->text, text, test->op->syntax);
    case TYPE_ARN:
        return loading_resource(loading, &test->text, text);
    }
    return form == NULL ? 0
                        : LOADING_FAIL(loading, "%s compares with %s, not \"%.60s\"",
                                       test->operator_name, form, text);
}

/* What the values look like, between quotes and commas, for an explanation. */
static char *values_text(const cJSON *element)
{
    char *text = cJSON_PrintUnformatted(element);
    size_t length = text == NULL ? 0 : strlen(text);
    if (cJSON_IsArray(element) && length >= 2) {
        memmove(text, text + 1, length - 2);
        text[length - 2] = '\0';
    }
    return text;
}

/* Whether operator and key can mean anything together. */
static int check_pair(struct loading *loading, const struct condition_test *test)
{
    bool several = test->key.all;
    if (several != (test->set != SET_NONE) && test->op->type != TYPE_NULL) {
        return several ? LOADING_FAIL(loading,
                                      "%.80s can have several values: write ForAllValues:%.40s or "
                                      "ForAnyValue:%.40s",
                                      test->key_name, test->operator_name, test->operator_name)
                       : LOADING_FAIL(loading,
                                      "%.80s has one value: write %s without ForAllValues: "
                                      "and ForAnyValue:",
                                      test->key_name, test->op->name);
    }
    bool is_arn = test->key.id == POLICY_LAST_WILL_TOPIC;
    if (is_arn != (test->op->type == TYPE_ARN) && test->op->type != TYPE_NULL) {
        return LOADING_FAIL(loading,
                            is_arn ? "%.80s is compared with ArnEquals or ArnLike"
                                   : "%.80s is no ARN; only iot:LastWillTopic is",
                            test->key_name);
    }
    return 0;
}

static int read_key(struct loading *loading, const cJSON *element, struct condition_test *test)
{
    test->key_name = strdup(element->string);
    test->values = values_text(element);
    size_t count = loading_count(element);
    test->wanted = calloc(count + 1, sizeof *test->wanted);
    if (test->key_name == NULL || test->values == NULL || test->wanted == NULL) {
        return loading_no_memory(loading);
    }
    if (policy_key_parse(test->key_name, strlen(test->key_name), &test->key) != 0) {
        return json_doc_fail(loading->doc, &loading->path, true, loading->error,
                             "\"%.80s\" is no key of AWS IoT Core's policies for devices; there "
                             "are iot:Connection.Thing.…, iot:Certificate.…, iot:ClientId, "
                             "aws:SourceIp and others, see aws-iot-policy-check --keys",
                             test->key_name);
    }
    int rc = check_pair(loading, test);
    if (rc == 0) {
        rc = pattern_list_init(loading, &test->text, count);
    }
    return rc != 0 ? rc : loading_each(loading, element, true, add_wanted, test);
}

/* The keys below one operator: { "iot:ClientId": …, … }. */
static int read_operator(struct loading *loading, const cJSON *element, struct condition *condition)
{
    struct condition_test form = { 0 };
    if (!split_operator(element->string, &form)) {
        return json_doc_fail(loading->doc, &loading->path, true, loading->error,
                             "\"%.60s\" is no operator of a Condition; there are String…, "
                             "Numeric…, Date…, Bool, IpAddress, Arn… and Null",
                             element->string);
    }
    if (!cJSON_IsObject(element)) {
        return LOADING_FAIL(loading, "%s takes an object { \"KEY\": \"VALUE\" }", element->string);
    }
    size_t level = loading->path.depth;
    size_t ordinal = 0;
    const cJSON *member = NULL;
    cJSON_ArrayForEach(member, element)
    {
        loading->path.ordinal[level] = ordinal++;
        loading->path.depth = level + 1;
        struct condition_test *test = &condition->test[condition->count++];
        *test = form;
        test->operator_name = strdup(element->string);
        int rc = test->operator_name == NULL ? loading_no_memory(loading)
                                             : read_key(loading, member, test);
        if (rc != 0) {
            return rc;
        }
    }
    loading->path.depth = level;
    return 0;
}

int condition_parse(struct loading *loading, const cJSON *element, struct condition *condition)
{
    if (!cJSON_IsObject(element)) {
        return LOADING_FAIL(loading, "Condition must be an object { \"OPERATOR\": { … } }");
    }
    size_t most = 0;
    const cJSON *member = NULL;
    cJSON_ArrayForEach(member, element)
    {
        most += (size_t)cJSON_GetArraySize(member);
    }
    condition->test = calloc(most + 1, sizeof *condition->test);
    if (condition->test == NULL) {
        return loading_no_memory(loading);
    }
    size_t level = loading->path.depth;
    size_t ordinal = 0;
    cJSON_ArrayForEach(member, element)
    {
        loading->path.ordinal[level] = ordinal++;
        loading->path.depth = level + 1;
        int rc = read_operator(loading, member, condition);
        if (rc != 0) {
            return rc;
        }
    }
    loading->path.depth = level;
    return 0;
}

void condition_fini(struct condition *condition)
{
    for (size_t i = 0; i < condition->count; i++) {
        struct condition_test *test = &condition->test[i];
        free(test->operator_name);
        free(test->key_name);
        cJSON_free(test->values);
        free(test->wanted);
        pattern_list_fini(&test->text);
    }
    free(condition->test);
    *condition = (struct condition){ 0 };
}

static bool in_order(double value, enum order order, double wanted)
{
    switch (order) {
    case LESS:
        return value < wanted;
    case LESS_EQUAL:
        return value <= wanted;
    case GREATER:
        return value > wanted;
    case GREATER_EQUAL:
        return value >= wanted;
    default:
        return value >= wanted && value <= wanted;
    }
}

/* One value of the client against one of the document. */
static bool is_wanted(const struct condition_test *test, const struct wanted *wanted,
                      const char *value)
{
    double number = 0;
    switch (test->op->type) {
    case TYPE_NUMBER:
        return comparison_number(value, &number) == 0 &&
               in_order(number, test->op->order, wanted->number);
    case TYPE_TIME:
        return comparison_time(value, &number) == 0 &&
               in_order(number, test->op->order, wanted->number);
    case TYPE_IP:
        return comparison_ip_in(&wanted->range, value);
    default:
        return strcmp(value, wanted->yes ? "true" : "false") == 0;
    }
}

/* One value of the client against all of the document: any of them, or for a negated operator
 * none. */
static bool fits(const struct condition_test *test, const struct policy_values *values,
                 const char *value)
{
    size_t count = is_pattern(test) ? test->text.count : test->wanted_count;
    bool any = false;
    for (size_t i = 0; i < count && !any; i++) {
        any = is_pattern(test) ? pattern_match(test->text.item[i], values, value)
                               : is_wanted(test, &test->wanted[i], value);
    }
    return any != test->op->negated;
}

static bool test_met(const struct condition_test *test, const struct policy_values *values)
{
    const char *value[POLICY_VALUES_MAX];
    size_t count = policy_value_list(values, &test->key, value);
    if (test->op->type == TYPE_NULL) {
        return fits(test, values, count == 0 ? "true" : "false");
    }
    if (count == 0) {
        bool negated = test->op->negated && test->set == SET_NONE;
        return test->if_exists || test->set == SET_ALL || negated;
    }
    size_t fitting = 0;
    for (size_t i = 0; i < count; i++) {
        fitting += fits(test, values, value[i]) ? 1 : 0;
    }
    return test->set == SET_ANY ? fitting > 0 : fitting == count;
}

bool condition_met(const struct condition *condition, const struct policy_values *values,
                   const struct condition_test **ret_unmet)
{
    for (size_t i = 0; i < condition->count; i++) {
        if (!test_met(&condition->test[i], values)) {
            *ret_unmet = &condition->test[i];
            return false;
        }
    }
    return true;
}

char *condition_text(const struct condition_test *test, const struct policy_values *values)
{
    const char *value[POLICY_VALUES_MAX];
    size_t count = policy_value_list(values, &test->key, value);
    char found[POLICY_VALUES_MAX * 64] = "it has no value";
    size_t at = count == 0 ? 0 : (size_t)snprintf(found, sizeof found, "it is");
    for (size_t i = 0; i < count && at < sizeof found - 64; i++) {
        at += (size_t)snprintf(found + at, sizeof found - at, "%s\"%.50s\"", i == 0 ? " " : ", ",
                               value[i]);
    }
    static const char format[] = "%s %s %s (%s)";
    int size = snprintf(NULL, 0, format, test->operator_name, test->key_name, test->values, found);
    char *text = size < 0 ? NULL : malloc((size_t)size + 1);
    if (text != NULL) {
        snprintf(text, (size_t)size + 1, format, test->operator_name, test->key_name, test->values,
                 found);
    }
    return text;
}
