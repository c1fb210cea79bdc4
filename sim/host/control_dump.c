/* docs/CONTROL.md, made from the rows of the control socket. */
#include "base/check.h"
#include "sim/host/control_verbs.h"

/* clang-format off */
static const char BEFORE[] =
    "# The control socket\n\n"
    "Made by `sim7600 --dump control:md` from the rows of the program.\n\n"
    "`sim7600 --control PATH` opens a unix socket (mode 0600). A request is one JSON object on a line, its answer one JSON\n"
    "object on a line; requests on one connection are answered in order. 16 connections at a time.\n\n"
    "```\n"
    "$ sim7600 --control /tmp/c &\n"
    "$ sim7600ctl --control /tmp/c set network=none signal.dbm=-99\n"
    "$ sim7600ctl --control /tmp/c set signal.dbm=-1\n"
    "sim7600ctl: set: signal.dbm: '-1' is not valid, it takes -113 to -51\n"
    "```\n\n"
    "On the socket itself that is `{\"verb\":\"set\",\"keys\":{\"network\":\"none\",\"signal.dbm\":-99}}`, and `{}` comes back. Whatever cannot\n"
    "be understood or done is answered `{\"error\":\"…\"}`, and then nothing has changed; the text names the field, and what it\n"
    "takes. A line of more than 64 KiB ends the connection, too. `version` tells the version of all this (`control`).\n\n"
    "- Python, with its standard library only: [examples/control.py](examples/control.py)\n"
    "- a shell: [examples/control.sh](examples/control.sh)\n\n"
    "## Verbs\n\n"
    "| `verb` and its fields | answer | what it does |\n| --- | --- | --- |\n";
static const char AFTER[] =
    "\n`modem` is a name of `list`; it may be left out where there is one modem. The keys and what they take: [PROFILES.md](PROFILES.md); `set` refuses one\n"
    "that describes the firmware, not the world. A value is a string as it would stand in a profile file, or a whole\n"
    "number. What follows from a change (`+CREG: 0`, `+CMQTTCONNLOST: 0,3`, …) happens at once, in the order of the keys.\n"
    "`left` of a fault is -1 where it strikes for ever. Events and faults: [TRACE.md](TRACE.md), [FAULTS.md](FAULTS.md).\n\n"
    "A `script` drives the world while time passes, here through a tunnel, again and again:\n\n"
    "```\n"
    "{\"verb\":\"script\",\"repeat\":0,\"steps\":[{\"after_ms\":60000,\"keys\":{\"signal.dbm\":-110}},\n"
    "  {\"after_ms\":5000,\"keys\":{\"network\":\"none\"}},{\"after_ms\":20000,\"keys\":{\"network\":\"home\",\"signal.dbm\":-81}}]}\n"
    "```\n\n"
    "`subscribe` sends every event of the trace as an object a line, beginning with the `last` ones of the past. Requests on\n"
    "that connection are still answered in between: an answer has no member `event`. Who lets a megabyte wait is let go.\n"
    "1000 events, 128 KiB of text, are kept for `last`, `trace` and `snapshot`; a text of more than 16 KiB is not.\n\n"
    "What `why` says is worked out from these events, and from the broker's decisions where the request has them: [WHY.md](WHY.md).\n\n"
    "Passwords, keys and PINs are in no event, no state and no snapshot.\n\n"
    "`sim7600ctl --control PATH VERB [FIELD=VALUE ...]` does the same from a shell; `--json` prints the answer as it is,\n"
    "`SIM7600_CONTROL` names the socket once for all, and bash completes verbs, fields, faults and keys. Exit 1\n"
    "where the answer is an error.\n\n"
    "Scenarios use the same verbs: `env.sim` in [SCENARIOS.md](SCENARIOS.md).\n";

/* clang-format on */

static void takes_md(const struct control_field *f, struct buf *out)
{
    const struct param *p = &f->param;
    if (f->kind != CONTROL_PARAM) {
        return;
    }
    if (p->type == PARAM_WORD) {
        for (int32_t n = 0; schema_word(p, n).n > 0; n++) {
            struct span word = schema_word(p, n);
            (void)buf_addf(out, "%s`%.*s`", n == 0 ? " " : ", ", (int)word.n, (const char *)word.p);
        }
    } else if (p->type == PARAM_INT) {
        (void)buf_addf(out, " %d to %d", (int)p->lo, (int)p->hi);
    } else {
        (void)buf_addf(out, " text of %d to %d bytes", (int)p->lo, (int)p->hi);
    }
}

static void field_md(const struct control_field *f, struct buf *out)
{
    bool optional = (f->param.flags & PARAM_OPTIONAL) != 0;
    (void)buf_addf(out, "<br>%s`%s`%s", optional ? "[" : "", f->param.name, optional ? "]" : "");
    if (f->kind != CONTROL_MODEM) {
        takes_md(f, out);
        (void)buf_addf(out, ": %s", f->param.doc);
    }
}

void control_dump_md(struct buf *out)
{
    (void)buf_add(out, span_str(BEFORE));
    for (size_t i = 0; i < control_verbs_n; i++) {
        const struct control_verb *v = &control_verbs[i];
        (void)buf_addf(out, "| **%s**", v->name);
        for (size_t k = 0; k < CONTROL_FIELDS_MAX && v->field[k].kind != CONTROL_NONE; k++) {
            field_md(&v->field[k], out);
        }
        (void)buf_addf(out, " | `%s` | %s |\n", v->answer, v->doc);
    }
    (void)buf_add(out, span_str(AFTER));
}
