/* Registration, operator and signal: one radio model, so that answers never contradict each other
 * (general-commands.md B4.3), and the loss of the network with all its consequences in order. */
#include "sim/modem/modem_link_rig.h"

#define CIPEVENT LN("+CIPEVENT: NETWORK CLOSED UNEXPECTEDLY")
#define NONET    LN("+CMQTTNONET")

static void start(struct rig *r, const char *keys)
{
    rig_start(r, keys);
    TYPE(r, "ATE0\r");
    buf_clear(&r->said);
}

/* Every view of one state at once. */
static const char everything[] = "AT+CREG?;+CGREG?;+CEREG?;+COPS?;+CSQ;+CNSMOD?;+CGATT?\r";

static void views(struct rig *r, const char *want, int line)
{
    rig_type(r, span_str(everything));
    rig_said(r, span_str(want), "all views", __FILE__, line);
}

#define VIEWS(r, want) views((r), (want), __LINE__)

static void all_views_agree(void **state)
{
    (void)state;
    struct rig r;
    start(&r, "");
    VIEWS(&r, LN("+CREG: 0,1") LN("+CGREG: 0,1") LN("+CEREG: 0,1") LN("+COPS: 0,0,\"Test PLMN\",7")
                  LN("+CSQ: 16,99") LN("+CNSMOD: 0,8") LN("+CGATT: 1") OKAY);
    rig_world(&r, "network.rat = wcdma\nnetwork = roaming\nsignal.dbm = -95");
    VIEWS(&r, LN("+CREG: 0,5") LN("+CGREG: 0,5") LN("+CEREG: 0,0") LN("+COPS: 0,0,\"Test PLMN\",2")
                  LN("+CSQ: 9,99") LN("+CNSMOD: 0,7") LN("+CGATT: 1") OKAY);
    rig_world(&r, "network = none");
    VIEWS(&r, LN("+CREG: 0,2") LN("+CGREG: 0,2") LN("+CEREG: 0,2") LN("+COPS: 0") LN("+CSQ: 99,99")
                  LN("+CNSMOD: 0,0") LN("+CGATT: 0") OKAY);
    rig_world(&r, "network = denied");
    PASS(&r, 100, "");
    VIEWS(&r, LN("+CREG: 0,3") LN("+CGREG: 0,3") LN("+CEREG: 0,3") LN("+COPS: 0") LN("+CSQ: 9,99")
                  LN("+CNSMOD: 0,0") LN("+CGATT: 0") OKAY);
    rig_world(&r, "network.rat = gsm\nnetwork = home\nnetwork.cs = denied");
    PASS(&r, 1000, "");
    VIEWS(&r, LN("+CREG: 0,3") LN("+CGREG: 0,1") LN("+CEREG: 0,0") LN("+COPS: 0,0,\"Test PLMN\",0")
                  LN("+CSQ: 9,99") LN("+CNSMOD: 0,3") LN("+CGATT: 1") OKAY);
    rig_end(&r);
}

static void cpsi_by_radio_access(void **state)
{
    (void)state;
    struct rig r;
    start(&r, "");
    SAY(&r, "AT+CPSI?\r",
        LN("+CPSI: LTE,Online,001-01,0x775C,117004595,399,EUTRAN-BAND3,1650,5,5,-83,-1093,-810,15")
            OKAY);
    SAY(&r, "AT+CESQ\r", LN("+CESQ: 99,99,255,255,22,31") OKAY);
    rig_world(&r, "network.rat = wcdma");
    SAY(&r, "AT+CPSI?\r",
        LN("+CPSI: WCDMA,Online,001-01,0x775C,117004595,WCDMA IMT 2000,279,10663,0,1.5,62,33,34,"
           "500") OKAY);
    rig_world(&r, "network.rat = gsm");
    SAY(&r, "AT+CPSI?\r",
        LN("+CPSI: GSM,Online,001-01,0x775c,22835,27 EGSM 900,-81,2110,42-42") OKAY);
    rig_world(&r, "network = none");
    SAY(&r, "AT+CPSI?\r", LN("+CPSI: NO SERVICE,Online") OKAY);
    SAY(&r, "AT+CFUN=4;+CPSI?\r", LN("+CPSI: NO SERVICE,Low Power Mode") OKAY);
    SAY(&r, "AT+CFUN=7;+CPSI?\r", LN("+CPSI: NO SERVICE,Offline") OKAY);
    rig_end(&r);
}

