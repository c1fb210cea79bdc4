/* The three files of TLS in the modem's certificate store: uploaded where they are missing, never
 * deleted. */
#ifndef GOOD_CERTIFICATES_H
#define GOOD_CERTIFICATES_H

#include <stdbool.h>

#include "good_at.h"
#include "good_settings.h"

#define CERTIFICATES 3

struct certificates {
    bool listed[CERTIFICATES]; /* the modem has a file of that name */
    bool broken[CERTIFICATES]; /* an upload was not confirmed: what the modem has may be a part */
    bool unproven;             /* files of this run have not yet made a connection */
    unsigned refused;          /* how often TLS did not come about, and they may be the cause */
};

/* Names of the files in the modem, in the order of CSSLCFG's cacert, clientcert, clientkey. */
extern const char *const certificate_names[CERTIFICATES];

/* Uploads what is missing or did not arrive whole. AT_ERROR: a file cannot be read (said on
 * stderr), or is refused. */
enum at_result certificates_provide(struct certificates *c, struct at *at,
                                    const struct settings *s);

/* CONNECT failed in TLS with this code: perhaps a stored file is damaged, then it is sent again, a
 * few times at most. */
void certificates_suspect(struct certificates *c, long code);

/* They made a connection: they are whole. */
void certificates_proven(struct certificates *c);

#endif
