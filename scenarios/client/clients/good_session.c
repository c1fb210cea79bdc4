#include "good_session.h"

#include <stdio.h>
#include <string.h>

#define NETWORK_MS   70000 /* limit of what waits for the network; PUB gives up after 60 s itself */
#define KEEP_ALIVE_S 60
#define TRIES_SMALL  3

enum at_result session_failed(struct session *s, enum at_result r, const char *step, long code)
{
    switch (r) {
    case AT_OK:
    case AT_STOPPED:
        break;
    case AT_ERROR:
        if (code == AT_NO_CODE) {
            snprintf(s->why, sizeof(s->why), "%s is refused", step);
        } else {
            snprintf(s->why, sizeof(s->why), "%s ends with code %ld", step, code);
        }
        break;
    case AT_NO_ANSWER:
        snprintf(s->why, sizeof(s->why), "%s gets no answer", step);
        break;
    case AT_REBOOTED:
        snprintf(s->why, sizeof(s->why), "the modem has rebooted");
        break;
    case AT_HUNG_UP:
        snprintf(s->why, sizeof(s->why), "the port hung up");
        break;
    }
    return r;
}

static enum at_result step(struct session *s, struct at_call *call, const char *name)
{
    enum at_result r = at_run(&s->at, call);
    return session_failed(s, r, name, call->ret_code);
}

/* A command whose refusal does not matter. */
static enum at_result optional_step(struct session *s, const char *text, const char *name)
{
    struct at_call call = { .text = text };
    enum at_result r = at_run(&s->at, &call);
    return r == AT_ERROR ? AT_OK : session_failed(s, r, name, call.ret_code);
}

/* A command whose answer is waited for in one more line, +CMQTTxxx: 0,CODE. */
static enum at_result operation(struct session *s, const char *text, const char *prefix,
                                long *ret_code)
{
    struct at_call call = {
        .text = text, .prefix = prefix, .has_result = true, .limit_ms = NETWORK_MS
    };
    enum at_result r = at_run(&s->at, &call);
    *ret_code = call.ret_code;
    return r;
}

/* ---- network
 * --------------------------------------------------------------------------------------- */

struct answer {
    char text[64];
};

static void keep_answer(void *context, const char *rest)
{
    struct answer *a = context;
    snprintf(a->text, sizeof(a->text), "%s", rest);
}

/* "0,1" or "0,5", at home or roaming; more fields may follow. */
static bool is_registered(const char *text)
{
    const char *comma = strchr(text, ',');
    return comma != NULL && (comma[1] == '1' || comma[1] == '5') &&
           (comma[2] == '\0' || comma[2] == ',');
}

/* AT_OK: ready. AT_ERROR: not yet. */
static enum at_result ask_network(struct session *s)
{
    static const char *const QUESTIONS[][2] = { { "AT+CEREG?", "+CEREG:" },
                                                { "AT+CGREG?", "+CGREG:" },
                                                { "AT+CREG?", "+CREG:" } };
    struct answer a = { "" };
    struct at_call pin = {
        .text = "AT+CPIN?", .prefix = "+CPIN:", .on_answer = keep_answer, .context = &a
    };
    enum at_result r = at_run(&s->at, &pin);
    if (r != AT_OK || strcmp(a.text, "READY") != 0) {
        /* A card that asks for its PIN is left alone: three wrong guesses would lock it. */
        snprintf(s->why, sizeof(s->why), "the SIM is not ready%s%s", *a.text ? ": " : "", a.text);
        return r == AT_OK ? AT_ERROR : r;
    }
    for (size_t i = 0; i < sizeof(QUESTIONS) / sizeof(QUESTIONS[0]); i++) {
        struct at_call call = { .text = QUESTIONS[i][0],
                                .prefix = QUESTIONS[i][1],
                                .on_answer = keep_answer,
                                .context = &a };
        a.text[0] = '\0';
        r = at_run(&s->at, &call);
        if (r != AT_OK && r != AT_ERROR) {
            return r;
        }
        if (r == AT_OK && is_registered(a.text)) {
            return AT_OK;
        }
    }
    snprintf(s->why, sizeof(s->why), "there is no network");
    return AT_ERROR;
}

