#include "broker/shadow_file.h"

#include "broker/shadow_json.h"
#include "broker/shadow_request.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int fail_at(const struct json_doc *doc, const char *name, struct json_error *ret_error,
                   const char *what)
{
    struct json_path path = { .depth = 0 };
    size_t ordinal = 0;
    for (const cJSON *member = doc->root->child; member != NULL; member = member->next) {
        if (name != NULL && member->string != NULL && strcmp(member->string, name) == 0) {
            path = (struct json_path){ .ordinal = { ordinal }, .depth = 1 };
        }
        ordinal++;
    }
    return json_doc_fail(doc, &path, false, ret_error, "%s", what);
}

static int read_number(const struct json_doc *doc, const char *name, int64_t *ret_number,
                       struct json_error *ret_error)
{
    const cJSON *number = shadow_json_member(doc->root, name);
    if (!cJSON_IsNumber(number) || number->valuedouble < 1 || number->valuedouble > 1e15 ||
        floor(number->valuedouble) < number->valuedouble) {
        char what[64];
        snprintf(what, sizeof what, "%s must be a whole number from 1", name);
        return fail_at(doc, name, ret_error, what);
    }
    *ret_number = (int64_t)number->valuedouble;
    return 0;
}

static int read_state(const struct json_doc *doc, struct shadow_doc *ret_doc,
                      struct json_error *ret_error)
{
    cJSON *state = shadow_json_member(doc->root, "state");
    cJSON *metadata = shadow_json_member(doc->root, "metadata");
    if (state == NULL && metadata == NULL) {
        return 0; /* deleted */
    }
    if (!cJSON_IsObject(state) || !cJSON_IsObject(metadata)) {
        return fail_at(doc, cJSON_IsObject(state) ? "metadata" : "state", ret_error,
                       "state and metadata must both be objects");
    }
    shadow_json_keep_last(state);
    shadow_json_keep_last(metadata);
    const char *node = "";
    enum shadow_reason reason = shadow_request_check_state(state, &node);
    if (reason != SHADOW_OK) {
        char what[160];
        shadow_reason_text(reason, node, what, sizeof what);
        return fail_at(doc, "state", ret_error, what);
    }
    ret_doc->state = cJSON_DetachItemViaPointer(doc->root, state);
    ret_doc->metadata = cJSON_DetachItemViaPointer(doc->root, metadata);
    return 0;
}

int shadow_file_parse(const char *text, size_t length, struct shadow_doc *ret_doc,
                      struct json_error *ret_error)
{
    struct json_doc doc = { 0 };
    int rc = json_doc_parse(&doc, text, length, ret_error);
    if (rc != 0) {
        return rc;
    }
    rc = cJSON_IsObject(doc.root) ? 0 : fail_at(&doc, NULL, ret_error, "must be an object");
    if (rc == 0) {
        rc = read_number(&doc, "version", &ret_doc->version, ret_error);
    }
    if (rc == 0) {
        rc = read_number(&doc, "timestamp", &ret_doc->timestamp, ret_error);
    }
    if (rc == 0) {
        rc = read_state(&doc, ret_doc, ret_error);
    }
    json_doc_free(&doc);
    if (rc != 0) {
        shadow_doc_fini(ret_doc);
    }
    return rc;
}

char *shadow_file_print(const struct shadow_doc *doc)
{
    cJSON *root = cJSON_CreateObject();
    bool ok = root != NULL;
    if (ok && doc->state != NULL) { /* references: the trees stay the document's */
        ok = cJSON_AddItemReferenceToObject(root, "state", doc->state) != 0 &&
             cJSON_AddItemReferenceToObject(root, "metadata", doc->metadata) != 0;
    }
    ok = ok && cJSON_AddNumberToObject(root, "version", (double)doc->version) != NULL &&
         cJSON_AddNumberToObject(root, "timestamp", (double)doc->timestamp) != NULL;
    char *text = ok ? cJSON_Print(root) : NULL;
    cJSON_Delete(root);
    return text;
}

static int write_all(int file, const char *text)
{
    size_t length = strlen(text);
    while (length > 0) {
        ssize_t n = write(file, text, length);
        if (n < 0 && errno != EINTR) {
            return -errno;
        }
        if (n > 0) {
            text += n;
            length -= (size_t)n;
        }
    }
    return fsync(file) == 0 ? 0 : -errno;
}

static int sync_folder(const char *folder)
{
    int file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file < 0) {
        return -errno;
    }
    int rc = fsync(file) == 0 ? 0 : -errno;
    close(file);
    return rc;
}

int shadow_file_write(const char *folder, const char *path, const char *text)
{
    char fresh[PATH_MAX];
    int length = snprintf(fresh, sizeof fresh, "%s.new", path);
    if (length < 0 || (size_t)length >= sizeof fresh) {
        return -ENAMETOOLONG;
    }
    int file = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (file < 0) {
        return -errno;
    }
    int rc = write_all(file, text);
    if (rc == 0) {
        rc = write_all(file, "\n");
    }
    if (close(file) != 0 && rc == 0) {
        rc = -errno;
    }
    if (rc == 0 && rename(fresh, path) != 0) {
        rc = -errno;
    }
    if (rc != 0) {
        unlink(fresh);
        return rc;
    }
    return sync_folder(folder);
}
