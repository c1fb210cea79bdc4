#include "broker/shadow_store.h"

#include "broker/shadow_file.h"
#include "broker/text_file.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* A shadow that was asked for since the broker started. */
struct shadow {
    struct shadow *next;
    bool loaded; /* without it the file, if there is one, is to be read */
    struct shadow_doc doc;
    char thing[SHADOW_THING_MAX_LENGTH + 1];
    char name[SHADOW_NAME_MAX_LENGTH + 1];
};

struct shadow_store {
    struct shadow *first;
    char *folder; /* NULL: memory only */
};

static int fail(struct shadow_store_error *error, const char *what, const char *path, int rc)
{
    snprintf(error->what, sizeof error->what, "%s %.300s: %s", what, path, strerror(-rc));
    return rc;
}

int shadow_store_open(const char *folder, struct shadow_store **ret_store,
                      struct shadow_store_error *ret_error)
{
    if (folder != NULL && mkdir(folder, 0700) != 0 && errno != EEXIST) {
        return fail(ret_error, "cannot make the folder", folder, -errno);
    }
    struct stat status;
    if (folder != NULL && (stat(folder, &status) != 0 || !S_ISDIR(status.st_mode))) {
        return fail(ret_error, "no folder is", folder, -ENOTDIR);
    }
    struct shadow_store *store = calloc(1, sizeof *store);
    if (store != NULL && folder != NULL) {
        store->folder = strdup(folder);
    }
    if (store == NULL || (folder != NULL && store->folder == NULL)) {
        free(store);
        return fail(ret_error, "cannot keep", "shadows", -ENOMEM);
    }
    *ret_store = store;
    return 0;
}

void shadow_store_close(struct shadow_store **store)
{
    if (*store == NULL) {
        return;
    }
    struct shadow *shadow = (*store)->first;
    while (shadow != NULL) {
        struct shadow *next = shadow->next;
        shadow_doc_fini(&shadow->doc);
        free(shadow);
        shadow = next;
    }
    free((*store)->folder);
    free(*store);
    *store = NULL;
}

static struct shadow *find(struct shadow_store *store, const struct shadow_topic *topic)
{
    for (struct shadow *shadow = store->first; shadow != NULL; shadow = shadow->next) {
        if (strcmp(shadow->thing, topic->thing) == 0 && strcmp(shadow->name, topic->name) == 0) {
            return shadow;
        }
    }
    return NULL;
}

static struct shadow *add(struct shadow_store *store, const struct shadow_topic *topic)
{
    struct shadow *shadow = calloc(1, sizeof *shadow);
    if (shadow != NULL) {
        memcpy(shadow->thing, topic->thing, sizeof shadow->thing);
        memcpy(shadow->name, topic->name, sizeof shadow->name);
        shadow->next = store->first;
        store->first = shadow;
    }
    return shadow;
}

/* Names have none of the characters that mean something in a path. */
static int make_path(const struct shadow_store *store, const struct shadow_topic *topic,
                     char ret_path[PATH_MAX])
{
    int length = snprintf(ret_path, PATH_MAX, "%s/%s%s%s.json", store->folder, topic->thing,
                          topic->name[0] == '\0' ? "" : ".", topic->name);
    return length < 0 || length >= PATH_MAX ? -ENAMETOOLONG : 0;
}

static int load(const struct shadow_store *store, const struct shadow_topic *topic,
                struct shadow *shadow, struct shadow_store_error *error)
{
    char path[PATH_MAX];
    int rc = make_path(store, topic, path);
    if (rc != 0) {
        return fail(error, "cannot read below", store->folder, rc);
    }
    char *text = NULL;
    size_t length = 0;
    rc = text_file_read(path, JSON_DOC_MAX_LENGTH, &text, &length);
    if (rc == -ENOENT) {
        return 0;
    }
    if (rc != 0) {
        return fail(error, "cannot read", path, rc);
    }
    struct json_error json_error = { 0 };
    rc = shadow_file_parse(text, length, &shadow->doc, &json_error);
    free(text);
    if (rc != 0) {
        snprintf(error->what, sizeof error->what,
                 "%.200s:%zu:%zu: %.160s; the file was left as it is: repair or remove it", path,
                 json_error.line, json_error.column, json_error.what);
    }
    return rc;
}

int shadow_store_get(struct shadow_store *store, const struct shadow_topic *topic,
                     const struct shadow_doc **ret_doc, struct shadow_store_error *ret_error)
{
    struct shadow *shadow = find(store, topic);
    if (shadow == NULL) {
        shadow = add(store, topic);
    }
    if (shadow == NULL) {
        return fail(ret_error, "cannot keep the shadow of", topic->thing, -ENOMEM);
    }
    if (!shadow->loaded && store->folder != NULL) {
        int rc = load(store, topic, shadow, ret_error);
        if (rc != 0) {
            return rc;
        }
    }
    shadow->loaded = true;
    *ret_doc = &shadow->doc;
    return 0;
}

static int save(const struct shadow_store *store, const struct shadow_topic *topic,
                const struct shadow_doc *doc, struct shadow_store_error *error)
{
    char path[PATH_MAX];
    int rc = make_path(store, topic, path);
    if (rc != 0) {
        return fail(error, "cannot write below", store->folder, rc);
    }
    char *text = shadow_file_print(doc);
    rc = text == NULL ? -ENOMEM : shadow_file_write(store->folder, path, text);
    cJSON_free(text);
    return rc == 0 ? 0 : fail(error, "cannot write", path, rc);
}

int shadow_store_put(struct shadow_store *store, const struct shadow_topic *topic,
                     struct shadow_doc *doc, struct shadow_store_error *ret_error)
{
    struct shadow *shadow = find(store, topic);
    if (shadow == NULL) {
        return fail(ret_error, "nobody asked for the shadow of", topic->thing, -EINVAL);
    }
    int rc = store->folder == NULL ? 0 : save(store, topic, doc, ret_error);
    if (rc == 0) {
        shadow_doc_fini(&shadow->doc);
        shadow->doc = *doc;
        *doc = (struct shadow_doc){ 0 };
    }
    return rc;
}
