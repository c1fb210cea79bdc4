/* aws-iot-policy-check: what a policy document allows, without any broker. The answers come from
 * the same code as the broker's (policy.h, explain.h). */
#include "broker/explain.h"
#include "broker/policy.h"
#include "broker/registry.h"
#include "broker/text_file.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { EXIT_ALLOWED = 0, EXIT_DENIED = 1, EXIT_USAGE = 2 };

enum { QUESTIONS_MAX = 256, ATTRIBUTES_MAX = 50, GIVEN_MAX = 64 };

struct question {
    enum policy_action action;
    const char *name;
};

struct check {
    struct policy *policy[CERTIFICATE_POLICIES_MAX];
    size_t policy_count;
    struct question question[QUESTIONS_MAX];
    size_t question_count;
    const char *registry_path;
    const char *thing;
    const char *certificate_id;
    const char *client_id;
    bool not_attached;
    bool json;
    struct registry *registry;
    struct registry_entry *entry;
    char *will_topic;
    struct policy_attribute attribute[ATTRIBUTES_MAX];
    size_t attribute_count;
    struct policy_values given; /* by options */
};

static const char usage_text[] =
    "usage: aws-iot-policy-check POLICY.json... [who and when] QUESTION...\n"
    "\n"
    "Says of each question, in order, whether AWS IoT Core would allow it under these policy\n"
    "documents (several are evaluated together), which statement decides and what was compared.\n"
    "\n"
    "Questions:\n"
    "  --connect ID            iot:Connect with this client id\n"
    "  --publish TOPIC         iot:Publish\n"
    "  --retain-publish TOPIC  iot:RetainPublish; a retained message needs iot:Publish besides\n"
    "  --subscribe FILTER      iot:Subscribe\n"
    "  --receive TOPIC         iot:Receive\n"
    "Who asks:\n"
    "  --thing NAME            the thing; its registry entry where there is a registry\n"
    "  --certs DIR             what certs/make-certs made: the registry is DIR/things.json\n"
    "  --registry FILE         the registry itself\n"
    "  --certificate-id ID     64 hexadecimal digits; default: the thing's first certificate\n"
    "  --client-id ID          of the connection; default: the ID of --connect, then the thing\n"
    "  --not-attached          the certificate is attached to no thing\n"
    "  --thing-type NAME, --attribute NAME=VALUE\n"
    "                          of the thing, in the place of the registry's\n"
    "  --value KEY=VALUE       any other key, such as iot:Certificate.Subject.CommonName=x; the\n"
    "                          same key again gives it a further value\n"
    "How and when:\n"
    "  --source-ip ADDRESS  --domain NAME  --time 2030-01-31T12:00:00Z (default: now)\n"
    "  --persistent            CONNECT without clean session\n"
    "  --will TOPIC            CONNECT with a will\n"
    "Output:\n"
    "  --json                  one JSON object a line\n"
    "  --keys                  the context keys there are\n"
    "  --help                  this text\n"
    "\n"
    "Exit: 0 all allowed, 1 some denied, 2 wrong usage or a bad document.\n";

enum option_id {
    OPTION_QUESTION = 0x100, /* and the action */
    OPTION_CERTS = 0x200,
    OPTION_ATTRIBUTE,
    OPTION_VALUE,
    OPTION_TIME,
    OPTION_KEYS,
    OPTION_HELP
};

static int fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

