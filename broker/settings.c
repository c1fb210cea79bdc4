#include "broker/settings.h"
#include "broker/text_file.h"

#include <errno.h>
#include <mosquitto.h>
#include <mosquitto_broker.h>
#include <stdlib.h>
#include <string.h>

#include "default_policy.h" /* made from policies/default.json by the build */

static void log_load_error(const char *path, const struct json_error *error)
{
    mosquitto_log_printf(MOSQ_LOG_ERR, "aws-iot: %.300s:%zu:%zu: %s", path, error->line,
                         error->column, error->what);
}

static int load_file(const char *path, char **ret_text, size_t *ret_length)
{
    int rc = text_file_read(path, JSON_DOC_MAX_LENGTH, ret_text, ret_length);
    if (rc != 0) {
        mosquitto_log_printf(MOSQ_LOG_ERR, "aws-iot: cannot read %.300s: %s", path, strerror(-rc));
    }
    return rc;
}

static int load_policy(struct settings *settings, const char *path)
{
    struct json_error error = { 0 };
    if (path == NULL) {
        int rc = policy_parse(default_policy, sizeof default_policy - 1, &settings->policy, &error);
        if (rc != 0) {
            log_load_error("default.json", &error);
        }
        return rc;
    }
    char *text = NULL;
    size_t length = 0;
    int rc = load_file(path, &text, &length);
    if (rc != 0) {
        return rc;
    }
    rc = policy_parse(text, length, &settings->policy, &error);
    if (rc != 0) {
        log_load_error(path, &error);
    }
    free(text);
    return rc;
}

static int load_things(struct settings *settings, const char *path)
{
    if (path == NULL) {
        mosquitto_log_printf(MOSQ_LOG_ERR, "aws-iot: the option plugin_opt_things is missing");
        return -EINVAL;
    }
    char *text = NULL;
    size_t length = 0;
    int rc = load_file(path, &text, &length);
    if (rc != 0) {
        return rc;
    }
    struct json_error error = { 0 };
    rc = registry_parse(text, length, &settings->registry, &error);
    if (rc != 0) {
        log_load_error(path, &error);
    }
    free(text);
    return rc;
}

struct options {
    const char *things;
    const char *policy;
    bool allow_without_certificate;
};

static int read_option(const struct mosquitto_opt *option, struct options *options)
{
    if (strcmp(option->key, "things") == 0) {
        options->things = option->value;
        return 0;
    }
    if (strcmp(option->key, "policy") == 0) {
        options->policy = option->value;
        return 0;
    }
    if (strcmp(option->key, "no_certificate") == 0 &&
        (strcmp(option->value, "allow") == 0 || strcmp(option->value, "refuse") == 0)) {
        options->allow_without_certificate = strcmp(option->value, "allow") == 0;
        return 0;
    }
    mosquitto_log_printf(MOSQ_LOG_ERR,
                         "aws-iot: bad option plugin_opt_%.80s %.80s; there are things FILE, "
                         "policy FILE and no_certificate allow|refuse",
                         option->key, option->value);
    return -EINVAL;
}

int settings_load(struct settings *settings, const struct mosquitto_opt *option, int option_count)
{
    struct options options = { 0 };
    for (int i = 0; i < option_count; i++) {
        if (read_option(&option[i], &options) != 0) {
            return -EINVAL;
        }
    }
    settings->allow_without_certificate = options.allow_without_certificate;
    if (load_things(settings, options.things) != 0 || load_policy(settings, options.policy) != 0) {
        return -EINVAL;
    }
    return 0;
}

void settings_fini(struct settings *settings)
{
    policy_free(&settings->policy);
    registry_free(&settings->registry);
}
