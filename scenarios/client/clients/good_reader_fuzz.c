/* Any bytes: the reader never leaves its buffers, and what it hands out ends with NUL and is no
 * longer than it says. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "good_reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reader *r = malloc(sizeof(*r));
    if (r == NULL) {
        return 0;
    }
    reader_reset(r);
    for (size_t i = 0; i < size; i++) {
        r->expect_prompt = i % 7 == 0;
        enum reader_event event =
            data[i] == 0xFF ? reader_give_up_message(r) : reader_feed(r, (char)data[i]);
        if (event == READER_LINE && strlen(r->line) > READER_LINE_MAX) {
            abort();
        }
        if (event == READER_MESSAGE &&
            (r->topic[r->topic_n] != '\0' || r->payload[r->payload_n] != '\0' ||
             r->topic_n > READER_TOPIC_MAX || r->payload_n > READER_PAYLOAD_MAX)) {
            abort();
        }
    }
    free(r);
    return 0;
}
