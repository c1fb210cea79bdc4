#include "sim/host/options.h"

#include <getopt.h>
#include <limits.h>
#include <stdio.h>

#include "base/check.h"
#include "sim/host/link_path.h"

const char options_help[] =
    "Usage: sim7600 [OPTION]...\n"
    "Emulates a SIM7600 LTE modem: AT commands on a pseudo-terminal, real TLS and MQTT behind it.\n"
    "\n"
    "  --link PATH             name of the pty, a symbolic link (default "
    "$XDG_RUNTIME_DIR/sim7600/modem0,\n"
    "                          or a fresh folder under /tmp)\n"
    "  --listen tcp:HOST:PORT  take AT commands from a TCP client instead; port 0: a free one\n"
    "  --listen unix:PATH      the same on a unix socket; --listen may be repeated, one modem "
    "each\n"
    "  --serial DEV[:BAUD]     take AT commands from a serial port instead (default 115200, until "
    "AT+IPR\n"
    "                          says otherwise)\n"
    "  --count N               N modems (1-64); PATH ending in 0 counts up (modem0, modem1, ...), "
    "other paths\n"
    "                          get the number appended, TCP ports count up from PORT\n"
    "  --control PATH          unix socket for requests as JSON lines\n"
    "  --state DIR             keep certificates and settings there (default: a temporary folder)\n"
    "  --profile NAME|FILE     firmware profile (default sim7600)\n"
    "  --connect-to HOST:PORT:HOST2:PORT2\n"
    "                          connections to HOST:PORT go to HOST2:PORT2; empty HOST or PORT: "
    "any;\n"
    "                          may be repeated, the first rule that matches counts; names and "
    "pings, which\n"
    "                          have no port, match an empty PORT only\n"
    "  --gnss-track FILE       where the modem moves, for its GNSS receiver: lines of\n"
    "                          seconds,latitude,longitude[,altitude[,speed[,course]]]\n"
    "  --boot                  start like a modem just powered on\n"
    "  --trace FILE            write every event as a line of JSON\n"
    "  --seed N                of what is random: the chance of a fault; default 0\n"
    "  --dump commands|urcs|faults|profile|control[:md|json]\n"
    "                          print that and exit\n"
    "  --version               print the version and exit\n"
    "  --help                  print this and exit\n";

enum {
    OPT_LINK = 1000,
    OPT_LISTEN,
    OPT_SERIAL,
    OPT_COUNT,
    OPT_CONTROL,
    OPT_STATE,
    OPT_PROFILE,
    OPT_CONNECT_TO,
    OPT_GNSS_TRACK,
    OPT_BOOT,
    OPT_TRACE,
    OPT_SEED,
    OPT_DUMP,
    OPT_VERSION,
    OPT_HELP
};

static const struct option long_options[] = {
    { "link", required_argument, NULL, OPT_LINK },
    { "listen", required_argument, NULL, OPT_LISTEN },
    { "serial", required_argument, NULL, OPT_SERIAL },
    { "count", required_argument, NULL, OPT_COUNT },
    { "control", required_argument, NULL, OPT_CONTROL },
    { "state", required_argument, NULL, OPT_STATE },
    { "profile", required_argument, NULL, OPT_PROFILE },
    { "connect-to", required_argument, NULL, OPT_CONNECT_TO },
    { "gnss-track", required_argument, NULL, OPT_GNSS_TRACK },
    { "boot", no_argument, NULL, OPT_BOOT },
    { "trace", required_argument, NULL, OPT_TRACE },
    { "seed", required_argument, NULL, OPT_SEED },
    { "dump", required_argument, NULL, OPT_DUMP },
    { "version", no_argument, NULL, OPT_VERSION },
    { "help", no_argument, NULL, OPT_HELP },
    { NULL, 0, NULL, 0 },
};

/* Decimal digits only, in lo..hi. */
static bool number(struct span text, uint32_t lo, uint32_t hi, uint32_t *ret)
{
    uint64_t value = 0;
    if (text.n == 0 || text.n > 10) {
        return false;
    }
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9') {
            return false;
        }
        value = value * 10 + (uint64_t)(text.p[i] - '0');
    }
    if (value < lo || value > hi) {
        return false;
    }
    *ret = (uint32_t)value;
    return true;
}

