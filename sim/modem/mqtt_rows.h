/* What the AT+CMQTT* services have in common: preconditions (mqtt-ssl-commands.md table 2.2), the
 * failure line, data entry, and the parameters that recur in their rows. */
#ifndef SIM_MODEM_MQTT_ROWS_H
#define SIM_MODEM_MQTT_ROWS_H

#include "sim/modem/modem_int.h"

enum need {
    NEED_NONE,
    NEED_FREE,      /* ACCQ */
    NEED_IDLE,      /* acquired, not connected, nothing pending: CONNECT, WILLTOPIC, WILLMSG */
    NEED_CONNECTED, /* DISC, TOPIC … PUB */
    NEED_NO_WORK,   /* REL: neither connected nor pending */
    NEED_BINDABLE,  /* CMQTTSSLCFG */
    NEED_CFG,       /* CMQTTCFG */
};

/* Preconditions of a row: at_group.check. */
int mqtt_check(struct at_chan *ch, const struct at_call *call);

extern const struct at_group mqtt_group;

/* The client that argument 0 names. */
static inline struct mqtt_client *client_of(struct at_chan *ch, const struct at_call *call)
{
    return &modem_of(ch)->client[call->arg[0].num];
}

/* "+CMQTTxxx: <index>,<code>", of START and STOP without the index, and ERROR. */
struct at_result mqtt_fail(struct at_chan *ch, const struct at_call *call, int code);

/* Opens the prompt for as many bytes as argument 1 says. */
struct at_result mqtt_want_data(struct at_chan *ch, const struct at_call *call);

/* True for data that checkUTF8 refuses with code 2 (1.2, rule 11). */
bool mqtt_text_refused(const struct mqtt_client *c, struct span data);

/* No capture shows a test or read form of an MQTT command. */
#define FORMS_OF_MANUAL .form_evidence = { [AT_TEST] = EV_MANUAL, [AT_READ] = EV_MANUAL }
#define SPEC(s)         .clause = "mqtt-ssl-commands.md " s, .group = &mqtt_group, FORMS_OF_MANUAL
#define P_CLIENT                                                                                   \
    P_INT("client_index", 0, 1, "which of the two clients", .flags = PARAM_EARLY, .refuse = 10)
#define P_LENGTH(n, hi, d) P_INT(n, 1, hi, d, .refuse = 22)
#define P_QOS              P_INT("qos", 0, 2, "quality of service", .refuse = 12)
#define P_DUP              P_INT("dup", 0, 1, "DUP flag", .flags = PARAM_OPTIONAL, .refuse = 12)
#define MAX_MS             120000

/* Binding and configuration have no error line (4.5, 4.17): a bad index is a plain ERROR. */
#define P_PLAIN_CLIENT P_INT("client_index", 0, 1, "which of the two clients", .flags = PARAM_EARLY)

#endif
