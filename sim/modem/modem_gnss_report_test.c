/* What the GNSS receiver reports by itself, its settings and assistance; place by the network. */
#include "sim/modem/modem_rig.h"

#define NO_FIX LN("+CGPSINFO: ,,,,,,,,")
/* Where the capture of general-commands.md B4.9 was made. */
#define CAPTURED_PLACE                                                                             \
    "gnss.lat = 48.910707050\ngnss.lon = 2.838222567\ngnss.alt = 17.6\ngnss.speed = 0\n"
#define PLACE "4854.642423,N,00250.293354,E"

/* --- reports --- */

static void position_every_few_seconds(void **state)
{
    (void)state;
    struct rig r;
    rig_start_quiet(&r, CAPTURED_PLACE "gnss.cold_ms = 2500\n");
    SAY(&r, "AT+CGPSINFO=?\r", LN("+CGPSINFO: (0-255)") OKAY);
    SAY(&r, "AT+CGPSINFO?\r", LN("+CGPSINFO: 0") OKAY);
    SAY(&r, "AT+CGPSINFO=256\r", ERR);
    SAY(&r, "AT+CGPS=1;+CGPSINFO=2\r", OKAY);
    SAY(&r, "AT+CGPSINFO?\r", LN("+CGPSINFO: 2") OKAY);
    PASS(&r, 1999, "");
    PASS(&r, 1, NO_FIX);
    PASS(&r, 2000, LN("+CGPSINFO: " PLACE ",170524,103500.00,17.6,0.0,"));
    SAY(&r, "AT+CGPSINFO=0\r", OKAY);
    PASS(&r, 10000, "");
    SAY(&r, "AT+CGNSSINFO=?\r", LN("+CGNSSINFO: (0-255)") OKAY);
    SAY(&r, "AT+CGNSSINFO=1;+CGNSSINFO?\r", LN("+CGNSSINFO: 1") OKAY);
    PASS(&r, 1000, LN("+CGNSSINFO: 3,06,03,00," PLACE ",170524,103511.0,17.6,0.0,,1.2,0.9,0.9"));
    SAY(&r, "AT+CGNSSINFO=0\r", OKAY);
    PASS(&r, 10000, "");
    rig_end(&r);
}

/* The checksums are those of receivers seen in public logs. */
static void nmea_without_a_fix(void **state)
{
    (void)state;
    struct rig r;
    rig_start_quiet(&r, "gnss.fix = none\ngnss.satellites = 0\n");
    SAY(&r, "AT+CGPSINFOCFG=?\r", LN("+CGPSINFO: (0-255),(0-262143)") OKAY);
    SAY(&r, "AT+CGPSINFOCFG?\r", LN("+CGPSINFOCFG: 0,0,0") OKAY);
    SAY(&r, "AT+CGPSINFOCFG=1,262144\r", ERR);
    SAY(&r, "AT+CGPSINFOCFG=1,31\r", OKAY);
    PASS(&r, 5000, ""); /* the receiver is off */
    SAY(&r, "AT+CGPS=1;+CGPSINFOCFG?\r", LN("+CGPSINFOCFG: 1,31,0") OKAY);
    PASS(&r, 1000,
         "\r\n$GPGSV,1,1,00*79\r\n$GPGGA,,,,,,0,,,,,,,,*66\r\n$GPVTG,,T,,M,,N,,K,N*2C\r\n"
         "$GPRMC,,V,,,,,,,,,,N*53\r\n$GPGSA,A,1,,,,,,,,,,,,,,,*1E\r\n");
    SAY(&r, "AT+CGPSINFOCFG=1,256\r", OKAY);
    PASS(&r, 1000, LN("$GNGNS,,,,,,NN,,,,,,*53"));
    SAY(&r, "AT+CGPSINFOCFG=0\r", OKAY);
    PASS(&r, 5000, "");
    SAY(&r, "AT+CGPSINFOCFG?\r", LN("+CGPSINFOCFG: 0,256,0") OKAY);
    rig_end(&r);
}