/* The part after the last ':'; false when there is none. */
static bool split_last_colon(struct span text, struct span *ret_before, struct span *ret_after)
{
    for (size_t i = text.n; i > 0; i--) {
        if (text.p[i - 1] == ':') {
            *ret_before = (struct span){ text.p, i - 1 };
            *ret_after = span_from(text, i);
            return true;
        }
    }
    return false;
}

static bool copy_text(char *ret, size_t size, struct span text)
{
    if (text.n == 0 || text.n >= size) {
        return false;
    }
    memcpy(ret, text.p, text.n);
    ret[text.n] = '\0';
    return true;
}

static bool parse_tcp(struct span text, struct port_spec *p)
{
    struct span host;
    struct span port;
    uint32_t value;
    if (!split_last_colon(text, &host, &port) || !number(port, 0, UINT16_MAX, &value)) {
        return false;
    }
    if (host.n >= 2 && host.p[0] == '[' && host.p[host.n - 1] == ']') {
        host = (struct span){ host.p + 1, host.n - 2 };
    } else if (memchr(host.p, ':', host.n) != NULL) {
        return false;
    }
    p->kind = PORT_TCP;
    p->port = (uint16_t)value;
    return copy_text(p->host, sizeof p->host, host);
}

static bool parse_listen(const char *text, struct port_spec *p)
{
    struct span s = span_str(text);
    if (s.n >= 4 && memcmp(s.p, "tcp:", 4) == 0) {
        return parse_tcp(span_from(s, 4), p);
    }
    if (s.n >= 5 && memcmp(s.p, "unix:", 5) == 0) {
        p->kind = PORT_UNIX;
        return copy_text(p->path, sizeof p->path, span_from(s, 5));
    }
    return false;
}

/* DEV[:BAUD]; a DEV whose own name has a ':' needs the BAUD. */
static bool parse_serial(const char *text, struct port_spec *p)
{
    struct span dev = span_str(text);
    struct span before;
    struct span after;
    uint32_t baud;
    p->kind = PORT_SERIAL;
    p->baud = 115200;
    if (split_last_colon(dev, &before, &after)) {
        if (!number(after, 50, 4000000, &baud)) {
            return false;
        }
        p->baud = baud;
        dev = before;
    }
    return copy_text(p->path, sizeof p->path, dev);
}

static bool add_port(struct options *o, bool serial, const char *text, struct reason *why)
{
    if (o->ports_n == OPTIONS_MODEMS_MAX) {
        return reason_set(why, "more than %d ports; start a second sim7600 for the rest",
                          OPTIONS_MODEMS_MAX);
    }
    struct port_spec *p = &o->ports[o->ports_n++];
    if (serial) {
        return parse_serial(text, p) ||
               reason_set(why,
                          "--serial %.200s: expected DEV or DEV:BAUD, as in /dev/ttyUSB0:115200",
                          text);
    }
    return parse_listen(text, p) ||
           reason_set(
               why,
               "--listen %.200s: expected tcp:HOST:PORT or unix:PATH, as in tcp:127.0.0.1:4000",
               text);
}

static bool add_rule(struct options *o, const char *text, struct reason *why)
{
    if (o->rules_n == OPTIONS_RULES_MAX) {
        return reason_set(
            why, "--connect-to %.200s: more than %d rules; leave HOST or PORT empty to match any",
            text, OPTIONS_RULES_MAX);
    }
    return connect_to_parse(text, &o->rules[o->rules_n++]) ||
           reason_set(why,
                      "--connect-to %.200s: expected HOST:PORT:HOST2:PORT2, as in ::127.0.0.1:8883",
                      text);
}

static bool parse_dump(struct options *o, const char *text, struct reason *why)
{
    static const char *const whats[] = { "", "commands", "urcs", "faults", "profile", "control" };
    static const char *const formats[] = { "", ":md", ":json" };
    for (size_t w = 1; w < ARRAY_LEN(whats); w++) {
        for (size_t f = 0; f < ARRAY_LEN(formats); f++) {
            char whole[32];
            (void)snprintf(whole, sizeof whole, "%s%s", whats[w], formats[f]);
            if (strcmp(whole, text) == 0) {
                o->dump = (enum dump_what)w;
                o->dump_format = (enum dump_format)f;
                return true;
            }
        }
    }
    return reason_set(
        why,
        "--dump %.200s: expected commands, urcs, faults, profile or control, with :md or :json "
        "behind it",
        text);
}

