#include "sim/modem/profile.h"

#include <stddef.h>
#include <stdio.h>

#include "base/check.h"
#include "sim/modem/profiles_embedded.h"

enum key_type { KEY_WORD, KEY_NUMBER, KEY_RANGE, KEY_TEXT, KEY_DECIMAL };

struct key {
    const char *name;
    enum key_type type;
    size_t offset;
    int32_t lo, hi, def; /* NUMBER; RANGE: limits; WORD: index; TEXT: hi = most bytes */
    const char *text;    /* WORD: the words; RANGE, TEXT, DECIMAL: the default */
    const char *doc;
    bool live; /* may be changed while the modem runs */
};

#define AT_FIELD(field) offsetof(struct profile, field)

#define WORD(field, key, words, d, doc)                                                            \
    { key, KEY_WORD, AT_FIELD(field), 0, 0, d, words, doc, LIVE },
#define NUMBER(field, key, l, h, d, doc)                                                           \
    { key, KEY_NUMBER, AT_FIELD(field), l, h, d, NULL, doc, LIVE },
#define RANGE(field, key, l, h, d, doc) { key, KEY_RANGE, AT_FIELD(field), l, h, 0, d, doc, LIVE },
#define TEXT(field, key, most, d, doc)  { key, KEY_TEXT, AT_FIELD(field), 0, most, 0, d, doc, LIVE },
#define DECIMAL(field, key, l, h, d, doc)                                                          \
    { key, KEY_DECIMAL, AT_FIELD(field), l, h, 0, d, doc, LIVE },

static const struct key keys[] = {
#define LIVE false
#include "sim/modem/profile.def"
#undef LIVE
#define LIVE true
#include "sim/modem/world.def"
#undef LIVE
};

#undef WORD
#undef NUMBER
#undef RANGE
#undef TEXT
#undef DECIMAL

static int32_t *number_of(struct profile *p, const struct key *k)
{
    return (int32_t *)(void *)((char *)p + k->offset);
}

static int32_t number_in(const struct profile *p, const struct key *k)
{
    int32_t n = 0;
    memcpy(&n, (const char *)p + k->offset, sizeof n);
    return n;
}

static const char *text_in(const struct profile *p, const struct key *k)
{
    return (const char *)p + k->offset;
}

static size_t room_of(const struct key *k)
{
    return k->type == KEY_RANGE     ? PROFILE_RANGE_MAX
           : k->type == KEY_DECIMAL ? PROFILE_DECIMAL_MAX
                                    : (size_t)k->hi + 1;
}

static void set_text(struct profile *p, const struct key *k, struct span text)
{
    char *to = (char *)p + k->offset;
    CHECK(text.n < room_of(k) && room_of(k) <= PROFILE_TEXT_MAX);
    if (text.n > 0) {
        memcpy(to, text.p, text.n);
    }
    to[text.n] = '\0';
}

/* The texts that struct param.vary points at are those of this very struct. */
static void point_ranges(struct profile *p)
{
#define WORD(field, key, words, def, doc)
#define NUMBER(field, key, lo, hi, def, doc)
#define RANGE(field, key, lo, hi, def, doc) p->ranges[RANGE_##field] = p->field;
#define TEXT(field, key, most, def, doc)
#include "sim/modem/profile.def"
#undef WORD
#undef NUMBER
#undef RANGE
#undef TEXT
}

void profile_default(struct profile *p)
{
    *p = (struct profile){ .name = "sim7600" };
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        if (keys[i].type == KEY_WORD || keys[i].type == KEY_NUMBER) {
            *number_of(p, &keys[i]) = keys[i].def;
        } else {
            set_text(p, &keys[i], span_str(keys[i].text));
        }
    }
    point_ranges(p);
}

void profile_copy(struct profile *to, const struct profile *from)
{
    *to = *from;
    point_ranges(to);
}

