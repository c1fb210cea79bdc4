#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/check.h"
#include "sim/host/icmp.h"

#define REQUEST                                                                                    \
    "\x08\x00\xbc\x03\x12\x34\x00\x01"                                                             \
    "abcde"
#define REPLY                                                                                      \
    "\x00\x00\xc4\x03\x12\x34\x00\x01"                                                             \
    "abcde"
/* A header of 20 bytes: length 33, not fragmented, time to live 52, ICMP. */
#define HEADER "\x45\x00\x00\x21\x00\x07\x40\x00\x34\x01\x00\x00\x7f\x00\x00\x01\x7f\x00\x00\x01"

static const struct icmp_echo sent = {
    .id = 0x1234,
    .sequence = 1,
    .data = { (const uint8_t *)"abcde", 5 },
};

static void request(void **state)
{
    (void)state;
    uint8_t out[64];
    assert_int_equal(icmp_request(&sent, out), sizeof REQUEST - 1);
    assert_memory_equal(out, REQUEST, sizeof REQUEST - 1);
    const struct icmp_echo empty = { .id = 0xFFFF, .sequence = 0xFFFF };
    assert_int_equal(icmp_request(&empty, out), ICMP_HEADER);
    assert_memory_equal(out, "\x08\x00\xf7\xff\xff\xff\xff\xff", ICMP_HEADER);
}

static void reply(void **state)
{
    (void)state;
    assert_true(icmp_reply(SPAN_LIT(REPLY), &sent));
    assert_false(icmp_reply(SPAN_LIT(REQUEST), &sent)); /* a raw socket on loopback hears it */
    assert_false(icmp_reply((struct span){ NULL, 0 }, &sent));
    for (size_t n = 0; n < sizeof REPLY - 1; n++) {
        assert_false(icmp_reply(span_of(REPLY, n), &sent));
    }
    for (size_t i = 0; i < (sizeof REPLY - 1) * 8; i++) { /* each bit counts */
        uint8_t other[sizeof REPLY - 1];
        memcpy(other, REPLY, sizeof other);
        other[i / 8] ^= (uint8_t)(1U << i % 8);
        assert_false(icmp_reply(span_of(other, sizeof other), &sent));
    }
}

/* Replies that are sound in themselves, to other requests. */
static void reply_to_others(void **state)
{
    (void)state;
    const struct icmp_echo others[] = {
        { .id = 0x1235, .sequence = 1, .data = SPAN_LIT("abcde") },
        { .id = 0x1234, .sequence = 2, .data = SPAN_LIT("abcde") },
        { .id = 0x1234, .sequence = 1, .data = SPAN_LIT("abcdf") },
        { .id = 0x1234, .sequence = 1, .data = SPAN_LIT("abcd") },
    };
    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        uint8_t packet[64];
        size_t n = icmp_request(&others[i], packet);
        packet[0] = 0; /* the reply; the checksum grows by what the type lost */
        unsigned sum = ((unsigned)packet[2] << 8 | packet[3]) + 0x0800;
        sum = (sum & 0xFFFF) + (sum >> 16);
        packet[2] = (uint8_t)(sum >> 8);
        packet[3] = (uint8_t)sum;
        assert_true(icmp_reply(span_of(packet, n), &others[i]));
        assert_false(icmp_reply(span_of(packet, n), &sent));
    }
}

static void packets(void **state)
{
    (void)state;

    const struct {
        struct span packet;
        bool ok;
    } cases[] = {
        { SPAN_LIT(HEADER REPLY), true },
        { SPAN_LIT(HEADER REPLY "padding"), true },
        { SPAN_LIT(
              "\x46\x00\x00\x25\x00\x07\x00\x00\x34\x01\x00\x00\x7f\x00\x00\x01\x7f\x00\x00\x01"
              "\x01\x01\x01\x00" REPLY),
          true },
        { SPAN_LIT(HEADER "abcdefghijkl"), false }, /* shorter than it says */
        { SPAN_LIT("\x65\x00\x00\x21\x00\x07\x40\x00\x34\x01\x00\x00\x7f\x00\x00\x01\x7f\x00\x00"
                   "\x01" REPLY),
          false }, /* IPv6 */
        { SPAN_LIT("\x44\x00\x00\x21\x00\x07\x40\x00\x34\x01\x00\x00\x7f\x00\x00\x01\x7f\x00\x00"
                   "\x01" REPLY),
          false }, /* a header of 16 bytes */
        { SPAN_LIT("\x4f\x00\x00\x21\x00\x07\x40\x00\x34\x01\x00\x00\x7f\x00\x00\x01\x7f\x00\x00"
                   "\x01" REPLY),
          false }, /* one longer than the packet */
        { SPAN_LIT("\x45\x00\x00\x21\x00\x07\x20\x00\x34\x01\x00\x00\x7f\x00\x00\x01\x7f\x00\x00"
                   "\x01" REPLY),
          false }, /* a fragment: the first */
        { SPAN_LIT("\x45\x00\x00\x21\x00\x07\x00\x02\x34\x01\x00\x00\x7f\x00\x00\x01\x7f\x00\x00"
                   "\x01" REPLY),
          false }, /* another */
        { SPAN_LIT("\x45\x00\x00\x21\x00\x07\x40\x00\x34\x11\x00\x00\x7f\x00\x00\x01\x7f\x00\x00"
                   "\x01" REPLY),
          false }, /* UDP */
        { SPAN_LIT("\x45\x00\x00\x21\x00\x07\x40\x00\x34\x01\x00\x00\x7f\x00\x00\x01\x7f\x00\x00"),
          false },
        { SPAN_LIT(""), false },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct span message = { NULL, 0 };
        uint8_t ttl = 0;
        if (icmp_of_packet(cases[i].packet, &message, &ttl) != cases[i].ok) {
            fail_msg("case %zu", i);
        }
        if (cases[i].ok) {
            assert_int_equal(ttl, 52);
            assert_true(icmp_reply(message, &sent));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(request),
        cmocka_unit_test(reply),
        cmocka_unit_test(reply_to_others),
        cmocka_unit_test(packets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
