#include "base/check.h"
#include "broker/gateway_session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { OUT_MAX = 1 << 20, ID = 7 };

struct rig {
    struct gateway_shared shared;
    struct gateway_session *session;
    struct buf to_client, to_broker;
    struct gateway_verdict verdict;
    uint64_t now_ms;
};

static void set_up(struct rig *r)
{
    *r = (struct rig){ .shared = { .time_percent = 100, .throttle = true }, .now_ms = 5000 };
    buf_init(&r->to_client, OUT_MAX);
    buf_init(&r->to_broker, OUT_MAX);
    r->session = gateway_session_new(&r->shared, "aws-iot/none", "", r->now_ms);
}

static void tear_down(struct rig *r)
{
    gateway_session_free(r->session);
    gateway_clients_fini(&r->shared.clients);
    buf_fini(&r->to_client);
    buf_fini(&r->to_broker);
}

/* Bytes of one packet, from the client or the broker; what is passed on is in the buffers. */
static enum gateway_rule give(struct rig *r, struct gateway_session *session, bool broker,
                              const struct buf *bytes)
{
    struct packet packet;
    struct gateway_output out = { &r->to_client, &r->to_broker };
    buf_clear(&r->to_client);
    buf_clear(&r->to_broker);
    assert_int_equal(packet_next(buf_span(bytes), OUT_MAX, &packet), PACKET_COMPLETE);
    assert_int_equal(packet.bytes.n, bytes->n);
    if (broker) {
        gateway_session_from_broker(session, &packet, &out, &r->verdict);
    } else {
        gateway_session_from_client(session, r->now_ms, &packet, &out, &r->verdict);
    }
    return r->verdict.rule;
}

static void put_packet(struct buf *out, uint8_t first, struct span body)
{
    buf_clear(out);
    assert_true(buf_add_byte(out, first));
    size_t rest = body.n;
    do {
        assert_true(buf_add_byte(out, (uint8_t)((rest & 127) | (rest > 127 ? 128 : 0))));
        rest >>= 7;
    } while (rest > 0);
    assert_true(buf_add(out, body));
}

static void put_text(struct buf *out, struct span text)
{
    assert_true(buf_add_byte(out, (uint8_t)(text.n >> 8)));
    assert_true(buf_add_byte(out, (uint8_t)text.n));
    assert_true(buf_add(out, text));
}

static enum gateway_rule connect_as(struct rig *r, struct gateway_session *session, struct span id,
                                    unsigned keep_alive)
{
    struct buf bytes;
    buf_init(&bytes, OUT_MAX);
    struct packet_connect connect = { .protocol = SPAN_LIT("MQTT"),
                                      .level = 4,
                                      .clean = true,
                                      .client_id = id,
                                      .keep_alive = (uint16_t)keep_alive };
    packet_write_connect(&bytes, &connect);
    enum gateway_rule rule = give(r, session, false, &bytes);
    buf_fini(&bytes);
    return rule;
}

static enum gateway_rule publish(struct rig *r, bool broker, struct span topic, uint8_t flags,
                                 size_t payload)
{
    struct buf body;
    struct buf bytes;
    buf_init(&body, OUT_MAX);
    buf_init(&bytes, OUT_MAX);
    put_text(&body, topic);
    if ((flags & 6) != 0) {
        assert_true(buf_add(&body, SPAN_LIT("\0\x07")));
    }
    for (size_t i = 0; i < payload; i++) {
        assert_true(buf_add_byte(&body, 'x'));
    }
    put_packet(&bytes, 0x30 | flags, buf_span(&body));
    enum gateway_rule rule = give(r, r->session, broker, &bytes);
    buf_fini(&body);
    buf_fini(&bytes);
    return rule;
}

/* A SUBSCRIBE to 'count' filters: the text itself, or with a number behind it. */
static enum gateway_rule subscribe(struct rig *r, const char *filter, size_t count, uint8_t qos)
{
    struct buf body;
    struct buf bytes;
    buf_init(&body, OUT_MAX);
    buf_init(&bytes, OUT_MAX);
    assert_true(buf_add(&body, SPAN_LIT("\0\x09")));
    static unsigned number;
    for (size_t i = 0; i < count; i++) {
        char text[400];
        int n = snprintf(text, sizeof text, count > 1 ? "%s%u" : "%s", filter, number++);
        put_text(&body, span_of(text, (size_t)n));
        assert_true(buf_add_byte(&body, qos));
    }
    put_packet(&bytes, 0x82, buf_span(&body));
    enum gateway_rule rule = give(r, r->session, false, &bytes);
    buf_fini(&body);
    buf_fini(&bytes);
    return rule;
}

static void client_ids_have_1_to_128_bytes(void **state)
{
    (void)state;
    uint8_t id[200];
    memset(id, 'i', sizeof id);
    static const size_t length[] = { 0, 1, 128, 129 };
    for (size_t i = 0; i < ARRAY_LEN(length); i++) {
        struct rig r;
        set_up(&r);
        bool good = length[i] >= 1 && length[i] <= 128;
        assert_int_equal(connect_as(&r, r.session, span_of(id, length[i]), 60),
                         good ? RULE_NONE : RULE_CLIENT_ID);
        assert_int_equal(r.verdict.close, !good);
        assert_int_equal(r.to_broker.n > 0, good);
        tear_down(&r);
    }
}