static int fail(const char *format, ...)
{
    va_list arguments;
    fputs("aws-iot-policy-check: ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    return EXIT_USAGE;
}

static int load_document(struct check *check, const char *path)
{
    char *text = NULL;
    size_t length = 0;
    struct json_error error = { 0 };
    if (check->policy_count == CERTIFICATE_POLICIES_MAX) {
        return fail("more than 10 policies can be attached to no certificate: %s", path);
    }
    int rc = text_file_read(path, JSON_DOC_MAX_LENGTH, &text, &length);
    if (rc != 0) {
        fprintf(stderr, "aws-iot-policy-check: cannot read %s: %s\n", path, strerror(-rc));
        return EXIT_USAGE;
    }
    rc = policy_parse(path, text, length, &check->policy[check->policy_count], &error);
    free(text);
    if (rc != 0) {
        fprintf(stderr, "%s:%zu:%zu: %s\n", path, error.line, error.column, error.what);
        return EXIT_USAGE;
    }
    check->policy_count++;
    return 0;
}

static int load_registry(struct check *check)
{
    char *text = NULL;
    size_t length = 0;
    struct json_error error = { 0 };
    const char *path = check->registry_path;
    int rc = text_file_read(path, JSON_DOC_MAX_LENGTH, &text, &length);
    if (rc != 0) {
        fprintf(stderr, "aws-iot-policy-check: cannot read %s: %s\n", path, strerror(-rc));
        return EXIT_USAGE;
    }
    rc = registry_parse(text, length, &check->registry, &error);
    free(text);
    if (rc != 0) {
        fprintf(stderr, "%s:%zu:%zu: %s\n", path, error.line, error.column, error.what);
        return EXIT_USAGE;
    }
    if (check->certificate_id != NULL) {
        check->entry = registry_find(check->registry, check->certificate_id);
        return check->entry != NULL ? 0
                                    : fail("the registry has no certificate %s; see --registry",
                                           check->certificate_id);
    }
    if (check->thing == NULL) {
        return fail("a registry needs --thing or --certificate-id: %s", path);
    }
    check->entry = registry_find_thing(check->registry, check->thing);
    return check->entry != NULL ? 0 : fail("the registry has no thing %s", check->thing);
}

/* Splits NAME=VALUE in place; the value, or NULL. */
static char *split(char *text)
{
    char *equals = strchr(text, '=');
    if (equals == NULL || equals == text) {
        return NULL;
    }
    *equals = '\0';
    return equals + 1;
}

static int add_attribute(struct check *check, char *text)
{
    char *value = split(text);
    if (value == NULL || check->attribute_count == ATTRIBUTES_MAX) {
        return fail("--attribute takes NAME=VALUE, at most 50 times, not \"%s\"", text);
    }
    check->attribute[check->attribute_count++] =
        (struct policy_attribute){ .name = text, .value = value };
    return 0;
}

static int add_value(struct check *check, char *text)
{
    struct policy_key key;
    char *value = split(text);
    if (value == NULL || policy_key_parse(text, strlen(text), &key) != 0 ||
        key.id == POLICY_THING_ATTRIBUTE) {
        return fail("--value takes KEY=VALUE with a key of --keys, not \"%s\"", text);
    }
    size_t at = key.index;
    while (at < POLICY_VALUES_MAX && check->given.value[key.id][at] != NULL) {
        at++;
    }
    if (at >= POLICY_VALUES_MAX) {
        return fail("--value: %s has more than 5 values", text);
    }
    check->given.value[key.id][at] = value;
    return 0;
}

static int add_question(struct check *check, enum policy_action action, const char *name)
{
    if (check->question_count == QUESTIONS_MAX) {
        return fail("more than 256 questions; %s is one too many", name);
    }
    check->question[check->question_count++] = (struct question){ action, name };
    return 0;
}

static int take_certs(struct check *check, const char *folder)
{
    static char path[4096];
    snprintf(path, sizeof path, "%s/things.json", folder);
    check->registry_path = path;
    return 0;
}

static void print_keys(void)
{
    for (int i = 0; i < POLICY_KEY_COUNT; i++) {
        printf("%s%s\n", policy_key_name((enum policy_key_id)i),
               i == POLICY_THING_ATTRIBUTE ? "[NAME]" : "");
    }
}

static void add_connect_attribute(struct check *check, const char *value)
{
    const char **list = check->given.value[POLICY_CONNECT_ATTRIBUTES];
    list[list[0] == NULL ? 0 : 1] = value;
}

static int take_will(struct check *check, const char *topic)
{
    check->will_topic = policy_resource_text(POLICY_PUBLISH, topic);
    if (check->will_topic == NULL) {
        return fail("%s", "out of memory");
    }
    check->given.value[POLICY_LAST_WILL_TOPIC][0] = check->will_topic;
    add_connect_attribute(check, "LastWill");
    return 0;
}

/* One option. 'letter' is that of getopt_long(). */
static int take(struct check *check, int letter, char *value)
{
    switch (letter) {
    case 't':
        check->thing = value;
        return 0;
    case 'r':
        check->registry_path = value;
        return 0;
    case 'i':
        check->certificate_id = value;
        return 0;
    case 'c':
        check->client_id = value;
        return 0;
    case 'n':
        check->not_attached = true;
        return 0;
    case 'j':
        check->json = true;
        return 0;
    case 'p':
        add_connect_attribute(check, "PersistentConnect");
        return 0;
    case 'w':
        return take_will(check, value);
    case 'T':
        check->given.value[POLICY_THING_TYPE_NAME][0] = value;
        return 0;
    case 's':
        check->given.value[POLICY_SOURCE_IP][0] = value;
        return 0;
    case 'd':
        check->given.value[POLICY_DOMAIN_NAME][0] = value;
        return 0;
    case OPTION_TIME:
        check->given.value[POLICY_CURRENT_TIME][0] = value;
        return 0;
    case OPTION_CERTS:
        return take_certs(check, value);
    case OPTION_ATTRIBUTE:
        return add_attribute(check, value);
    case OPTION_VALUE:
        return add_value(check, value);
    default:
        return add_question(check, (enum policy_action)(letter - OPTION_QUESTION), value);
    }
}

static const struct option long_option[] = {
    { "connect", required_argument, NULL, OPTION_QUESTION + POLICY_CONNECT },
    { "publish", required_argument, NULL, OPTION_QUESTION + POLICY_PUBLISH },
    { "retain-publish", required_argument, NULL, OPTION_QUESTION + POLICY_RETAIN_PUBLISH },
    { "subscribe", required_argument, NULL, OPTION_QUESTION + POLICY_SUBSCRIBE },
    { "receive", required_argument, NULL, OPTION_QUESTION + POLICY_RECEIVE },
    { "thing", required_argument, NULL, 't' },
    { "certs", required_argument, NULL, OPTION_CERTS },
    { "registry", required_argument, NULL, 'r' },
    { "certificate-id", required_argument, NULL, 'i' },
    { "client-id", required_argument, NULL, 'c' },
    { "not-attached", no_argument, NULL, 'n' },
    { "thing-type", required_argument, NULL, 'T' },
    { "attribute", required_argument, NULL, OPTION_ATTRIBUTE },
    { "value", required_argument, NULL, OPTION_VALUE },
    { "source-ip", required_argument, NULL, 's' },
    { "domain", required_argument, NULL, 'd' },
    { "time", required_argument, NULL, OPTION_TIME },
    { "persistent", no_argument, NULL, 'p' },
    { "will", required_argument, NULL, 'w' },
    { "json", no_argument, NULL, 'j' },
    { "keys", no_argument, NULL, OPTION_KEYS },
    { "help", no_argument, NULL, OPTION_HELP },
    { NULL, 0, NULL, 0 }
};

/* Reads the command line. Returns 0, EXIT_USAGE, or -1 if there is nothing more to do. */
static int read_arguments(struct check *check, int count, char **argument)
{
    int letter = 0;
    while ((letter = getopt_long(count, argument, "", long_option, NULL)) != -1) {
        if (letter == OPTION_HELP) {
            fputs(usage_text, stdout);
            return -1;
        }
        if (letter == OPTION_KEYS) {
            print_keys();
            return -1;
        }
        if (letter == '?') {
            return fail("%s", "see --help"); /* getopt_long() has named the option */
        }
        int rc = take(check, letter, optarg);
        if (rc != 0) {
            return rc;
        }
    }
    for (int i = optind; i < count; i++) {
        int rc = load_document(check, argument[i]);
        if (rc != 0) {
            return rc;
        }
    }
    if (check->policy_count == 0) {
        return fail("%s", "which policy? usage: aws-iot-policy-check POLICY.json... QUESTION...; "
                          "see --help");
    }
    if (check->question_count == 0) {
        return fail("%s", "what is the question? --connect ID, --publish TOPIC, --subscribe "
                          "FILTER, --receive TOPIC; see --help");
    }
    return check->registry_path == NULL ? 0 : load_registry(check);
}

/* The client id of a question. */
static const char *client_id_of(const struct check *check, const struct question *question)
{
    if (question->action == POLICY_CONNECT) {
        return question->name;
    }
    if (check->client_id != NULL) {
        return check->client_id;
    }
    for (size_t i = 0; i < check->question_count; i++) {
        if (check->question[i].action == POLICY_CONNECT) {
            return check->question[i].name;
        }
    }
    return check->entry != NULL ? check->entry->thing : check->thing;
}

/* What the client is known by: the registry's entry, and over it what the options say. */
static void fill_values(const struct check *check, const struct question *question,
                        struct policy_values *values)
{
    struct registry_entry by_options = { .attached = check->thing != NULL };
    const char *client_id = client_id_of(check, question);
    if (check->entry == NULL) {
        snprintf(by_options.thing, sizeof by_options.thing, "%s",
                 check->thing == NULL ? "" : check->thing);
        snprintf(by_options.certificate_id, sizeof by_options.certificate_id, "%s",
                 check->certificate_id == NULL ? "" : check->certificate_id);
    }
    struct registry_entry entry = check->entry == NULL ? by_options : *check->entry;
    entry.attached = entry.attached && !check->not_attached;
    registry_values(&entry, client_id, values);
    values->value[POLICY_THING_NAME][0] = !entry.attached        ? NULL
                                          : check->entry == NULL ? check->thing
                                                                 : check->entry->thing;
    values->value[POLICY_CERTIFICATE_ID][0] =
        check->entry == NULL ? check->certificate_id : check->entry->certificate_id;
    bool as_thing = entry.attached && client_id != NULL && strcmp(client_id, entry.thing) == 0;
    if (as_thing && check->attribute_count > 0) {
        values->attribute = check->attribute;
        values->attribute_count = check->attribute_count;
    }
    for (int key = 0; key < POLICY_KEY_COUNT; key++) {
        bool of_connect = key == POLICY_CONNECT_ATTRIBUTES || key == POLICY_LAST_WILL_TOPIC;
        if ((key == POLICY_THING_TYPE_NAME && !as_thing) ||
            (of_connect && question->action != POLICY_CONNECT)) {
            continue;
        }
        for (int i = 0; i < POLICY_VALUES_MAX; i++) {
            if (check->given.value[key][i] != NULL) {
                values->value[key][i] = check->given.value[key][i];
            }
        }
    }
}

static void print_line(cJSON *object, bool json)
{
    if (json) {
        char *line = cJSON_PrintUnformatted(object);
        puts(line == NULL ? "{}" : line);
        cJSON_free(line);
        return;
    }
    static const char *const member[] = { "decision", "action", "resource", "reason", "remedy" };
    const char *text[5];
    for (size_t i = 0; i < 5; i++) {
        text[i] = cJSON_GetStringValue(cJSON_GetObjectItem(object, member[i]));
    }
    printf("%-5s %s on %s: %s\n", text[0], text[1], text[2], text[3]);
    const cJSON *compared = cJSON_GetObjectItem(object, "compared");
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, compared)
    {
        printf("%s%s", item == compared->child ? "      compared with: " : ", ",
               cJSON_GetStringValue(item));
    }
    if (cJSON_GetArraySize(compared) > 0) {
        putchar('\n');
    }
    if (text[4] != NULL) {
        printf("      remedy: %s\n", text[4]);
    }
}