static bool parse_number(const char *option, const char *text, uint32_t lo, uint32_t *ret,
                         struct reason *why)
{
    uint32_t hi = lo == 0 ? UINT32_MAX : OPTIONS_MODEMS_MAX;
    return number(span_str(text), lo, hi, ret) ||
           reason_set(why, "%s %.200s: expected a number from %u to %u", option, text, lo, hi);
}

static bool take_path(const char *option, const char *text, const char **ret, struct reason *why)
{
    *ret = text;
    return (text[0] != '\0' && strlen(text) < PATH_MAX) ||
           reason_set(why, "%s: the value is empty or too long; give a path or name", option);
}

static bool take(struct options *o, int opt, const char *text, struct reason *why)
{
    switch (opt) {
    case OPT_LINK:
        return take_path("--link", text, &o->link, why);
    case OPT_CONTROL:
        return take_path("--control", text, &o->control, why);
    case OPT_STATE:
        return take_path("--state", text, &o->state, why);
    case OPT_PROFILE:
        return take_path("--profile", text, &o->profile, why);
    case OPT_TRACE:
        return take_path("--trace", text, &o->trace, why);
    case OPT_GNSS_TRACK:
        return take_path("--gnss-track", text, &o->gnss_track, why);
    case OPT_LISTEN:
    case OPT_SERIAL:
        return add_port(o, opt == OPT_SERIAL, text, why);
    case OPT_CONNECT_TO:
        return add_rule(o, text, why);
    case OPT_COUNT:
        return parse_number("--count", text, 1, &o->count, why);
    case OPT_SEED:
        return parse_number("--seed", text, 0, &o->seed, why);
    case OPT_DUMP:
        return parse_dump(o, text, why);
    case OPT_BOOT:
        o->boot = true;
        return true;
    case OPT_VERSION:
        o->version = true;
        return true;
    default:
        o->help = true;
        return true;
    }
}

/* What belongs together, once all options are known. */
static bool settle(struct options *o, struct reason *why)
{
    if (o->ports_n > 0 && o->link != NULL) {
        return reason_set(
            why, "--link names a pty, but --listen and --serial replace it; leave one of them out");
    }
    if (o->count == 0) {
        o->count = o->ports_n > 0 ? (unsigned)o->ports_n : 1;
    }
    if (o->ports_n > 1 && o->ports_n != o->count) {
        return reason_set(why,
                          "--count %u does not fit %zu ports; give one port, or leave --count out",
                          o->count, o->ports_n);
    }
    struct port_spec last;
    if (o->ports_n == 1 && o->count > 1 && !options_port_for(o, o->count - 1, &last)) {
        return reason_set(
            why,
            "--count %u: the port cannot be numbered so far; give one --listen or --serial each",
            o->count);
    }
    return true;
}

bool options_parse(int argc, char *const argv[], struct options *ret, struct reason *why)
{
    *ret = (struct options){ .help = false };
    opterr = 0;
    optind = 0; /* glibc: begin anew */
    for (;;) {
        int opt = getopt_long(argc, argv, "+:", long_options, NULL);
        if (opt == -1) {
            break;
        }
        if (opt == ':') {
            return reason_set(why, "%.200s needs a value; see --help", argv[optind - 1]);
        }
        if (opt == '?') {
            const char *text = optind > 1 ? argv[optind - 1] : argv[1];
            return reason_set(why, "%.200s: %s; see --help", text,
                              optopt >= OPT_LINK ? "this option takes no value"
                                                 : "unknown or ambiguous option");
        }
        if (!take(ret, opt, optarg, why)) {
            return false;
        }
    }
    if (optind < argc) {
        return reason_set(why, "%.200s: not an option; see --help", argv[optind]);
    }
    return settle(ret, why);
}

bool options_port_for(const struct options *o, unsigned index, struct port_spec *ret)
{
    if (index < o->ports_n && o->ports_n == o->count) {
        *ret = o->ports[index];
        return true;
    }
    *ret = o->ports[0];
    if (ret->kind == PORT_TCP) {
        unsigned port = ret->port == 0 ? 0 : ret->port + index;
        ret->port = (uint16_t)port;
        return port <= UINT16_MAX;
    }
    return ret->kind == PORT_UNIX && link_path_for(ret->path, o->ports[0].path, index, o->count);
}