static void the_identity_takes_the_place_of_user_and_password(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r);
    assert_int_equal(connect_as(&r, r.session, SPAN_LIT("c"), 60), RULE_NONE);
    struct packet packet;
    struct packet_connect connect;
    assert_int_equal(packet_next(buf_span(&r.to_broker), OUT_MAX, &packet), PACKET_COMPLETE);
    assert_null(packet_read_connect(&packet, &connect));
    assert_true(span_eq(connect.user, SPAN_LIT("aws-iot/none")));
    assert_int_equal(connect.keep_alive, 0);
    assert_int_equal(connect_as(&r, r.session, SPAN_LIT("c"), 60), RULE_CONNECT_ONCE);
    tear_down(&r);
}

static void connect_comes_first(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r);
    assert_int_equal(publish(&r, false, SPAN_LIT("t"), 0, 1), RULE_CONNECT_FIRST);
    assert_true(r.verdict.close);
    assert_int_equal(r.to_broker.n, 0);
    tear_down(&r);
}

static void keep_alive_is_30_to_1200(void **state)
{
    (void)state;

    static const struct {
        unsigned asked, percent, milliseconds;
    } row[] = { { 0, 100, 1800000 },    { 1, 100, 45000 },  { 30, 100, 45000 },
                { 31, 100, 46500 },     { 60, 100, 90000 }, { 1200, 100, 1800000 },
                { 1201, 100, 1800000 }, { 60, 1, 900 } };

    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        struct rig r;
        set_up(&r);
        r.shared.time_percent = row[i].percent;
        assert_int_equal(connect_as(&r, r.session, SPAN_LIT("c"), row[i].asked), RULE_NONE);
        assert_int_equal(gateway_session_deadline(r.session), r.now_ms + row[i].milliseconds);
        gateway_session_expired(r.session, &r.verdict);
        assert_int_equal(r.verdict.rule, RULE_KEEP_ALIVE);
        tear_down(&r);
    }
}

static const struct {
    const char *topic;
    uint8_t flags;
    size_t payload;
    enum gateway_rule rule;
} publish_row[] = {
    { "a/b/c/d/e/f/g/h", 0, 1, RULE_NONE },
    { "a/b/c/d/e/f/g/h/i", 0, 1, RULE_TOPIC_SLASHES },
    { "$aws/rules/r/a/b/c/d/e/f/g/h", 0, 1, RULE_NONE },
    { "$aws/rules/r/a/b/c/d/e/f/g/h/i", 0, 1, RULE_TOPIC_SLASHES },
    { "$aws/things/t/shadow/name/n/update", 0, 1, RULE_NONE },
    { "$SYS/a", 0, 1, RULE_RESERVED_TOPIC },
    { "$aws-iot/decisions", 0, 1, RULE_RESERVED_TOPIC },
    { "$share/g/a", 0, 1, RULE_RESERVED_TOPIC },
    { "a/+", 0, 1, RULE_TOPIC_WILDCARD },
    { "a/#", 2, 1, RULE_TOPIC_WILDCARD },
    { "", 0, 1, RULE_TOPIC_WILDCARD },
    { "a", 4, 1, RULE_QOS_2 },
    { "a", 0, 131072, RULE_NONE },
    { "a", 0, 131073, RULE_PAYLOAD },
    { "a", 6, 1, RULE_MALFORMED },
};

static void publishes_are_judged(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r);
    assert_int_equal(connect_as(&r, r.session, SPAN_LIT("c"), 60), RULE_NONE);
    for (size_t i = 0; i < ARRAY_LEN(publish_row); i++) {
        enum gateway_rule rule = publish(&r, false, span_str(publish_row[i].topic),
                                         publish_row[i].flags, publish_row[i].payload);
        assert_int_equal(rule, publish_row[i].rule);
        assert_int_equal(r.verdict.close, rule != RULE_NONE && rule != RULE_QOS_2);
        assert_int_equal(r.to_broker.n > 0, rule == RULE_NONE);
    }
    uint8_t topic[257];
    memset(topic, 't', sizeof topic);
    assert_int_equal(publish(&r, false, span_of(topic, 256), 0, 1), RULE_NONE);
    assert_int_equal(publish(&r, false, span_of(topic, 257), 0, 1), RULE_TOPIC_LENGTH);
    r.shared.qos_2_closes = true;
    assert_int_equal(publish(&r, false, SPAN_LIT("a"), 4, 1), RULE_QOS_2);
    assert_true(r.verdict.close);
    tear_down(&r);
}