enum at_result session_wait_network(struct session *s)
{
    long pause = 1000;
    for (;;) {
        enum at_result r = ask_network(s);
        if (r == AT_OK) {
            return r;
        }
        if (r != AT_ERROR) {
            return session_failed(s, r, "the question for the network", AT_NO_CODE);
        }
        printf("waiting %s\n", s->why);
        r = at_idle(&s->at, port_now() + at_scaled(&s->at, pause, 20));
        if (r != AT_NO_ANSWER && r != AT_ERROR) {
            return session_failed(s, r, "waiting for the network", AT_NO_CODE);
        }
        s->at.connection_lost = false;
        pause = pause < 16000 ? 2 * pause : pause;
    }
}

/* ---- TLS
 * ------------------------------------------------------------------------------------------- */

/* Whether the modem's clock was set, by the network or by anybody: "26/11/28,...". One that nobody
 * set says 1980 or 1970. */
static enum at_result ask_clock(struct session *s, bool *ret_set)
{
    struct answer a = { "" };
    struct at_call call = {
        .text = "AT+CCLK?", .prefix = "+CCLK:", .on_answer = keep_answer, .context = &a
    };
    enum at_result r = at_run(&s->at, &call);
    *ret_set = r == AT_OK && a.text[0] == '"' && a.text[1] >= '2' && a.text[1] < '7';
    return r == AT_ERROR ? AT_OK : session_failed(s, r, "AT+CCLK?", AT_NO_CODE);
}

/* An expired certificate is refused where the modem can know that it is. */
static enum at_result set_up_dates(struct session *s)
{
    bool set;
    enum at_result r = ask_clock(s, &set);
    if (r != AT_OK) {
        return r;
    }
    const char *text =
        set ? "AT+CSSLCFG=\"ignorelocaltime\",0,0" : "AT+CSSLCFG=\"ignorelocaltime\",0,1";
    return session_failed(s, at_simple(&s->at, text), text, AT_NO_CODE);
}

enum at_result session_set_up_tls(struct session *s)
{
    static const char *const PLAIN[] = { "AT+CSSLCFG=\"sslversion\",0,4",
                                         "AT+CSSLCFG=\"authmode\",0,2" };
    static const char *const NAMES[CERTIFICATES] = { "cacert", "clientcert", "clientkey" };
    if (!s->settings->tls) {
        return AT_OK;
    }
    enum at_result r = certificates_provide(&s->certificates, &s->at, s->settings);
    session_failed(s, r, "the upload of certificates", AT_NO_CODE);
    for (size_t i = 0; i < sizeof(PLAIN) / sizeof(PLAIN[0]) && r == AT_OK; i++) {
        r = session_failed(s, at_simple(&s->at, PLAIN[i]), PLAIN[i], AT_NO_CODE);
    }
    if (r == AT_OK) {
        r = set_up_dates(s);
    }
    for (size_t i = 0; i < CERTIFICATES && r == AT_OK; i++) {
        char text[80];
        snprintf(text, sizeof(text), "AT+CSSLCFG=\"%s\",0,\"%s\"", NAMES[i], certificate_names[i]);
        r = session_failed(s, at_simple(&s->at, text), text, AT_NO_CODE);
    }
    if (r == AT_OK) {
        r = optional_step(s, "AT+CSSLCFG=\"enableSNI\",0,1",
                          "enableSNI"); /* firmware of 2018 has none */
    }
    return r;
}

/* ---- the service
 * ----------------------------------------------------------------------------------- */

/* +CMQTTDISC: 0,0 means connected, 0,1 not. */
static void take_state(void *context, const char *rest)
{
    long n[2];
    if (reader_numbers(rest, n, 2) == 2 && n[0] == 0) {
        *(long *)context = n[1];
    }
}

/* *ret_connected: 1 or 0. A modem whose service is not started answers ERROR: not connected. */
static enum at_result ask_connected(struct session *s, bool *ret_connected)
{
    long state = AT_NO_CODE;
    struct at_call call = {
        .text = "AT+CMQTTDISC?", .prefix = "+CMQTTDISC:", .on_answer = take_state, .context = &state
    };
    enum at_result r = at_run(&s->at, &call);
    *ret_connected = r == AT_OK && state == 0;
    return r == AT_ERROR ? AT_OK : r;
}

