#include "broker/gateway_topic.h"
#include "base/check.h"

/* Reserved topics that a client may use, as the Developer Guide lists them (reserved-topics.html).
 * Whether this one may, and in which direction, is the policy's affair. */
static const char *const open_topic[] = {
    "$aws/things/",       "$aws/rules/",    "$aws/provisioning-templates/",
    "$aws/certificates/", "$aws/events/",   "$aws/device_location/",
    "$aws/sitewise/",     "$aws/commands/",
};

/* The text behind 'count' slashes; empty if there are fewer. */
static struct span behind_slashes(struct span topic, size_t count)
{
    for (size_t i = 0; i < topic.n; i++) {
        if (topic.p[i] == '/' && --count == 0) {
            return span_from(topic, i + 1);
        }
    }
    return (struct span){ NULL, 0 };
}

struct span gateway_topic_counted(struct span topic)
{
    if (span_has_prefix(topic, SPAN_LIT("$aws/rules/"))) {
        return behind_slashes(topic, 3);
    }
    if (span_has_prefix(topic, SPAN_LIT("$share/"))) {
        return behind_slashes(topic, 2);
    }
    return topic;
}

size_t gateway_topic_slashes(struct span topic)
{
    size_t count = 0;
    for (size_t i = 0; i < topic.n; i++) {
        count += topic.p[i] == '/';
    }
    return count;
}

bool gateway_topic_is_plain(struct span topic)
{
    for (size_t i = 0; i < topic.n; i++) {
        if (topic.p[i] == '+' || topic.p[i] == '#') {
            return false;
        }
    }
    return topic.n > 0;
}

bool gateway_topic_is_open(struct span topic, bool is_filter)
{
    if (is_filter && span_has_prefix(topic, SPAN_LIT("$share/"))) {
        topic = behind_slashes(topic, 2);
        if (topic.n == 0) {
            return false;
        }
    }
    if (topic.n == 0 || topic.p[0] != '$') {
        return true;
    }
    for (size_t i = 0; i < ARRAY_LEN(open_topic); i++) {
        if (span_has_prefix(topic, span_str(open_topic[i]))) {
            return true;
        }
    }
    return false;
}
