# The sister family A76XX (A7670, A7672, A7608): manuals A76XX V1.08/V1.09 and MQTT(S) note V1.02, and captures. Not a
# SIM7600: for those who must support both. What only this family has and is not modelled: CMQTTCFG argtopic with its
# one-line forms and +CMQTTRECV, *ISIMAID and +MSTK at power-on.
extend = sim7600
# OK at once in every capture but alexcajas20, where a CONNECT that never reached the broker is +CMQTTCONNECT: 0,3 and ERROR
result_style = link
# order of OK and result line: lilygo77, lilygo245, simcom-appnote-a7600-mqtt-full-teardown
order.start = ok_urc
order.stop = ok_urc
# a second START: cof-a7672-start-error-stop-start; before START everything is a plain ERROR [M A76XX]
restart_error = plain
stop_not_started = plain
prestart_error = plain
# F17: +CMQTTREL: 0,20 and ERROR on an A7670G; connected already: 19 on an A7672
rel_unacquired = 20
connect_again = 19
# lilygo245: '>' alone on its line
prompt = \r\n>\r\n
accq_version_param = absent
accq_version_field = absent
mqtt_version_default = 3
cfg.version = present
cfg.aliauth = absent
range.pub_timeout = 1-180
range.disc_timeout = 0,1-180
csslcfg_fields = 10
range.certname = 5-108
# lilygo343, lilygo338: power-on
boot.ready = *ATREADY: 1
boot.rdy_ms = 8000
boot.sim_failure_ms = 9000
boot.cpin_ms = 10000
pdn_event = EPS PDN ACT 1
# lilygo77, lilygo245: units of CPSI
cpsi_units = index
# client code for this family: 64 bytes asked for are reported as 92, and the time to live is the reply's
cping_fields = reply
# lilygo245: identity
manufacturer = INCORPORATED
model = A7670E-FASE
revision = A011B07A7670M7_F
firmware = A011B07A7670M7_F
sub_version = A7670M7_B07V01_240927
gcap = +CGSM,+FCLASS,+DS
device_info =
empty_value_blank = absent
# general-commands.md B4.9, B4.14: the receiver has other commands (CGNSSPWR), and other fields under the same names
gnss.commands = absent