static void nmea_of_a_fix(void **state)
{
    (void)state;
    struct rig r;
    rig_start_quiet(&r, CAPTURED_PLACE "gnss.cold_ms = 0\ngnss.satellites = 7\n");
    SAY(&r, "AT+CGPS=1,1;+CGPSINFOCFG=5,479\r", OKAY); /* 31, GLGSV, GNGSA, GNGNS */
    PASS(&r, 5000,
         "\r\n$GPGSV,2,1,05,04,53,057,44,02,55,334,44,10,61,023,44,05,45,253,43*79\r\n"
         "$GPGSV,2,2,05,25,10,300,40*4D\r\n"
         "$GLGSV,1,1,02,66,48,112,41,67,37,024,39*65\r\n"
         "$GPGGA,103501.0,4854.642423,N,00250.293354,E,1,07,0.9,17.6,M,0,M,,*4F\r\n"
         "$GPVTG,NaN,T,,M,0.0,N,0.0,K,A*42\r\n"
         "$GPRMC,103501.0,A,4854.642423,N,00250.293354,E,0.0,,170524,,,A*46\r\n"
         "$GPGSA,A,3,04,02,10,05,25,,,,,,,,1.2,0.9,0.9*34\r\n"
         "$GNGSA,A,3,04,02,10,05,25,,,,,,,,1.2,0.9,0.9*2A\r\n"
         "$GNGSA,A,3,66,67,,,,,,,,,,,1.2,0.9,0.9*2E\r\n"
         "$GNGNS,103501.0,4854.642423,N,00250.293354,E,AA,07,0.9,17.6,0,,*7B\r\n");
    rig_set(&r, "gnss.speed", "10");
    rig_set(&r, "gnss.course", "123.4");
    SAY(&r, "AT+CGPSINFOCFG=1,18\r", OKAY);
    PASS(&r, 1000,
         "\r\n$GPVTG,123.4,T,,M,10.0,N,18.5,K,A*04\r\n"
         "$GPRMC,103502.0,A,4854.642423,N,00250.293354,E,10.0,123.4,170524,,,A*5E\r\n");
    rig_end(&r);
}

/* CGPSNMEA and CGNSSMODE count from the next start of the module on. */
static void what_takes_a_restart(void **state)
{
    (void)state;
    struct rig r;
    rig_start_quiet(&r, "gnss.fix = none\ngnss.satellites = 0\n");
    SAY(&r, "AT+CGPSNMEA=?;+CGPSNMEA?\r", LN("+CGPSNMEA: (0-262143)") LN("+CGPSNMEA: 200191") OKAY);
    SAY(&r, "AT+CGNSSMODE=?;+CGNSSMODE?\r",
        LN("+CGNSSMODE: (0-15),(0-1)") LN("+CGNSSMODE: 15,1") OKAY);
    SAY(&r, "AT+CGPSNMEA=2;+CGNSSMODE=14\r", OKAY);
    SAY(&r, "AT+CGPS=1;+CGPSINFOCFG=1,67\r", OKAY);
    SAY(&r, "AT+CGPSNMEA=3\r", ERR); /* not while it runs */
    SAY(&r, "AT+CGPSNMEA?\r", LN("+CGPSNMEA: 2") OKAY);
    PASS(&r, 1000,
         "\r\n$GLGSV,1,1,00*65\r\n$GPGGA,,,,,,0,,,,,,,,*66\r\n$GPRMC,,V,,,,,,,,,,N*53\r\n");
    rig_reset(&r);
    SAY(&r, "AT+CGNSSMODE?\r", LN("+CGNSSMODE: 14,1") OKAY);
    SAY(&r, "AT+CGPSNMEA=262143;+CGPS=1;+CGPSINFOCFG=1,67\r", OKAY);
    PASS(&r, 1000, LN("$GPRMC,,V,,,,,,,,,,N*53"));
    rig_reset(&r);
    SAY(&r, "AT+CGPS=1;+CGPSINFOCFG=1,67\r", OKAY);
    PASS(&r, 1000, "\r\n$GPGGA,,,,,,0,,,,,,,,*66\r\n$GPRMC,,V,,,,,,,,,,N*53\r\n");
    rig_end(&r);
}

