/* Unstructured supplementary services: AT+CUSD (general-commands.md B4.3). The network answers
 * every code with the text of the key ussd.reply; empty means that it does not know the service. */
#include "sim/modem/gates.h"

#define USSD_MS 2000 /* 1 to 10 s on hardware */

enum { CME_NO_NETWORK = 30, CUSD_DONE = 0, CUSD_TERMINATED = 2, CUSD_NOT_SUPPORTED = 4 };

static void reply_due(struct timer *t)
{
    struct modem *m = MODEM_OF(t, ussd_timer);
    if (m->set.cusd != 1) {
        return; /* CUSD=0: the network's answers are not shown */
    }
    if (m->profile->ussd_reply[0] == '\0') {
        urc_cusd(m, CUSD_NOT_SUPPORTED);
    } else {
        char text[HOST_TEXT_SIZE];
        urc_cusd_text(m, CUSD_DONE, host_text(m, m->profile->ussd_reply, text));
    }
}

void ussd_reset(struct modem *m)
{
    timer_stop(&m->ussd_timer);
}

static struct at_result cusd_read(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    at_info(ch, "+CUSD: %d", (int)modem_of(ch)->set.cusd);
    return AT_OK;
}

/* At most as long as the network takes, in the characters of AT+CSCS. */
static bool is_code(const struct modem *m, struct span str)
{
    struct buf code;
    buf_init(&code, (size_t)3 * HOST_TEXT_MAX);
    bool ok = host_text_read(m, str, &code) && code.n <= HOST_TEXT_MAX;
    buf_fini(&code);
    return ok;
}

static struct at_result cusd_set(struct at_chan *ch, const struct at_call *call)
{
    struct modem *m = modem_of(ch);
    int32_t n = call->arg[0].num;
    if (n == CUSD_TERMINATED) {
        timer_stop(&m->ussd_timer);
        return AT_OK;
    }
    if (call->arg[1].present && !radio_registered(m)) {
        return AT_CME(CME_NO_NETWORK);
    }
    if (!is_code(m, call->arg[1].str)) {
        return AT_ERROR;
    }
    m->set.cusd = n;
    if (call->arg[1].present) {
        modem_after(m, &m->ussd_timer, USSD_MS, reply_due);
    }
    return AT_OK;
}

static struct at_result cusd_exec(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    modem_of(ch)->set.cusd = 0;
    return AT_OK;
}

/* clang-format off */
static const struct at_cmd rows[] = {
    { .name = "+CUSD", .doc = "Sends a USSD code; the answer comes as +CUSD when 1 is set.", .clause = "general-commands.md B4.3", .evidence = EV_MANUAL,
      .read = cusd_read, .set = cusd_set, .exec = cusd_exec, .group = &gate_card, .reply = "+CUSD: <n>",
      AT_PARAMS(P_INT("n", 0, 2, "0 answers are not shown, 1 they are, 2 cancel"), P_STR("str", 1, HOST_TEXT_SIZE - 1, "code", .flags = PARAM_OPTIONAL | PARAM_HIDDEN),
                P_INT("dcs", 0, 255, "data coding scheme", .flags = PARAM_OPTIONAL | PARAM_HIDDEN, .def = 15)) },
};
/* clang-format on */

const struct at_service service_ussd = { "USSD", rows, ARRAY_LEN(rows) };
