/* sim7600: options and wiring only. */
#include "sim/host/host.h"

int main(int argc, char *argv[])
{
    static struct options options; /* large; and read as long as the program runs */
    struct reason why;
    if (!options_parse(argc, argv, &options, &why)) {
        say("%s", why.text);
        return HOST_USAGE;
    }
    if (options.help) {
        return host_print(span_str(options_help));
    }
    if (options.version) {
        return host_print(span_str("sim7600 " SIM7600_VERSION "\n"));
    }
    if (options.dump != DUMP_NOTHING) {
        return host_dump(&options);
    }
    return host_run(&options, SIM7600_VERSION);
}