static void subscribes_are_judged(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r);
    assert_int_equal(connect_as(&r, r.session, SPAN_LIT("c"), 60), RULE_NONE);
    assert_int_equal(subscribe(&r, "f", 9, 1), RULE_FILTERS);
    assert_int_equal(subscribe(&r, "a/b/c/d/e/f/g/h/#", 1, 1), RULE_TOPIC_SLASHES);
    assert_int_equal(subscribe(&r, "$SYS/#", 1, 1), RULE_RESERVED_TOPIC);
    assert_int_equal(subscribe(&r, "$share/g/$SYS/#", 1, 1), RULE_RESERVED_TOPIC);
    assert_int_equal(subscribe(&r, "a", 1, 2), RULE_QOS_2);
    for (int i = 0; i < 6; i++) {
        assert_int_equal(subscribe(&r, "f", 8, 1), RULE_NONE);
    }
    assert_int_equal(subscribe(&r, "$share/g/a", 1, 1), RULE_NONE);
    assert_int_equal(subscribe(&r, "last", 1, 1), RULE_NONE);
    assert_int_equal(subscribe(&r, "last", 1, 1), RULE_NONE); /* the same again is no other one */
    assert_int_equal(subscribe(&r, "more", 1, 1), RULE_SUBSCRIPTIONS);
    tear_down(&r);
}

static void a_hundred_messages_a_second(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r);
    assert_int_equal(connect_as(&r, r.session, SPAN_LIT("c"), 60), RULE_NONE);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(publish(&r, false, SPAN_LIT("t"), 2, 1), RULE_NONE);
    }
    assert_int_equal(publish(&r, false, SPAN_LIT("t"), 2, 1), RULE_PUBLISH_RATE);
    assert_false(r.verdict.close || r.verdict.quiet);
    assert_int_equal(publish(&r, false, SPAN_LIT("t"), 2, 1), RULE_PUBLISH_RATE);
    assert_true(r.verdict.quiet);
    r.now_ms += 1000;
    assert_int_equal(publish(&r, false, SPAN_LIT("t"), 2, 1), RULE_NONE);
    tear_down(&r);
}

static void a_client_id_connects_once_a_second_and_takes_the_others_place(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r);
    struct gateway_session *second = gateway_session_new(&r.shared, "u", "", r.now_ms);
    assert_int_equal(connect_as(&r, r.session, SPAN_LIT("c"), 60), RULE_NONE);
    r.now_ms += 999;
    assert_int_equal(connect_as(&r, second, SPAN_LIT("c"), 60), RULE_CLIENT_ID_THROTTLE);
    gateway_session_broker_gone(r.session, &r.verdict);
    assert_int_equal(r.verdict.rule, RULE_BROKER_CLOSED);
    gateway_session_free(second);
    second = gateway_session_new(&r.shared, "u", "", r.now_ms);
    r.now_ms += 1;
    assert_int_equal(connect_as(&r, second, SPAN_LIT("c"), 60), RULE_NONE);
    gateway_session_broker_gone(r.session, &r.verdict);
    assert_int_equal(r.verdict.rule, RULE_DUPLICATE_CLIENT_ID);
    struct buf refused;
    buf_init(&refused, 10);
    packet_write_connack(&refused, 5);
    assert_int_equal(give(&r, second, true, &refused), RULE_NONE);
    gateway_session_broker_gone(r.session, &r.verdict); /* the policy kept the second one out */
    assert_int_equal(r.verdict.rule, RULE_BROKER_CLOSED);
    buf_fini(&refused);
    gateway_session_free(second);
    tear_down(&r);
}

static void retained_messages_need_an_exact_filter(void **state)
{
    (void)state;
    struct rig r;
    set_up(&r);
    assert_int_equal(connect_as(&r, r.session, SPAN_LIT("c"), 60), RULE_NONE);
    assert_int_equal(subscribe(&r, "k/+", 1, 1), RULE_NONE);
    assert_int_equal(publish(&r, true, SPAN_LIT("k/a"), 3, 1), RULE_RETAINED_WILDCARD);
    assert_int_equal(r.to_client.n, 0);
    assert_true(span_eq(buf_span(&r.to_broker), SPAN_LIT("\x40\x02\0\x07")));
    assert_int_equal(publish(&r, true, SPAN_LIT("k/a"), 2, 1), RULE_NONE);
    assert_int_equal(subscribe(&r, "k/a", 1, 1), RULE_NONE);
    assert_int_equal(publish(&r, true, SPAN_LIT("k/a"), 3, 1), RULE_NONE);
    assert_int_equal(publish(&r, true, SPAN_LIT("k/a"), 3, 1), RULE_RETAINED_WILDCARD);
    tear_down(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(client_ids_have_1_to_128_bytes),
        cmocka_unit_test(the_identity_takes_the_place_of_user_and_password),
        cmocka_unit_test(connect_comes_first),
        cmocka_unit_test(keep_alive_is_30_to_1200),
        cmocka_unit_test(publishes_are_judged),
        cmocka_unit_test(subscribes_are_judged),
        cmocka_unit_test(a_hundred_messages_a_second),
        cmocka_unit_test(a_client_id_connects_once_a_second_and_takes_the_others_place),
        cmocka_unit_test(retained_messages_need_an_exact_filter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