static void ten_times_a_second(void **state)
{
    (void)state;
    struct rig r;
    rig_start_quiet(&r, CAPTURED_PLACE "gnss.cold_ms = 0\n");
    SAY(&r, "AT+CGPSNMEARATE=?;+CGPSNMEARATE?\r",
        LN("+CGPSNMEARATE: (0-1)") LN("+CGPSNMEARATE: 0") OKAY);
    SAY(&r, "AT+CGPS=1\r", OKAY);
    PASS(&r, 1299, "");
    SAY(&r, "AT+CGPSINFO\r", LN("+CGPSINFO: " PLACE ",170524,103457.00,17.6,0.0,") OKAY);
    SAY(&r, "AT+CGPSNMEARATE=1;+CGPSINFO\r",
        LN("+CGPSINFO: " PLACE ",170524,103457.20,17.6,0.0,") OKAY);
    rig_reset(&r);
    SAY(&r, "AT+CGPSNMEARATE?\r", LN("+CGPSNMEARATE: 1") OKAY);
    rig_end(&r);
}

static void test_mode(void **state)
{
    (void)state;
    struct rig r;
    rig_start_quiet(&r, "gnss.satellites = 4\n");
    SAY(&r, "AT+CGPSFTM=?\r", OKAY);
    SAY(&r, "AT+CGPSFTM?\r", LN("+CGPSFTM: 0") OKAY);
    SAY(&r, "AT+CGPSFTM=1\r", OKAY);
    PASS(&r, 2000, ""); /* off */
    SAY(&r, "AT+CGPS=1\r", OKAY);
    PASS(&r, 1000, LN("$GPGSV,4,44.0,2,44.0,10,44.0") LN("$GLGSV,66,41.0"));
    SAY(&r, "AT+CGPSFTM=0\r", OKAY);
    PASS(&r, 2000, "");
    rig_end(&r);
}

/* --- assistance --- */

static void assistance_data(void **state)
{
    (void)state;
    struct rig r;
    rig_start_quiet(&r, "");
    SAY(&r, "AT+CGPSXD=?;+CGPSXD?\r", LN("+CGPSXD: (0-2)") LN("+CGPSXD: 0") OKAY);
    SAY(&r, "AT+CGPSXD=1\r", OKAY);
    SAY(&r, "AT+CGPSXD=2\r", OKAY);
    PASS(&r, 20, LN("+CGPSXD: 221")); /* one is under way */
    PASS(&r, 1980, LN("+CGPSXD: 0"));
    SAY(&r, "AT+CGPS=1\r", OKAY);
    PASS(&r, 2000, "");
    SAY(&r, "AT+CGPSINFO\r",
        LN("+CGPSINFO: 4851.502200,N,00217.668860,E,170524,103500.00,35.0,0.0,") OKAY);
    SAY(&r, "AT+CFUN=4\r", OKAY);
    SAY(&r, "AT+CGPSXD=0\r", OKAY);
    PASS(&r, 2000, LN("+CGPSXD: 227"));
    rig_end(&r);
}

static void fetched_by_itself(void **state)
{
    (void)state;
    struct rig r;
    rig_start_quiet(&r, "");
    SAY(&r, "AT+CGPSXE=?;+CGPSXE?;+CGPSXDAUTO=?;+CGPSXDAUTO?\r",
        LN("+CGPSXE: (0,1)") LN("+CGPSXE: 0") LN("+CGPSXDAUTO: (0,1)") LN("+CGPSXDAUTO: 0") OKAY);
    SAY(&r, "AT+CGPSXE=1;+CGPSXDAUTO=1\r", OKAY);
    rig_reset(&r);
    SAY(&r, "AT+CGPSXE?;+CGPSXDAUTO?;+CGPS=1\r", LN("+CGPSXE: 1") LN("+CGPSXDAUTO: 1") OKAY);
    PASS(&r, 2000, LN("+CGPSXD: 0"));
    SAY(&r, "AT+CGPSINFO\r", NO_FIX OKAY);
    PASS(&r, 2000, "");
    TYPE(&r, "AT+CGPSINFO\r");
    assert_true(r.said.n > strlen(NO_FIX OKAY)); /* long before a cold start has one */
    rig_end(&r);
}

