#include "sim/mqtt/id_set.h"

#include <stdlib.h>

#include "base/buf.h"

#define ID_SET_BYTES ((UINT16_MAX + 1) / 8)

static uint8_t mask_of(uint16_t id)
{
    return (uint8_t)(1u << (id % 8));
}

bool id_set_add(struct id_set *set, uint16_t id)
{
    if (set->bits == NULL) {
        set->bits = xcalloc(ID_SET_BYTES, 1);
    }
    if ((set->bits[id / 8] & mask_of(id)) != 0) {
        return false;
    }
    set->bits[id / 8] |= mask_of(id);
    set->n++;
    return true;
}

bool id_set_remove(struct id_set *set, uint16_t id)
{
    if (set->bits == NULL || (set->bits[id / 8] & mask_of(id)) == 0) {
        return false;
    }
    set->bits[id / 8] &= (uint8_t)~mask_of(id);
    set->n--;
    if (set->n == 0) {
        id_set_clear(set);
    }
    return true;
}

void id_set_clear(struct id_set *set)
{
    free(set->bits);
    *set = (struct id_set){ .bits = NULL };
}
