/* The command line of sim7600. Reads it, checks every value, opens nothing. All strings point into
 * argv. */
#ifndef SIM_HOST_OPTIONS_H
#define SIM_HOST_OPTIONS_H

#include "sim/host/connect_to.h"
#include "sim/host/say.h"

#define OPTIONS_MODEMS_MAX 64
#define OPTIONS_RULES_MAX  32

enum port_kind { PORT_TCP, PORT_UNIX, PORT_SERIAL };

/* One --listen or --serial. */
struct port_spec {
    enum port_kind kind;
    char host[CONNECT_TO_HOST_MAX + 1]; /* PORT_TCP */
    uint16_t port;                      /* PORT_TCP; 0: a free one */
    char path[4096];                    /* PORT_UNIX, PORT_SERIAL */
    unsigned baud;                      /* PORT_SERIAL */
};

enum dump_what { DUMP_NOTHING, DUMP_COMMANDS, DUMP_URCS, DUMP_FAULTS, DUMP_PROFILE, DUMP_CONTROL };

enum dump_format { DUMP_PLAIN, DUMP_MD, DUMP_JSON };

struct options {
    bool help, version, boot;
    const char *link, *control, *state, *profile, *gnss_track, *trace; /* NULL: not given */
    struct port_spec ports[OPTIONS_MODEMS_MAX];
    size_t ports_n;
    struct connect_to_rule rules[OPTIONS_RULES_MAX];
    size_t rules_n;
    unsigned count; /* how many modems; settled, so never 0 */
    uint32_t seed;  /* of fault decisions; nothing else a client sees is random */
    enum dump_what dump;
    enum dump_format dump_format;
};

/* Reads the arguments. False with one line that names the option, what is wrong with it and what to
 * do. */
bool options_parse(int argc, char *const argv[], struct options *ret, struct reason *why);

/* What --help prints. */
extern const char options_help[];

/* The port of modem 'index' out of 'count' where one --listen stands for several modems: TCP ports
 * count up from the one given, unix paths follow link_path_for. Only for fewer ports than modems.
 */
bool options_port_for(const struct options *o, unsigned index, struct port_spec *ret);

#endif
