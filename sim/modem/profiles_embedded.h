/* The files of sim/profiles, by the name of their profile. */
#ifndef SIM_MODEM_PROFILES_EMBEDDED_H
#define SIM_MODEM_PROFILES_EMBEDDED_H

#include "base/embedded.h"

extern const struct embedded_file profiles_embedded[];
extern const size_t profiles_embedded_n;
extern const char profiles_embedded_names[]; /* separated by ", " */

#endif
