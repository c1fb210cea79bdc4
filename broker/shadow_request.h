/* What a client sends to the Device Shadow service, checked, and the reasons for which the service
 * rejects it, with the codes and texts of AWS ("Device Shadow error messages"). Pure. */
#ifndef BROKER_SHADOW_REQUEST_H
#define BROKER_SHADOW_REQUEST_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SHADOW_TOKEN_MAX_LENGTH = 64 /* bytes of a clientToken */ };

/* clang-format off */
/* Of AWS's list these are left out: 401 and 403 (answers to HTTP; over MQTT the policy has already
 * closed the connection), "Thing not found" (a shadow needs no thing in the registry) and 429 (more
 * than 10 requests in flight: here each is answered before the next is read).
 * %s: the name the reason is about, in the quotes that AWS sets around it. */
#define SHADOW_REASONS(X)                                                                          \
    X(INVALID_JSON,         400, "Invalid JSON")                                                   \
    X(MISSING_STATE,        400, "Missing required node: state")                                   \
    X(STATE_NO_OBJECT,      400, "State node must be an object")                                   \
    X(DESIRED_NO_OBJECT,    400, "Desired node must be an object")                                 \
    X(REPORTED_NO_OBJECT,   400, "Reported node must be an object")                                \
    X(INVALID_VERSION,      400, "Invalid version")                                                \
    X(INVALID_TOKEN,        400, "Invalid clientToken")                                            \
    X(TOO_DEEP,             400, "JSON contains too many levels of nesting; maximum is 6")         \
    X(INVALID_NODE,         400, "State contains an invalid node: '%s'")                           \
    X(NOT_FOUND,            404, "No shadow exists with name: '%s'")                               \
    X(VERSION_CONFLICT,     409, "Version conflict")                                               \
    X(TOO_LARGE,            413, "The payload exceeds the maximum size allowed")                   \
    X(NOT_UTF8,             415, "Unsupported documented encoding; supported encoding is UTF-8")   \
    X(INTERNAL,             500, "Internal service failure")

#define SHADOW_REASON_ID(id, code, text) SHADOW_##id,
enum shadow_reason { SHADOW_OK, SHADOW_REASONS(SHADOW_REASON_ID) SHADOW_REASON_COUNT };
#undef SHADOW_REASON_ID

/* clang-format on */

/* A request that was read. 'state' and the strings live as long as 'root'. */
struct shadow_request {
    cJSON *root;              /* NULL: no payload that could be read */
    const char *client_token; /* NULL: none */
    const cJSON *state;       /* of an update: an object or null */
    bool has_version;
    int64_t version;
    const char *invalid_node; /* with SHADOW_INVALID_NODE */
    size_t invalid_offset;    /* with SHADOW_INVALID_JSON, SHADOW_NOT_UTF8: the byte, from 0 */
};

/* Reads the payload of an update. *ret_request must be zero; shadow_request_fini() is due in any
 * case. The client token is there also with most reasons. Returns SHADOW_OK or why it is rejected.
 */
enum shadow_reason shadow_request_read_update(const char *payload, size_t length,
                                              struct shadow_request *ret_request);

/* Reads the payload of a get or delete: its only meaning is the client token, whatever has none is
 * ignored. Otherwise like shadow_request_read_update(). */
enum shadow_reason shadow_request_read_token(const char *payload, size_t length,
                                             struct shadow_request *ret_request);

/* Checks "state" as a document or a request may have it, except for its size. With
 * SHADOW_INVALID_NODE *ret_node is the name of the member, as long as 'state' lives. */
enum shadow_reason shadow_request_check_state(const cJSON *state, const char **ret_node);

/* Whether desired and reported together are within SHADOW_STATE_MAX_LENGTH; false without memory.
 */
bool shadow_request_fits(const cJSON *state, bool *ret_fits);

/* Releases what a request holds and sets it to zero. */
void shadow_request_fini(struct shadow_request *request);

/* AWS's code of a reason: 400 and so on. */
int shadow_reason_code(enum shadow_reason reason);

/* Writes AWS's text of a reason into 'ret_text'; 'name' is what %s stands for. */
void shadow_reason_text(enum shadow_reason reason, const char *name, char *ret_text, size_t size);

#endif