enum at_result session_tear_down(struct session *s)
{
    bool connected;
    long code;
    enum at_result r = ask_connected(s, &connected);
    if (r == AT_OK && connected) {
        r = operation(s, "AT+CMQTTDISC=0,60", "+CMQTTDISC:", &code);
    }
    if (r == AT_OK || r == AT_ERROR) {
        r = at_simple(&s->at, "AT+CMQTTREL=0");
    }
    if (r == AT_OK || r == AT_ERROR) {
        r = operation(s, "AT+CMQTTSTOP", "+CMQTTSTOP:", &code);
    }
    return r == AT_ERROR ? AT_OK : session_failed(s, r, "ending the old session", AT_NO_CODE);
}

static enum at_result start(struct session *s)
{
    long code;
    enum at_result r = operation(s, "AT+CMQTTSTART", "+CMQTTSTART:", &code);
    /* 23: it is started, which is what was wanted. */
    return r == AT_ERROR && code == 23 ? AT_OK : session_failed(s, r, "START", code);
}

static enum at_result acquire(struct session *s)
{
    char text[200];
    snprintf(text, sizeof(text), "AT+CMQTTACCQ=0,\"%s\",%d", s->settings->client_id,
             s->settings->tls ? 1 : 0);
    struct at_call call = { .text = text, .prefix = "+CMQTTACCQ:" };
    enum at_result r = step(s, &call, "ACCQ");
    if (r == AT_OK) {
        /* MQTT 3.1.1, which AWS wants; where there is no such item it is the default. */
        r = optional_step(s, "AT+CMQTTCFG=\"version\",0,4", "CMQTTCFG");
    }
    if (r == AT_OK && s->settings->tls) {
        r = session_failed(s, at_simple(&s->at, "AT+CMQTTSSLCFG=0,0"), "SSLCFG", AT_NO_CODE);
    }
    return r;
}

enum at_result session_connect(struct session *s)
{
    char text[400];
    long code = AT_NO_CODE;
    enum at_result r = start(s);
    if (r == AT_OK) {
        r = acquire(s);
    }
    if (r != AT_OK) {
        return r;
    }
    s->at.connection_lost = false;
    snprintf(text, sizeof(text), "AT+CMQTTCONNECT=0,\"tcp://%s:%ld\",%d,1",
             s->settings->broker_host, s->settings->broker_port, KEEP_ALIVE_S);
    r = operation(s, text, "+CMQTTCONNECT:", &code);
    if (r == AT_OK) {
        certificates_proven(&s->certificates);
    } else if (r == AT_ERROR && s->settings->tls) {
        certificates_suspect(&s->certificates, code);
    }
    return session_failed(s, r, "CONNECT", code);
}

/* The topics of the thing: its name, and what is behind it. */
struct topic {
    char text[200];
};

static struct topic thing_topic(const struct session *s, const char *behind)
{
    struct topic t;
    snprintf(t.text, sizeof(t.text), "%s/%s", s->settings->thing, behind);
    return t;
}

static struct topic shadow_topic(const struct session *s, const char *behind)
{
    struct topic t;
    snprintf(t.text, sizeof(t.text), "$aws/things/%s/shadow/%s", s->settings->thing, behind);
    return t;
}

static enum at_result subscribe(struct session *s, struct topic topic)
{
    char text[64];
    long code;
    size_t n = strlen(topic.text);
    snprintf(text, sizeof(text), "AT+CMQTTSUBTOPIC=0,%zu,1", n);
    struct at_call call = {
        .text = text, .prefix = "+CMQTTSUBTOPIC:", .data = topic.text, .data_n = n
    };
    enum at_result r = step(s, &call, "SUBTOPIC");
    if (r != AT_OK) {
        return r;
    }
    r = operation(s, "AT+CMQTTSUB=0", "+CMQTTSUB:", &code);
    return session_failed(s, r, "SUB", code);
}

enum at_result session_subscribe(struct session *s)
{
    enum at_result r = subscribe(s, thing_topic(s, "cmd"));
    if (r == AT_OK && s->settings->shadow) {
        r = subscribe(s, shadow_topic(s, "update/delta"));
        /* The answer to this report is the delta of what was missed meanwhile. */
        s->report_due = true;
        s->report_repeated = false;
    }
    return r;
}

enum at_result session_idle(struct session *s, long deadline)
{
    enum at_result r = at_idle_for_message(&s->at, deadline);
    if (r == AT_NO_ANSWER) {
        return AT_OK;
    }
    if (r == AT_ERROR) {
        snprintf(s->why, sizeof(s->why), "%s", s->at.lost_why);
        return r;
    }
    return session_failed(s, r, "waiting", AT_NO_CODE);
}