static void urcs_as_asked_for(void **state)
{
    (void)state;
    struct rig r;
    start(&r, "register_ms = 200");
    SAY(&r, "AT+CREG=1;+CGREG=2;+CEREG=2;+CNSMOD=1\r", OKAY);
    PASS(&r, 100, "");
    rig_world(&r, "network = none");
    PASS(&r, 100, LN("+CREG: 2") LN("+CGREG: 2") LN("+CEREG: 2") LN("+CNSMOD: 0"));
    rig_world(&r, "network = roaming");
    PASS(&r, 199, "");
    PASS(&r, 1,
         LN("+CREG: 5") LN("+CGREG: 5,\"775C\",\"6F95933\"") LN("+CEREG: 5,\"775C\",\"6F95933\",7")
             LN("+CNSMOD: 8"));
    SAY(&r, "AT+CEREG?\r", LN("+CEREG: 2,5,\"775C\",\"6F95933\",7") OKAY);
    SAY(&r, "AT+CREG;+CGREG;+CEREG\r", OKAY); /* the mistake of B4.3: that switches them off */
    PASS(&r, 100, "");
    rig_world(&r, "network = home");
    PASS(&r, 100, "");
    rig_end(&r);
}

/* The order of 6.4 and F14: registration first, then what rested on it. */
static void network_lost_under_a_connection(void **state)
{
    (void)state;
    struct rig r;
    rig_connected(&r, "");
    SAY(&r, "AT+CREG=1;+CGEREP=1;+NETOPEN\r", OKAY);
    PASS(&r, 100, LN("+NETOPEN: 0"));
    rig_world(&r, "network = none");
    PASS(&r, 100, LN("+CREG: 2") LN("+CGEV: NW DETACH") CIPEVENT LN("+CMQTTCONNLOST: 0,3") NONET);
    SAY(&r, "AT+NETOPEN?;+CGACT?\r",
        LN("+NETOPEN: 0") "\r\n+CGACT: 1,0\r\n+CGACT: 2,0\r\n+CGACT: 3,0\r\n" OKAY);
    SAY(&r, "AT+CMQTTSTART\r", LN("+CMQTTSTART: 7") ERR);
    SAY(&r, "AT+NETOPEN\r", ERR);
    rig_world(&r, "network = home");
    SAY(&r, "AT+CMQTTSTART\r", OKAY); /* it comes with the bearer */
    PASS(&r, 1000, LN("+CREG: 1") LN("+CMQTTSTART: 0"));
    rig_end(&r);
}

/* START waits for the bearer no longer than the manual says, 120 s (mqtt-ssl-commands.md 4.1). */
static void start_is_given_up(void **state)
{
    (void)state;
    struct rig r;
    start(&r, "register_ms = 200\nnetwork = none");
    rig_world(&r, "network = home");
    SAY(&r, "AT+CMQTTSTART\r", OKAY);
    rig_world(&r, "network = none");
    PASS(&r, 119999, "");
    PASS(&r, 1, LN("+CMQTTSTART: 7"));
    rig_world(&r, "network = home");
    PASS(&r, 1000, "");
    SAY(&r, "AT+CMQTTSTART\r", LN("+CMQTTSTART: 0") OKAY);
    rig_end(&r);
    start(&r, "register_ms = 200\nnetwork = none\norder.start = urc_ok");
    rig_world(&r, "network = home");
    SAY(&r, "AT+CMQTTSTART\r", "");
    rig_world(&r, "network = none");
    PASS(&r, 119999, "");
    PASS(&r, 1, LN("+CMQTTSTART: 7") ERR);
    rig_end(&r);
}

/* lilygo90: registered and attached, but no data. */
static void data_refused(void **state)
{
    (void)state;
    struct rig r;
    start(&r, "network.data = refuse\ncontext.ims = active");
    SAY(&r, "AT+CREG?;+CGATT?;+CGACT?\r",
        LN("+CREG: 0,1") LN("+CGATT: 1") "\r\n+CGACT: 1,1\r\n+CGACT: 2,1\r\n+CGACT: 3,0\r\n" OKAY);
    SAY(&r, "AT+NETOPEN\r", ERR);
    SAY(&r, "AT+CMQTTSTART\r", LN("+CMQTTSTART: 7") ERR);
    rig_end(&r);
}

