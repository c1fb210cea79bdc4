#include "bench/emulator.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bench/at_client.h"
#include "bench/fail.h"
#include "bench/stats.h"

#define OK       "\r\nOK\r\n"
#define FILE_MAX 10240 /* what AT+CCERTDOWN takes */

static void link_path(const struct bench *b, char *ret, size_t cap)
{
    if (snprintf(ret, cap, "%s/modem", b->tmp) >= (int)cap) {
        fail("%s: path too long", b->tmp);
    }
}

void emulator_start(struct emulator *e, const struct bench *b, const char *profile,
                    const char *count)
{
    char link[PATH_MAX];
    char where[PATH_MAX];
    link_path(b, link, sizeof link);
    const char *const argv[] = { b->emulator, "--link",  link,  "--profile",
                                 profile,     "--count", count, NULL };
    e->fd = -1;
    process_start(&e->process, argv);
    process_ready(&e->process, where, sizeof where);
}

void emulator_talk(struct emulator *e, const struct bench *b)
{
    char link[PATH_MAX];
    link_path(b, link, sizeof link);
    e->fd = at_open(link);
    at_command(e->fd, "ATE0\r", "ATE0\r" OK);
}

static void store(struct emulator *e, const struct bench *b, const char *file, const char *name)
{
    char path[PATH_MAX];
    char bytes[FILE_MAX];
    char command[128];
    if (snprintf(path, sizeof path, "%s/%s", b->certs, file) >= (int)sizeof path) {
        fail("%s: path too long", b->certs);
    }
    FILE *f = fopen(path, "rb");
    size_t n = f != NULL ? fread(bytes, 1, sizeof bytes, f) : 0;
    if (f == NULL || ferror(f) != 0 || n == 0) {
        fail("cannot read %s: %s", path, strerror(errno));
    }
    (void)fclose(f);
    (void)snprintf(command, sizeof command, "AT+CCERTDOWN=\"%s\",%zu\r", name, n);
    at_command(e->fd, command, "\r\n>");
    const struct at_turn t = { span_of(bytes, n), SPAN_LIT(OK) };
    char answer[AT_ANSWER_MAX];
    at_turn(e->fd, &t, answer);
    at_check(&t, answer);
}

void emulator_prepare(struct emulator *e, const struct bench *b)
{
    static const char *const commands[] = {
        "AT+CSSLCFG=\"sslversion\",0,4\r",
        "AT+CSSLCFG=\"authmode\",0,2\r",
        "AT+CSSLCFG=\"cacert\",0,\"cacert.pem\"\r",
        "AT+CSSLCFG=\"clientcert\",0,\"clientcert.pem\"\r",
        "AT+CSSLCFG=\"clientkey\",0,\"clientkey.pem\"\r",
    };
    store(e, b, "AmazonRootCA1.pem", "cacert.pem");
    store(e, b, "thing1-certificate.pem.crt", "clientcert.pem");
    store(e, b, "thing1-private.pem.key", "clientkey.pem");
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        at_command(e->fd, commands[i], OK);
    }
    at_command(e->fd, "AT+CMQTTSTART\r", "\r\n+CMQTTSTART: 0\r\n" OK);
    at_command(e->fd, "AT+CMQTTACCQ=0,\"modem0\",1\r", OK);
    at_command(e->fd, "AT+CMQTTACCQ=1,\"modem1\",1\r", OK);
}

double emulator_connect(struct emulator *e, const struct bench *b, unsigned client)
{
    char command[128];
    char answer[64];
    (void)snprintf(command, sizeof command, "AT+CMQTTSSLCFG=%u,0\r", client);
    at_command(e->fd, command, OK); /* a disconnect clears it */
    (void)snprintf(command, sizeof command, "AT+CMQTTCONNECT=%u,\"tcp://%s:%u\",60,1\r", client,
                   BROKER_HOST, b->port);
    (void)snprintf(answer, sizeof answer, OK "\r\n+CMQTTCONNECT: %u,0\r\n", client);
    uint64_t from = clock_ns();
    at_command(e->fd, command, answer);
    return (double)(clock_ns() - from);
}

void emulator_disconnect(struct emulator *e, unsigned client)
{
    char command[64];
    char answer[64];
    (void)snprintf(command, sizeof command, "AT+CMQTTDISC=%u,60\r", client);
    (void)snprintf(answer, sizeof answer, OK "\r\n+CMQTTDISC: %u,0\r\n", client);
    at_command(e->fd, command, answer);
}

void emulator_stop(struct emulator *e)
{
    if (e->fd >= 0) {
        (void)close(e->fd);
    }
    process_stop(&e->process);
}