enum at_result session_check(struct session *s)
{
    bool connected = false;
    enum at_result r = session_failed(s, ask_connected(s, &connected), "AT+CMQTTDISC?", AT_NO_CODE);
    if (r == AT_OK && !connected) {
        snprintf(s->why, sizeof(s->why), "the connection is gone, unnoticed");
        return AT_ERROR;
    }
    return r;
}

/* ---- publishing
 * ------------------------------------------------------------------------------------ */

static enum at_result enter(struct session *s, const char *command, const char *bytes)
{
    char text[64];
    char prefix[32];
    size_t n = strlen(bytes);
    snprintf(text, sizeof(text), "AT+CMQTT%s=0,%zu", command, n);
    snprintf(prefix, sizeof(prefix), "+CMQTT%s:", command);
    struct at_call call = { .text = text, .prefix = prefix, .data = bytes, .data_n = n };
    return step(s, &call, command);
}

/* Topic and payload are empty after each PUB, so both go before each. */
static enum at_result enter_message(struct session *s, struct topic topic, const char *payload)
{
    enum at_result r = enter(s, "TOPIC", topic.text);
    return r == AT_OK ? enter(s, "PAYLOAD", payload) : r;
}

static enum at_result publish_entered(struct session *s, int qos, long *ret_code)
{
    char text[64];
    snprintf(text, sizeof(text), "AT+CMQTTPUB=0,%d,60", qos);
    return operation(s, text, "+CMQTTPUB:", ret_code);
}

/* No PUBACK in time, but the connection stands: once more on it. */
static bool is_to_be_repeated(enum at_result r, long code, bool *repeated)
{
    bool once_more = r == AT_ERROR && code == 17 && !*repeated;
    *repeated = *repeated || once_more;
    return once_more;
}

static void next_message(struct session *s)
{
    s->counter++;
    s->repeated = false;
}

static enum at_result publish_once(struct session *s)
{
    long code;
    enum at_result r = publish_entered(s, s->settings->qos, &code);
    if (r == AT_OK) {
        printf("published %ld\n", s->counter);
        s->acknowledged++;
        next_message(s);
    } else if (s->settings->qos == 2) {
        /* It may have arrived. QoS 2 is asked for by who would rather miss a message than have it
         * twice, and a modem that lost its session cannot tell the broker that this is the same
         * one. */
        printf("unknown %ld\n", s->counter);
        next_message(s);
    } else if (s->settings->qos == 1 && is_to_be_repeated(r, code, &s->repeated)) {
        printf("unacknowledged %ld\n", s->counter);
        return AT_OK;
    }
    return session_failed(s, r, "PUB", code);
}

enum at_result session_publish(struct session *s)
{
    char payload[64];
    snprintf(payload, sizeof(payload), "{\"counter\":%ld}", s->counter);
    enum at_result r = enter_message(s, thing_topic(s, "telemetry"), payload);
    return r == AT_OK ? publish_once(s) : r;
}

/* ---- the shadow
 * ------------------------------------------------------------------------------------ */

void session_take_message(struct session *s, const char *topic, const char *payload, size_t n)
{
    if (!s->settings->shadow || strcmp(topic, shadow_topic(s, "update/delta").text) != 0) {
        return;
    }
    enum shadow_result result = shadow_apply(&s->shadow, payload, n);
    if (result == SHADOW_TAKEN) {
        s->report_due = true;
        s->report_repeated = false;
    } else {
        fprintf(stderr, "client-good: a delta is ignored: %s\n", shadow_words(result));
    }
}

static enum at_result report_once(struct session *s)
{
    long code;
    enum at_result r = publish_entered(s, 1, &code);
    if (r == AT_OK) {
        puts("reported");
        return r;
    }
    s->report_due = true;
    if (is_to_be_repeated(r, code, &s->report_repeated)) {
        puts("report unacknowledged");
        return AT_OK;
    }
    return session_failed(s, r, "PUB of the report", code);
}

enum at_result session_report(struct session *s)
{
    char payload[SHADOW_STATE_MAX + 64];
    snprintf(payload, sizeof(payload), "{\"state\":{\"reported\":%s}}", s->shadow.state);
    /* A delta that comes from here on wants a report of its own. */
    s->report_due = false;
    enum at_result r = enter_message(s, shadow_topic(s, "update"), payload);
    return r == AT_OK ? report_once(s) : r;
}
