/* client-good: an MQTT client on a SIM7600, as an example and as the measure of the scenarios
 * beside it. It publishes a counter to THING/telemetry, listens on THING/cmd, and comes back from
 * whatever happens to the modem, the line or the network. Its environment: good_settings.h. Its
 * output: one line for each change of state. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "good_backoff.h"
#include "good_session.h"

#define STABLE_MS 60000 /* a connection that lasted so long was a good one */
#define CHECK_MS  30000 /* between questions whether the connection still stands */

static void print_escaped(const char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)bytes[i];
        if (isprint(c) && c != '\\') {
            putchar(c);
        } else {
            printf("\\x%02X", c);
        }
    }
}

static void take_message(void *context, const char *topic, const char *payload, size_t payload_n)
{
    printf("message %s ", topic);
    print_escaped(payload, payload_n);
    putchar('\n');
    session_take_message(context, topic, payload, payload_n);
}

static bool is_done(const struct session *s)
{
    return s->settings->publish_count > 0 && s->acknowledged >= s->settings->publish_count;
}

/* From AT to a connection with its subscription. */
static enum at_result come_up(struct session *s)
{
    static enum at_result (*const STEPS[])(struct session *) = {
        session_wait_network,
        session_set_up_tls,
        session_tear_down,
        session_connect,
    };
    enum at_result r = at_sync(&s->at);
    if (r != AT_OK) {
        return session_failed(s, r, "AT", AT_NO_CODE);
    }
    puts("ready");
    for (size_t i = 0; i < sizeof(STEPS) / sizeof(STEPS[0]); i++) {
        if ((r = STEPS[i](s)) != AT_OK) {
            return r;
        }
    }
    puts("connected");
    r = session_subscribe(s);
    if (r == AT_OK) {
        puts("subscribed");
    }
    return r;
}

/* Publishes and listens until the connection is lost: never AT_OK but when all is published. */
static enum at_result work(struct session *s)
{
    long next_publish = port_now();
    long next_check = next_publish + at_scaled(&s->at, CHECK_MS, 100);
    for (;;) {
        enum at_result r = AT_OK;
        long now = port_now();
        if (s->report_due) {
            r = session_report(s);
        } else if (s->settings->publish_count != 0 && now >= next_publish) {
            r = session_publish(s);
            next_publish = port_now() + at_scaled(&s->at, s->settings->publish_ms, 0);
        } else if (now >= next_check) {
            r = session_check(s);
            next_check = port_now() + at_scaled(&s->at, CHECK_MS, 100);
        }
        if (r != AT_OK || is_done(s)) {
            return r;
        }
        if (s->report_due && !s->report_repeated) {
            continue; /* a delta came meanwhile */
        }
        bool publishes = s->settings->publish_count != 0 && next_publish < next_check;
        r = session_idle(s, publishes ? next_publish : next_check);
        if (r != AT_OK) {
            return r;
        }
    }
}

/* The pause before the next attempt. What the modem says meanwhile is taken; a reboot does not
 * shorten it. */
static enum at_result pause_for(struct session *s, long ms)
{
    long deadline = port_now() + at_scaled(&s->at, ms, 1);
    printf("retry in %ld\n", at_scaled(&s->at, ms, 1));
    for (;;) {
        s->at.connection_lost = false;
        enum at_result r = at_idle(&s->at, deadline);
        if (r == AT_HUNG_UP) {
            r = port_wait(deadline) == PORT_STOPPED ? AT_STOPPED : AT_NO_ANSWER;
        }
        if (r == AT_NO_ANSWER || r == AT_STOPPED) {
            return r;
        }
    }
}

/* The modem is left as it was found: another program may want it. */
static void say_goodbye(struct session *s)
{
    if (at_begin_goodbye(&s->at)) {
        session_tear_down(s);
    }
    port_close(&s->at.port);
}

/* Until it is asked to stop, or everything is published. */
static void run(struct session *s)
{
    struct backoff backoff;
    backoff_init(&backoff);
    for (;;) {
        enum at_result r = s->at.port.fd < 0 ? at_open(&s->at) : AT_OK;
        long connected_at = 0;
        if (r == AT_OK && (r = come_up(s)) == AT_OK) {
            connected_at = port_now();
            r = work(s);
        }
        if (r == AT_OK || r == AT_STOPPED) {
            say_goodbye(s);
            return;
        }
        printf("lost %s\n", s->why);
        if (connected_at != 0 && port_now() - connected_at >= at_scaled(&s->at, STABLE_MS, 1)) {
            backoff_succeeded(&backoff);
        }
        if (r == AT_HUNG_UP) {
            port_close(&s->at.port);
        }
        if (pause_for(s, backoff_next(&backoff)) == AT_STOPPED) {
            say_goodbye(s);
            return;
        }
    }
}

int main(void)
{
    static struct settings settings;
    static struct session session;
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (!settings_read(&settings)) {
        return 2;
    }
    session.settings = &settings;
    session.counter = 1;
    session.at.name = settings.modem_port;
    session.at.percent = settings.percent;
    session.at.port.fd = -1;
    session.at.on_message = take_message;
    session.at.message_context = &session;
    shadow_init(&session.shadow);
    port_watch_signals();
    run(&session);
    return EXIT_SUCCESS;
}
