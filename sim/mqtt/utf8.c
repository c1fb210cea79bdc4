#include "sim/mqtt/utf8.h"

/* One row per range of first bytes: how many bytes follow, and between which limits the second byte
 * must lie; the limits are what excludes overlong forms, surrogates and values above U+10FFFF. */
static const struct lead {
    uint8_t lo, hi, more, second_lo, second_hi;
} leads[] = {
    { 0x00, 0x7f, 0, 0x00, 0x00 }, { 0xc2, 0xdf, 1, 0x80, 0xbf }, { 0xe0, 0xe0, 2, 0xa0, 0xbf },
    { 0xe1, 0xec, 2, 0x80, 0xbf }, { 0xed, 0xed, 2, 0x80, 0x9f }, { 0xee, 0xef, 2, 0x80, 0xbf },
    { 0xf0, 0xf0, 3, 0x90, 0xbf }, { 0xf1, 0xf3, 3, 0x80, 0xbf }, { 0xf4, 0xf4, 3, 0x80, 0x8f },
};

static const struct lead *find_lead(uint8_t byte)
{
    for (size_t i = 0; i < sizeof leads / sizeof leads[0]; i++) {
        if (byte >= leads[i].lo && byte <= leads[i].hi) {
            return &leads[i];
        }
    }
    return NULL;
}

/* The length of the character at the start of s, 0 when it is not well-formed. */
static size_t character(struct span s)
{
    const struct lead *lead = find_lead(s.p[0]);
    if (lead == NULL || lead->more >= s.n) {
        return 0;
    }
    if (lead->more > 0 && (s.p[1] < lead->second_lo || s.p[1] > lead->second_hi)) {
        return 0;
    }
    for (size_t i = 2; i <= lead->more; i++) {
        if ((s.p[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    return (size_t)lead->more + 1;
}

bool utf8_valid(struct span bytes)
{
    size_t n = 0;
    for (struct span rest = bytes; rest.n > 0; rest = span_from(rest, n)) {
        n = character(rest);
        if (n == 0) {
            return false;
        }
    }
    return true;
}