/* Answers one question. Returns whether it is allowed. */
static bool answer(const struct check *check, const struct question *question)
{
    struct policy_values values = { 0 };
    fill_values(check, question, &values);
    if (question->action == POLICY_CONNECT && check->entry != NULL &&
        !registry_is_active(check->entry)) {
        cJSON *object = explain_certificate_json(
            &(struct explain_certificate){ .rule = "CERTIFICATE_NOT_ACTIVE",
                                           .client_id = question->name,
                                           .thing = check->entry->thing,
                                           .certificate_id = check->entry->certificate_id,
                                           .status = check->entry->status });
        print_line(object, check->json);
        cJSON_Delete(object);
        return false;
    }
    struct policy_list policies = { .item = (const struct policy *const *)check->policy,
                                    .count = check->policy_count };
    struct policy_decision decision =
        policy_decide(policies, question->action, question->name, &values);
    struct policy_comparison comparison =
        policy_compare(policies, question->action, question->name, &values, &decision);
    cJSON *object = explain_json(
        &(struct explain_question){ .action = question->action,
                                    .name = question->name,
                                    .thing = values.value[POLICY_THING_NAME][0],
                                    .certificate_id = values.value[POLICY_CERTIFICATE_ID][0],
                                    .client_id = values.value[POLICY_CLIENT_ID][0],
                                    .decision = &decision,
                                    .comparison = &comparison });
    print_line(object, check->json);
    cJSON_Delete(object);
    policy_comparison_fini(&comparison);
    return decision.verdict == POLICY_ALLOWED;
}

int main(int argument_count, char **argument)
{
    static struct check check;
    char now_text[sizeof "2030-01-31T12:00:00Z"];
    time_t now = time(NULL);
    struct tm utc = { 0 };
    gmtime_r(&now, &utc);
    strftime(now_text, sizeof now_text, "%Y-%m-%dT%H:%M:%SZ", &utc);
    check.given.value[POLICY_CURRENT_TIME][0] = now_text;
    int rc = read_arguments(&check, argument_count, argument);
    for (size_t i = 0; i < check.question_count && rc >= 0 && rc != EXIT_USAGE; i++) {
        if (!answer(&check, &check.question[i])) {
            rc = EXIT_DENIED;
        }
    }
    for (size_t i = 0; i < check.policy_count; i++) {
        policy_free(&check.policy[i]);
    }
    registry_free(&check.registry);
    free(check.will_topic);
    return rc < 0 ? 0 : rc;
}
