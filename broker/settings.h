/* What the broker's configuration gives the plugin: reads the options plugin_opt_… and the files
 * they name. Errors go to Mosquitto's log, with file, line and column. A struct settings owns what
 * it holds.
 *
 * Options:
 *   things FILE                  the thing registry (registry.h); required
 *   policy FILE                  policy document for every certificate; without it
 * policies/default.json no_certificate allow|refuse  clients without a certificate: everything
 * allowed (the door of a test's observer), or refused at CONNECT as AWS does (default) */
#ifndef BROKER_SETTINGS_H
#define BROKER_SETTINGS_H

#include "broker/policy.h"
#include "broker/registry.h"

#include <mosquitto_broker.h> /* mosquitto_plugin.h needs its types */
#include <mosquitto_plugin.h>

struct settings {
    struct policy *policy;
    struct registry *registry;
    bool allow_without_certificate;
};

/* Loads everything into *settings, which must be zeroed. Returns 0, or -EINVAL after the reason was
 * logged; settings_fini() is due in both cases. */
int settings_load(struct settings *settings, const struct mosquitto_opt *option, int option_count);

/* Releases what *settings holds. */
void settings_fini(struct settings *settings);

#endif
