/* Voice calls at the port: dialling, answering, hanging up, two calls, tones (general-commands.md
 * B4.8, A12). PPP and circuit-switched data are not modelled: a data call finds no carrier, as on
 * hardware whose network has no data service (A15). */
#include "sim/modem/gates.h"

#define DATA_CALL_MS 4000   /* of real time: how long a data call tries */
#define CALL_LIMIT   700000 /* above the longest ringing under time_percent 1000 */

/* --- dialling --- */

static void data_due(struct timer *t)
{
    struct modem *m = MODEM_OF(t, voice.data_timer);
    (void)at_finish(m->ch, m->voice.dial_ticket, AT_CODE(AT_CODE_NO_CARRIER));
}

/* "*99#" and longer ask for packet data (27.007 10.2.1.1): data mode is not modelled, and a modem
 * without it refuses them as an unknown command. */
static struct at_result dial_data(struct at_chan *ch, const char *number)
{
    struct modem *m = modem_of(ch);
    if (strncmp(number, "*99", 3) == 0) {
        return AT_ERROR;
    }
    if (!voice_served(m) || number[0] == '\0') {
        return AT_CODE(AT_CODE_NO_CARRIER);
    }
    m->voice.dial_ticket = at_park(ch);
    modem_after(m, &m->voice.data_timer, DATA_CALL_MS, data_due);
    return AT_PENDING;
}

/* No emergency call without a card: it has no service, either. */
static struct at_result dial_set(struct at_chan *ch, const struct at_call *call)
{
    struct modem *m = modem_of(ch);
    struct dialled d;
    struct at_result r = dial_read(m, call->arg[0].str, &d);
    if (r.verdict != AT_V_OK) {
        return r;
    }
    if (!d.voice) {
        return dial_data(ch, d.number);
    }
    bool withheld = d.clir == 1 || (d.clir == 0 && m->set.clir == 1);
    struct call *c = voice_served(m) ? voice_dial(m, d.number, withheld) : NULL;
    if (c == NULL) {
        return AT_CODE(AT_CODE_NO_CARRIER);
    }
    if (m->set.colp == 0) {
        return AT_OK;
    }
    m->voice.awaited = c;
    m->voice.dial_ticket = at_park(ch);
    return AT_PENDING;
}

static struct at_result dial_abort(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    struct modem *m = modem_of(ch);
    timer_stop(&m->voice.data_timer);
    if (m->voice.awaited != NULL) {
        voice_hang_up(m->voice.awaited);
    }
    return AT_CODE(AT_CODE_NO_CARRIER);
}

/* --- answering, hanging up --- */

static struct at_result answer(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    struct call *c = voice_in_state(modem_of(ch), CALL_INCOMING);
    if (c == NULL) {
        return AT_CODE(AT_CODE_NO_CARRIER);
    }
    at_info(ch, "VOICE CALL: BEGIN");
    voice_accept(c);
    return AT_OK;
}

/* All calls end, each with its line, before the OK. */
static struct at_result chup_exec(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    struct modem *m = modem_of(ch);
    char time[VOICE_TIME_MAX];
    for (struct call *c = voice_any(m); c != NULL; c = voice_any(m)) {
        voice_time(c, time);
        at_info(ch, "VOICE CALL: END%s", time);
        voice_hang_up(c);
    }
    return AT_OK;
}

/* Under CVHU=0 it ends the calls, and their lines follow the OK. */
static struct at_result hang_up(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    struct modem *m = modem_of(ch);
    char time[VOICE_TIME_MAX];
    if (m->set.cvhu == 1) {
        return AT_OK;
    }
    for (struct call *c = voice_any(m); c != NULL; c = voice_any(m)) {
        voice_time(c, time);
        voice_hang_up(c);
        urc_voice_end(m, time);
        at_urc_code(ch, AT_CODE_NO_CARRIER);
    }
    return AT_OK;
}

