/* What the tests of the Device Shadow service share: the service with a store in memory, heard as
 * its clients hear it. The clock stands at 1000 and goes on by one second with each request. */
#ifndef BROKER_SHADOW_TEST_KIT_H
#define BROKER_SHADOW_TEST_KIT_H

#include "broker/shadow.h"

#include <stddef.h>
#include <stdint.h>

struct fixture {
    struct shadow_store *store;
    int64_t now;
    char heard[1 << 17]; /* "TOPIC PAYLOAD\n" for each message; topics below thing1's shadow without
                            what all of them begin with */
    char detail[512];    /* of the last rejection */
};

/* For cmocka: *state is a struct fixture. */
int shadow_test_set_up(void **state);
int shadow_test_tear_down(void **state);

/* Publishes to a topic, below thing1's shadow unless it begins with $. Returns what is heard then.
 */
const char *shadow_test_request_bytes(struct fixture *fixture, const char *stub,
                                      const char *payload, size_t length);

/* The same with a text. */
const char *shadow_test_request(struct fixture *fixture, const char *stub, const char *payload);

#endif
