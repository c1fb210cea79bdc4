/* Identification (general-commands.md B4.1). */
#include "sim/modem/modem_int.h"

static struct at_result id_all(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    const struct modem *m = modem_of(ch);
    at_info(ch, "Manufacturer: %s", m->profile->manufacturer);
    at_info(ch, "Model: %s", m->profile->model);
    at_info(ch, "Revision: %s", m->profile->revision);
    if (m->profile->svn[0] != '\0') {
        at_info(ch, "SVN: %s", m->profile->svn);
    }
    at_info(ch, "IMEI: %s", m->imei);
    at_info(ch, "+GCAP: %s", m->profile->gcap);
    return AT_OK;
}

static struct at_result id_manufacturer(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    at_info(ch, "%s", modem_of(ch)->profile->manufacturer);
    return AT_OK;
}

static struct at_result id_model(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    at_info(ch, "%s", modem_of(ch)->profile->model);
    return AT_OK;
}

static struct at_result id_firmware(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    at_info(ch, "+CGMR: %s", modem_of(ch)->profile->firmware);
    return AT_OK;
}

static struct at_result id_imei(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    at_info(ch, "%s", modem_of(ch)->imei);
    return AT_OK;
}

static struct at_result id_simei(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    at_info(ch, "+SIMEI: %s", modem_of(ch)->imei);
    return AT_OK;
}

static struct at_result id_gcap(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    at_info(ch, "+GCAP: %s", modem_of(ch)->profile->gcap);
    return AT_OK;
}

/* A line whose value may be empty; whether the blank stays then depends on the firmware. */
static void labelled(struct at_chan *ch, const char *label, const char *value)
{
    bool blank = value[0] != '\0' || modem_of(ch)->profile->empty_value_blank != 0;
    at_info(ch, "%s:%s%s", label, blank ? " " : "", value);
}

static struct at_result id_simcom(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    const struct modem *m = modem_of(ch);
    at_info(ch, "Manufacturer: %s", m->profile->manufacturer);
    at_info(ch, "Model: %s", m->profile->model);
    at_info(ch, "Revision: %s", m->profile->firmware);
    if (m->profile->sub_version[0] != '\0') {
        at_info(ch, "%s", m->profile->sub_version);
    }
    labelled(ch, "QCN", "");
    at_info(ch, "IMEI: %s", m->imei);
    labelled(ch, "MEID", "");
    at_info(ch, "+GCAP: %s", m->profile->gcap);
    labelled(ch, "DeviceInfo", m->profile->device_info);
    return AT_OK;
}

static struct at_result id_csub(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    at_info(ch, "+CSUB: %s", modem_of(ch)->profile->csub);
    return AT_OK;
}

/* AT+SIMEI= writes an IMEI until the next start; its check digit must be right. */
static struct at_result id_simei_set(struct at_chan *ch, const struct at_call *call)
{
    struct modem *m = modem_of(ch);
    return modem_set_imei(m, call->arg[0].str) ? AT_OK : AT_ERROR;
}

/* clang-format off */
#define CLAUSE(s) .clause = "general-commands.md " s
static const struct at_cmd rows[] = {
    { .name = "I", .doc = "Identification.", CLAUSE("B4.1"), .evidence = EV_LOG,
      .exec = id_all, .set = id_all, AT_PARAMS(P_INT("value", 0, 255, "ignored", .flags = PARAM_OPTIONAL)) },
    { .name = "+CGMI", .doc = "Manufacturer.", CLAUSE("B4.1"), .evidence = EV_LOG, .exec = id_manufacturer, .flags = AT_ROW_TEST_OK },
    { .name = "+GMI", .doc = "Manufacturer.", CLAUSE("B4.1"), .evidence = EV_CLIENT, .exec = id_manufacturer, .flags = AT_ROW_TEST_OK },
    { .name = "+CGMM", .doc = "Model.", CLAUSE("B4.1"), .evidence = EV_LOG, .exec = id_model, .flags = AT_ROW_TEST_OK },
    { .name = "+GMM", .doc = "Model.", CLAUSE("B4.1"), .evidence = EV_CLIENT, .exec = id_model, .flags = AT_ROW_TEST_OK },
    { .name = "+CGMR", .doc = "Firmware revision.", CLAUSE("B4.1"), .evidence = EV_LOG, .exec = id_firmware, .flags = AT_ROW_TEST_OK },
    { .name = "+GMR", .doc = "Firmware revision.", CLAUSE("B4.1"), .evidence = EV_CLIENT, .exec = id_firmware, .flags = AT_ROW_TEST_OK },
    { .name = "+CGSN", .doc = "IMEI.", CLAUSE("B4.1"), .evidence = EV_LOG, .exec = id_imei, .flags = AT_ROW_TEST_OK },
    { .name = "+GSN", .doc = "IMEI.", CLAUSE("B4.1"), .evidence = EV_LOG, .exec = id_imei, .flags = AT_ROW_TEST_OK },
    { .name = "+SIMEI", .doc = "IMEI.", CLAUSE("B4.1"), .evidence = EV_MANUAL, .read = id_simei, .set = id_simei_set, .flags = AT_ROW_TEST_OK,
      AT_PARAMS(P_STR("imei", 15, 15, "15 digits")) },
    { .name = "+SIMCOMATI", .doc = "Identification in detail.", CLAUSE("B4.1"), .evidence = EV_LOG, .exec = id_simcom, .flags = AT_ROW_TEST_OK },
    { .name = "+CSUB", .doc = "Sub-version of the firmware.", CLAUSE("B4.1"), .evidence = EV_INFERRED, .exec = id_csub, .flags = AT_ROW_TEST_OK },
    { .name = "+GCAP", .doc = "Capabilities.", CLAUSE("B4.1"), .evidence = EV_LOG, .exec = id_gcap, .flags = AT_ROW_TEST_OK },
};
/* clang-format on */

const struct at_service service_basic = { "Identity", rows, ARRAY_LEN(rows) };
