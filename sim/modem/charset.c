#include "sim/modem/charset.h"

#include "base/check.h"

#define REPLACEMENT 0xFFFDU

/* --- the default alphabet --- */

/* 23.038 6.2.1; the escape stands for a space where nothing follows it. */
static const uint16_t alphabet[128] = {
    '@',   0xA3, '$',  0xA5,  0xE8, 0xE9,  0xF9,  0xEC,  0xF2,  0xC7,  '\n',  0xD8,  0xF8,
    '\r',  0xC5, 0xE5, 0x394, '_',  0x3A6, 0x393, 0x39B, 0x3A9, 0x3A0, 0x3A8, 0x3A3, 0x398,
    0x39E, ' ',  0xC6, 0xE6,  0xDF, 0xC9,  ' ',   '!',   '"',   '#',   0xA4,  '%',   '&',
    '\'',  '(',  ')',  '*',   '+',  ',',   '-',   '.',   '/',   '0',   '1',   '2',   '3',
    '4',   '5',  '6',  '7',   '8',  '9',   ':',   ';',   '<',   '=',   '>',   '?',   0xA1,
    'A',   'B',  'C',  'D',   'E',  'F',   'G',   'H',   'I',   'J',   'K',   'L',   'M',
    'N',   'O',  'P',  'Q',   'R',  'S',   'T',   'U',   'V',   'W',   'X',   'Y',   'Z',
    0xC4,  0xD6, 0xD1, 0xDC,  0xA7, 0xBF,  'a',   'b',   'c',   'd',   'e',   'f',   'g',
    'h',   'i',  'j',  'k',   'l',  'm',   'n',   'o',   'p',   'q',   'r',   's',   't',
    'u',   'v',  'w',  'x',   'y',  'z',   0xE4,  0xF6,  0xF1,  0xFC,  0xE0,
};

/* 23.038 6.2.1.1 */
static const struct {
    uint8_t code;
    uint16_t character;
} extension[] = {
    { 0x0A, '\f' }, { 0x14, '^' }, { 0x28, '{' }, { 0x29, '}' }, { 0x2F, '\\' },
    { 0x3C, '[' },  { 0x3D, '~' }, { 0x3E, ']' }, { 0x40, '|' }, { 0x65, 0x20AC },
};

static bool add_unit(struct buf *ucs2, uint32_t unit)
{
    const uint8_t octets[] = { (uint8_t)(unit >> 8), (uint8_t)unit };
    return buf_add(ucs2, span_of(octets, sizeof octets));
}

static uint32_t unit_at(struct span ucs2, size_t i)
{
    return (uint32_t)ucs2.p[2 * i] << 8 | ucs2.p[2 * i + 1];
}

/* The septets of a character; returns how many, 0: it has none. */
static size_t septets_of(uint32_t character, uint8_t ret[2])
{
    for (size_t i = 0; i < ARRAY_LEN(alphabet); i++) {
        if (alphabet[i] == character && i != GSM_ESCAPE) {
            ret[0] = (uint8_t)i;
            return 1;
        }
    }
    for (size_t i = 0; i < ARRAY_LEN(extension); i++) {
        if (extension[i].character == character) {
            ret[0] = GSM_ESCAPE;
            ret[1] = extension[i].code;
            return 2;
        }
    }
    return 0;
}

bool ucs2_to_gsm(struct span ucs2, struct buf *septets)
{
    bool all = true;
    for (size_t i = 0; i < ucs2.n / 2; i++) {
        uint8_t code[2] = { '?', 0 };
        size_t n = septets_of(unit_at(ucs2, i), code);
        all = all && n > 0;
        if (!buf_add(septets, span_of(code, n > 0 ? n : 1))) {
            break;
        }
    }
    return all;
}

static uint32_t extended(uint8_t code)
{
    for (size_t i = 0; i < ARRAY_LEN(extension); i++) {
        if (extension[i].code == code) {
            return extension[i].character;
        }
    }
    return alphabet[code];
}

void ucs2_from_gsm(struct span septets, struct buf *ucs2)
{
    for (size_t i = 0; i < septets.n; i++) {
        uint8_t code = septets.p[i] & 0x7FU;
        if (code == GSM_ESCAPE && i + 1 < septets.n) {
            i++;
            (void)add_unit(ucs2, extended(septets.p[i] & 0x7FU));
        } else {
            (void)add_unit(ucs2, alphabet[code]);
        }
    }
}

/* --- septets in octets --- */

void gsm_pack(struct span septets, unsigned skip, struct buf *octets)
{
    uint32_t bits = 0;
    unsigned n = skip;
    for (size_t i = 0; i < septets.n; i++) {
        bits |= (uint32_t)(septets.p[i] & 0x7FU) << n;
        n += 7;
        while (n >= 8) {
            (void)buf_add_byte(octets, (uint8_t)bits);
            bits >>= 8;
            n -= 8;
        }
    }
    if (n > 0) {
        (void)buf_add_byte(octets, (uint8_t)bits);
    }
}

void gsm_unpack(struct span octets, unsigned skip, size_t n, struct buf *septets)
{
    CHECK(n * 7 + skip <= octets.n * 8);
    for (size_t i = 0; i < n; i++) {
        size_t bit = skip + i * 7;
        uint32_t pair = octets.p[bit / 8];
        if (bit % 8 > 1) {
            pair |= (uint32_t)octets.p[bit / 8 + 1] << 8;
        }
        (void)buf_add_byte(septets, (uint8_t)(pair >> bit % 8 & 0x7FU));
    }
}

