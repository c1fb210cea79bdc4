#include "sim/at/line.h"

void line_init(struct line *l, size_t max)
{
    *l = (struct line){ .max = max };
    buf_init(&l->body, max);
}

void line_fini(struct line *l)
{
    buf_fini(&l->body);
}

void line_reset(struct line *l)
{
    l->state = LINE_HUNT;
    l->lf_follows = false;
    l->overlong = false;
    buf_clear(&l->body);
}

static void echo(struct out *out, struct span bytes)
{
    if (out->set->echo != 0) {
        out_raw(out, bytes);
    }
}

static enum line_event end_line(struct line *l)
{
    bool had_prefix = l->state == LINE_BODY;
    l->state = LINE_HUNT;
    l->lf_follows = true;
    return had_prefix ? LINE_READY : LINE_MORE;
}

/* The prefix: A, then T; or A/ which repeats the last line at once. */
static enum line_event prefix_byte(struct line *l, uint8_t byte, struct out *out)
{
    char c = ascii_upper((char)byte);
    if (c == 'A') {
        l->state = LINE_GOT_A;
        echo(out, span_of(&byte, 1));
        return LINE_MORE;
    }
    if (l->state == LINE_HUNT) {
        echo(out, l->echo_junk ? span_of(&byte, 1) : span_of(NULL, 0));
        return LINE_MORE;
    }
    l->state = LINE_HUNT;
    if (c == 'T') {
        l->state = LINE_BODY;
        l->overlong = false;
        buf_clear(&l->body);
        echo(out, span_of(&byte, 1));
        return LINE_MORE;
    }
    if (c == '/') {
        echo(out, span_of(&byte, 1));
        return LINE_READY;
    }
    return LINE_MORE;
}

static void edit(struct line *l, struct out *out)
{
    if (l->body.n > 0) {
        l->body.n--;
        echo(out, SPAN_LIT("\b \b"));
    }
}

enum line_event line_feed(struct line *l, uint8_t byte, struct out *out)
{
    bool after_end = l->lf_follows;
    l->lf_follows = false;
    if (after_end && byte == '\n') {
        return LINE_MORE;
    }
    if (byte == (uint8_t)out->set->s3) {
        if (l->state == LINE_BODY || l->echo_junk) {
            echo(out, span_of(&byte, 1));
        }
        return end_line(l);
    }
    if (l->state != LINE_BODY) {
        return prefix_byte(l, byte, out);
    }
    if (byte == (uint8_t)out->set->s5) {
        edit(l, out);
        return LINE_MORE;
    }
    if (byte < 0x20 || byte == 0x7F) {
        return LINE_MORE; /* V.250 5.2.2: control characters are ignored */
    }
    echo(out, span_of(&byte, 1));
    if (!buf_add_byte(&l->body, byte)) {
        l->overlong = true;
    }
    return LINE_MORE;
}
