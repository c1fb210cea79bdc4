/* The only lists of service tables, and of the parts of the modem that have a life of their own. */
#include "sim/modem/modem_int.h"

/* clang-format off */
static const struct at_service *const services[] = {
    &service_basic,
    &service_profile,
    &service_power,
    &service_clock,
    &service_sim,
    &service_radio,
    &service_operator,
    &service_ussd,
    &service_pdp,
    &service_net,
    &service_query,
    &service_ping,
    &service_lbs,
    &service_sms,
    &service_sms_send,
    &service_sms_read,
    &service_voice,
    &service_callset,
    &service_phonebook,
    &service_file,
    &service_ssl,
    &service_mqtt,
    &service_mqtt_net,
    &service_gnss,
    &service_hw,
    &service_fs,
};

const struct at_table modem_table = { services, ARRAY_LEN(services) };

/* What is done when the modem is made, at every power-on, and at the end. */
const struct modem_part modem_parts[] = {
    { clock_init, NULL, NULL },
    { card_init, NULL, card_fini },
    { pdp_init, NULL, NULL },
    { NULL, radio_reset, radio_fini },
    { NULL, ri_reset, ri_fini },
    { sms_init, sms_reset, sms_fini },
    { voice_init, voice_reset, voice_reset },
    { phonebook_init, phonebook_reset, NULL },
    { NULL, net_reset, net_reset },
    { NULL, ussd_reset, ussd_reset },
    { NULL, query_reset, query_stop },
    { NULL, lbs_reset, lbs_reset },
    { NULL, ssl_defaults, NULL },
    { gnss_init, gnss_reset, gnss_fini },
    { hw_init, hw_reset, hw_fini },
    { NULL, fs_reset, NULL },
};
/* clang-format on */

const size_t modem_parts_n = ARRAY_LEN(modem_parts);
