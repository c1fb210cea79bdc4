/* Two calls at once, services of the network, tones and sound (general-commands.md B4.8). */
#include "sim/modem/voice_rig.h"

/* Two calls: the second holds the first; call waiting; CHLD. */
static void two_calls(void **state)
{
    (void)state;
    struct rig r;
    voice_talk(&r, "callee = answer");
    SAY(&r, "AT+CHLD=?\r", LN("+CHLD: (0,1,1x,2,2x,3,4)") OKAY);
    SAY(&r, "ATD2;+CLCC\r",
        "\r\n+CLCC: 1,0,1,0,0,\"10011\",129\r\n+CLCC: 2,0,2,0,0,\"2\",129\r\n" OKAY);
    SAY(&r, "ATD3;\r", NO_CARRIER); /* one is under way */
    PASS(&r, 5000, BEGIN);
    SAY(&r, "ATD3;\r", NO_CARRIER); /* no place for a third one */
    SAY(&r, "AT+CHLD=2;+CLCC\r",
        "\r\n+CLCC: 1,0,0,0,0,\"10011\",129\r\n+CLCC: 2,0,1,0,0,\"2\",129\r\n" OKAY);
    SAY(&r, "AT+CHLD=3;+CLCC\r",
        "\r\n+CLCC: 1,0,0,0,1,\"10011\",129\r\n+CLCC: 2,0,0,0,1,\"2\",129\r\n" OKAY);
    SAY(&r, "AT+CHLD=3\r", LN("+CME ERROR: operation not allowed"));
    SAY(&r, "AT+CHLD=22;+CLCC\r",
        "\r\n+CLCC: 1,0,1,0,0,\"10011\",129\r\n+CLCC: 2,0,0,0,0,\"2\",129\r\n" OKAY);
    SAY(&r, "AT+CHLD=21\r", LN("+CME ERROR: operation not allowed")); /* it is held */
    SAY(&r, "AT+CHLD=13\r", LN("+CME ERROR: operation not allowed"));
    SAY(&r, "AT+CHLD=4\r", LN("+CME ERROR: operation not supported"));
    SAY(&r, "AT+CHLD=5\r", ERR);
    SAY(&r, "AT+CHLD=1;+CLCC\r", LN("+CLCC: 1,0,0,0,0,\"10011\",129") OKAY);
    PASS(&r, 20, END("000000"));
    SAY(&r, "AT+CHLD=2;+CLCC\r", LN("+CLCC: 1,0,1,0,0,\"10011\",129") OKAY);
    SAY(&r, "AT+CHLD=0;+CLCC\r", OKAY);
    PASS(&r, 20, END("000005"));
    SAY(&r, "AT+CHLD=0;+CLCC\r", LN("+CME ERROR: operation not allowed"));
    SAY(&r, "AT+CHLD=1\r", LN("+CME ERROR: operation not allowed"));
    SAY(&r, "AT+CHLD=2\r", LN("+CME ERROR: operation not allowed"));
    rig_end(&r);

    rig_start_quiet(&r, "callee = ring"); /* while one is set up there is no other */
    SAY(&r, "ATD1;D2;\r", NO_CARRIER);
    SAY(&r, "AT+CHUP\r", UNANSWERED OKAY);
    voice_comes(&r, "5");
    SAID(&r, RING);
    SAY(&r, "ATD2;\r", NO_CARRIER);
    SAY(&r, "AT+CHLD=2;+CPAS\r", LN("+CPAS: 4") OKAY); /* takes it, as ATA does */
    PASS(&r, 20, BEGIN);
    rig_end(&r);

    voice_talk(&r, "callee = answer"); /* both at once */
    SAY(&r, "ATD2;\r", OKAY);
    PASS(&r, 6000, BEGIN);
    SAY(&r, "AT+CHLD=11;+CLCC\r", LN("+CLCC: 2,0,0,0,0,\"2\",129") OKAY);
    PASS(&r, 20, END("000006"));
    SAY(&r, "ATD3;\r", OKAY);
    PASS(&r, 5000, BEGIN);
    SAY(&r, "AT+CHLD=3;+CHLD=12;+CLCC\r", LN("+CLCC: 1,0,0,0,0,\"3\",129") OKAY);
    PASS(&r, 20, END("000006"));
    SAY(&r, "ATD2;\r", OKAY);
    PASS(&r, 5000, BEGIN);
    SAY(&r, "AT+CHUP\r", "\r\nVOICE CALL: END: 000005\r\nVOICE CALL: END: 000000\r\n" OKAY);
    rig_end(&r);
}

