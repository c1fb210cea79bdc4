# Firmware of 2018 as the first MQTT and SSL manuals (MQTT V1.00, SSL V1.00, AT V1.08) describe it; no capture of it is
# known. Everything that is not named in those manuals is as in the reference device.
extend = sim7600-async
model = SIMCOM_SIM7600C
revision = SIM7600C_V1.0
firmware = LE11B01SIM7600C
range.clientid = 1-23
range.keepalive = 60-64800
range.willmsg = 1-10240
accq_version_param = absent
accq_version_field = absent
test_colon = absent
sslcfg_clear = always
csslcfg_fields = 8
cfg.optimeout = absent
cfg.aliauth = absent
# code 34 came later; the TLS failures of this firmware are all 32
open_session_code = 32
