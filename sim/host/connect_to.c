#include "sim/host/connect_to.h"

#define PORT_DIGITS_MAX 5
#define PORT_MAX        65535

/* Takes a host up to the next ':' off the text. */
static bool take_host(struct span *text, char ret_host[CONNECT_TO_HOST_MAX + 1])
{
    size_t from = 0;
    size_t n = 0;
    size_t after = 0;
    bool brackets = text->n > 0 && text->p[0] == '[';
    char stop = brackets ? ']' : ':';
    from = brackets ? 1 : 0;
    while (from + n < text->n && text->p[from + n] != (uint8_t)stop) {
        n++;
    }
    after = from + n + (brackets ? 1 : 0);
    if (after >= text->n || text->p[after] != ':' || n > CONNECT_TO_HOST_MAX ||
        (brackets && n == 0)) {
        return false;
    }
    memcpy(ret_host, text->p + from, n);
    ret_host[n] = '\0';
    *text = span_from(*text, after + 1);
    return true;
}

static bool port_value(struct span digits, uint16_t *ret_port)
{
    unsigned value = 0;
    if (digits.n > PORT_DIGITS_MAX) {
        return false;
    }
    for (size_t i = 0; i < digits.n; i++) {
        if (digits.p[i] < '0' || digits.p[i] > '9') {
            return false;
        }
        value = value * 10 + (unsigned)(digits.p[i] - '0');
    }
    if (value > PORT_MAX || (digits.n > 0 && value == 0)) {
        return false;
    }
    *ret_port = (uint16_t)value;
    return true;
}

/* Takes a port off the text: to the end where 'last', else up to a ':'. */
static bool take_port(struct span *text, bool last, uint16_t *ret_port)
{
    size_t n = 0;
    while (n < text->n && text->p[n] != ':') {
        n++;
    }
    if (last != (n == text->n) || !port_value((struct span){ text->p, n }, ret_port)) {
        return false;
    }
    *text = span_from(*text, n + 1);
    return true;
}

bool connect_to_parse(const char *text, struct connect_to_rule *ret_rule)
{
    struct span rest = span_str(text);
    return take_host(&rest, ret_rule->host) && take_port(&rest, false, &ret_rule->port) &&
           take_host(&rest, ret_rule->to_host) && take_port(&rest, true, &ret_rule->to_port);
}

void connect_to_apply(const struct connect_to *c, struct span *host, uint16_t *port)
{
    for (size_t i = 0; i < c->n; i++) {
        const struct connect_to_rule *r = &c->rules[i];
        bool host_fits = r->host[0] == '\0' || span_eq_nocase(span_str(r->host), *host);
        if (!host_fits || (r->port != 0 && r->port != *port)) {
            continue;
        }
        if (r->to_host[0] != '\0') {
            *host = span_str(r->to_host);
        }
        if (r->to_port != 0) {
            *port = r->to_port;
        }
        return;
    }
}

bool connect_to_name(const struct connect_to *c, struct span *host, uint16_t *port,
                     char ret_name[CONNECT_TO_HOST_MAX + 1])
{
    connect_to_apply(c, host, port);
    if (host->n == 0 || host->n > CONNECT_TO_HOST_MAX || memchr(host->p, 0, host->n) != NULL) {
        return false;
    }
    memcpy(ret_name, host->p, host->n);
    ret_name[host->n] = '\0';
    return true;
}
