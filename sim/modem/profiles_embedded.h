/* The files of sim/profiles, put into the program by the build so that it needs no installation. */
#ifndef SIM_MODEM_PROFILES_EMBEDDED_H
#define SIM_MODEM_PROFILES_EMBEDDED_H

#include <stddef.h>
#include <stdint.h>

struct embedded_profile {
    const char *name;
    const uint8_t *text;
    size_t n;
};

extern const struct embedded_profile profiles_embedded[];
extern const size_t profiles_embedded_n;
extern const char profiles_embedded_names[]; /* separated by ", " */

#endif
