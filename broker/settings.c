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

/* Reads the document at 'path', or the built-in one if that is NULL. */
static int load_policy(const char *path, struct policy **ret_policy)
{
    struct json_error error = { 0 };
    if (path == NULL) {
        int rc = policy_parse("default.json", default_policy, sizeof default_policy - 1, ret_policy,
                              &error);
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
    const char *slash = strrchr(path, '/');
    rc = policy_parse(slash == NULL ? path : slash + 1, text, length, ret_policy, &error);
    if (rc != 0) {
        log_load_error(path, &error);
    }
    free(text);
    return rc;
}

static int load_things(const char *path, struct registry **ret_registry)
{
    char *text = NULL;
    size_t length = 0;
    int rc = load_file(path, &text, &length);
    if (rc != 0) {
        return rc;
    }
    struct json_error error = { 0 };
    rc = registry_parse(text, length, ret_registry, &error);
    if (rc != 0) {
        log_load_error(path, &error);
    }
    free(text);
    return rc;
}

/* The path of a document that the registry names: beside it, unless it is absolute. */
static char *document_path(const struct settings *settings, const char *name)
{
    const char *slash = strrchr(settings->things, '/');
    size_t folder = name[0] == '/' || slash == NULL ? 0 : (size_t)(slash - settings->things) + 1;
    size_t length = strlen(name);
    char *path = malloc(folder + length + 1);
    if (path != NULL) {
        memcpy(path, settings->things, folder);
        memcpy(path + folder, name, length + 1);
    }
    return path;
}

static const struct policy *find_document(const struct settings *settings, const char *path)
{
    for (size_t i = 0; i < settings->document_count; i++) {
        if (strcmp(settings->document[i].path, path) == 0) {
            return settings->document[i].policy;
        }
    }
    return NULL;
}

static int add_document(struct settings *settings, const char *name)
{
    char *path = document_path(settings, name);
    if (path == NULL) {
        return -ENOMEM;
    }
    if (find_document(settings, path) != NULL) {
        free(path);
        return 0;
    }
    struct document *more =
        realloc(settings->document, (settings->document_count + 1) * sizeof *settings->document);
    if (more == NULL) {
        free(path);
        return -ENOMEM;
    }
    settings->document = more;
    struct document *document = &more[settings->document_count++];
    *document = (struct document){ .path = path };
    return load_policy(path, &document->policy);
}

/* Reads what settings->things and settings->policy_path name. */
static int load_files(struct settings *settings)
{
    int rc = load_things(settings->things, &settings->registry);
    if (rc == 0) {
        rc = load_policy(settings->policy_path, &settings->policy);
    }
    for (size_t i = 0; rc == 0 && i < registry_count(settings->registry); i++) {
        const struct registry_entry *entry = registry_at(settings->registry, i);
        for (size_t k = 0; rc == 0 && k < entry->policy_count; k++) {
            rc = add_document(settings, entry->policy[k]);
        }
    }
    return rc == 0 ? 0 : -EINVAL;
}

static void free_files(struct settings *settings)
{
    for (size_t i = 0; i < settings->document_count; i++) {
        free(settings->document[i].path);
        policy_free(&settings->document[i].policy);
    }
    free(settings->document);
    policy_free(&settings->policy);
    registry_free(&settings->registry);
}

static int keep_text(char **text, const char *value)
{
    free(*text);
    *text = strdup(value);
    return *text == NULL ? -ENOMEM : 0;
}

/* One of two words; -1 if it is neither. */
static int choice(const char *value, const char *no, const char *yes)
{
    return strcmp(value, yes) == 0 ? 1 : strcmp(value, no) == 0 ? 0 : -1;
}

static int read_option(const struct mosquitto_opt *option, struct settings *settings)
{
    const char *key = option->key;
    const char *value = option->value;
    int chosen = -1;
    if (strcmp(key, "things") == 0) {
        return keep_text(&settings->things, value);
    }
    if (strcmp(key, "policy") == 0) {
        return keep_text(&settings->policy_path, value);
    }
    if (strcmp(key, "decisions") == 0) {
        return keep_text(&settings->decisions, value);
    }
    if (strcmp(key, "state") == 0) {
        return keep_text(&settings->state_folder, value);
    }
    if (strcmp(key, "no_certificate") == 0) {
        chosen = choice(value, "refuse", "allow");
        settings->allow_without_certificate = chosen == 1;
    } else if (strcmp(key, "denial") == 0) {
        chosen = choice(value, "close", "polite");
        settings->polite = chosen == 1;
    }
    if (chosen >= 0) {
        return 0;
    }
    mosquitto_log_printf(
        MOSQ_LOG_ERR,
        "aws-iot: bad option plugin_opt_%.80s %.80s; there are things FILE, "
        "policy FILE, decisions FILE, state DIR, no_certificate allow|refuse and denial "
        "close|polite",
        key, value);
    return -EINVAL;
}

int settings_load(struct settings *settings, const struct mosquitto_opt *option, int option_count)
{
    for (int i = 0; i < option_count; i++) {
        if (read_option(&option[i], settings) != 0) {
            return -EINVAL;
        }
    }
    if (settings->things == NULL) {
        mosquitto_log_printf(MOSQ_LOG_ERR, "aws-iot: the option plugin_opt_things is missing");
        return -EINVAL;
    }
    return load_files(settings);
}

int settings_reload(struct settings *settings)
{
    struct settings fresh = *settings; /* the same options; the files are its own */
    fresh.policy = NULL;
    fresh.registry = NULL;
    fresh.document = NULL;
    fresh.document_count = 0;
    if (load_files(&fresh) != 0) {
        free_files(&fresh);
        return -EINVAL;
    }
    registry_take_seen(fresh.registry, settings->registry);
    free_files(settings);
    *settings = fresh;
    return 0;
}

size_t settings_policies(const struct settings *settings, const struct registry_entry *entry,
                         const struct policy *ret_policy[CERTIFICATE_POLICIES_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < entry->policy_count; i++) {
        char *path = document_path(settings, entry->policy[i]);
        const struct policy *policy = path == NULL ? NULL : find_document(settings, path);
        free(path);
        if (policy == NULL) {
            return 0; /* without memory nothing is allowed */
        }
        ret_policy[count++] = policy;
    }
    if (entry->policy_count == 0) {
        ret_policy[count++] = settings->policy;
    }
    return count;
}

void settings_fini(struct settings *settings)
{
    free_files(settings);
    free(settings->decisions);
    free(settings->state_folder);
    free(settings->things);
    free(settings->policy_path);
    *settings = (struct settings){ 0 };
}
