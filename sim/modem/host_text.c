/* Names and other text of the commands in the character set of AT+CSCS (general-commands.md B4.1:
 * under "UCS2" they are hexadecimal digits). */
#include "sim/modem/charset.h"
#include "sim/modem/modem_int.h"

const char *host_text(const struct modem *m, const char *utf8, char ret[HOST_TEXT_SIZE])
{
    struct buf ucs2;
    struct buf text;
    buf_init(&ucs2, (size_t)2 * HOST_TEXT_MAX);
    buf_init(&text, HOST_TEXT_SIZE - 1);
    ucs2_from_utf8(span_str(utf8), &ucs2);
    ucs2_to_host((enum charset)m->set.cscs, buf_span(&ucs2), &text);
    if (text.n > 0) {
        memcpy(ret, text.p, text.n);
    }
    ret[text.n] = '\0';
    buf_fini(&ucs2);
    buf_fini(&text);
    return ret;
}

bool host_text_read(const struct modem *m, struct span text, struct buf *utf8)
{
    struct buf ucs2;
    buf_init(&ucs2, (size_t)2 * HOST_TEXT_MAX);
    bool ok = ucs2_from_host((enum charset)m->set.cscs, text, &ucs2);
    ucs2_to_utf8(buf_span(&ucs2), utf8);
    buf_fini(&ucs2);
    return ok;
}