/* The n-th word of "a|b|c"; empty when there are fewer. */
static struct span word_at(const char *words, int32_t n)
{
    struct span rest = span_str(words);
    for (;;) {
        const uint8_t *bar = rest.n == 0 ? NULL : memchr(rest.p, '|', rest.n);
        size_t len = bar == NULL ? rest.n : (size_t)(bar - rest.p);
        if (n-- == 0) {
            return span_of(rest.p, len);
        }
        if (bar == NULL) {
            return (struct span){ NULL, 0 };
        }
        rest = span_from(rest, len + 1);
    }
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static struct span trim(struct span s)
{
    while (s.n > 0 && (s.p[0] == ' ' || s.p[0] == '\t')) {
        s = span_from(s, 1);
    }
    while (s.n > 0 && is_blank(s.p[s.n - 1])) {
        s.n--;
    }
    return s;
}

static bool set_word(struct profile *p, const struct key *k, struct span value)
{
    for (int32_t n = 0; word_at(k->text, n).n > 0; n++) {
        if (span_eq(word_at(k->text, n), value)) {
            *number_of(p, k) = n;
            return true;
        }
    }
    return false;
}

static const char escapes[] = "r\rn\ns \\\\";

static bool set_escaped(struct profile *p, const struct key *k, struct span value)
{
    uint8_t text[PROFILE_TEXT_MAX];
    size_t n = 0;
    for (size_t i = 0; i < value.n; i++) {
        uint8_t c = value.p[i];
        if (c == '\\') {
            const char *e = NULL;
            for (size_t j = 0; i + 1 < value.n && escapes[j] != '\0'; j += 2) {
                e = (uint8_t)escapes[j] == value.p[i + 1] ? &escapes[j] : e;
            }
            if (e == NULL) {
                return false;
            }
            c = (uint8_t)e[1];
            i++;
        }
        if (n + 1 >= room_of(k) || c == '\0') {
            return false;
        }
        text[n++] = c;
    }
    set_text(p, k, span_of(text, n));
    return true;
}

struct limits {
    int32_t lo, hi;
    bool ok;
};

static void within(void *arg, int32_t lo, int32_t hi)
{
    struct limits *l = arg;
    l->ok = l->ok && lo >= l->lo && hi <= l->hi;
}

static bool set_range(struct profile *p, const struct key *k, struct span value)
{
    char text[PROFILE_RANGE_MAX];
    if (value.n == 0 || value.n >= sizeof text || memchr(value.p, 0, value.n) != NULL) {
        return false;
    }
    memcpy(text, value.p, value.n);
    text[value.n] = '\0';
    struct limits l = { k->lo, k->hi, true };
    if (!schema_each_range(text, within, &l) || !l.ok) {
        return false;
    }
    set_text(p, k, value);
    return true;
}

/* Kept as it was written. Empty where the default is: not known. */
static bool set_decimal(struct profile *p, const struct key *k, struct span value)
{
    int64_t n = 0;
    bool empty = value.n == 0 && k->text[0] == '\0';
    bool ok = value.n < PROFILE_DECIMAL_MAX && schema_decimal(value, 9, &n) &&
              n >= k->lo * INT64_C(1000000000) && n <= k->hi * INT64_C(1000000000);
    if (empty || ok) {
        set_text(p, k, value);
    }
    return empty || ok;
}

/* "takes …" for an error message and for the table. */
static void describe(const struct key *k, char *out, size_t size)
{
    switch (k->type) {
    case KEY_WORD:
        (void)snprintf(out, size, "%s", k->text);
        break;
    case KEY_NUMBER:
        (void)snprintf(out, size, k->lo < 0 ? "%d to %d" : "%d-%d", (int)k->lo, (int)k->hi);
        break;
    case KEY_RANGE:
        (void)snprintf(out, size, "ranges such as 0,60-180, within %d-%d", (int)k->lo, (int)k->hi);
        break;
    case KEY_TEXT:
        (void)snprintf(out, size, "text of at most %d bytes", (int)k->hi);
        break;
    case KEY_DECIMAL:
        (void)snprintf(out, size, "a number from %d to %d such as 1.5%s", (int)k->lo, (int)k->hi,
                       k->text[0] == '\0' ? ", or nothing" : "");
        break;
    }
}

static bool set_key(struct profile *p, const struct key *k, struct span value)
{
    int32_t n = 0;
    switch (k->type) {
    case KEY_WORD:
        return set_word(p, k, value);
    case KEY_NUMBER:
        if (!schema_number(value, false, &n) || n < k->lo || n > k->hi) {
            return false;
        }
        *number_of(p, k) = n;
        return true;
    case KEY_RANGE:
        return set_range(p, k, value);
    case KEY_TEXT:
        return set_escaped(p, k, value);
    case KEY_DECIMAL:
        return set_decimal(p, k, value);
    }
    return false;
}

static const struct key *find_key(struct span name)
{
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        if (span_eq(span_str(keys[i].name), name)) {
            return &keys[i];
        }
    }
    return NULL;
}

static int printable(struct span s)
{
    return (int)(s.n > 60 ? 60 : s.n);
}

static const struct key *known_key(struct span name, char *error, size_t size)
{
    const struct key *k = find_key(name);
    if (k == NULL) {
        (void)snprintf(error, size, "unknown key '%.*s'; 'sim7600 --dump profile' lists all",
                       printable(name), (const char *)name.p);
    }
    return k;
}

static bool assign(struct profile *p, const struct key *k, struct span value, char *error,
                   size_t size)
{
    if (set_key(p, k, value)) {
        return true;
    }
    char takes[96];
    describe(k, takes, sizeof takes);
    (void)snprintf(error, size, "%s: '%.*s' is not valid, it takes %s", k->name, printable(value),
                   (const char *)value.p, takes);
    return false;
}

