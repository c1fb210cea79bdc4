/* The only list of service tables. */
#include "sim/modem/modem_int.h"

static const struct at_service *const services[] = {
    &service_basic, &service_power, &service_net,      &service_file,
    &service_ssl,   &service_mqtt,  &service_mqtt_net,
};

const struct at_table modem_table = { services, ARRAY_LEN(services) };
