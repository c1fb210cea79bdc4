/* Settings of calls, supplementary services, sound (general-commands.md B4.8, A9). */
#include "sim/modem/modem_int.h"

#define ASK_MS    1000 /* of real time: a question to the network */
#define ASK_LIMIT 120000

enum { CME_NO_NETWORK = 30, CME_REJECTED = 257 };

/* --- reads with what the network says --- */

static struct at_result clip_read(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    at_info(ch, "+CLIP: %d,1", (int)modem_of(ch)->set.clip);
    return AT_OK;
}

/* 4: hidden where it is asked for, else shown. */
static struct at_result clir_read(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    at_info(ch, "+CLIR: %d,4", (int)modem_of(ch)->set.clir);
    return AT_OK;
}

static struct at_result colp_read(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    at_info(ch, "+COLP: %d,1", (int)modem_of(ch)->set.colp);
    return AT_OK;
}

/* --- services that the network keeps --- */

static struct at_result ask(struct at_chan *ch, timer_fn *answer)
{
    struct modem *m = modem_of(ch);
    if (!voice_served(m)) {
        return AT_CME(CME_NO_NETWORK);
    }
    m->voice.service_ticket = at_park(ch);
    modem_after(m, &m->voice.service_timer, ASK_MS, answer);
    return AT_PENDING;
}

static struct at_result ask_abort(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    timer_stop(&modem_of(ch)->voice.service_timer);
    return at_aborted(ch);
}

static void finish(struct modem *m)
{
    (void)at_finish(m->ch, m->voice.service_ticket, AT_OK);
}

static void waiting_asked(struct timer *t)
{
    struct modem *m = MODEM_OF(t, voice.service_timer);
    at_info(m->ch, "+CCWA: %d,1", m->voice.waiting_service ? 1 : 0);
    finish(m);
}

static void waiting_on(struct timer *t)
{
    struct modem *m = MODEM_OF(t, voice.service_timer);
    m->voice.waiting_service = true;
    finish(m);
}

static void waiting_off(struct timer *t)
{
    struct modem *m = MODEM_OF(t, voice.service_timer);
    m->voice.waiting_service = false;
    finish(m);
}

static struct at_result ccwa_read(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    at_info(ch, "+CCWA: %d", (int)modem_of(ch)->set.ccwa);
    return AT_OK;
}

/* <n> is ours: whether waiting calls are told. <mode> is the network's: whether calls may wait. */
static struct at_result ccwa_set(struct at_chan *ch, const struct at_call *call)
{
    static timer_fn *const answers[] = { waiting_off, waiting_on, waiting_asked };
    struct modem *m = modem_of(ch);
    if (call->arg[0].present) {
        m->set.ccwa = call->arg[0].num;
    }
    return call->arg[1].present ? ask(ch, answers[call->arg[1].num]) : AT_OK;
}

static struct at_result ccwa_exec(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    modem_of(ch)->set.ccwa = 0;
    return AT_OK;
}

static void forwarding_asked(struct timer *t)
{
    struct modem *m = MODEM_OF(t, voice.service_timer);
    at_info(m->ch, "+CCFC: 0,255");
    finish(m);
}

static void forwarding_off(struct timer *t)
{
    finish(MODEM_OF(t, voice.service_timer));
}

static void forwarding_refused(struct timer *t)
{
    struct modem *m = MODEM_OF(t, voice.service_timer);
    (void)at_finish(m->ch, m->voice.service_ticket, AT_CME(CME_REJECTED));
}

/* The modelled subscription has no call forwarding: nothing is forwarded, what is off can be
 * switched off, and the network rejects the rest. */
static struct at_result ccfc_set(struct at_chan *ch, const struct at_call *call)
{
    static timer_fn *const answers[] = { forwarding_off, forwarding_refused, forwarding_asked,
                                         forwarding_refused, forwarding_off };
    return ask(ch, answers[call->arg[1].num]);
}

/* --- hexadecimal numbers of the sound processor --- */

static struct at_result cnsn_read(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    at_info(ch, "+CNSN: 0x%04x", (unsigned)modem_of(ch)->set.cnsn);
    return AT_OK;
}

static struct at_result cecwb_read(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    at_info(ch, "+CECWB: 0x%04x", (unsigned)modem_of(ch)->set.cecwb);
    return AT_OK;
}

/* clang-format off */
#define CLAUSE(s) .clause = "general-commands.md " s
#define PLAIN(n, field, f, h, d, e, v)                                                              \
    { .name = (n), .doc = (d), CLAUSE("B4.8"), .evidence = (e),                                        \
      AT_SETTING(struct settings, field, (f), P_INT("n", 0, (h), d, .def = (v))) }
#define HEX(n, field, rd, d)                                                                        \
    { .name = (n), .doc = (d), CLAUSE("B3, B4.8"), .evidence = EV_CLIENT, .read = (rd),                \
      AT_SETTING(struct settings, field, 0, P_INT("value", 0, 65535, d, .list = "0x0000-0xFFFF", .flags = PARAM_HEX)) }