static struct at_result chld_set(struct at_chan *ch, const struct at_call *call)
{
    return voice_chld(modem_of(ch), call->arg[0].num);
}

/* --- what there is --- */

static struct at_result clcc_exec(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    const struct modem *m = modem_of(ch);
    for (int i = 0; i < VOICE_CALLS; i++) {
        const struct call *c = &m->voice.call[i];
        if (c->state != CALL_FREE) {
            const char *number = voice_shown_number(c);
            at_info(ch, "+CLCC: %d,%d,%d,0,%d,\"%s\",%d", i + 1, c->incoming ? 1 : 0,
                    (int)c->state - 1, c->multiparty ? 1 : 0, number,
                    voice_number_type(number, c->incoming));
        }
    }
    return AT_OK;
}

static struct at_result cpas_exec(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    struct modem *m = modem_of(ch);
    bool rings = voice_in_state(m, CALL_INCOMING) != NULL;
    at_info(ch, "+CPAS: %d", rings ? 3 : voice_count(m) > 0 ? 4 : 0);
    return AT_OK;
}

static struct at_result ceer_exec(struct at_chan *ch, const struct at_call *call)
{
    (void)call;

    static const struct {
        enum call_cause cause;
        const char *text;
    } texts[] = {
        { CAUSE_UNASSIGNED, "Unassigned/unallocated number" },
        { CAUSE_NORMAL, "Normal call clearing" },
        { CAUSE_BUSY, "User busy" },
        { CAUSE_NO_ANSWER, "No answer from user" },
        { CAUSE_OUT_OF_ORDER, "Destination out of order" },
    };

    const char *text = "No cause information available";
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        text = texts[i].cause == modem_of(ch)->voice.cause ? texts[i].text : text;
    }
    at_info(ch, "+CEER: %s", text);
    return AT_OK;
}

/* --- tones --- */

/* Tones stand alone or divided by commas: 1, "1", "1,3,5". */
static bool tones(struct span text, struct modem *m, bool send)
{
    for (size_t i = 0; i < text.n; i++) {
        char c = ascii_upper((char)text.p[i]);
        bool is_tone = i % 2 == 0 && voice_is_digit((uint8_t)c);
        if (!is_tone && (i % 2 == 0 || c != ',')) {
            return false;
        }
        if (is_tone && send) {
            voice_tone(m, c);
        }
    }
    return text.n % 2 == 1;
}

static struct at_result vts_set(struct at_chan *ch, const struct at_call *call)
{
    struct modem *m = modem_of(ch);
    struct span text = call->arg[0].str;
    if (voice_in_state(m, CALL_ACTIVE) == NULL || !tones(text, m, false)) {
        return AT_ERROR;
    }
    (void)tones(text, m, true);
    return AT_OK;
}

/* --- voice over USB --- */

static struct at_result cpcmreg_read(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    at_info(ch, "+CPCMREG: %d", modem_of(ch)->voice.pcm ? 1 : 0);
    return AT_OK;
}

/* Only a call has a voice to transfer; switching off does no harm. */
static struct at_result cpcmreg_set(struct at_chan *ch, const struct at_call *call)
{
    struct modem *m = modem_of(ch);
    bool on = call->arg[0].num == 1;
    if (on && voice_in_state(m, CALL_ACTIVE) == NULL) {
        return AT_ERROR;
    }
    m->voice.pcm = on;
    return AT_OK;
}

/* clang-format off */
#define CLAUSE(s) .clause = "general-commands.md " s
#define CLCC_REPLY "+CLCC: <id>,<dir>,<stat>,0,<mpty>,\"<number>\",<type>"

