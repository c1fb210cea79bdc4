#include "good_certificates.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define FILE_MAX 10240 /* the modem takes no more */

const char *const certificate_names[CERTIFICATES] = { "cacert.pem", "clientcert.pem",
                                                      "clientkey.pem" };

/* %s: the thing */
static const char *const FILE_NAMES[CERTIFICATES] = { "AmazonRootCA1.pem", "%s-certificate.pem.crt",
                                                      "%s-private.pem.key" };

/* One line of CCERTLIST, behind its prefix: "cacert.pem" with its quotes. */
static void take_name(void *context, const char *rest)
{
    struct certificates *c = context;
    for (size_t i = 0; i < CERTIFICATES; i++) {
        size_t n = strlen(certificate_names[i]);
        if (rest[0] == '"' && strncmp(rest + 1, certificate_names[i], n) == 0 &&
            strcmp(rest + 1 + n, "\"") == 0) {
            c->listed[i] = true;
        }
    }
}

static bool is_missing(const struct certificates *c)
{
    return !(c->listed[0] && c->listed[1] && c->listed[2]);
}

/* A line of the list may be lost on the way, and an upload for nothing wears the store: missing is
 * what is missing twice. */
static enum at_result list(struct certificates *c, struct at *at)
{
    struct at_call call = {
        .text = "AT+CCERTLIST", .prefix = "+CCERTLIST:", .on_answer = take_name, .context = c
    };
    memset(c->listed, 0, sizeof(c->listed));
    enum at_result r = at_run(at, &call);
    if (r == AT_OK && is_missing(c)) {
        r = at_run(at, &call);
    }
    return r;
}

/* The file's bytes as they are: a modem that gets them with other line ends may not read them. */
static bool read_file(const struct settings *s, size_t which, char *bytes, size_t *ret_n)
{
    char name[256];
    char path[1024];
    if (which == 0) {
        snprintf(name, sizeof(name), "%s", FILE_NAMES[0]);
    } else {
        snprintf(name, sizeof(name), which == 1 ? "%s-certificate.pem.crt" : "%s-private.pem.key",
                 s->thing);
    }
    snprintf(path, sizeof(path), "%s/%s", s->certificates, name);
    FILE *f = fopen(path, "rb");
    if (f == NULL) {
        fprintf(stderr, "client-good: cannot read %s: %s\n", path, strerror(errno));
        return false;
    }
    *ret_n = fread(bytes, 1, FILE_MAX + 1, f);
    fclose(f);
    if (*ret_n == 0 || *ret_n > FILE_MAX) {
        fprintf(stderr, "client-good: %s must have 1 to %d bytes\n", path, FILE_MAX);
        return false;
    }
    return true;
}

static enum at_result upload(struct certificates *c, struct at *at, const struct settings *s,
                             size_t which)
{
    char bytes[FILE_MAX + 1];
    char command[64];
    size_t n;
    if (!read_file(s, which, bytes, &n)) {
        return AT_ERROR;
    }
    snprintf(command, sizeof(command), "AT+CCERTDOWN=\"%s\",%zu", certificate_names[which], n);
    struct at_call call = { .text = command, .data = bytes, .data_n = n };
    /* Until the modem says OK it may have a part, or what filled the part up. */
    c->broken[which] = true;
    c->unproven = true;
    enum at_result r = at_run(at, &call);
    if (r == AT_OK) {
        c->broken[which] = false;
    }
    return r;
}

enum at_result certificates_provide(struct certificates *c, struct at *at, const struct settings *s)
{
    enum at_result r = list(c, at);
    for (size_t i = 0; i < CERTIFICATES && r == AT_OK; i++) {
        if (!c->listed[i] || c->broken[i]) {
            r = upload(c, at, s, i);
        }
    }
    return r;
}

void certificates_suspect(struct certificates *c, long code)
{
    /* 33, 34: a file is missing or cannot be read. 32 has a dozen causes; the files are one of them
     * only while nothing has shown that they arrived whole. */
    bool file = code == 33 || code == 34 || (code == 32 && c->unproven);
    if (!file) {
        return;
    }
    c->refused++;
    /* At the 1st, 2nd, 4th, 8th refusal and so on: each upload wears the store. */
    if ((c->refused & (c->refused - 1)) == 0) {
        memset(c->broken, true, sizeof(c->broken));
    }
}

void certificates_proven(struct certificates *c)
{
    c->unproven = false;
    c->refused = 0;
}
