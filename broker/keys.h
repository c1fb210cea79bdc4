/* The context keys of AWS IoT Core's policies, and their values for one client. A key can stand in
 * a Resource as a policy variable, ${iot:ClientId}, and in a Condition. What AWS documents for
 * devices is here; see its pages "Basic AWS IoT Core policy variables", "Thing policy variables",
 * "X.509 Certificate AWS IoT Core policy variables" and "Connect policy examples". Knows nothing of
 * documents, certificates or MQTT. */
#ifndef BROKER_KEYS_H
#define BROKER_KEYS_H

#include <stdbool.h>
#include <stddef.h>

/* clang-format off */
/* The names of a certificate's subject and issuer that AWS reads, each with one or more values. */
#define POLICY_NAME_KEYS(X, OWNER, Owner)                                                          \
    X(OWNER##_DN_QUALIFIER,          Owner ".DistinguishedNameQualifier")                          \
    X(OWNER##_COUNTRY,               Owner ".Country")                                             \
    X(OWNER##_ORGANIZATION,          Owner ".Organization")                                        \
    X(OWNER##_ORGANIZATIONAL_UNIT,   Owner ".OrganizationalUnit")                                  \
    X(OWNER##_STATE,                 Owner ".State")                                               \
    X(OWNER##_COMMON_NAME,           Owner ".CommonName")                                          \
    X(OWNER##_SERIAL_NUMBER,         Owner ".SerialNumber")                                        \
    X(OWNER##_TITLE,                 Owner ".Title")                                               \
    X(OWNER##_SURNAME,               Owner ".Surname")                                             \
    X(OWNER##_GIVEN_NAME,            Owner ".GivenName")                                           \
    X(OWNER##_INITIALS,              Owner ".Initials")                                            \
    X(OWNER##_PSEUDONYM,             Owner ".Pseudonym")                                           \
    X(OWNER##_GENERATION_QUALIFIER,  Owner ".GenerationQualifier")                                 \
    X(OWNER##_ALTERNATIVE_RFC822,    Owner ".AlternativeName.RFC822Name")                          \
    X(OWNER##_ALTERNATIVE_DNS,       Owner ".AlternativeName.DNSName")                             \
    X(OWNER##_ALTERNATIVE_DIRECTORY, Owner ".AlternativeName.DirectoryName")                       \
    X(OWNER##_ALTERNATIVE_URI,       Owner ".AlternativeName.UniformResourceIdentifier")           \
    X(OWNER##_ALTERNATIVE_IP,        Owner ".AlternativeName.IPAddress")

/* Any other key is refused when a document is loaded, because a statement that silently never
 * matches is hard to find. From CERTIFICATE_ID on the certificate gives the values. */
#define POLICY_KEYS(X)                                                                             \
    X(CLIENT_ID,                 "iot:ClientId")                                                   \
    X(DOMAIN_NAME,               "iot:DomainName")          /* the name in the TLS handshake */    \
    X(SOURCE_IP,                 "aws:SourceIp")                                                   \
    X(CURRENT_TIME,              "aws:CurrentTime")         /* 2030-01-31T12:00:00Z */             \
    X(EPOCH_TIME,                "aws:EpochTime")           /* seconds */                          \
    X(CONNECT_ATTRIBUTES,        "iot:ConnectAttributes")   /* PersistentConnect, LastWill */      \
    X(LAST_WILL_TOPIC,           "iot:LastWillTopic")       /* as a resource: topic/NAME */        \
    X(THING_NAME,                "iot:Connection.Thing.ThingName")                                 \
    X(THING_TYPE_NAME,           "iot:Connection.Thing.ThingTypeName")                             \
    X(THING_IS_ATTACHED,         "iot:Connection.Thing.IsAttached")                                \
    X(THING_ATTRIBUTE,           "iot:Connection.Thing.Attributes")  /* with [NAME] behind it */   \
    X(CERTIFICATE_ID,            "iot:CertificateId")                                              \
    X(CERTIFICATE_SERIAL_NUMBER, "iot:Certificate.SerialNumber")     /* decimal */                 \
    POLICY_NAME_KEYS(X, SUBJECT, "iot:Certificate.Subject")                                        \
    POLICY_NAME_KEYS(X, ISSUER,  "iot:Certificate.Issuer")

#define POLICY_KEY_ID(id, name) POLICY_##id,
enum policy_key_id { POLICY_KEYS(POLICY_KEY_ID) POLICY_KEY_COUNT };
#undef POLICY_KEY_ID

/* clang-format on */

enum {
    POLICY_VALUES_MAX = 5,         /* values of one key; AWS ignores a certificate's further ones */
    POLICY_VALUE_MAX_LENGTH = 1024 /* AWS reads no longer value of a certificate */
};

/* A key as a document names it. */
struct policy_key {
    enum policy_key_id id;
    size_t index;          /* CommonName.1 is the second common name: index 1 */
    bool all;              /* all values: iot:ConnectAttributes, and CommonName.List */
    const char *attribute; /* NAME of Attributes[NAME], inside the text that was read */
    size_t attribute_length;
};

struct policy_attribute {
    char *name;
    char *value;
};

/* What there is to know of one client, borrowed from whoever knows it. Values of a key stand from 0
 * on, NULL where there are no more. */
struct policy_values {
    const char *value[POLICY_KEY_COUNT][POLICY_VALUES_MAX];
    const struct policy_attribute *attribute;
    size_t attribute_count;
};

/* Reads 'length' bytes at 'text' as a key; upper and lower case are the same but for a thing's
 * attribute. The text must outlive the key. Returns 0, or -EINVAL if it is none. */
int policy_key_parse(const char *text, size_t length, struct policy_key *ret_key);

/* The key's name without index and attribute: "iot:ClientId". */
const char *policy_key_name(enum policy_key_id id);

/* The value of a key that is not 'all', or NULL if this client has none. */
const char *policy_value(const struct policy_values *values, const struct policy_key *key);

/* The same for a policy variable. A value of a certificate with one of * $ + ? # is not put in the
 * variable's place, as on AWS: NULL. */
const char *policy_variable_value(const struct policy_values *values, const struct policy_key *key);

/* Writes pointers to all values of the key into 'ret_value'; returns how many there are. */
size_t policy_value_list(const struct policy_values *values, const struct policy_key *key,
                         const char *ret_value[POLICY_VALUES_MAX]);

#endif
