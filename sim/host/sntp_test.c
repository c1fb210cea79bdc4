#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/check.h"
#include "sim/host/sntp.h"

#define COOKIE UINT64_C(0x1122334455667788)

/* 2024-05-17 12:34:56.5 UTC of a stratum 2 server, to the request with COOKIE. */
#define REPLY                                                                                      \
    "\x24\x02\x06\xec\x00\x00\x00\x00\x00\x00\x00\x00GPS\x00"                                      \
    "\xe9\xf1\xcd\x40\x00\x00\x00\x00\x11\x22\x33\x44\x55\x66\x77\x88"                             \
    "\xe9\xf1\xcd\x70\x00\x00\x00\x00\xe9\xf1\xcd\x70\x80\x00\x00\x00"

static void request(void **state)
{
    (void)state;
    uint8_t packet[SNTP_PACKET];
    /* version 4, client; transmit timestamp */
    const uint8_t want[SNTP_PACKET] = {
        0x23, [40] = 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88
    };
    sntp_request(COOKIE, packet);
    assert_memory_equal(packet, want, sizeof want);
}

static void time_of_a_reply(void **state)
{
    (void)state;
    int64_t utc = 0;
    assert_true(sntp_reply(SPAN_LIT(REPLY), COOKIE, &utc));
    assert_int_equal(utc, INT64_C(1715949296));
    assert_true(sntp_reply(SPAN_LIT(REPLY "\x00\x00\x00\x01 a key and a digest"), COOKIE, &utc));
    assert_true(sntp_reply(span_of(REPLY, SNTP_PACKET), COOKIE, &utc));
}

/* What was changed at one byte of the reply above, and whether it still counts. */
static void what_counts(void **state)
{
    (void)state;

    static const struct {
        size_t at;
        uint8_t byte;
        bool ok;
    } cases[] = {
        { 0, 0x1C, true },   /* version 3 */
        { 0, 0x64, true },   /* a leap second is near */
        { 0, 0xE4, false },  /* the server's clock is not set */
        { 0, 0x23, false },  /* mode: client; the request itself, sent back */
        { 0, 0x25, false },  /* broadcast */
        { 0, 0x22, false },  /* peer */
        { 1, 1, true },      /* stratum */
        { 1, 15, true },     /* */
        { 1, 0, false },     /* kiss-o'-death */
        { 1, 16, false },    /* */
        { 24, 0x10, false }, /* originate timestamp: another request's */
        { 31, 0x89, false }, /* */
        { 47, 1, true },     /* */
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint8_t packet[SNTP_PACKET];
        int64_t utc = 0;
        memcpy(packet, REPLY, sizeof packet);
        packet[cases[i].at] = cases[i].byte;
        if (sntp_reply(span_of(packet, sizeof packet), COOKIE, &utc) != cases[i].ok) {
            fail_msg("byte %zu = %02x", cases[i].at, cases[i].byte);
        }
    }
}

static void too_short(void **state)
{
    (void)state;
    int64_t utc = 0;
    for (size_t n = 0; n < SNTP_PACKET; n++) {
        assert_false(sntp_reply(span_of(REPLY, n), COOKIE, &utc));
    }
    assert_false(sntp_reply((struct span){ NULL, 0 }, COOKIE, &utc));
}

/* The seconds wrap on 2036-02-07 06:28:16 UTC. */
static void eras(void **state)
{
    (void)state;

    static const struct {
        const char *transmit;
        bool ok;
        int64_t utc;
    } cases[] = {
        { "\xff\xff\xff\xff\x00\x00\x00\x01", true, INT64_C(2085978495) },
        { "\x00\x00\x00\x00\x00\x00\x00\x01", true, INT64_C(2085978496) },
        { "\x7f\xff\xff\xff\x00\x00\x00\x00", true, INT64_C(4233462143) },
        { "\x80\x00\x00\x00\x00\x00\x00\x00", true, INT64_C(-61505152) },
        { "\x83\xaa\x7e\x80\x00\x00\x00\x00", true, 0 },
        { "\x00\x00\x00\x00\x00\x00\x00\x00", false, 0 },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint8_t packet[SNTP_PACKET];
        int64_t utc = 0;
        memcpy(packet, REPLY, sizeof packet);
        memcpy(packet + 40, cases[i].transmit, 8);
        assert_int_equal(sntp_reply(span_of(packet, sizeof packet), COOKIE, &utc), cases[i].ok);
        assert_int_equal(utc, cases[i].utc);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(request),     cmocka_unit_test(time_of_a_reply),
        cmocka_unit_test(what_counts), cmocka_unit_test(too_short),
        cmocka_unit_test(eras),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
