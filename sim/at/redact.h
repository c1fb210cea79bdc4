/* What the trace may show of a command line: secrets (PARAM_SECRET) become ***, and text that is no
 * command of ours right behind an upload of key material is not shown at all (it may be the rest of
 * a key). */
#ifndef SIM_AT_REDACT_H
#define SIM_AT_REDACT_H

#include "sim/at/cmd.h"

/* Appends "AT…" to 'out'. 'wary': secret data was uploaded just before. Returns true when every
 * command in the line is one of ours and at least one is extended: no rest of a key looks like
 * that. */
bool redact_line(const struct at_index *index, struct span body, bool wary, struct buf *out);

#endif
