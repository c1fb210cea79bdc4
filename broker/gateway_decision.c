#include "broker/gateway_decision.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { TEXT_MAX = 320 };

static int decisions = -1;

int gateway_decision_open(const char *path)
{
    if (path != NULL) {
        decisions = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    }
    return path != NULL && decisions < 0 ? -errno : 0;
}

void gateway_decision_close(void)
{
    if (decisions >= 0) {
        close(decisions);
        decisions = -1;
    }
}

/* Length of the UTF-8 character at 'p' (RFC 3629), 0 if there is none. */
static size_t character(const uint8_t *p, size_t n)
{
    size_t length = p[0] < 0x80   ? 1
                    : p[0] < 0xC2 ? 0
                    : p[0] < 0xE0 ? 2
                    : p[0] < 0xF0 ? 3
                    : p[0] < 0xF5 ? 4
                                  : 0;
    if (length > n) {
        return 0;
    }
    for (size_t i = 1; i < length; i++) {
        if ((p[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    return length;
}

/* Copies text that a client chose, with '?' for what is no UTF-8 or would control a terminal. */
static void clean(char *to, size_t size, struct span text)
{
    size_t at = 0;
    while (text.n > 0 && at + 5 < size) {
        size_t n = character(text.p, text.n);
        if (n == 0 || (n == 1 && (text.p[0] < ' ' || text.p[0] == 127))) {
            to[at++] = '?';
            n = 1;
        } else {
            memcpy(to + at, text.p, n);
            at += n;
        }
        text = span_from(text, n);
    }
    to[at] = '\0';
}

static void add(cJSON *object, const char *name, const char *value)
{
    if (value != NULL && value[0] != '\0') {
        cJSON_AddStringToObject(object, name, value);
    }
}

static void write_json(const struct gateway_decision *d, const char *client_id,
                       const char *resource, const char *reason)
{
    const struct gateway_rule_row *row = gateway_rule_row(d->verdict->rule);
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    cJSON *object = cJSON_CreateObject();
    int64_t time_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
    cJSON_AddNumberToObject(object, "time_ms", (double)time_ms);
    add(object, "source", "gateway");
    /* a QoS 2 packet may be met with silence or with the end of the connection */
    bool closed = d->closes && strcmp(row->decision, "silence") == 0;
    add(object, "decision", closed ? "close" : row->decision);
    add(object, "clientId", client_id);
    add(object, "certificateId", d->certificate_id);
    add(object, "action", d->action);
    add(object, "resource", resource);
    add(object, "rule", row->word);
    add(object, "limit", row->name);
    add(object, "reason", reason);
    add(object, "remedy", row->remedy);
    add(object, "page", row->page);
    char *line = cJSON_PrintUnformatted(object);
    if (line != NULL) {
        size_t length = strlen(line);
        line[length] = '\n'; /* in the place of the NUL: one write for the whole line */
        ssize_t written = write(decisions, line, length + 1);
        (void)written; /* a full disk must not end the broker */
    }
    cJSON_free(line);
    cJSON_Delete(object);
}

void gateway_decision_write(const struct gateway_decision *d)
{
    if (d->verdict->quiet) {
        return;
    }
    char client_id[TEXT_MAX];
    char resource[TEXT_MAX];
    char reason[2 * TEXT_MAX];
    clean(client_id, sizeof client_id, d->client_id);
    clean(resource, sizeof resource, span_str(d->verdict->resource));
    if (d->text != NULL) {
        snprintf(reason, sizeof reason, "%s", d->text);
    } else {
        gateway_verdict_reason(d->verdict, reason, sizeof reason);
    }
    if (decisions >= 0) {
        write_json(d, client_id, resource, reason);
    }
    if (d->verdict->rule != RULE_NONE) {
        fprintf(stderr, "aws-iot: gateway: %s%s%s of %s%s: %s\n", d->action,
                resource[0] == '\0' ? "" : " on ", resource,
                client_id[0] == '\0' ? "a client" : "client ", client_id, reason);
    }
}
