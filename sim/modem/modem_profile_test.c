/* Every key of profile.def has its effect on a whole modem. keys_all_tried() fails when a key is
 * added and not tried here. */
#include <stdlib.h>

#include "sim/modem/modem_link_rig.h"

#define WILL    "AT+CMQTTSTART;+CMQTTACCQ=0,\"d\";+CMQTTWILLTOPIC=0,0\r"
#define CONN    "AT+CMQTTSTART;+CMQTTACCQ=0,\"d\"\rAT+CMQTTCONNECT=0,\"tcp://b.example\",60,1\r"
#define STARTED LN("+CMQTTSTART: 0") OKAY
#define COK     OKAY LN("+CMQTTCONNECT: 0,0")

/* A whole dialogue: 'in' is typed (echo off), the broker's part is scripted by 'events': 'u' link
 * up, 'a' CONNACK, 'c' closed, 't' 100 ms pass, 'T' 20 s pass, 's' the next piece of 'in' (pieces
 * are divided by '|'), 'm' a message, 'd' SUBACK with 0x80, 'D' radio off is typed. */
struct effect {
    const char *key, *profile, *in, *events, *want;
};

#define MESSAGE                                                                                    \
    "\x30\x09\x00\x03"                                                                             \
    "a/bwxyz"

/* Where and when a fresh modem finds itself. */
#define HERE "4851.502200,N,00217.668860,E,170524,103457.00,35.0,0.0,"

