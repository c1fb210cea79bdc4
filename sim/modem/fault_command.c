/* The hook "command": what an armed fault puts in the place of an AT command; and what the outside
 * may do with faults. */
#include "sim/modem/modem_int.h"
#include "sim/modem/mqtt_rows.h"

/* --- arming, for the host --- */

static struct span fault_word(const struct fault *f, unsigned param)
{
    const struct param *p = &f->row->params[param];
    return p->type == PARAM_WORD ? schema_word(p, f->value[param].num) : f->value[param].str;
}

static void trace_fault(const struct modem *m, const struct fault *f, const char *step)
{
    trace_emit(m->trace, "fault", TRACE_STR("step", step), TRACE_NUM("fault", f->number),
               TRACE_STR("name", f->row->name), TRACE_SPAN("command", fault_word(f, 0)),
               TRACE_NUM("left", f->left));
}

uint32_t modem_fault(struct modem *m, const struct fault_order *order, char *error,
                     size_t error_size)
{
    const struct fault *f = faults_arm(&m->faults, order, error, error_size);
    if (f == NULL) {
        return 0;
    }
    trace_fault(m, f, "armed");
    return f->number;
}

bool modem_fault_clear(struct modem *m, uint32_t number)
{
    bool found = faults_clear(&m->faults, number);
    if (found) {
        trace_emit(m->trace, "fault", TRACE_STR("step", "cleared"), TRACE_NUM("fault", number));
    }
    return found;
}

const struct fault *modem_faults(const struct modem *m)
{
    return m->faults.head;
}

/* --- mqtt.result --- */

/* When a code of the MQTT service is known (mqtt-ssl-commands.md 1.3, 2.1). */
enum moment { AT_ONCE = 1, BEHIND_DATA = 2, BY_NETWORK = 4 };

static enum moment moment_of(int32_t code)
{
    if (code == 2) {
        return BEHIND_DATA;
    }
    return (code >= 9 && code <= 14) || (code >= 18 && code <= 23) || code == 33 ? AT_ONCE
                                                                                 : BY_NETWORK;
}

static struct fault *forced(const struct modem *m, const char *command, unsigned moments)
{
    struct fault *f = faults_next(&m->faults, FAULT_MQTT_RESULT, NULL);
    while (f != NULL && !(span_eq(fault_word(f, 0), span_str(command)) &&
                          (moments & moment_of(f->value[1].num)) != 0)) {
        f = faults_next(&m->faults, FAULT_MQTT_RESULT, f);
    }
    return f;
}

static int fire(const struct modem *m, struct fault *f)
{
    fault_fire(f);
    trace_fault(m, f, "fired");
    return (int)f->value[1].num;
}

int mqtt_forced(struct modem *m, const char *command)
{
    struct fault *f = forced(m, command, BEHIND_DATA | BY_NETWORK);
    return f == NULL ? 0 : fire(m, f);
}

/* What is not left to the operation itself, which asks mqtt_forced. */
static bool mqtt_instead(struct at_chan *ch, const struct at_call *call, bool data,
                         struct at_result *ret)
{
    struct modem *m = modem_of(ch);
    const struct at_cmd *row = call->cmd;
    unsigned moments = AT_ONCE;
    if (!op_is_operation(row->name)) {
        moments |= BY_NETWORK | (data || row->data == NULL ? BEHIND_DATA : 0U);
    }
    bool asks = call->form == AT_EXEC || call->form == AT_SET;
    struct fault *f = asks ? forced(m, row->name, moments) : NULL;
    if (f == NULL) {
        return false;
    }
    *ret = mqtt_fail(ch, call, fire(m, f));
    return true;
}

/* --- command.answer --- */

static bool answer_instead(struct modem *m, const struct at_call *call, struct at_result *ret)
{
    struct fault *f = faults_next(&m->faults, FAULT_COMMAND_ANSWER, NULL);
    while (f != NULL && !span_eq_nocase(f->value[0].str, span_str(call->cmd->name))) {
        f = faults_next(&m->faults, FAULT_COMMAND_ANSWER, f);
    }
    if (f == NULL) {
        return false;
    }
    uint32_t code = (uint32_t)f->value[2].num;
    fault_fire(f);
    trace_fault(m, f, "fired");
    switch (f->value[1].num) {
    case FAULT_ANSWER_CME:
        *ret = AT_CME(code);
        break;
    case FAULT_ANSWER_CMS:
        *ret = AT_CMS(code);
        break;
    case FAULT_ANSWER_NONE:
        *ret = AT_NO_RESULT;
        break;
    default:
        *ret = AT_ERROR;
        break;
    }
    return true;
}

bool fault_instead(struct at_chan *ch, const struct at_call *call, bool data, struct at_result *ret)
{
    struct modem *m = modem_of(ch);
    if (m->faults.head == NULL) {
        return false;
    }
    if (!data && answer_instead(m, call, ret)) {
        return true;
    }
    return call->cmd->group != NULL && call->cmd->group->check == mqtt_group.check &&
           mqtt_instead(ch, call, data, ret);
}
