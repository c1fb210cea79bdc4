/* Reading and deleting messages: CMGL, CMGR, CMGRD, CMGD (general-commands.md
 * B4.7; 27.005 3.4, 3.5, 4.1, 4.2). */
#include "sim/modem/gates.h"

#define ANSWER_MAX 4096

enum { CMS_TEXT_PARAMETER = 305, CMS_INDEX = 321 };

/* Prints a message; it counts as read from then on. True: that changed it. */
static bool show(struct at_chan *ch, enum sms_form form, const char *head, struct sms_message *msg)
{
    struct buf text;
    buf_init(&text, ANSWER_MAX);
    (void)buf_addf(&text, "%s", head);
    sms_print(modem_of(ch), form, msg, &text);
    at_info_secret(ch, buf_span(&text), buf_span(&text));
    buf_fini(&text);
    if (msg->state != SMS_REC_UNREAD) {
        return false;
    }
    msg->state = SMS_REC_READ;
    return true;
}

/* --- CMGL --- */

static struct at_result list(struct at_chan *ch, enum sms_state wanted)
{
    struct modem *m = modem_of(ch);
    enum sms_memory memory = sms_chosen(m, 0);
    bool changed = false;
    for (int32_t i = 0; i < sms_capacity(memory); i++) {
        struct sms_message *msg = sms_place(m, memory, i);
        if (msg == NULL || msg->n == 0 || (wanted != SMS_ALL && msg->state != wanted)) {
            continue;
        }
        char head[32];
        (void)snprintf(head, sizeof head, "+CMGL: %d,", (int)i);
        at_next_unit(ch);
        changed = show(ch, SMS_LISTED, head, msg) || changed;
    }
    if (changed) {
        (void)sms_store(m);
    }
    return AT_OK;
}

/* A word is understood in PDU mode, too: part E has +CMGL="ALL" answered under CMGF=0. */
static struct at_result cmgl_set(struct at_chan *ch, const struct at_call *call)
{
    bool number = call->arg[0].str.n == 0;
    if (number && modem_of(ch)->set.cmgf == 1) {
        return AT_CMS(CMS_TEXT_PARAMETER);
    }
    return list(ch, (enum sms_state)call->arg[0].num);
}

static struct at_result cmgl_exec(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    return list(ch, SMS_REC_UNREAD);
}

static struct at_result cmgl_test(struct at_chan *ch, const struct at_call *call)
{
    if (modem_of(ch)->set.cmgf == 0) {
        at_info(ch, "+CMGL: (0-4)");
        return AT_OK;
    }
    struct buf text;
    buf_init(&text, ANSWER_MAX);
    at_test_text(call->cmd, at_rules(ch)->ranges, at_rules(ch)->offered, true, &text);
    at_info_secret(ch, buf_span(&text), buf_span(&text));
    buf_fini(&text);
    return AT_OK;
}

/* --- CMGR, CMGRD --- */

/* An empty place answers OK alone (B4.7). */
static struct at_result read_place(struct at_chan *ch, const struct at_call *call, bool delete)
{
    struct modem *m = modem_of(ch);
    enum sms_memory memory = sms_chosen(m, 0);
    if (call->arg[0].num >= sms_capacity(memory)) {
        return AT_CMS(CMS_INDEX);
    }
    struct sms_message *msg = sms_place(m, memory, call->arg[0].num);
    if (msg == NULL || msg->n == 0) {
        return AT_OK;
    }
    char head[16];
    (void)snprintf(head, sizeof head, "%s: ", call->cmd->name);
    bool changed = show(ch, SMS_READ, head, msg);
    if (delete) {
        msg->n = 0;
    }
    if (changed || delete) {
        (void)sms_store(m);
    }
    return AT_OK;
}

static struct at_result cmgr_set(struct at_chan *ch, const struct at_call *call)
{
    return read_place(ch, call, false);
}

static struct at_result cmgrd_set(struct at_chan *ch, const struct at_call *call)
{
    return read_place(ch, call, true);
}

