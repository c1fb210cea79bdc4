#include "broker/shadow_test_kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PREFIX "$aws/things/thing1/shadow/"

static int64_t fixture_now(void *user)
{
    return ((struct fixture *)user)->now;
}

static void fixture_publish(void *user, const char *topic, const char *payload)
{
    struct fixture *fixture = user;
    const char *shown =
        strncmp(topic, PREFIX, strlen(PREFIX)) == 0 ? topic + strlen(PREFIX) : topic;
    size_t length = strlen(fixture->heard);
    snprintf(fixture->heard + length, sizeof fixture->heard - length, "%s %s\n", shown, payload);
}

static void fixture_rejected(void *user, const struct shadow_rejection *rejection)
{
    struct fixture *fixture = user;
    snprintf(fixture->detail, sizeof fixture->detail, "%s", rejection->detail);
}

int shadow_test_set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    struct shadow_store_error error = { "" };
    if (fixture == NULL || shadow_store_open(NULL, &fixture->store, &error) != 0) {
        return -1;
    }
    fixture->now = 1000;
    *state = fixture;
    return 0;
}

int shadow_test_tear_down(void **state)
{
    struct fixture *fixture = *state;
    shadow_store_close(&fixture->store);
    free(fixture);
    return 0;
}

/* Publishes to PREFIX + 'stub' and returns what is heard then. */
const char *shadow_test_request_bytes(struct fixture *fixture, const char *stub,
                                      const char *payload, size_t length)
{
    const struct shadow_host host = { .user = fixture,
                                      .now = fixture_now,
                                      .publish = fixture_publish,
                                      .rejected = fixture_rejected };
    char topic[SHADOW_TOPIC_SIZE];
    snprintf(topic, sizeof topic, "%s%s", stub[0] == '$' ? "" : PREFIX, stub);
    struct shadow_topic parsed = shadow_topic_parse(topic);
    assert_int_equal(parsed.kind, SHADOW_TOPIC_REQUEST);
    fixture->heard[0] = '\0';
    fixture->detail[0] = '\0';
    shadow_answer(fixture->store, &host, &parsed, payload, length);
    fixture->now++;
    return fixture->heard;
}

const char *shadow_test_request(struct fixture *fixture, const char *stub, const char *payload)
{
    return shadow_test_request_bytes(fixture, stub, payload, strlen(payload));
}
