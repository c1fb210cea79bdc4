/* The hook "command": what an armed fault puts in the place of an AT command. */
#include <stdio.h>

#include "base/check.h"
#include "sim/modem/modem_int.h"
#include "sim/modem/mqtt_rows.h"

/* --- the rows --- */

enum { MQTT_RESULT, COMMAND_ANSWER, COMMAND_DELAY };

/* The words of command.answer, in order. */
enum { ANSWER_ERROR, ANSWER_CME, ANSWER_CMS, ANSWER_NONE, ANSWER_OK };

/* The commands of the MQTT service that have a line for a code. */
#define MQTT_COMMANDS                                                                              \
    "\"+CMQTTSTART\",\"+CMQTTSTOP\",\"+CMQTTACCQ\",\"+CMQTTREL\",\"+CMQTTWILLTOPIC\","             \
    "\"+CMQTTWILLMSG\",\"+CMQTTCONNECT\",\"+CMQTTDISC\",\"+CMQTTTOPIC\",\"+CMQTTPAYLOAD\","        \
    "\"+CMQTTPUB\",\"+CMQTTSUBTOPIC\",\"+CMQTTSUB\",\"+CMQTTUNSUBTOPIC\",\"+CMQTTUNSUB\""

/* clang-format off */
static const struct param mqtt_result[] = {
    P_WORD("command", MQTT_COMMANDS, "the command, without AT"),
    P_INT("code", 1, 35, "the code it ends with"),
};

static const struct param command_answer[] = {
    P_STR("command", 1, 24, "the command, without AT: +CSQ, &F"),
    P_WORD("answer", "\"error\",\"cme\",\"cms\",\"none\",\"ok\"", "the final result: ERROR, +CME ERROR: n, +CMS ERROR: n, none at all, or OK"),
    P_INT("code", 0, 999, "n of +CME ERROR and +CMS ERROR", .flags = PARAM_OPTIONAL),
    P_STR("text", 1, 1024, "lines before it, \\r\\n between them: +CSQ: 99,99", .flags = PARAM_OPTIONAL),
};

static const struct param command_delay[] = {
    P_STR("command", 1, 24, "the command, without AT"),
    P_INT("ms", 1, 3600000, "ms"),
};

/* A number goes with cme and cms, and with them only. */
static bool check_answer(const struct value *v, char *error, size_t error_size)
{
    bool numbered = v[1].num == ANSWER_CME || v[1].num == ANSWER_CMS;
    if (numbered != v[2].present) {
        (void)snprintf(error, error_size, "command.answer: parameter 'code' goes with the answers cme and cms%s",
                       numbered ? ", and is missing" : " only");
    }
    return numbered == v[2].present;
}

static const struct fault_row rows[] = {
    [MQTT_RESULT] = {
        .name = "mqtt.result", .hook = FAULT_COMMAND, .params = mqtt_result, .n_params = ARRAY_LEN(mqtt_result),
        .doc = "A command of the MQTT service is not carried out and ends with this code. "
               "Codes that are known without the network (9 to 14, 18 to 23, 33) come at once, as `+CMQTTxxx: <i>,<code>` and `ERROR`, without a prompt; "
               "2 comes so behind the data of a prompt. "
               "Any other code of CONNECT, SUB, UNSUB, PUB and DISC comes in the order of `result_style`, of all other commands at once. "
               "No packet is sent. CONNECT leaves the client acquired, without a connection; SUB, UNSUB and PUB leave the connection as it is, "
               "but 6 and 24 end it, and `+CMQTTCONNLOST` follows with 1 and 2; DISC stays connected.",
        .clause = "mqtt-ssl-commands.md 1.3, 3" },
    [COMMAND_ANSWER] = {
        .name = "command.answer", .hook = FAULT_COMMAND, .params = command_answer, .n_params = ARRAY_LEN(command_answer),
        .doc = "A command, in any form but `=?` and with parameters that are in range, is not carried out and answers this. "
               "As always, `AT+CMEE` decides how a CME or CMS error looks, and what follows in the line is not run.",
        .check = check_answer, .clause = "general-commands.md A9" },
    [COMMAND_DELAY] = {
        .name = "command.delay", .hook = FAULT_COMMAND, .params = command_delay, .n_params = ARRAY_LEN(command_delay),
        .doc = "A command is carried out so much later, and so its prompt or answer comes later; until then the modem is busy with it. "
               "What limits the command's own time counts from when it is carried out.",
        .clause = "general-commands.md A12" },
};
/* clang-format on */