/* --- CMGD --- */

/* <delflag>: 1 the read ones, 2 also the sent ones, 3 also the unsent ones, 4 all. */
static bool is_meant(const struct sms_message *msg, int32_t flag)
{
    switch (msg->state) {
    case SMS_REC_READ:
        return true;
    case SMS_STO_SENT:
        return flag >= 2;
    case SMS_STO_UNSENT:
        return flag >= 3;
    default:
        return flag == 4;
    }
}

static struct at_result cmgd_set(struct at_chan *ch, const struct at_call *call)
{
    struct modem *m = modem_of(ch);
    enum sms_memory memory = sms_chosen(m, 0);
    int32_t flag = call->arg[1].num;
    if (flag == 0 && !call->arg[0].present) {
        return AT_ERROR;
    }
    if (flag == 0 && call->arg[0].num >= sms_capacity(memory)) {
        return AT_CMS(CMS_INDEX);
    }
    for (int32_t i = 0; i < sms_capacity(memory); i++) {
        struct sms_message *msg = sms_place(m, memory, i);
        bool meant = flag == 0 ? i == call->arg[0].num : msg != NULL && is_meant(msg, flag);
        if (msg != NULL && meant) {
            msg->n = 0;
        }
    }
    (void)sms_store(m);
    return AT_OK;
}

static struct at_result cmgd_test(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    at_info(ch, "+CMGD: (0-%d),(0-4)", (int)sms_capacity(sms_chosen(modem_of(ch), 0)) - 1);
    return AT_OK;
}

/* clang-format off */
#define CLAUSE .clause = "general-commands.md B4.7"
#define INDEX P_INT("index", 0, SMS_INDEX_MAX, "place in <mem1>", .refuse = CMS_INDEX)

static const struct at_cmd rows[] = {
    { .name = "+CMGL", .doc = "Lists the messages of <mem1>; the received ones count as read then.", CLAUSE, .evidence = EV_LOG,
      .group = &gate_sms, .exec = cmgl_exec, .set = cmgl_set, .test = cmgl_test,
      AT_PARAMS(P_WORD("stat", SMS_STATES ",\"ALL\"", "which; in PDU mode its number, 0-4", .flags = PARAM_OR_NUMBER)),
      .reply = "+CMGL: <index>,\"<stat>\",\"<oa>\",\"\",\"<scts>\" and <data>" },
    { .name = "+CMGR", .doc = "Reads a message of <mem1>.", CLAUSE, .evidence = EV_LOG,
      .group = &gate_sms, .set = cmgr_set, .flags = AT_ROW_TEST_OK, AT_PARAMS(INDEX),
      .reply = "+CMGR: \"<stat>\",\"<oa>\",\"\",\"<scts>\" and <data>" },
    { .name = "+CMGRD", .doc = "Reads a message of <mem1> and deletes it.", CLAUSE, .evidence = EV_MANUAL,
      .group = &gate_sms, .set = cmgrd_set, .flags = AT_ROW_TEST_OK, AT_PARAMS(INDEX),
      .reply = "+CMGRD: \"<stat>\",\"<oa>\",\"\",\"<scts>\" and <data>" },
    { .name = "+CMGD", .doc = "Deletes a message of <mem1>, or all of a kind.", CLAUSE, .evidence = EV_MANUAL,
      .group = &gate_sms, .set = cmgd_set, .test = cmgd_test, .test_quirk = "+CMGD: (0-49),(0-4)",
      AT_PARAMS(P_INT("index", 0, SMS_INDEX_MAX, "place in <mem1>", .refuse = CMS_INDEX, .flags = PARAM_OPTIONAL),
                P_INT("delflag", 0, 4, "0 this one, 1 the read ones, 2 and the sent, 3 and the unsent, 4 all", .flags = PARAM_OPTIONAL)) },
};
/* clang-format on */

const struct at_service service_sms_read = { "Messages: reading and deleting", rows,
                                             ARRAY_LEN(rows) };
