/* What the broker's configuration gives the plugin: reads the options plugin_opt_… and the files
 * they name. Errors go to Mosquitto's log, with file, line and column. A struct settings owns what
 * it holds.
 *
 * Options:
 *   things FILE                   the thing registry (registry.h); required. Policies that it names
 *                                 stand beside it
 *   policy FILE                   policy document for every certificate that has none of its own;
 *                                 without it policies/default.json
 *   no_certificate allow|refuse   clients without a certificate: everything allowed (the door of a
 *                                 test's observer), or refused at CONNECT as AWS does (default)
 *   denial close|polite           what a denied client gets: the end of its connection as at AWS
 *                                 (default), or CONNACK 5 and SUBACK 0x80
 *   decisions FILE                each decision is appended as one JSON object a line
 *   state DIR                     where device shadows are kept; without it in memory only */
#ifndef BROKER_SETTINGS_H
#define BROKER_SETTINGS_H

#include "broker/policy.h"
#include "broker/registry.h"

#include <mosquitto_broker.h> /* mosquitto_plugin.h needs its types */
#include <mosquitto_plugin.h>

/* A loaded document, by the path it was read from. */
struct document {
    char *path;
    struct policy *policy;
};

struct settings {
    struct policy *policy; /* of certificates that name none */
    struct registry *registry;
    struct document *document; /* that the registry names */
    size_t document_count;
    bool allow_without_certificate;
    bool polite;
    char *decisions;    /* path, or NULL */
    char *state_folder; /* path, or NULL */
    char *things;       /* paths, for the next reload */
    char *policy_path;
};

/* Loads everything into *settings, which must be zeroed. Returns 0, or -EINVAL after the reason was
 * logged; settings_fini() is due in both cases. */
int settings_load(struct settings *settings, const struct mosquitto_opt *option, int option_count);

/* Reads registry and policies anew. Returns 0, or -EINVAL after the reason was logged: then all
 * stays as it was. Entries found before are gone after success. */
int settings_reload(struct settings *settings);

/* Writes the documents attached to a certificate into 'ret_policy', and returns their number. */
size_t settings_policies(const struct settings *settings, const struct registry_entry *entry,
                         const struct policy *ret_policy[CERTIFICATE_POLICIES_MAX]);

/* Releases what *settings holds. */
void settings_fini(struct settings *settings);

#endif
