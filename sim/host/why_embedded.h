/* The engine that explains (lua/modemtest/why*.lua), by the names of its modules. */
#ifndef SIM_HOST_WHY_EMBEDDED_H
#define SIM_HOST_WHY_EMBEDDED_H

#include "base/embedded.h"

extern const struct embedded_file why_embedded[];
extern const size_t why_embedded_n;
extern const char why_embedded_names[];

#endif