static void call_waiting(void **state)
{
    (void)state;
    struct rig r;
    voice_talk(&r, "callee = answer");
    voice_comes(&r, "5");
    SAID(&r, ""); /* the caller hears that we are busy */
    SAY(&r, "AT+CCWA=?;+CCWA?\r", LN("+CCWA: (0-1)") LN("+CCWA: 0") OKAY);
    SAY(&r, "AT+CCWA=1,2\r", "");
    PASS(&r, 1000, LN("+CCWA: 0,1") OKAY);
    SAY(&r, "AT+CCWA=1,1,1\r", "");
    PASS(&r, 1000, OKAY);
    SAY(&r, "AT+CCWA=,2\r", "");
    PASS(&r, 200, "");
    SAY(&r, "x", OKAY); /* the question is given up */
    PASS(&r, 2000, "");
    SAY(&r, "AT+CCWA=1,2\r", "");
    PASS(&r, 1000, LN("+CCWA: 1,1") OKAY);
    voice_comes(&r, "+495");
    SAID(&r, LN("+CCWA: \"+495\",145,1"));
    voice_comes(&r, "6"); /* no place */
    SAY(&r, "AT+CLCC\r",
        "\r\n+CLCC: 1,0,0,0,0,\"10011\",129\r\n+CLCC: 2,1,5,0,0,\"+495\",145\r\n" OKAY);
    SAY(&r, "ATA\r", NO_CARRIER); /* it does not ring */
    SAY(&r, "AT+CHLD=2;+CLCC\r",
        "\r\n+CLCC: 1,0,1,0,0,\"10011\",129\r\n+CLCC: 2,1,0,0,0,\"+495\",145\r\n" OKAY);
    PASS(&r, 20, BEGIN);
    voice_gone(&r);
    SAID(&r, END("000000") NO_CARRIER);
    voice_comes(&r, "6");
    SAID(&r, LN("+CCWA: \"6\",128,1"));
    voice_gone(&r); /* gives up: the other call goes on */
    SAID(&r, LN("MISSED_CALL: 12:00AM 6"));
    voice_comes(&r, "6");
    SAID(&r, LN("+CCWA: \"6\",128,1"));
    SAY(&r, "AT+CHLD=0\r", OKAY); /* refused */
    voice_comes(&r, "6");
    SAID(&r, LN("+CCWA: \"6\",128,1"));
    SAY(&r, "AT+CHLD=11\r", OKAY); /* the other one ends: it rings */
    PASS(&r, 20, END("000005") RING);
    SAY(&r, "AT+CHLD=1\r", OKAY);
    PASS(&r, 20, BEGIN);
    SAY(&r, "AT+CCWA;+CHUP;+CCWA?\r", END("000000") LN("+CCWA: 0") OKAY);
    SAY(&r, "AT+CCWA=1,0\r", "");
    PASS(&r, 1000, OKAY);
    SAY(&r, "AT+CCWA=1,2\r", "");
    PASS(&r, 1000, LN("+CCWA: 0,1") OKAY);
    rig_set(&r, "network", "none");
    SAY(&r, "AT+CCWA=1,2\r", LN("+CME ERROR: no network service"));
    rig_end(&r);
}

/* All calls end: the one that waits does not begin to ring meanwhile. */
static void all_end_at_once(void **state)
{
    (void)state;
    struct rig r;
    voice_talk(&r, "callee = answer");
    SAY(&r, "AT+CCWA=0,1\r", "");
    PASS(&r, 1000, OKAY);
    voice_comes(&r, "6");
    SAID(&r, "");
    SAY(&r, "AT+CHUP\r", "\r\nVOICE CALL: END\r\nVOICE CALL: END: 000001\r\n" OKAY);
    PASS(&r, 60000, "");
    SAY(&r, "ATD10011;\r", OKAY);
    PASS(&r, 5000, BEGIN);
    voice_comes(&r, "6");
    SAID(&r, "");
    rig_set(&r, "network", "none");
    SAID(&r, LN("MISSED_CALL: 12:01AM 6") END("000000") NO_CARRIER);
    PASS(&r, 60000, "");
    rig_end(&r);
}

static void call_forwarding(void **state)
{
    (void)state;
    struct rig r;
    rig_start_quiet(&r, "");
    SAY(&r, "AT+CCFC=?\r", LN("+CCFC: (0,1,2,3,4,5)") OKAY);
    SAY(&r, "AT+CCFC=0,2\r", "");
    PASS(&r, 1000, LN("+CCFC: 0,255") OKAY);
    SAY(&r, "AT+CCFC=5,4\r", "");
    PASS(&r, 1000, OKAY);
    SAY(&r, "AT+CCFC=0,3,\"+49301\",145\r", "");
    PASS(&r, 1000, LN("+CME ERROR: network rejected request"));
    SAY(&r, "AT+CCFC=6,2\r", ERR);
    SAY(&r, "AT+CCFC=0\r", ERR);
    rig_end(&r);
}