const struct fault_table fault_table_command = { rows, ARRAY_LEN(rows) };

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

struct mqtt_moment {
    const char *command;
    unsigned moments;
};

static bool result_fits(const struct fault *f, const void *arg)
{
    const struct mqtt_moment *now = arg;
    return span_eq(fault_word(f, 0), span_str(now->command)) &&
           (now->moments & moment_of(f->value[1].num)) != 0;
}

/* The code that is forced on 'command' now; 0: none. */
static int forced(struct modem *m, const char *command, unsigned moments)
{
    const struct mqtt_moment now = { command, moments };
    const struct fault *f = fault_hit(m, &rows[MQTT_RESULT], result_fits, &now);
    return f == NULL ? 0 : (int)f->value[1].num;
}

int mqtt_forced(struct modem *m, const char *command)
{
    return m->faults.head == NULL ? 0 : forced(m, command, BEHIND_DATA | BY_NETWORK);
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
    int code = asks ? forced(m, row->name, moments) : 0;
    if (code != 0) {
        *ret = mqtt_fail(ch, call, code);
    }
    return code != 0;
}

/* --- command.answer --- */

static bool names_command(const struct fault *f, const void *arg)
{
    const struct at_call *call = arg;
    return span_eq_nocase(f->value[0].str, span_str(call->cmd->name));
}

static bool answer_instead(struct modem *m, const struct at_call *call, struct at_result *ret)
{
    const struct fault *f = fault_hit(m, &rows[COMMAND_ANSWER], names_command, call);
    if (f == NULL) {
        return false;
    }
    uint32_t code = (uint32_t)f->value[2].num;
    if (f->value[3].present) {
        struct buf lines;
        buf_init(&lines, 1024);
        fault_bytes(f->value[3].str, &lines);
        at_info_secret(m->ch, buf_span(&lines), buf_span(&lines));
        buf_fini(&lines);
    }
    switch (f->value[1].num) {
    case ANSWER_CME:
        *ret = AT_CME(code);
        break;
    case ANSWER_CMS:
        *ret = AT_CMS(code);
        break;
    case ANSWER_NONE:
        *ret = AT_NO_RESULT;
        break;
    case ANSWER_OK:
        *ret = AT_OK;
        break;
    default:
        *ret = AT_ERROR;
        break;
    }
    return true;
}

/* --- command.delay --- */

static void carry_out(struct timer *t)
{
    struct modem *m = MODEM_OF(t, put_off.timer);
    (void)at_carry_out(m->ch, m->put_off.ticket);
}

static bool put_off(struct modem *m, const struct at_call *call, struct at_result *ret)
{
    const struct fault *f = fault_hit(m, &rows[COMMAND_DELAY], names_command, call);
    if (f != NULL) {
        m->put_off.ticket = at_park(m->ch);
        timer_arm(m->sched, &m->put_off.timer, (uint64_t)f->value[1].num, carry_out);
        *ret = AT_PENDING;
    }
    return f != NULL;
}

bool fault_instead(struct at_chan *ch, const struct at_call *call, bool data, struct at_result *ret)
{
    struct modem *m = modem_of(ch);
    if (m->faults.head == NULL) {
        return false;
    }
    if (!data) {
        fault_urc_before_answer(m);
        if (answer_instead(m, call, ret) || put_off(m, call, ret)) {
            return true;
        }
    }
    return call->cmd->group != NULL && call->cmd->group->check == mqtt_group.check &&
           mqtt_instead(ch, call, data, ret);
}