static void operator_selection(void **state)
{
    (void)state;
    struct rig r;
    start(&r, "register_ms = 200\nscan_ms = 5000");
    SAY(&r, "AT+COPS=3,2;+COPS?\r", LN("+COPS: 0,2,\"00101\",7") OKAY);
    SAY(&r, "AT+COPS=3,1;+COPS?\r", LN("+COPS: 0,1,\"Test\",7") OKAY);
    SAY(&r, "AT+COPS=2;+COPS?;+CREG?\r", LN("+COPS: 2") LN("+CREG: 0,0") OKAY);
    SAY(&r, "AT+COPS=1,2,\"00101\"\r", "");
    PASS(&r, 200, OKAY);
    SAY(&r, "AT+COPS?\r", LN("+COPS: 1,2,\"00101\",7") OKAY);
    SAY(&r, "AT+COPS=1,2,\"99999\"\r", "");
    PASS(&r, 4999, "");
    PASS(&r, 1, LN("+CME ERROR: no network service"));
    SAY(&r, "AT+CREG?\r", LN("+CREG: 0,2") OKAY);
    SAY(&r, "AT+COPS=0\r", OKAY);
    PASS(&r, 700, "");
    SAY(&r, "AT+COPS?;+CREG?\r", LN("+COPS: 0,2,\"00101\",7") LN("+CREG: 0,1") OKAY);
    SAY(&r, "AT+COPS=1\r", ERR);
    rig_world(&r, "sim.card = absent");
    PASS(&r, 100, LN("+SIMCARD: NOT AVAILABLE"));
    SAY(&r, "AT+COPS=0\r", LN("+CME ERROR: SIM not inserted"));
    rig_end(&r);
}

/* A search in the middle of which the modem registers is still a search. */
static void operator_search(void **state)
{
    (void)state;
    struct rig r;
    start(&r, "network = none\nregister_ms = 200\nscan_ms = 5000");
    SAY(&r, "AT+COPS=?\r", "");
    PASS(&r, 5000, LN("+COPS: ,(0,1,2,3,4,5),(0,1,2)") OKAY);
    SAY(&r, "AT+COPS=?\r", "");
    PASS(&r, 1000, "");
    rig_world(&r, "network = home");
    PASS(&r, 3999, "");
    PASS(&r, 1, LN("+COPS: (2,\"Test PLMN\",\"Test\",\"00101\",7),,(0,1,2,3,4,5),(0,1,2)") OKAY);
    SAY(&r, "AT+COPS=?\r", "");
    PASS(&r, 1000, "");
    SAY(&r, "A", OKAY); /* any character ends it, and is lost */
    SAY(&r, "AT\r", OKAY);
    rig_end(&r);
}

/* CNMP makes it register anew, on what both sides have; it survives power-off. */
static void preferred_mode(void **state)
{
    (void)state;
    struct rig r;
    start(&r, "register_ms = 200");
    SAY(&r, "AT+CREG=1;+CNMP=13\r", OKAY);
    PASS(&r, 1000, LN("+CREG: 2") LN("+CREG: 1"));
    SAY(&r, "AT+CNMP?;+CNSMOD?\r", LN("+CNMP: 13") LN("+CNSMOD: 0,3") OKAY);
    SAY(&r, "AT+CNMP=1\r", ERR);
    SAY(&r, "AT+CNMP=38\r", OKAY);
    PASS(&r, 1000, LN("+CREG: 2") LN("+CREG: 1"));
    rig_world(&r, "network.rat = gsm");
    PASS(&r, 1000, LN("+CREG: 2"));
    rig_restart(&r);
    TYPE(&r, "ATE0\rAT+CNMP?\r");
    SAID(&r, "ATE0\r" OKAY LN("+CNMP: 38") OKAY);
    rig_end(&r);
}

static void signal_reports(void **state)
{
    (void)state;
    struct rig r;
    start(&r, "");
    SAY(&r, "AT+AUTOCSQ=1,0\r", OKAY);
    PASS(&r, 10000, LN("+CSQ: 16,99") LN("+CSQ: 16,99"));
    SAY(&r, "AT+AUTOCSQ=1,1;+AUTOCSQ?\r", LN("+AUTOCSQ: 1,1") OKAY);
    PASS(&r, 10000, "");
    rig_world(&r, "signal.dbm = -77"); /* two steps: less than CSQDELTA */
    PASS(&r, 100, "");
    rig_world(&r, "signal.dbm = -60");
    PASS(&r, 100, LN("+CSQ: 26,99"));
    SAY(&r, "AT+AUTOCSQ=0;+CPSI=1\r", OKAY);
    PASS(
        &r, 1100,
        LN("+CPSI: LTE,Online,001-01,0x775C,117004595,399,EUTRAN-BAND3,1650,5,5,-83,-883,-600,15"));
    SAY(&r, "AT+CPSI=0\r", OKAY);
    PASS(&r, 5000, "");
    /* Where modelled time stands still, what repeats itself must not eat all of it. */
    rig_world(&r, "time_percent = 0");
    SAY(&r, "AT+AUTOCSQ=1,0\r", OKAY);
    PASS(&r, 100, LN("+CSQ: 26,99") LN("+CSQ: 26,99"));
    rig_end(&r);
}