/* --- hexadecimal digits --- */

void hex_add(struct span octets, struct buf *text)
{
    for (size_t i = 0; i < octets.n; i++) {
        (void)buf_addf(text, "%02X", octets.p[i]);
    }
}

static int hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = (uint8_t)ascii_upper((char)c);
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool hex_read(struct span text, struct buf *octets)
{
    if (text.n % 2 != 0) {
        return false;
    }
    for (size_t i = 0; i < text.n; i += 2) {
        int high = hex_digit(text.p[i]);
        int low = hex_digit(text.p[i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        (void)buf_add_byte(octets, (uint8_t)(high * 16 + low));
    }
    return true;
}

/* --- UTF-8 --- */

/* Takes one character off the text. */
static uint32_t next_character(struct span *text)
{
    static const struct {
        uint8_t mask, value, more;
        uint32_t least;
    } forms[] = {
        { 0x80, 0x00, 0, 0 },
        { 0xE0, 0xC0, 1, 0x80 },
        { 0xF0, 0xE0, 2, 0x800 },
        { 0xF8, 0xF0, 3, 0x10000 },
    };

    uint8_t first = text->p[0];
    for (size_t f = 0; f < ARRAY_LEN(forms); f++) {
        if ((first & forms[f].mask) != forms[f].value || text->n <= forms[f].more) {
            continue;
        }
        uint32_t c = (uint32_t)(first & (uint8_t)~forms[f].mask);
        bool ok = true;
        for (size_t i = 1; i <= forms[f].more; i++) {
            ok = ok && (text->p[i] & 0xC0U) == 0x80;
            c = c << 6 | (text->p[i] & 0x3FU);
        }
        if (ok && c >= forms[f].least && c <= 0x10FFFF && (c < 0xD800 || c > 0xDFFF)) {
            *text = span_from(*text, forms[f].more + 1U);
            return c;
        }
    }
    *text = span_from(*text, 1);
    return REPLACEMENT;
}

void ucs2_from_utf8(struct span text, struct buf *ucs2)
{
    bool room = true;
    while (text.n > 0 && room) {
        uint32_t c = next_character(&text);
        if (c < 0x10000) {
            room = add_unit(ucs2, c);
            continue;
        }
        uint32_t high = 0xD800U + ((c - 0x10000) >> 10);
        uint32_t low = 0xDC00U + (c & 0x3FFU);
        const uint8_t pair[] = { (uint8_t)(high >> 8), (uint8_t)high, (uint8_t)(low >> 8),
                                 (uint8_t)low };
        room = buf_add(ucs2, span_of(pair, sizeof pair));
    }
}

static void add_utf8(struct buf *text, uint32_t c)
{
    if (c < 0x80) {
        (void)buf_add_byte(text, (uint8_t)c);
    } else if (c < 0x800) {
        const uint8_t two[] = { (uint8_t)(0xC0 | c >> 6), (uint8_t)(0x80 | (c & 0x3FU)) };
        (void)buf_add(text, span_of(two, sizeof two));
    } else if (c < 0x10000) {
        const uint8_t three[] = { (uint8_t)(0xE0 | c >> 12), (uint8_t)(0x80 | (c >> 6 & 0x3FU)),
                                  (uint8_t)(0x80 | (c & 0x3FU)) };
        (void)buf_add(text, span_of(three, sizeof three));
    } else {
        const uint8_t four[] = { (uint8_t)(0xF0 | c >> 18), (uint8_t)(0x80 | (c >> 12 & 0x3FU)),
                                 (uint8_t)(0x80 | (c >> 6 & 0x3FU)),
                                 (uint8_t)(0x80 | (c & 0x3FU)) };
        (void)buf_add(text, span_of(four, sizeof four));
    }
}

void ucs2_to_utf8(struct span ucs2, struct buf *text)
{
    for (size_t i = 0; i < ucs2.n / 2; i++) {
        uint32_t c = unit_at(ucs2, i);
        bool high = c >= 0xD800 && c < 0xDC00;
        uint32_t next = high && i + 1 < ucs2.n / 2 ? unit_at(ucs2, i + 1) : 0;
        if (next >= 0xDC00 && next <= 0xDFFF) {
            c = 0x10000 + ((c & 0x3FFU) << 10) + (next & 0x3FFU);
            i++;
        } else if (c >= 0xD800 && c <= 0xDFFF) {
            c = REPLACEMENT; /* half a pair */
        }
        add_utf8(text, c);
    }
}

/* --- the host's character set --- */

bool ucs2_from_host(enum charset set, struct span text, struct buf *ucs2)
{
    if (set == CHARSET_UCS2) {
        return text.n % 4 == 0 && hex_read(text, ucs2);
    }
    if (set == CHARSET_GSM) {
        ucs2_from_gsm(text, ucs2);
        return true;
    }
    for (size_t i = 0; i < text.n; i++) {
        (void)add_unit(ucs2, text.p[i] < 0x80 ? text.p[i] : '?');
    }
    return true;
}

void ucs2_to_host(enum charset set, struct span ucs2, struct buf *text)
{
    if (set == CHARSET_UCS2) {
        hex_add(ucs2, text);
    } else if (set == CHARSET_GSM) {
        (void)ucs2_to_gsm(ucs2, text);
    } else {
        for (size_t i = 0; i < ucs2.n / 2; i++) {
            uint32_t c = unit_at(ucs2, i);
            (void)buf_add_byte(text, c < 0x80 ? (uint8_t)c : '?');
        }
    }
}
