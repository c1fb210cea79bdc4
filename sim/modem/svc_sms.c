/* How messages are written, stored and told of: CMGF, CSCS, CPMS, CNMI, CSMP, CSDH, CSCA, CSMS,
 * CGSMS, CNMA (general-commands.md B4.1, B4.7; 27.005 3.2 to 3.4). */
#include "sim/modem/gates.h"

enum { CMS_NOT_SUPPORTED = 303, CMS_NO_ACK_EXPECTED = 340 };

/* The value a setting will have: what is written, or what it was. */
static int32_t next_value(const struct at_call *call, const int32_t *now, unsigned i)
{
    return call->arg[i].present ? call->arg[i].num : now[i];
}

/* --- CPMS --- */

static struct at_result cpms_read(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    const struct modem *m = modem_of(ch);
    struct buf text;
    buf_init(&text, 128);
    for (unsigned i = 0; i < 3; i++) {
        enum sms_memory memory = sms_chosen(m, i);
        (void)buf_addf(&text, "%s\"%s\",%d,%d", i == 0 ? "+CPMS: " : ",", sms_memory_name(memory),
                       (int)sms_used(m, memory), (int)sms_capacity(memory));
    }
    at_info_secret(ch, buf_span(&text), buf_span(&text));
    buf_fini(&text);
    return AT_OK;
}

static void cpms_changed(struct at_chan *ch)
{
    const struct modem *m = modem_of(ch);
    int32_t n[3][2];
    for (unsigned i = 0; i < 3; i++) {
        n[i][0] = sms_used(m, sms_chosen(m, i));
        n[i][1] = sms_capacity(sms_chosen(m, i));
    }
    at_info(ch, "+CPMS: %d,%d,%d,%d,%d,%d", (int)n[0][0], (int)n[0][1], (int)n[1][0], (int)n[1][1],
            (int)n[2][0], (int)n[2][1]);
}

/* --- CNMI --- */

/* <mt> 3 and <ds> 1 are possible in mode 1 alone, <mt> 2 in modes 1 and 2 (B4.7). */
static int cnmi_check(struct at_chan *ch, const struct at_call *call)
{
    const int32_t *now = modem_of(ch)->set.cnmi;
    int32_t mode = next_value(call, now, 0);
    int32_t mt = next_value(call, now, 1);
    int32_t ds = next_value(call, now, 3);
    bool ok = (mt != 3 && ds != 1) || mode == 1;
    return ok && (mt != 2 || mode != 0) ? 0 : -1;
}

static void cnmi_changed(struct at_chan *ch)
{
    sms_indications(modem_of(ch));
}

/* --- CSMP --- */

/* <fo> is that of an SMS-SUBMIT whose validity period is a number or absent; headers are made by
 * CMGSEX. */
static int csmp_check(struct at_chan *ch, const struct at_call *call)
{
    unsigned fo = (unsigned)next_value(call, modem_of(ch)->set.csmp, 0);
    unsigned form = fo & SMS_VPF;
    bool ok = (fo & SMS_MTI) == SMS_SUBMIT && (fo & SMS_HEADER) == 0 &&
              (form == 0 || form == SMS_VPF_RELATIVE);
    return ok ? 0 : CMS_NOT_SUPPORTED;
}

/* --- CSCA --- */

static struct at_result csca_read(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    const struct modem *m = modem_of(ch);
    struct buf text;
    buf_init(&text, (size_t)2 * SMS_HOST_NUMBER_MAX);
    (void)buf_addf(&text, "+CSCA: ");
    sms_print_address(m, &m->sms.centre, &text);
    (void)buf_addf(&text, ",%d", (int)m->sms.centre.type);
    at_info_secret(ch, buf_span(&text), buf_span(&text));
    buf_fini(&text);
    return AT_OK;
}

/* It is stored on the card; an empty one takes it away. */
static struct at_result csca_set(struct at_chan *ch, const struct at_call *call)
{
    struct modem *m = modem_of(ch);
    struct sms_address centre = { .type = SMS_TOA_UNKNOWN };
    if (call->arg[0].str.n > 0 && !sms_number(m, call->arg[0].str, call->arg[1].num, &centre)) {
        return AT_ERROR;
    }
    m->sms.centre = centre;
    (void)sms_store(m);
    return AT_OK;
}

/* --- CSMS, CNMA --- */

static struct at_result csms_read(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    at_info(ch, "+CSMS: %d,1,1,1", (int)modem_of(ch)->set.csms);
    return AT_OK;
}

static void csms_changed(struct at_chan *ch)
{
    at_info(ch, "+CSMS: 1,1,1");
}

/* Acknowledges what was routed to the host under CSMS=1; nothing happens to it that comes late. */
static struct at_result cnma(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    struct sms *s = &modem_of(ch)->sms;
    if (s->unacknowledged == 0) {
        return AT_CMS(CMS_NO_ACK_EXPECTED);
    }
    s->unacknowledged--;
    return AT_OK;
}

static struct at_result cnma_test(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    if (modem_of(ch)->set.cmgf == 0) {
        at_info(ch, "+CNMA: (0-2)");
    }
    return AT_OK;
}

/* clang-format off */
#define CLAUSE .clause = "general-commands.md B4.7"
#define BARE_FACTORY (AT_SET_BARE_DEFAULT | AT_SET_FACTORY)
#define OPT .flags = PARAM_OPTIONAL

