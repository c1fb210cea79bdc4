/* The faults there are, and their document. */
#include <stdio.h>

#include "base/check.h"
#include "sim/at/cmd.h"
#include "sim/modem/fault.h"

const struct fault_table *const fault_tables[] = { &fault_table_uart, &fault_table_command,
                                                   &fault_table_urc,  &fault_table_link,
                                                   &fault_table_mqtt, &fault_table_modem };

const size_t fault_tables_n = ARRAY_LEN(fault_tables);

/* --- documents --- */

/* clang-format off */
static const char INTRODUCTION[] =
    "# Faults\n\n"
    "Made by `sim7600 --dump faults:md` from the rows of the program.\n\n"
    "A fault makes the emulated modem, its line or its network do wrong on purpose. It is armed through the control\n"
    "socket ([CONTROL.md](CONTROL.md), verb `fault`), by `sim7600ctl fault`, or in a scenario with `env.sim:fault`\n"
    "([SCENARIOS.md](SCENARIOS.md)), and belongs to one modem. With none armed nothing is slower.\n\n"
    "Every fault takes, beside its own parameters:\n\n"
    "| | Takes | Meaning |\n| --- | --- | --- |\n"
    "| `count` | 0 to 1000000; 1 when left out | how often it strikes, then it is spent; 0: for ever |\n"
    "| `nth` | 1 to 1000000 | the opportunities before this one pass: each time its hook could have struck; a place on a connection is one for each connection |\n"
    "| `chance` | 1 to 100 | percent of the opportunities at which it strikes |\n"
    "| `seed` | 0 to 2147483647 | of that chance; `--seed` and the fault's number when left out. It is in the answer, in `faults` and in the trace |\n"
    "| `when` | an event of [TRACE.md](TRACE.md) | it sleeps until that comes: `event`, the name; fields that must be equal, in texts `*` stands for anything; `nth`: the how manieth such event, counted from arming |\n"
    "| `until` | an event | it sleeps again, until the next `when` |\n\n"
    "Client code that has no other way to the modem arms one itself where the key `fault_triggers` is on: with a client id\n"
    "`fault:NAME,PARAM=VALUE,...` at AT+CMQTTACCQ, or by a publish to `$fault/NAME/PARAM=VALUE/...`, which is answered and not\n"
    "sent. It takes `count`, `nth`, `chance` and `seed`, too. One that is wrong is told in the trace, and arms nothing.\n\n"
    "```\n"
    "sim7600ctl fault command.answer command=+CSQ answer=cme code=30 count=0       # every time\n"
    "sim7600ctl fault mqtt.result command=+CMQTTCONNECT code=6 count=3             # the first three connects\n"
    "sim7600ctl fault mqtt.result command=+CMQTTPUB code=6 when.event=mqtt when.packet=SUBACK nth=2\n"
    "```\n";

/* clang-format on */

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

static void row_md(const struct fault_row *r, struct buf *out)
{
    (void)buf_addf(out, "\n## %s\n\nHook: %s. Follows: %s.\n\n%s\n", r->name,
                   fault_hook_names[r->hook], r->clause, r->doc);
    if (r->n_params > 0) {
        (void)buf_addf(out, "\n| Parameter | Takes | Meaning |\n| --- | --- | --- |\n");
    }
    for (unsigned k = 0; k < r->n_params; k++) {
        const struct param *p = &r->params[k];
        bool optional = (p->flags & PARAM_OPTIONAL) != 0;
        (void)buf_addf(out, "| `%s`%s | ", p->name, optional ? ", optional" : "");
        range_text(p, out);
        if (optional && p->type == PARAM_INT && p->def != 0) {
            (void)buf_addf(out, "; %d when left out", (int)p->def);
        }
        (void)buf_addf(out, " | %s |\n", p->doc);
    }
}

void faults_dump_md(struct buf *out)
{
    (void)buf_add(out, span_str(INTRODUCTION));
    for (size_t t = 0; t < fault_tables_n; t++) {
        for (size_t i = 0; i < fault_tables[t]->n; i++) {
            row_md(&fault_tables[t]->rows[i], out);
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

static void row_json(const struct fault_row *r, struct buf *out)
{
    (void)buf_addf(out, "\n{\"name\":\"%s\",\"hook\":\"%s\",\"clause\":\"%s\",\"doc\":", r->name,
                   fault_hook_names[r->hook], r->clause);
    buf_add_quoted(out, span_str(r->doc));
    (void)buf_addf(out, ",\"parameters\":[");
    for (unsigned k = 0; k < r->n_params; k++) {
        (void)buf_addf(out, "%s", k == 0 ? "" : ",");
        param_json(&r->params[k], out);
    }
    (void)buf_addf(out, "]}");
}

void faults_dump_json(struct buf *out)
{
    (void)buf_addf(out, "[");
    for (size_t t = 0; t < fault_tables_n; t++) {
        for (size_t i = 0; i < fault_tables[t]->n; i++) {
            (void)buf_addf(out, "%s", t + i == 0 ? "" : ",");
            row_json(&fault_tables[t]->rows[i], out);
        }
    }
    (void)buf_addf(out, "\n]\n");
}