static const struct at_cmd rows[] = {
    { .name = "+CLIP", .doc = "1: the caller's number follows each RING.", CLAUSE("B4.8"), .evidence = EV_MANUAL, .read = clip_read,
      AT_SETTING(struct settings, clip, AT_SET_BARE_DEFAULT | AT_SET_FACTORY, P_INT("n", 0, 1, "1: tell")), .reply = "+CLIP: <n>,<m>" },
    { .name = "+CLIR", .doc = "Own number at the called side: 0 as subscribed, 1 hidden, 2 shown.", CLAUSE("A9"), .evidence = EV_MANUAL, .read = clir_read,
      AT_SETTING(struct settings, clir, AT_SET_BARE_DEFAULT | AT_SET_FACTORY, P_INT("n", 0, 2, "how")), .reply = "+CLIR: <n>,<m>" },
    { .name = "+COLP", .doc = "1: ATD waits for the answer and tells the number reached.", CLAUSE("A9, A12"), .evidence = EV_MANUAL, .read = colp_read,
      AT_SETTING(struct settings, colp, AT_SET_BARE_DEFAULT | AT_SET_FACTORY, P_INT("n", 0, 1, "1: tell")), .reply = "+COLP: <n>,<m>" },
    PLAIN("+CRC", crc, AT_SET_BARE_DEFAULT | AT_SET_FACTORY, 1, "+CRING: VOICE in the place of RING.", EV_MANUAL, 0),
    { .name = "+CSSN", .doc = "Supplementary services: 1 tells of those of a call that we make (+CSSI), and of those of any call (+CSSU).", CLAUSE("A9"), .evidence = EV_MANUAL,
      AT_SETTING(struct settings, cssn, AT_SET_BARE_DEFAULT | AT_SET_FACTORY, P_INT("n", 0, 1, "+CSSI"), P_INT("m", 0, 1, "+CSSU", .flags = PARAM_OPTIONAL)) },
    { .name = "+CCWA", .doc = "Call waiting: whether it is told, and whether the network offers it.", CLAUSE("A9, A12"), .evidence = EV_MANUAL,
      .read = ccwa_read, .set = ccwa_set, .exec = ccwa_exec, .abort = ask_abort, .limit_ms = ASK_LIMIT, .test_quirk = "+CCWA: (0-1)", .reply = "+CCWA: <status>,<class>",
      AT_PARAMS(P_INT("n", 0, 1, "1: +CCWA tells of a waiting call", .flags = PARAM_OPTIONAL), P_INT("mode", 0, 2, "0 off, 1 on, 2 asks", .flags = PARAM_OPTIONAL),
                P_INT("class", 1, 255, "of service; this network has voice", .flags = PARAM_OPTIONAL, .def = 1)) },
    { .name = "+CCFC", .doc = "Call forwarding: the subscription has none; asking and switching off are answered.", CLAUSE("B3"), .evidence = EV_CLIENT,
      .set = ccfc_set, .abort = ask_abort, .limit_ms = ASK_LIMIT, .test_quirk = "+CCFC: (0,1,2,3,4,5)", .reply = "+CCFC: <status>,<class>",
      AT_PARAMS(P_INT("reason", 0, 5, "when"), P_INT("mode", 0, 4, "0 off, 1 on, 2 asks, 3 registers, 4 erases"), P_STR("number", 1, VOICE_NUMBER_MAX + 1, "where to", .flags = PARAM_OPTIONAL),
                P_INT("type", 129, 161, "of the number", .list = "129,145,161", .def = 129, .flags = PARAM_OPTIONAL), P_INT("class", 1, 255, "of service", .def = 7, .flags = PARAM_OPTIONAL)) },
    PLAIN("+CLVL", clvl, AT_SET_AUTO, 5, "Loudness of the loudspeaker.", EV_LOG, 4),
    PLAIN("+CMUT", cmut, 0, 1, "1: the microphone is mute.", EV_CLIENT, 0),
    PLAIN("+CPCMFRM", cpcmfrm, 0, 1, "Voice over USB with 0: 8 kHz, 1: 16 kHz.", EV_CLIENT, 0),
    PLAIN("+CMICGAIN", cmicgain, 0, 8, "Gain of the microphone; its range is inferred.", EV_CLIENT, 3),
    PLAIN("+COUTGAIN", coutgain, 0, 8, "Gain of the output; its range is inferred.", EV_CLIENT, 4),
    PLAIN("+CECM", cecm, 0, 7, "Echo canceller; its range is inferred.", EV_CLIENT, 1),
    HEX("+CNSN", cnsn, cnsn_read, "Noise suppression."),
    HEX("+CECWB", cecwb, cecwb_read, "Echo canceller for wide-band voice."),
};
/* clang-format on */

const struct at_service service_callset = { "Settings of calls", rows, ARRAY_LEN(rows) };
