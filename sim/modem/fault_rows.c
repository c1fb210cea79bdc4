/* The faults there are, and their document. */
#include <stdio.h>

#include "base/check.h"
#include "sim/at/cmd.h"
#include "sim/modem/fault.h"

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
    P_WORD("answer", "\"error\",\"cme\",\"cms\",\"none\"", "ERROR, +CME ERROR: n, +CMS ERROR: n, or no final result at all"),
    P_INT("code", 0, 999, "n of +CME ERROR and +CMS ERROR", .flags = PARAM_OPTIONAL),
};

/* A number goes with cme and cms, and with them only. */
static bool check_answer(const struct value *v, char *error, size_t error_size)
{
    bool numbered = v[1].num == FAULT_ANSWER_CME || v[1].num == FAULT_ANSWER_CMS;
    if (numbered != v[2].present) {
        (void)snprintf(error, error_size, "command.answer: parameter 'code' goes with the answers cme and cms%s",
                       numbered ? ", and is missing" : " only");
    }
    return numbered == v[2].present;
}

const struct fault_row fault_rows[] = {
    [FAULT_MQTT_RESULT] = {
        .name = "mqtt.result", .hook = FAULT_COMMAND, .params = mqtt_result, .n_params = ARRAY_LEN(mqtt_result),
        .doc = "A command of the MQTT service is not carried out and ends with this code. "
               "Codes that are known without the network (9 to 14, 18 to 23, 33) come at once, as `+CMQTTxxx: <i>,<code>` and `ERROR`, without a prompt; "
               "2 comes so behind the data of a prompt. "
               "Any other code of CONNECT, SUB, UNSUB, PUB and DISC comes in the order of `result_style`, of all other commands at once. "
               "No packet is sent. CONNECT leaves the client acquired, without a connection; SUB, UNSUB and PUB leave the connection as it is, "
               "but 6 and 24 end it, and `+CMQTTCONNLOST` follows with 1 and 2; DISC stays connected.",
        .clause = "mqtt-ssl-commands.md 1.3, 3" },
    [FAULT_COMMAND_ANSWER] = {
        .name = "command.answer", .hook = FAULT_COMMAND, .params = command_answer, .n_params = ARRAY_LEN(command_answer),
        .doc = "A command, in any form but `=?` and with parameters that are in range, is not carried out and answers this. "
               "As always, `AT+CMEE` decides how a CME or CMS error looks, and what follows in the line is not run.",
        .check = check_answer, .clause = "general-commands.md A9" },
};
/* clang-format on */

const size_t fault_rows_n = ARRAY_LEN(fault_rows);

/* --- documents --- */

static void range_text(const struct param *p, struct buf *out)
{
    if (p->type != PARAM_WORD) {
        (void)buf_addf(out, p->type == PARAM_STR ? "text of %d to %d bytes" : "%d to %d",
                       (int)p->lo, (int)p->hi);
        return;
    }
    for (int32_t n = 0; schema_word(p, n).n > 0; n++) {
        struct span word = schema_word(p, n);
        (void)buf_addf(out, "%s`%.*s`", n == 0 ? "" : ", ", (int)word.n, (const char *)word.p);
    }
}

void faults_dump_md(struct buf *out)
{
    (void)buf_addf(
        out, "# Faults\n\nMade by `sim7600 --dump faults:md` from the rows of the program.\n\n"
             "A fault makes the emulated modem do wrong on purpose, where no cause outside can. It "
             "is armed through\n"
             "the control socket ([CONTROL.md](CONTROL.md), verb `fault`), by `sim7600ctl fault`, "
             "or in a scenario with "
             "`env.sim:fault`\n([SCENARIOS.md](SCENARIOS.md)); it strikes `count` times (1 unless "
             "given) and is then "
             "spent.\n");
    for (size_t i = 0; i < fault_rows_n; i++) {
        const struct fault_row *r = &fault_rows[i];
        (void)buf_addf(out, "\n## %s\n\nHook: %s. Follows: %s.\n\n%s\n\n", r->name,
                       fault_hook_names[r->hook], r->clause, r->doc);
        (void)buf_addf(out, "| Parameter | Takes | Meaning |\n| --- | --- | --- |\n");
        for (unsigned k = 0; k < r->n_params; k++) {
            bool optional = (r->params[k].flags & PARAM_OPTIONAL) != 0;
            (void)buf_addf(out, "| `%s`%s | ", r->params[k].name, optional ? ", optional" : "");
            range_text(&r->params[k], out);
            (void)buf_addf(out, " | %s |\n", r->params[k].doc);
        }
    }
}

static void param_json(const struct param *p, struct buf *out)
{
    static const char *const types[] = {
        [PARAM_INT] = "number", [PARAM_STR] = "string", [PARAM_WORD] = "word"
    };
    (void)buf_addf(out, "{\"name\":\"%s\",\"type\":\"%s\",\"optional\":%s,", p->name,
                   types[p->type], (p->flags & PARAM_OPTIONAL) != 0 ? "true" : "false");
    if (p->type == PARAM_WORD) {
        (void)buf_addf(out, "\"words\":[%s],\"doc\":", p->list);
    } else {
        (void)buf_addf(out, "\"low\":%d,\"high\":%d,\"doc\":", (int)p->lo, (int)p->hi);
    }
    buf_add_quoted(out, span_str(p->doc));
    (void)buf_addf(out, "}");
}

void faults_dump_json(struct buf *out)
{
    (void)buf_addf(out, "[");
    for (size_t i = 0; i < fault_rows_n; i++) {
        const struct fault_row *r = &fault_rows[i];
        (void)buf_addf(out, "%s\n{\"name\":\"%s\",\"hook\":\"%s\",\"clause\":\"%s\",\"doc\":",
                       i == 0 ? "" : ",", r->name, fault_hook_names[r->hook], r->clause);
        buf_add_quoted(out, span_str(r->doc));
        (void)buf_addf(out, ",\"parameters\":[");
        for (unsigned k = 0; k < r->n_params; k++) {
            (void)buf_addf(out, "%s", k == 0 ? "" : ",");
            param_json(&r->params[k], out);
        }
        (void)buf_addf(out, "]}");
    }
    (void)buf_addf(out, "\n]\n");
}