/* One 'key = value'. An error is written as text without the line number. */
static bool parse_line(struct profile *p, struct span line, bool first, char *error, size_t size)
{
    const uint8_t *equals = memchr(line.p, '=', line.n);
    if (equals == NULL) {
        (void)snprintf(error, size, "expected 'key = value', found '%.*s'", printable(line),
                       (const char *)line.p);
        return false;
    }
    struct span name = trim(span_of(line.p, (size_t)(equals - line.p)));
    struct span value = trim(span_from(line, (size_t)(equals - line.p) + 1));
    if (span_eq(name, SPAN_LIT("extend"))) {
        char base[PROFILE_NAME_MAX];
        (void)snprintf(base, sizeof base, "%.*s", printable(value), (const char *)value.p);
        if (first && profile_builtin(p, base)) {
            return true;
        }
        (void)snprintf(error, size,
                       first ? "extend: no built-in profile '%s'; there are: %s"
                             : "extend = %s must be the first key",
                       base, profile_builtin_names());
        return false;
    }
    const struct key *k = known_key(name, error, size);
    return k != NULL && assign(p, k, value, error, size);
}

bool profile_set_live(struct profile *p, struct span name, struct span value, char *error,
                      size_t error_size)
{
    const struct key *k = known_key(name, error, error_size);
    if (k != NULL && !k->live) {
        (void)snprintf(error, error_size,
                       "%s: cannot be changed while the modem runs; give it in a profile", k->name);
        return false;
    }
    return k != NULL && assign(p, k, value, error, error_size);
}

bool profile_parse(struct profile *p, struct span text, char *error, size_t error_size)
{
    bool first = true;
    for (unsigned number = 1; text.n > 0; number++) {
        const uint8_t *end = memchr(text.p, '\n', text.n);
        size_t n = end == NULL ? text.n : (size_t)(end - text.p);
        struct span line = trim(span_of(text.p, n));
        text = span_from(text, n + 1);
        if (line.n == 0 || line.p[0] == '#') {
            continue;
        }
        char why[256];
        if (!parse_line(p, line, first, why, sizeof why)) {
            (void)snprintf(error, error_size, "line %u: %s", number, why);
            return false;
        }
        first = false;
    }
    return true;
}

bool profile_builtin(struct profile *p, const char *name)
{
    size_t i = 0;
    while (i < profiles_embedded_n && strcmp(profiles_embedded[i].name, name) != 0) {
        i++;
    }
    if (i == profiles_embedded_n) {
        return false;
    }
    const struct embedded_file *e = &profiles_embedded[i];
    char error[256];
    profile_default(p);
    CHECK(profile_parse(p, span_of(e->text, e->n), error, sizeof error));
    (void)snprintf(p->name, sizeof p->name, "%s", name);
    return true;
}

const char *profile_builtin_names(void)
{
    return profiles_embedded_names;
}

/* The reverse of set_escaped; blanks inside stay as they are, those at the ends are trimmed when
 * read. */
static void escape(const char *text, struct buf *out)
{
    for (const char *c = text; *c != '\0'; c++) {
        bool inside = *c == ' ' && c != text && c[1] != '\0';
        const char *e = escapes + 1;
        while (e[-1] != '\0' && (*e != *c || inside)) {
            e += 2;
        }
        (void)buf_addf(out, "%s%c", e[-1] != '\0' ? "\\" : "", e[-1] != '\0' ? e[-1] : *c);
    }
}

static void value_text(const struct profile *p, const struct key *k, struct buf *out)
{
    if (k->type == KEY_WORD) {
        (void)buf_add(out, word_at(k->text, number_in(p, k)));
    } else if (k->type == KEY_NUMBER) {
        (void)buf_addf(out, "%d", (int)number_in(p, k));
    } else {
        escape(text_in(p, k), out);
    }
}

void profile_dump_text(const struct profile *p, struct buf *out)
{
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        (void)buf_addf(out, "%s = ", keys[i].name);
        value_text(p, &keys[i], out);
        (void)buf_add_byte(out, '\n');
    }
}

void profile_dump_md(const struct profile *p, struct buf *out)
{
    (void)buf_addf(out, "| Key | %s | Takes | Meaning |\n| --- | --- | --- | --- |\n", p->name);
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        char takes[96];
        describe(&keys[i], takes, sizeof takes);
        (void)buf_addf(out, "| `%s` | `", keys[i].name);
        value_text(p, &keys[i], out);
        (void)buf_addf(out, "` | ");
        for (const char *c = takes; *c != '\0'; c++) {
            (void)buf_addf(out, *c == '|' ? "\\%c" : "%c", *c);
        }
        (void)buf_addf(out, " | %s |\n", keys[i].doc);
    }
}

void profile_dump_json(const struct profile *p, struct buf *out)
{
    (void)buf_addf(out, "{");
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        struct buf value;
        buf_init(&value, 1024);
        value_text(p, &keys[i], &value);
        (void)buf_addf(out, "%s\n  \"%s\": ", i == 0 ? "" : ",", keys[i].name);
        if (keys[i].type == KEY_NUMBER) {
            (void)buf_add(out, buf_span(&value));
        } else {
            buf_add_quoted(out, buf_span(&value));
        }
        buf_fini(&value);
    }
    (void)buf_addf(out, "\n}\n");
}