static void tones_and_sound(void **state)
{
    (void)state;
    struct rig r;
    rig_start_quiet(&r, "callee = answer");
    SAY(&r, "AT+VTS=?;+VTD=?;+VTD?\r",
        LN("+VTS: (0-9,*,#,A,B,C,D)") LN("+VTD: (0-255)") LN("+VTD: 0") OKAY);
    SAY(&r, "AT+VTS=1\r", ERR); /* without a call */
    SAY(&r, "AT+CPCMREG=?;+CPCMREG?;+CPCMREG=0\r", LN("+CPCMREG: (0-1)") LN("+CPCMREG: 0") OKAY);
    SAY(&r, "AT+CPCMREG=1\r", ERR);
    SAY(&r, "ATD1;\r", OKAY);
    SAY(&r, "AT+CPCMREG=1\r", ERR); /* nobody has answered */
    PASS(&r, 5000, BEGIN);
    SAY(&r, "AT+CPCMREG=1;+CPCMREG?\r", LN("+CPCMREG: 1") OKAY);
    SAY(&r, "AT+CPCMREG=0,1;+CPCMREG?;+CPCMREG=1\r", LN("+CPCMREG: 0") OKAY);
    SAY(&r, "AT+VTS=1;+VTS=*;+VTS=#,20;+VTS=\"1,3,d\";+VTS=\"9\"\r", OKAY);
    SAY(&r, "AT+VTS=E\r", ERR);
    SAY(&r, "AT+VTS=\"1,\"\r", ERR);
    SAY(&r, "AT+VTS=\"12\"\r", ERR);
    SAY(&r, "AT+VTS=1,256\r", ERR);
    voice_gone(&r);
    rig_pass(&r, 20);
    SAID(&r, END("000000") NO_CARRIER);
    SAY(&r, "AT+CPCMREG?\r", LN("+CPCMREG: 0") OKAY);
    SAY(&r, "AT+CLVL=?;+CLVL?;+CLVL=2\r", LN("+CLVL: (0-5)") LN("+CLVL: 4") OKAY);
    SAY(&r, "AT+CLVL=6\r", ERR);
    SAY(&r, "AT+CNSN=0x1000;+CNSN?;+CECWB=0x0800;+CECWB?\r",
        LN("+CNSN: 0x1000") LN("+CECWB: 0x0800") OKAY);
    SAY(&r, "AT+CRESET\r", OKAY);
    rig_pass(&r, 1000);
    buf_clear(&r.said);
    SAY(&r, "ATE0\r", "ATE0\r" OKAY);
    SAY(&r, "AT+CLVL?;+CNSN?\r", LN("+CLVL: 2") LN("+CNSN: 0x0000") OKAY); /* one is stored */
    rig_end(&r);
}

/* '=?' and '?' of the rest. */
static void settings(void **state)
{
    (void)state;

    static const struct {
        const char *name, *test, *read;
    } rows[] = {
        { "+CVHU", "(0-1)", "1" },     { "+CLIP", "(0-1)", "0,1" },
        { "+CLIR", "(0-2)", "0,4" },   { "+COLP", "(0-1)", "0,1" },
        { "+CRC", "(0-1)", "0" },      { "+CLCC", "(0-1)", "0" },
        { "+CMUT", "(0-1)", "0" },     { "+CSSN", "(0-1),(0-1)", "0,0" },
        { "+CPCMFRM", "(0-1)", "0" },  { "+CMICGAIN", "(0-8)", "3" },
        { "+COUTGAIN", "(0-8)", "4" }, { "+CECM", "(0-7)", "1" },
    };
    struct rig r;
    rig_start_quiet(&r, "");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char line[80];
        char want[200];
        (void)snprintf(line, sizeof line, "AT%s=?;%s?\r", rows[i].name, rows[i].name);
        (void)snprintf(want, sizeof want, LN("%s: %s") LN("%s: %s") OKAY, rows[i].name,
                       rows[i].test, rows[i].name, rows[i].read);
        rig_type(&r, span_str(line));
        rig_said(&r, span_str(want), rows[i].name, __FILE__, (int)i);
    }
    SAY(&r, "AT+CHUP=?;+CEER=?;+CPAS=?\r", LN("+CPAS: (0,3,4)") OKAY);
    SAY(&r, "AT+CLIP=1;+CVHU=0;+CRC=1;+CSSN=1,1;&F;+CLIP?;+CVHU?;+CRC?;+CSSN?\r",
        LN("+CLIP: 0,1") LN("+CVHU: 1") LN("+CRC: 0") LN("+CSSN: 0,0") OKAY);
    rig_end(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_calls),       cmocka_unit_test(call_waiting),
        cmocka_unit_test(all_end_at_once), cmocka_unit_test(call_forwarding),
        cmocka_unit_test(tones_and_sound), cmocka_unit_test(settings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