static const struct effect effects[] = {
    { "line_max", "line_max = 16", "AT+CSQ;+CSQ;+CSQ|\rAT+CSQ;+CSQ;+CSQ;E0\r", "s",
      LN("+CSQ: 16,99") LN("+CSQ: 16,99") LN("+CSQ: 16,99") OKAY ERR },
    { "commands_max", "commands_max = 2", "AT+CSQ;+CSQ\rAT+CSQ;+CSQ;+CSQ\r", "",
      LN("+CSQ: 16,99") LN("+CSQ: 16,99") OKAY ERR },
    { "unquoted_strings", "unquoted_strings = refuse",
      "AT+CMQTTSTART\rAT+CMQTTACCQ=0,d\rAT+CMQTTACCQ=0,\"d\"\r", "", STARTED ERR OKAY },
    { "echo_data", "echo_data = off", "ATE1\r|AT+CCERTDOWN=\"a.pem\",2\rxy", "s",
      OKAY "AT+CCERTDOWN=\"a.pem\",2\r\r\n>" OKAY },
    { "prompt", "prompt = \\r\\n>\\r\\n", "AT+CCERTDOWN=\"a.pem\",2\rxy", "", "\r\n>\r\n" OKAY },
    { "prompt", "prompt = \\r\\n>\\s", "AT+CCERTDOWN=\"a.pem\",2\rxy", "", "\r\n> " OKAY },
    { "data_timeout_ms", "data_timeout_ms = 5000", "AT+CCERTDOWN=\"a.pem\",2\rx|AT\r", "Ts",
      "\r\n>" ERR OKAY },
    { "urc_guard_ms", "urc_guard_ms = 0", CONN "|AT+CSQ\r|AT+CSQ\r", "uasms",
      STARTED COK LN("+CSQ: 16,99")
          OKAY LN("+CMQTTRXSTART: 0,3,4") "\r\n+CMQTTRXTOPIC: 0,3\r\na/b" LN(
              "+CMQTTRXPAYLOAD: 0,4") "wxyz" LN("+CMQTTRXEND: 0") LN("+CSQ: 16,99") OKAY },
    { "typing_hold_ms", "typing_hold_ms = 50", CONN "|AT|\r", "uatscts",
      STARTED COK LN("+CMQTTCONNLOST: 0,1") OKAY },
    { "urc_while_pending", "urc_while_pending = print", CONN "|AT+CMQTTSUB=0,1,0\rx",
      "uatsma", /* 'a' is no SUBACK: the connection breaks */
      STARTED COK "\r\n>" LN("+CMQTTRXSTART: 0,3,4") "\r\n+CMQTTRXTOPIC: 0,3\r\na/b" LN(
          "+CMQTTRXPAYLOAD: 0,4") "wxyz" LN("+CMQTTRXEND: 0") LN("+CMQTTSUB: 0,24")
          ERR LN("+CMQTTCONNLOST: 0,2") },
    { "cmee_default", "cmee_default = 0", "AT+CPIN=1234;+CMEE?\rAT+CMEE?\r", "",
      ERR LN("+CMEE: 0") OKAY },
    { "result_style", "result_style = async", CONN, "c", STARTED OKAY LN("+CMQTTCONNECT: 0,26") },
    { "result_style", "result_style = link", CONN, "c", STARTED LN("+CMQTTCONNECT: 0,26") ERR },
    { "result_style", "result_style = link", CONN, "uc", STARTED OKAY LN("+CMQTTCONNECT: 0,6") },
    { "result_style", "result_style = link", CONN "|AT+CMQTTSUB=0,1,0\rx", "uasc",
      STARTED COK "\r\n>" OKAY LN("+CMQTTSUB: 0,6") LN("+CMQTTCONNLOST: 0,1") },
    { "order.start", "order.start = ok_urc", "AT+CMQTTSTART\r", "", OKAY LN("+CMQTTSTART: 0") },
    { "order.start", "order.start = urc_ok", "AT+CMQTTSTART\r", "", STARTED },
    { "order.start", "order.start = urc_ok\nbearer_ms = 50", "AT+CFUN=4;+CFUN=1\rAT+CMQTTSTART\r",
      "t", OKAY STARTED },
    { "order.start", "order.start = auto\nbearer_ms = 50", "AT+CFUN=4;+CFUN=1\rAT+CMQTTSTART\r",
      "t", OKAY OKAY LN("+CMQTTSTART: 0") },
    { "order.stop", "order.stop = ok_urc", "AT+CMQTTSTART\rAT+CMQTTSTOP\r", "",
      STARTED OKAY LN("+CMQTTSTOP: 0") },
    { "order.disc", "order.disc = urc_ok", CONN "|AT+CMQTTDISC=0\r", "uas",
      STARTED COK LN("+CMQTTDISC: 0,0") OKAY },
    { "restart_error", "restart_error = plain", "AT+CMQTTSTART\rAT+CMQTTSTART\r", "", STARTED ERR },
    { "stop_not_started", "stop_not_started = plain", "AT+CMQTTSTOP\r", "", ERR },
    { "stop_with_client", "stop_with_client = 19",
      "AT+CMQTTSTART;+CMQTTACCQ=0,\"d\"\rAT+CMQTTSTOP\r", "", STARTED LN("+CMQTTSTOP: 19") ERR },
    { "prestart_error", "prestart_error = code9",
      "AT+CMQTTTOPIC=0,3\rAT+CMQTTDISC=0\rAT+CMQTTREL=0\rAT+CMQTTACCQ=0,\"d\"\rAT+CMQTTSTOP\r", "",
      LN("+CMQTTTOPIC: 0,9") ERR LN("+CMQTTDISC: 0,9") ERR OKAY LN("+CMQTTACCQ: 0,9")
          ERR LN("+CMQTTSTOP: 9") ERR },
    { "prestart_error", "prestart_error = plain",
      "AT+CMQTTTOPIC=0,3\rAT+CMQTTREL=0\rAT+CMQTTACCQ?\rAT+CMQTTACCQ=?\r", "",
      ERR ERR ERR LN("+CMQTTACCQ: (0-1),(1-128),(0-1),(3-4)") OKAY },
    { "rel_unacquired", "rel_unacquired = 20", "AT+CMQTTSTART\rAT+CMQTTREL=0\r", "",
      STARTED LN("+CMQTTREL: 0,20") ERR },
    { "connect_again", "connect_again = 19", CONN "|AT+CMQTTCONNECT=0,\"tcp://b.example\",60,1\r",
      "uas", STARTED COK LN("+CMQTTCONNECT: 0,19") ERR },
    { "peer_close_connect", "peer_close_connect = 26", CONN, "uc",
      STARTED LN("+CMQTTCONNECT: 0,26") ERR },
    { "peer_close_connect", "peer_close_connect = 6", CONN, "c",
      STARTED LN("+CMQTTCONNECT: 0,6") ERR },
    { "deny_style", "deny_style = close", CONN "|AT+CMQTTSUB=0,1,0\rx", "uasdt",
      STARTED COK "\r\n>" LN("+CMQTTSUB: 0,6") ERR LN("+CMQTTCONNLOST: 0,1") },
    { "will_len0", "will_len0 = clear", WILL "AT+CMQTTWILLMSG=0,0,0\rAT+CMQTTWILLTOPIC=0,1025\r",
      "", STARTED OKAY LN("+CMQTTWILLTOPIC: 0,22") ERR },
    { "will_len0", "will_len0 = refuse", WILL "AT+CMQTTWILLMSG=0,0,0\r", "",
      LN("+CMQTTSTART: 0") LN("+CMQTTWILLTOPIC: 0,12") ERR LN("+CMQTTWILLMSG: 0,12") ERR },
    { "unsub_two", "unsub_two = flag", CONN "|AT+CMQTTUNSUB=0,3\r", "uas",
      STARTED COK LN("+CMQTTUNSUB: 0,12") ERR },
    { "lenient_timeout", "lenient_timeout = on",
      CONN "|AT+CMQTTTOPIC=0,1\rt|AT+CMQTTPUB=0,0,5\r|AT+CMQTTDISC=0,30\r", "uasss",
      STARTED COK "\r\n>" OKAY OKAY LN("+CMQTTPUB: 0,0") OKAY LN("+CMQTTDISC: 0,0") },
    { "lenient_timeout", "lenient_timeout = on", "AT+CMQTTPUB=?\r", "",
      LN("+CMQTTPUB: (0-1),(0-2),(1-65535),(0-1),(0-1)") OKAY },
    { "sslcfg_clear", "sslcfg_clear = always",
      "AT+CMQTTSTART;+CMQTTACCQ=0,\"d\",0;+CMQTTSSLCFG=0,3\r"
      "AT+CMQTTCONNECT=0,\"tcp://b.example\",60,1\r|AT+CMQTTSSLCFG?\r",
      "uas", STARTED COK "\r\n+CMQTTSSLCFG: 0,\r\n+CMQTTSSLCFG: 1,\r\n" OKAY },
    { "sslcfg_clear", "sslcfg_clear = failure",
      "AT+CMQTTSTART;+CMQTTACCQ=0,\"d\",0;+CMQTTSSLCFG=0,3\r"
      "AT+CMQTTCONNECT=0,\"tcp://b.example\",60,1\r|AT+CMQTTSSLCFG?\r",
      "uas", STARTED COK "\r\n+CMQTTSSLCFG: 0,3\r\n+CMQTTSSLCFG: 1,\r\n" OKAY },
    { "timeout_percent", "timeout_percent = 10", CONN, "uT",
      STARTED LN("+CMQTTCONNECT: 0,17") ERR },
    { "connect_timeout_ms", "connect_timeout_ms = 15000", CONN, "uT",
      STARTED LN("+CMQTTCONNECT: 0,17") ERR },
    { "optimeout_default", "optimeout_default = 20", CONN "|AT+CMQTTSUB=0,1,0\rx", "uasT",
      STARTED COK "\r\n>" LN("+CMQTTSUB: 0,17") ERR },
    { "mqtt_version_default", "mqtt_version_default = 3",
      "AT+CMQTTSTART;+CMQTTACCQ=0,\"d\"\rAT+CMQTTACCQ?\r", "",
      STARTED "\r\n+CMQTTACCQ: 0,\"d\",0,3\r\n+CMQTTACCQ: 1,\"\",0,3\r\n" OKAY },
    { "accq_version_field", "accq_version_field = absent", "AT+CMQTTACCQ?\r", "",
      "\r\n+CMQTTACCQ: 0,\"\",0\r\n+CMQTTACCQ: 1,\"\",0\r\n" OKAY },
    { "echo_junk", "echo_junk = on", "ATE1\r|xy\rAT\r", "s", OKAY "xy\rAT\r" OKAY },
    { "input_while_busy", "input_while_busy = drop", CONN "|AT\r|AT\r", "suas", STARTED COK OKAY },
    { "abort_result", "abort_result = error", "AT+COPS=?\r|x|AT\r", "ttss", ERR OKAY },
    { "abort_result", "abort_result = ok", "AT+COPS=?\r|x|AT\r", "ttss", OKAY OKAY },
    { "scan_ms", "scan_ms = 150", "AT+COPS=?\r|AT\r", "ts",
      LN("+COPS: (2,\"Test PLMN\",\"Test\",\"00101\",7),,(0,1,2,3,4,5),(0,1,2)") OKAY OKAY },
    { "accq_version_param", "accq_version_param = absent",
      "AT+CMQTTSTART;+CMQTTACCQ=?\rAT+CMQTTACCQ=0,\"d\",0,4\rAT+CMQTTACCQ=0,\"d\",0\r", "",
      LN("+CMQTTSTART: 0") LN("+CMQTTACCQ: (0-1),(1-128),(0-1)") OKAY ERR OKAY },
    { "cfg.version", "cfg.version = present",
      "AT+CMQTTSTART;+CMQTTACCQ=0,\"d\"\rAT+CMQTTCFG=\"version\",0,3\rAT+CMQTTACCQ?\r", "",
      STARTED OKAY "\r\n+CMQTTACCQ: 0,\"d\",0,3\r\n+CMQTTACCQ: 1,\"\",0,4\r\n" OKAY },
    { "open_session_code", "open_session_code = 32",
      "AT+CMQTTSTART;+CMQTTACCQ=0,\"d\",1;+CSSLCFG=\"authmode\",0,1;+CSSLCFG=\"cacert\",0,\"a."
      "pem\"\r"
      "AT+CMQTTCONNECT=0,\"tcp://b.example\",60,1\r",
      "t", STARTED LN("+CMQTTCONNECT: 0,32") ERR },
    { "svn", "svn = 03", "ATI\r", "",
      "\r\nManufacturer: SIMCOM INCORPORATED\r\nModel: SIMCOM_SIM7600G-H\r\nRevision: "
      "SIM7600G_V2.0.2"
      "\r\nSVN: 03\r\nIMEI: 860123456789014\r\n+GCAP: +CGSM\r\n" OKAY },
    { "csub", "csub = B03", "AT+CSUB\r", "", LN("+CSUB: B03") OKAY },
    { "gcap", "gcap = +CGSM,+FCLASS,+DS", "AT+GCAP\r", "", LN("+GCAP: +CGSM,+FCLASS,+DS") OKAY },
    { "sub_version", "sub_version = B04V03\ndevice_info = 1", "AT+SIMCOMATI\r", "",
      "\r\nManufacturer: SIMCOM INCORPORATED\r\nModel: SIMCOM_SIM7600G-H\r\nRevision: "
      "LE20B04SIM7600G22"
      "\r\nB04V03\r\nQCN: \r\nIMEI: 860123456789014\r\nMEID: \r\n+GCAP: +CGSM\r\nDeviceInfo: "
      "1\r\n" OKAY },
    { "empty_value_blank", "empty_value_blank = absent\ndevice_info =", "AT+SIMCOMATI\r", "",
      "\r\nManufacturer: SIMCOM INCORPORATED\r\nModel: SIMCOM_SIM7600G-H\r\nRevision: "
      "LE20B04SIM7600G22"
      "\r\nQCN:\r\nIMEI: 860123456789014\r\nMEID:\r\n+GCAP: +CGSM\r\nDeviceInfo:\r\n" OKAY },
    { "device_info", "device_info = 9,9", "AT+SIMCOMATI\r", "",
      "\r\nManufacturer: SIMCOM INCORPORATED\r\nModel: SIMCOM_SIM7600G-H\r\nRevision: "
      "LE20B04SIM7600G22"
      "\r\nQCN: \r\nIMEI: 860123456789014\r\nMEID: \r\n+GCAP: +CGSM\r\nDeviceInfo: 9,9\r\n" OKAY },
    { "boot.sim_failure_ms", "boot.sim_failure_ms = 200\nboot.cpin_ms = 300",
      "AT+CRESET\r|ATE0\r|AT+CPIN?\r|AT+CPIN?\r", "ttsststtt",
      OKAY LN("RDY") "ATE0\r" OKAY LN("+CME ERROR: SIM failure") LN("+CME ERROR: SIM busy")
          LN("+CPIN: READY") LN("SMS DONE") LN("PB DONE") },
    { "cpsi_units", "cpsi_units = index", "AT+CPSI?\r", "",
      LN("+CPSI: LTE,Online,001-01,0x775C,117004595,399,EUTRAN-BAND3,1650,5,0,22,31,29,15") OKAY },
    { "pdn_event", "pdn_event = EPS PDN ACT 1\nbearer_ms = 50", "AT+CFUN=4;+CFUN=1\r", "t",
      OKAY LN("+CGEV: EPS PDN ACT 1") },
    { "register_ms", "register_ms = 150", "AT+CFUN=4;+CFUN=1;+CREG?\r|AT+CREG?\r|AT+CREG?\r",
      "tstts", LN("+CREG: 0,2") OKAY LN("+CREG: 0,2") OKAY LN("+CREG: 0,1") OKAY },
    { "bearer_ms", "bearer_ms = 150", "AT+CFUN=4;+CFUN=1\rAT+CMQTTSTART\r|AT\r", "tstt",
      OKAY OKAY OKAY LN("+CMQTTSTART: 0") },
    { "gnss.commands", "gnss.commands = absent", "AT+CGPS?\rAT+CGPS=1\rAT+CGPSINFO\rAT+CGPSDEL=?\r",
      "", ERR ERR ERR ERR },
    { "gnss.cold_ms", "gnss.cold_ms = 150", "AT+CGPS=1\r|AT+CGPSINFO\r|AT+CGPSINFO\r", "tsts",
      OKAY LN("+CGPSINFO: ,,,,,,,,") OKAY LN("+CGPSINFO: " HERE) OKAY },
    { "gnss.hot_ms", "gnss.cold_ms = 0\ngnss.hot_ms = 150\ngnss.stop_ms = 0",
      "AT+CGPS=1\r|AT+CGPS=0\r|AT+CGPS=1\r|AT+CGPSINFO\r|AT+CGPSINFO\r", "tstststs",
      OKAY OKAY LN("+CGPS: 0") OKAY LN("+CGPSINFO: ,,,,,,,,") OKAY LN("+CGPSINFO: " HERE) OKAY },
    { "gnss.stop_ms", "gnss.stop_ms = 150", "AT+CGPS=1;+CGPS=0\r|AT+CGPS?\r|AT+CGPS?\r", "tsts",
      OKAY LN("+CGPS: 1,1") OKAY LN("+CGPS: 0") LN("+CGPS: 0,1") OKAY },
    { "rx_payload_chunk", "rx_payload_chunk = 3", CONN, "uatm",
      STARTED COK LN("+CMQTTRXSTART: 0,3,4") "\r\n+CMQTTRXTOPIC: 0,3\r\na/b" LN(
          "+CMQTTRXPAYLOAD: 0,3") "wxy" LN("+CMQTTRXPAYLOAD: 0,1") "z" LN("+CMQTTRXEND: 0") },
    { "rx_topic_chunk", "rx_topic_chunk = 2", CONN, "uatm",
      STARTED COK LN("+CMQTTRXSTART: 0,3,4") "\r\n+CMQTTRXTOPIC: 0,2\r\na/" LN(
          "+CMQTTRXTOPIC: 0,1") "b" LN("+CMQTTRXPAYLOAD: 0,4") "wxyz" LN("+CMQTTRXEND: 0") },
    { "rx_blank", "rx_blank = extra", CONN, "uatm",
      STARTED COK LN("+CMQTTRXSTART: 0,3,4") "\r\n+CMQTTRXTOPIC: 0,3\r\na/b\r\n" LN(
          "+CMQTTRXPAYLOAD: 0,4") "wxyz\r\n" LN("+CMQTTRXEND: 0") },
    { "rx_payload_name", "rx_payload_name = +CMQTTRCPAYLOAD", CONN, "uatm",
      STARTED COK LN("+CMQTTRXSTART: 0,3,4") "\r\n+CMQTTRXTOPIC: 0,3\r\na/b" LN(
          "+CMQTTRCPAYLOAD: 0,4") "wxyz" LN("+CMQTTRXEND: 0") },
    { "range.clientid", "range.clientid = 1-2",
      "AT+CMQTTSTART\rAT+CMQTTACCQ=0,\"abc\"\r"
      "AT+CMQTTACCQ=?\r",
      "", STARTED LN("+CMQTTACCQ: 0,22") ERR LN("+CMQTTACCQ: (0-1),(1-2),(0-1),(3-4)") OKAY },
    { "range.keepalive", "range.keepalive = 60-64800",
      "AT+CMQTTSTART;+CMQTTACCQ=0,\"d\"\rAT+CMQTTCONNECT=0,\"tcp://b.example\",59,1\r", "",
      STARTED LN("+CMQTTCONNECT: 0,12") ERR },
    { "range.willmsg", "range.willmsg = 1-10240", "AT+CMQTTWILLMSG=?\r", "",
      LN("+CMQTTWILLMSG: (0-1),(1-10240),(0-2)") OKAY },
    { "range.pub_timeout", "range.pub_timeout = 1-180",
      CONN "|AT+CMQTTTOPIC=0,1\rt|AT+CMQTTPUB=0,0,5\r", "uass",
      STARTED COK "\r\n>" OKAY OKAY LN("+CMQTTPUB: 0,0") },
    { "range.disc_timeout", "range.disc_timeout = 0,1-180", CONN "|AT+CMQTTDISC=0,5\r", "uas",
      STARTED COK OKAY LN("+CMQTTDISC: 0,0") },
    { "range.certname", "range.certname = 5-10", "AT+CCERTDOWN=\"abcdefg.pem\",1\r", "", ERR },
    { "test_colon", "test_colon = absent", "AT+CMQTTPUB=?;+CMQTTSUB=?;+CMQTTUNSUB=?\r", "",
      LN("+CMQTTPUB (0-1),(0-2),(60-180),(0-1),(0-1)") LN("+CMQTTSUB (0-1),(1-1024),(0-2),(0-1)")
          LN("+CMQTTUNSUB (0-1),(1-1024),(0-1)") OKAY },
    { "csslcfg_fields", "csslcfg_fields = 8",
      "AT+CSSLCFG=1\rAT+CSSLCFG=\"enableSNI\",0,1\rAT+CSSLCFG=?\r", "",
      LN("+CSSLCFG: 1,4,0,1,300,\"\",\"\",\"\"") OKAY ERR
      "\r\n+CSSLCFG: \"sslversion\",(0-9),(0-4)\r\n+CSSLCFG: \"authmode\",(0-9),(0-3)\r\n"
      "+CSSLCFG: \"ignorelocaltime\",(0-9),(0,1)\r\n+CSSLCFG: \"negotiatetime\",(0-9),(10-300)\r\n"
      "+CSSLCFG: \"cacert\",(0-9),(5-128)\r\n+CSSLCFG: \"clientcert\",(0-9),(5-128)\r\n"
      "+CSSLCFG: \"clientkey\",(0-9),(5-128)\r\n" OKAY },
    { "csslcfg_fields", "csslcfg_fields = 9", "AT+CSSLCFG=1\r", "",
      LN("+CSSLCFG: 1,4,0,1,300,\"\",\"\",\"\",0") OKAY },
    { "csslcfg_fields", "csslcfg_fields = 10", "AT+CSSLCFG=1\r", "",
      LN("+CSSLCFG: 1,4,0,1,300,\"\",\"\",\"\",\"\",0") OKAY },
    { "csslcfg_check_file", "csslcfg_check_file = on", "AT+CSSLCFG=\"cacert\",0,\"a.pem\"\r", "",
      ERR },
    { "cfg.optimeout", "cfg.optimeout = absent",
      "AT+CMQTTCFG?\rAT+CMQTTSTART;+CMQTTACCQ=0,\"d\"\rAT+CMQTTCFG=\"optimeout\",0,60\r", "",
      "\r\n+CMQTTCFG: 0,1\r\n+CMQTTCFG: 1,1\r\n" OKAY STARTED ERR },
    { "cfg.aliauth", "cfg.aliauth = absent", "AT+CMQTTCFG=?\r", "",
      "\r\n+CMQTTCFG: \"checkUTF8\",(0-1),(0-1)\r\n+CMQTTCFG: "
      "\"optimeout\",(0-1),(20-120)\r\n" OKAY },
    { "manufacturer", "manufacturer = A\\sB", "AT+CGMI\r", "", LN("A B") OKAY },
    { "model", "model = M", "AT+CGMM\r", "", LN("M") OKAY },
    { "revision", "revision = R", "ATI\r", "",
      "\r\nManufacturer: SIMCOM INCORPORATED\r\nModel: SIMCOM_SIM7600G-H\r\nRevision: R\r\n"
      "IMEI: 860123456789014\r\n+GCAP: +CGSM\r\n" OKAY },
    { "firmware", "firmware = F", "AT+CGMR\r", "", LN("+CGMR: F") OKAY },
    { "imei", "imei = 123456789012345", "AT+CGSN\r", "", LN("123456789012345") OKAY },
    { "imsi", "imsi = 1", "AT+CIMI\r", "", LN("1") OKAY },
    { "iccid", "iccid = 2", "AT+CICCID\r", "", LN("+ICCID: 2") OKAY },
    { "apn", "apn = my.apn", "AT+CGDCONT?\r", "",
      "\r\n+CGDCONT: 1,\"IP\",\"my.apn\",\"0.0.0.0\",0,0,0,0\r\n"
      "+CGDCONT: 2,\"IPV4V6\",\"ims\",\"0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0\",0,0,0,0\r\n"
      "+CGDCONT: 3,\"IPV4V6\",\"sos\",\"0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0\",0,0,0,1\r\n" OKAY },
    { "address", "address = 1.2.3.4", "AT+NETOPEN\r|AT+IPADDR\r", "ts",
      OKAY LN("+NETOPEN: 0") LN("+IPADDR: 1.2.3.4") OKAY },
    { "boot.ready",
      "boot.ready = *ATREADY: 1\nboot.cpin_ms = 5000\nboot.sms_ms = 6000\nboot.pb_ms = 7000",
      "AT+CRESET\r", "ttt", OKAY LN("*ATREADY: 1") },
    { "boot.rdy_ms", "boot.rdy_ms = 5000", "AT+CRESET\r|AT\r", "tttsT",
      OKAY LN("RDY") LN("+CPIN: READY") LN("SMS DONE") LN("PB DONE") },
    { "boot.cpin_ms", "boot.cpin_ms = 500", "AT+CRESET\r|ATE0\r", "ttst",
      OKAY LN("RDY") "ATE0\r" OKAY },
    { "boot.sms_ms", "boot.sms_ms = 500", "AT+CRESET\r|ATE0\r", "ttst",
      OKAY LN("RDY") LN("+CPIN: READY") "ATE0\r" OKAY },
    { "boot.pb_ms", "boot.pb_ms = 500", "AT+CRESET\r|ATE0\r", "ttst",
      OKAY LN("RDY") LN("+CPIN: READY") LN("SMS DONE") "ATE0\r" OKAY },
    { "text_prompt", "text_prompt = \\r\\n>>\\s", "AT+CMGF=1;+CMGS=\"1\"\r|a\rb\x1a", "ts",
      "\r\n>> \r\n>> " },
    { "sms_ms", "sms_ms = 250", "AT+CMGF=1;+CMGS=\"1\"\ra\x1a", "ttt",
      "\r\n> " LN("+CMGS: 0") OKAY },
    { "reset_ms", "reset_ms = 5000", "AT+CRESET\r|AT\r", "tts", OKAY OKAY },
    { "tls_max", "", "", "", "" },         /* modem_ssl_test.c, parameters_of_the_connection */
    { "cping_fields", "", "", "", "" },    /* modem_query_test.c, ping_reports_the_reply */
    { "cntp_timeout_ms", "", "", "", "" }, /* modem_query_test.c, time_limit */
};