static const struct at_cmd rows[] = {
    { .name = "D", .doc = "Dials: with ';' a voice call; without it a data call, which finds no carrier since none is modelled.", CLAUSE("B4.8, A12, A15"), .evidence = EV_LOG,
      .set = dial_set, .abort = dial_abort, .limit_ms = CALL_LIMIT,
      AT_PARAMS(P_STR("dialstring", 1, 559, "number, >name or >place of the phonebook, I or i for CLIR, and ';'", .flags = PARAM_RAW)) },
    { .name = "A", .doc = "Answers an incoming call.", CLAUSE("B4.8"), .evidence = EV_MANUAL, .exec = answer, .reply = "VOICE CALL: BEGIN" },
    { .name = "H", .doc = "Hangs up, unless CVHU keeps it from voice calls.", CLAUSE("B4.8, A15"), .evidence = EV_LOG, .exec = hang_up, .set = hang_up,
      AT_PARAMS(P_INT("value", 0, 0, "hang up", .flags = PARAM_OPTIONAL)) },
    { .name = "+CHUP", .doc = "Hangs up all calls.", CLAUSE("B4.8"), .evidence = EV_MANUAL, .exec = chup_exec, .flags = AT_ROW_TEST_OK, .reply = "VOICE CALL: END: <hhmmss>" },
    { .name = "+CVHU", .doc = "1: ATH leaves voice calls alone.", CLAUSE("B4.8"), .evidence = EV_MANUAL,
      AT_SETTING(struct settings, cvhu, AT_SET_FACTORY, P_INT("mode", 0, 1, "1: it does", .def = 1)) },
    { .name = "+CLCC", .doc = "Lists the current calls; 1: every change is told.", CLAUSE("B4.8"), .evidence = EV_LOG, .exec = clcc_exec,
      AT_SETTING(struct settings, clcc, 0, P_INT("n", 0, 1, "1: tell")), .reply = CLCC_REPLY },
    { .name = "+CHLD", .doc = "Two calls: 0 ends the held, 1 the active, 1x call x; 2 swaps, 2x talks to x alone; 3 joins them; 4, transfer, is not offered by the network.", CLAUSE("B4.8"), .evidence = EV_MANUAL,
      .set = chld_set, AT_PARAMS(P_INT("n", 0, 27, "what", .list = "0,1,11-17,2,21-27,3,4")), .test_quirk = "+CHLD: (0,1,1x,2,2x,3,4)" },
    { .name = "+CPAS", .doc = "Activity: 0 ready, 3 ringing, 4 in a call.", CLAUSE("B4.2"), .evidence = EV_MANUAL, .exec = cpas_exec, .test_quirk = "+CPAS: (0,3,4)", .reply = "+CPAS: <pas>" },
    { .name = "+CEER", .doc = "Why the last call ended.", CLAUSE("A11, B3"), .evidence = EV_INFERRED, .exec = ceer_exec, .flags = AT_ROW_TEST_OK, .reply = "+CEER: <report>" },
    { .name = "+VTS", .doc = "Sends tones in a call.", CLAUSE("B4.8"), .evidence = EV_MANUAL, .set = vts_set, .test_quirk = "+VTS: (0-9,*,#,A,B,C,D)",
      AT_PARAMS(P_STR("dtmf", 1, 59, "tones divided by commas", .flags = PARAM_UNQUOTED), P_INT("duration", 0, 255, "length in 100 ms", .flags = PARAM_OPTIONAL)) },
    { .name = "+VTD", .doc = "Length of tones in 100 ms.", CLAUSE("B4.8"), .evidence = EV_MANUAL,
      AT_SETTING(struct settings, vtd, 0, P_INT("n", 0, 255, "length")) },
    { .name = "+CPCMREG", .doc = "Voice over USB: only within a call.", CLAUSE("B4.8"), .evidence = EV_MANUAL, .read = cpcmreg_read, .set = cpcmreg_set, .test_quirk = "+CPCMREG: (0-1)",
      AT_PARAMS(P_INT("n", 0, 1, "1: on"), P_INT("flush", 0, 1, "1: without what is still buffered", .flags = PARAM_OPTIONAL)), .reply = "+CPCMREG: <n>" },
};
/* clang-format on */

const struct at_service service_voice = { "Voice calls", rows, ARRAY_LEN(rows) };
