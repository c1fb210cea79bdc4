#include "sim/modem/mqtt_rows.h"
#include "sim/mqtt/utf8.h"

static int check_idle(const struct modem *m, const struct mqtt_client *c,
                      const struct at_call *call)
{
    if (!m->mqtt_started) {
        return 9;
    }
    if (c->state == CLIENT_FREE) {
        return 20;
    }
    if (c->op != OP_NONE) {
        return 14;
    }
    if (c->state == CLIENT_CONNECTED) {
        return strcmp(call->cmd->name, "+CMQTTCONNECT") == 0 ? m->profile->connect_again : 13;
    }
    return 0;
}

static int check_started(const struct modem *m, unsigned need)
{
    if (m->mqtt_started || m->profile->prestart_error == PRESTART_TABLE) {
        return 0;
    }
    if (m->profile->prestart_error == PRESTART_PLAIN) {
        return -1;
    }
    if (need == NEED_BINDABLE || need == NEED_CFG) {
        return -1; /* these have no line for a code */
    }
    return need == NEED_NO_WORK ? 0 : 9;
}

static int check_client(const struct modem *m, const struct mqtt_client *c,
                        const struct at_call *call)
{
    bool busy = c->op != OP_NONE;
    bool connected = c->state == CLIENT_CONNECTED;
    switch ((enum need)call->cmd->needs) {
    case NEED_FREE:
        return !m->mqtt_started ? 9 : (c->state != CLIENT_FREE ? 19 : 0);
    case NEED_IDLE:
        return check_idle(m, c, call);
    case NEED_CONNECTED:
        return busy ? 14 : (connected ? 0 : 11);
    case NEED_NO_WORK:
        return busy || connected ? 14 : 0;
    case NEED_BINDABLE:
        return !m->mqtt_started || busy || connected ? -1 : 0;
    case NEED_CFG:
        return busy || c->state != CLIENT_ACQUIRED ? -1 : 0;
    case NEED_NONE:
        break;
    }
    return 0;
}

int mqtt_check(struct at_chan *ch, const struct at_call *call)
{
    struct modem *m = modem_of(ch);
    int code = check_started(m, call->cmd->needs);
    if (code != 0 && call->cmd->needs != NEED_NONE) {
        return call->form == AT_SET ? code : -1;
    }
    if (call->form == AT_READ) {
        return call->cmd->needs == NEED_CONNECTED && !m->mqtt_started ? -1 : 0;
    }
    if (call->form != AT_SET) {
        return 0;
    }
    return check_client(m, &m->client[call->arg[0].num], call);
}

struct at_result mqtt_fail(struct at_chan *ch, const struct at_call *call, int code)
{
    if (call->form == AT_EXEC) {
        at_info(ch, "%s: %d", call->cmd->name, code); /* START and STOP speak of no client */
    } else {
        at_info(ch, "%s: %d,%d", call->cmd->name, (int)call->arg[0].num, code);
    }
    return AT_ERROR;
}

const struct at_group mqtt_group = { mqtt_check, mqtt_fail };

bool mqtt_text_refused(const struct mqtt_client *c, struct span data)
{
    return c->check_utf8 != 0 && !utf8_valid(data);
}

struct at_result mqtt_want_data(struct at_chan *ch, const struct at_call *call)
{
    (void)ch;
    return AT_DATA((uint32_t)call->arg[1].num);
}
