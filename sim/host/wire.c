#include "sim/host/wire.h"

#define FRAME_BITS 10 /* start, eight data bits with the lowest first, stop */

/* The line as the sender drives it. Time is counted in units of which a bit of the sender lasts
 * 2 * to, and a bit of the receiver 2 * from, so that no division loses anything. */
struct wire {
    struct span sent;
    uint64_t bit; /* of the sender */
};

static bool is_high(const struct wire *w, uint64_t time)
{
    uint64_t bit = time / w->bit;
    uint64_t place = bit % FRAME_BITS;
    if (bit / FRAME_BITS >= w->sent.n || place == FRAME_BITS - 1) {
        return true; /* idle, or a stop bit */
    }
    uint32_t byte = w->sent.p[bit / FRAME_BITS];
    return place > 0 && ((byte >> (place - 1)) & 1U) != 0;
}

static uint64_t end_of(const struct wire *w)
{
    return w->sent.n * FRAME_BITS * w->bit;
}

/* From 'time' on: when the line is first on this level. Levels change between bits only. */
static uint64_t next_level(const struct wire *w, uint64_t time, bool high)
{
    while (time < end_of(w) && is_high(w, time) != high) {
        time = (time / w->bit + 1) * w->bit;
    }
    return time;
}

void wire_sample(struct span sent, uint32_t from, uint32_t to, struct buf *heard)
{
    const struct wire w = { .sent = sent, .bit = (uint64_t)to * 2 };
    const uint64_t half = from; /* of a bit of the receiver */
    uint64_t start = next_level(&w, 0, false);
    while (start < end_of(&w)) {
        uint64_t time = start + half;
        if (is_high(&w, time)) {
            start = next_level(&w, time, false);
            continue;
        }
        unsigned byte = 0;
        for (unsigned i = 0; i < 8; i++) {
            time += 2 * half;
            byte |= (is_high(&w, time) ? 1U : 0U) << i;
        }
        (void)buf_add_byte(heard, (uint8_t)byte);
        time += 2 * half; /* the stop bit */
        start = next_level(&w, next_level(&w, time, true), false);
    }
}