static const struct at_cmd rows[] = {
    { .name = "+CSCS", .doc = "Character set of the host.", .clause = "general-commands.md B4.1", .evidence = EV_MANUAL,
      AT_SETTING(struct settings, cscs, BARE_FACTORY, P_WORD("chset", "\"IRA\",\"GSM\",\"UCS2\"", "UCS2 is written in hexadecimal digits")) },
    { .name = "+CMGF", .doc = "Form of messages: 0 PDU, 1 text.", CLAUSE, .evidence = EV_MANUAL, .group = &gate_sms,
      AT_SETTING(struct settings, cmgf, BARE_FACTORY, P_INT("mode", 0, 1, "1: text")) },
    { .name = "+CPMS", .doc = "Memories: to read and delete, to write and send, for what is received.", CLAUSE, .evidence = EV_MANUAL,
      .group = &gate_sms, .read = cpms_read,
      AT_SETTING_HOOK(struct settings, cpms, AT_SET_FACTORY, cpms_changed,
                      P_WORD("mem1", "\"ME\",\"MT\",\"SM\",\"SR\"", "read and deleted from", .def = 2),
                      P_WORD("mem2", "\"ME\",\"MT\",\"SM\"", "written to and sent from", .def = 2, OPT),
                      P_WORD("mem3", "\"ME\",\"SM\"", "where received messages go", .def = 1, OPT)),
      .reply = "+CPMS: <used1>,<total1>,<used2>,<total2>,<used3>,<total3>" },
    { .name = "+CNMI", .doc = "What the host is told of received messages.", CLAUSE, .evidence = EV_MANUAL, .group = &gate_sms,
      AT_SETTING_CHECK(struct settings, cnmi, BARE_FACTORY, cnmi_check, cnmi_changed,
                       P_INT("mode", 0, 2, "0: nothing for the time being", .list = "0,1,2", .def = 2, OPT),
                       P_INT("mt", 0, 3, "messages: 0 stored, 1 stored and +CMTI, 2 +CMT, 3 as 1 but class 3 as 2", .list = "0,1,2,3", .def = 1, OPT),
                       P_INT("bm", 0, 2, "cell broadcasts, which there are none of", .list = "0,2", OPT),
                       P_INT("ds", 0, 2, "status reports: 0 none, 1 +CDS, 2 stored and +CDSI", .list = "0,1,2", OPT),
                       P_INT("bfr", 0, 1, "what mode 0 kept back: 0 goes out, 1 is dropped", .list = "0,1", OPT)) },
    { .name = "+CSMP", .doc = "Parameters of messages written in text mode.", CLAUSE, .evidence = EV_MANUAL, .group = &gate_sms,
      .flags = AT_ROW_TEST_OK,
      AT_SETTING_CHECK(struct settings, csmp, AT_SET_FACTORY, csmp_check, NULL,
                       P_INT("fo", 0, 255, "first octet: 17, or 49 for a status report", .def = 17, OPT),
                       P_INT("vp", 0, 255, "validity period", .def = 167, OPT),
                       P_INT("pid", 0, 255, "protocol identifier", OPT),
                       P_INT("dcs", 0, 255, "data coding scheme: 0 GSM alphabet, 4 octets, 8 UCS2", OPT)) },
    { .name = "+CSDH", .doc = "1: text mode shows all header values.", CLAUSE, .evidence = EV_MANUAL, .group = &gate_sms,
      AT_SETTING(struct settings, csdh, BARE_FACTORY, P_INT("show", 0, 1, "1: all")) },
    { .name = "+CSCA", .doc = "Service centre, stored on the card.", CLAUSE, .evidence = EV_MANUAL, .group = &gate_sms,
      .read = csca_read, .set = csca_set, .flags = AT_ROW_TEST_OK,
      AT_PARAMS(P_STR("sca", 0, SMS_HOST_NUMBER_MAX, "number; empty: none", .flags = PARAM_OR_NUMBER),
                P_INT("tosca", 128, 255, "type of address", OPT)), .reply = "+CSCA: \"<sca>\",<tosca>" },
    { .name = "+CSMS", .doc = "Message service: 1 wants +CMT and +CDS acknowledged by CNMA.", CLAUSE, .evidence = EV_MANUAL, .group = &gate_sms,
      .read = csms_read, AT_SETTING_HOOK(struct settings, csms, AT_SET_FACTORY, csms_changed, P_INT("service", 0, 1, "1: phase 2+")),
      .reply = "+CSMS: <mt>,<mo>,<bm>" },
    { .name = "+CNMA", .doc = "Acknowledges a +CMT or +CDS under CSMS=1.", CLAUSE, .evidence = EV_INFERRED, .group = &gate_sms,
      .exec = cnma, .set = cnma, .test = cnma_test, AT_PARAMS(P_INT("n", 0, 2, "0, 1 acknowledged, 2 refused")) },
    { .name = "+CGSMS", .doc = "Which service carries messages; it makes no difference here.", CLAUSE, .evidence = EV_MANUAL, .group = &gate_sms,
      AT_SETTING(struct settings, cgsms, 0, P_INT("service", 0, 3, "0 packet, 1 circuit, 2 packet preferred, 3 circuit preferred", .def = 3)) },
};
/* clang-format on */

const struct at_service service_sms = { "Messages: settings", rows, ARRAY_LEN(rows) };
