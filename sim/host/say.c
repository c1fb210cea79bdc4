#include "sim/host/say.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"

bool reason_set(struct reason *r, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(r->text, sizeof r->text, fmt, ap);
    va_end(ap);
    return false;
}

void say(const char *fmt, ...)
{
    /* One write per line: several emulators may share a log. */
    char line[1024];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    for (char *c = line; *c != '\0'; c++) {
        if ((unsigned char)*c < ' ' || *c == 0x7F) {
            *c = '?'; /* of a file name or option; a line stays one line */
        }
    }
    (void)fprintf(stderr, "sim7600: %s\n", line);
}

char *text_copy(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = xcalloc(1, size);
    memcpy(copy, text, size);
    return copy;
}
