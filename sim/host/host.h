/* The emulator as a program: opens what the options ask for, says so on stdout, runs until a
 * signal. Knows libuv, files and sockets through the other modules of sim/host, and the modem
 * through modem.h. */
#ifndef SIM_HOST_HOST_H
#define SIM_HOST_HOST_H

#include "base/span.h"
#include "sim/host/options.h"

/* Exit codes of the program. */
enum { HOST_OK = 0, HOST_FAILED = 1, HOST_USAGE = 2 };

/* Runs modems until a signal. Returns an exit code; 'version' is for the control socket.
 */
int host_run(const struct options *o, const char *version);

/* Fills 'p' from --profile, a built-in name or else a file; NULL: the default. False with the
 * reason. */
struct profile;
bool host_profile(struct profile *p, const char *name_or_file, struct reason *why);

/* Prints 'text' on stdout. Returns an exit code. */
int host_print(struct span text);

/* Prints what --dump asks for on stdout. Returns an exit code. */
int host_dump(const struct options *o);

#endif
