/* The rows as documents: what 'sim7600 --dump' prints and docs/ holds. */
#ifndef SIM_MODEM_DUMP_H
#define SIM_MODEM_DUMP_H

#include "base/buf.h"
#include "sim/modem/profile.h"

/* Appends the document 'what' (commands, urcs, faults, profile) in 'format' (text, md, json; for
 * all but profile, text is the same as md). False: no such document or format. */
bool modem_dump(const char *what, const char *format, const struct profile *p, struct buf *out);

#endif