static const char *type_piece(struct rig *r, const char *in)
{
    size_t n = strcspn(in, "|");
    rig_type(r, span_of(in, n));
    return in[n] == '|' ? in + n + 1 : in + n;
}

static void event(struct rig *r, char event, const char **in)
{
    switch (event) {
    case 'u':
        rig_up(r, 0);
        break;
    case 'a':
        BROKER(r, 0, CONNACK_OK);
        break;
    case 'c':
        rig_down(r, 0, LINK_CLOSED);
        break;
    case 'm':
        BROKER(r, 0, MESSAGE);
        break;
    case 'd':
        BROKER(r, 0, "\x90\x03\x00\x01\x80");
        break;
    case 's':
        *in = type_piece(r, *in);
        break;
    case 't':
        rig_pass(r, 100);
        break;
    default:
        rig_pass(r, 20000);
        break;
    }
}

static void every_key_has_its_effect(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(effects); i++) {
        const struct effect *e = &effects[i];
        struct rig r;
        rig_start(&r, e->profile);
        TYPE(&r, "ATE0\r");
        rig_pass(&r, 1000);
        buf_clear(&r.said);
        const char *in = type_piece(&r, e->in);
        for (const char *c = e->events; *c != '\0'; c++) {
            event(&r, *c, &in);
        }
        rig_pass(&r, 99);
        if (*in != '\0') {
            fail_msg("%s: not typed: %s", e->key, in);
        }
        rig_said(&r, span_str(e->want), e->profile, e->key, (int)i);
        rig_end(&r);
    }
}

static void keys_all_tried(void **state)
{
    (void)state;
    static const char *const keys[] = {
#define WORD(field, key, words, def, doc)    key,
#define NUMBER(field, key, lo, hi, def, doc) key,
#define RANGE(field, key, lo, hi, def, doc)  key,
#define TEXT(field, key, most, def, doc)     key,
#include "sim/modem/profile.def"
    };
    for (size_t k = 0; k < ARRAY_LEN(keys); k++) {
        bool tried = false;
        for (size_t i = 0; i < ARRAY_LEN(effects); i++) {
            tried = tried || strcmp(effects[i].key, keys[k]) == 0;
        }
        if (!tried) {
            fail_msg("profile key '%s' is tried by no row of this test", keys[k]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_has_its_effect),
        cmocka_unit_test(keys_all_tried),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
