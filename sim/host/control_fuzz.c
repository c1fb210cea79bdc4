/* Any bytes as a request on the control socket: one line of answer, always. */
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"
#include "sim/host/control.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct control_modem modem = { "modem0", "/run/modem0", "sim7600" };
    static const struct control_facts facts = { .version = "0", .modems = &modem, .n = 1 };
    struct buf out;
    buf_init(&out, CONTROL_LINE_MAX);
    control_answer(&facts, span_of(data, size), &out);
    CHECK(out.n > 2 && out.p[0] == '{' && out.p[out.n - 1] == '\n');
    CHECK(memchr(out.p, '\n', out.n - 1) == NULL);
    buf_fini(&out);
    return 0;
}