/* NITZ: with CTZU it sets the clock, with CTZR it is told. */
static void network_time(void **state)
{
    (void)state;
    struct rig r;
    start(&r, "network.nitz = on\nnetwork.zone = 8\nnetwork = none");
    SAY(&r, "AT+CTZR=1;+CTZU?;+CCLK?\r", LN("+CTZU: 1") LN("+CCLK: \"80/01/06,00:00:00\"") OKAY);
    rig_world(&r, "network = home");
    PASS(&r, 1000, LN("+CTZV: 8,24/05/17,10:34:56"));
    SAY(&r, "AT+CCLK?\r", LN("+CCLK: \"24/05/17,12:34:57+08\"") OKAY);
    SAY(&r, "AT+CTZU=0\r", OKAY);
    SAY(&r, "AT+CCLK=\"26/01/01,00:00:00+00\"\r", OKAY);
    rig_world(&r, "network = none\nnetwork = home");
    PASS(&r, 1000, LN("+CTZV: 8,24/05/17,10:34:57"));
    SAY(&r, "AT+CCLK?\r", LN("+CCLK: \"26/01/01,00:00:01+00\"") OKAY);
    rig_end(&r);
}

static void ussd(void **state)
{
    (void)state;
    struct rig r;
    start(&r, "ussd.reply = Balance 5.00");
    SAY(&r, "AT+CUSD=?;+CUSD?\r", LN("+CUSD: (0-2)") LN("+CUSD: 0") OKAY);
    SAY(&r, "AT+CUSD=1,\"*100#\",15\r", OKAY);
    PASS(&r, 2000, LN("+CUSD: 0,\"Balance 5.00\",15"));
    SAY(&r, "AT+CSCS=\"UCS2\";+CUSD=1,\"002A0031\"\r", OKAY);
    PASS(&r, 2000, LN("+CUSD: 0,\"00420061006C0061006E0063006500200035002E00300030\",15"));
    SAY(&r, "AT+CUSD=1,\"*100#\";+CSCS=\"IRA\"\r", ERR);
    SAY(&r, "AT+CSCS=\"IRA\"\r", OKAY);
    SAY(&r, "AT+CUSD=1,\"*100#\"\r", OKAY);
    SAY(&r, "AT+CUSD=2\r", OKAY);
    PASS(&r, 5000, "");
    rig_world(&r, "ussd.reply = ");
    SAY(&r, "AT+CUSD=1,\"*100#\"\r", OKAY);
    PASS(&r, 2000, LN("+CUSD: 4"));
    SAY(&r, "AT+CUSD=0,\"*100#\"\r", OKAY);
    PASS(&r, 2000, "");
    rig_world(&r, "network = none");
    SAY(&r, "AT+CUSD=1,\"*100#\"\r", LN("+CME ERROR: no network service"));
    rig_end(&r);
}

static void bands(void **state)
{
    (void)state;
    struct rig r;
    start(&r, "");
    SAY(&r, "AT+CNBP=0x0002000004FF0387\r", OKAY);
    SAY(&r, "AT+CNBP=0x01,0x02,0x03;+CNBP?\r", LN("+CNBP: 0x01,0x02,0x03") OKAY);
    SAY(&r, "AT+CNBP=0xXY\r", ERR);
    SAY(&r, "AT+CNBP=123\r", ERR);
    SAY(&r, "AT+CNBP=?\r", ERR);
    SAY(&r, "AT+CPOL=?;+CPOL?;+WS46?\r", LN("+CPOL: (1-80),(0-2)") LN("25") OKAY);
    rig_end(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_views_agree),
        cmocka_unit_test(cpsi_by_radio_access),
        cmocka_unit_test(urcs_as_asked_for),
        cmocka_unit_test(network_lost_under_a_connection),
        cmocka_unit_test(start_is_given_up),
        cmocka_unit_test(data_refused),
        cmocka_unit_test(operator_selection),
        cmocka_unit_test(operator_search),
        cmocka_unit_test(preferred_mode),
        cmocka_unit_test(signal_reports),
        cmocka_unit_test(ussd),
        cmocka_unit_test(bands),
        cmocka_unit_test(network_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