/* UE-assisted: one fix, from a server that needs packet data and an address. */
static void ue_assisted(void **state)
{
    (void)state;
    struct rig r;
    rig_start_quiet(&r, CAPTURED_PLACE);
    SAY(&r, "AT+CGPSURL=?\r", OKAY);
    SAY(&r, "AT+CGPSURL?\r", LN("+CGPSURL: \"\"") OKAY);
    SAY(&r, "AT+CGPSURL=\"123.123.123.123:8888\"\r", OKAY);
    SAY(&r, "AT+CGPSURL?\r", LN("+CGPSURL: \"123.123.123.123:8888\"") OKAY);
    SAY(&r, "AT+CGPS=1,3\r", OKAY);
    PASS(&r, 100000, ""); /* the address counts from the next start on */
    rig_reset(&r);
    SAY(&r, "AT+CGPSURL?\r", LN("+CGPSURL: \"123.123.123.123:8888\"") OKAY);
    PASS(&r, 1000, "");
    SAY(&r, "AT+CGPS=1,3\r", OKAY);
    PASS(&r, 2000, LN("+CAGPSINFO: 4891070705,283822256,17.6,17052024,103644.0"));
    PASS(&r, 2000, LN("+CGPS: 0"));
    rig_end(&r);
}

static void ue_based(void **state)
{
    (void)state;
    struct rig r;
    rig_start_quiet(&r, "");
    SAY(&r, "AT+CGPSMSB=?;+CGPSMSB?\r", LN("+CGPSMSB: (0-1)") LN("+CGPSMSB: 1") OKAY);
    SAY(&r, "AT+CGPS=1,2\r", OKAY);
    SAY(&r, "AT+CGPSMSB=0\r", ERR);
    PASS(&r, 30000, ""); /* no server: it goes on alone */
    TYPE(&r, "AT+CGPSINFO\r");
    assert_true(r.said.n > strlen(NO_FIX OKAY));
    buf_clear(&r.said);
    SAY(&r, "AT+CGPS=0\r", OKAY);
    PASS(&r, 2000, LN("+CGPS: 0"));
    SAY(&r, "AT+CGPSMSB=0;+CGPS=1,2\r", OKAY);
    PASS(&r, 100000, "");
    SAY(&r, "AT+CGPSINFO\r", NO_FIX OKAY);
    rig_end(&r);
}

/* What has no effect here is kept as the device keeps it. */
static void settings_that_are_kept(void **state)
{
    (void)state;
    struct rig r;
    rig_start_quiet(&r, "");
    SAY(&r, "AT+CGPSSSL=?;+CGPSSSL?\r", LN("+CGPSSSL: (0,1)") LN("+CGPSSSL: 0") OKAY);
    SAY(&r, "AT+CGPSMD=?;+CGPSMD?\r", LN("+CGPSMD: (0-1)") LN("+CGPSMD: 1") OKAY);
    SAY(&r, "AT+CGPSPMD=?;+CGPSPMD?\r", LN("+CGPSPMD: (1-65407)") LN("+CGPSPMD: 65407") OKAY);
    SAY(&r, "AT+CGPSHOR=?;+CGPSHOR?\r",
        LN("+CGPSHOR: (0-1800000),(0-1800000)") LN("+CGPSHOR: 50,50") OKAY);
    SAY(&r, "AT+CGPSPMD=0\r", ERR);
    SAY(&r, "AT+CGPSHOR=1800001\r", ERR);
    SAY(&r, "AT+CGPSSSL=1;+CGPSMD=0;+CGPSPMD=127;+CGPSHOR=5\r", OKAY);
    SAY(&r, "AT+CGPSHOR?\r", LN("+CGPSHOR: 5,50") OKAY);
    rig_reset(&r);
    SAY(&r, "AT+CGPSSSL?;+CGPSMD?;+CGPSPMD?;+CGPSHOR?\r",
        LN("+CGPSSSL: 1") LN("+CGPSMD: 0") LN("+CGPSPMD: 127") LN("+CGPSHOR: 50,50") OKAY);
    rig_end(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(position_every_few_seconds),
        cmocka_unit_test(nmea_without_a_fix),
        cmocka_unit_test(nmea_of_a_fix),
        cmocka_unit_test(what_takes_a_restart),
        cmocka_unit_test(ten_times_a_second),
        cmocka_unit_test(test_mode),
        cmocka_unit_test(assistance_data),
        cmocka_unit_test(fetched_by_itself),
        cmocka_unit_test(ue_assisted),
        cmocka_unit_test(ue_based),
        cmocka_unit_test(settings_that_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
