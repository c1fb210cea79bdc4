/* SIM commands: PIN and PUK, facilities, identities, and reading files of the card
 * (general-commands.md A22, B4.1, B4.2, C3.3). */
#include <stdio.h>

#include "sim/modem/gates.h"

enum {
    CME_NOT_ALLOWED = 3,
    CME_NOT_INSERTED = 10,
    CME_BUSY = 14,
    CME_FAILURE = 13,
    CME_WRONG = 16
};

/* --- PIN and PUK --- */

static struct at_result cpin_read(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    const struct modem *m = modem_of(ch);
    enum card_state s = m->card.state;
    if (s == CARD_ABSENT || s == CARD_BUSY || s == CARD_FAILED) {
        return AT_CME(card_error(m));
    }
    at_info(ch, "+CPIN: %s", card_word(m));
    return AT_OK;
}

static bool all_digits(struct span s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9') {
            return false;
        }
    }
    return true;
}

static struct at_result cpin_set(struct at_chan *ch, const struct at_call *call)
{
    struct modem *m = modem_of(ch);
    struct span first = call->arg[0].str;
    struct span second = call->arg[1].str;
    if (m->card.state == CARD_PIN) {
        if (!card_verify_pin(m, first)) {
            return AT_CME(CME_WRONG);
        }
        card_unlocked(m);
        return AT_OK;
    }
    if (m->card.state == CARD_PUK) {
        if (second.n == 0 || !all_digits(second)) {
            return AT_ERROR;
        }
        if (!card_unblock(m, first, second)) {
            return AT_CME(m->card.state == CARD_FAILED ? CME_FAILURE : CME_WRONG);
        }
        card_unlocked(m);
        return AT_OK;
    }
    /* nothing is asked for: operation not allowed (A22) */
    return AT_CME(m->card.state == CARD_READY ? CME_NOT_ALLOWED : card_error(m));
}

static struct at_result spic_exec(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    const struct card *c = &modem_of(ch)->card;
    at_info(ch, "+SPIC: %d,%d,0,10", (int)c->pin_left, (int)c->puk_left);
    return AT_OK;
}

/* Facility SC alone has an effect; the card has none of the others and says "not active". */
static struct at_result clck_set(struct at_chan *ch, const struct at_call *call)
{
    struct modem *m = modem_of(ch);
    bool sc = call->arg[0].num == 1;
    int32_t mode = call->arg[1].num;
    if (mode == 2) {
        at_info(ch, "+CLCK: %d", sc && m->card.lock ? 1 : 0);
        return AT_OK;
    }
    if (!sc) {
        return AT_CME(CME_NOT_ALLOWED);
    }
    if (!call->arg[2].present) {
        return AT_ERROR;
    }
    if (m->card.lock == (mode == 1)) {
        return AT_OK;
    }
    if (!card_verify_pin(m, call->arg[2].str)) {
        return AT_CME(CME_WRONG);
    }
    m->card.lock = mode == 1;
    card_store(m);
    return AT_OK;
}

static struct at_result cpwd_set(struct at_chan *ch, const struct at_call *call)
{
    struct modem *m = modem_of(ch);
    struct span new_pin = call->arg[2].str;
    if (!all_digits(new_pin) || new_pin.n < 4) {
        return AT_ERROR;
    }
    if (call->arg[0].num != 8 || !m->card.lock) {
        return AT_CME(
            CME_NOT_ALLOWED); /* the PIN of a card without lock cannot be changed (27.007) */
    }
    if (!card_verify_pin(m, call->arg[1].str)) {
        return AT_CME(CME_WRONG);
    }
    memcpy(m->card.pin, new_pin.p, new_pin.n);
    m->card.pin[new_pin.n] = '\0';
    card_store(m);
    return AT_OK;
}

/* --- identities --- */

static struct at_result imsi_exec(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    at_info(ch, "%s", modem_of(ch)->profile->imsi);
    return AT_OK;
}

static struct at_result iccid_exec(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    at_info(ch, "+ICCID: %s", modem_of(ch)->profile->iccid);
    return AT_OK;
}

static struct at_result cspn_read(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    at_info(ch, "+CSPN: \"%s\",0", modem_of(ch)->profile->network_name);
    return AT_OK;
}

static struct at_result cnum_exec(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    const char *number = modem_of(ch)->profile->sim_msisdn;
    if (number[0] != '\0') {
        at_info(ch, "+CNUM: \"\",\"%s\",%d", number, number[0] == '+' ? 145 : 129);
    }
    return AT_OK;
}

/* --- files of the card --- */

/* EF_ICCID holds the digits as swapped BCD (ETSI TS 102 221 13.2). */
static void swapped_bcd(const char *digits, size_t bytes, struct buf *out)
{
    size_t n = strlen(digits);
    for (size_t i = 0; i < bytes; i++) {
        (void)buf_add_byte(out, 2 * i + 1 < n ? (uint8_t)digits[2 * i + 1] : 'F');
        (void)buf_add_byte(out, 2 * i < n ? (uint8_t)digits[2 * i] : 'F');
    }
}

/* EF_SPN: display condition, then the name, padded (31.102 4.2.12). */
static void provider_name(const char *name, struct buf *out)
{
    size_t n = strlen(name);
    (void)buf_addf(out, "00");
    for (size_t i = 0; i < 16; i++) {
        (void)buf_addf(out, "%02X", i < n ? (unsigned)(uint8_t)name[i] : 0xFFU);
    }
}

/* Content of a file in hex; false: the card has no such file. */
static bool read_file(const struct modem *m, int32_t file, struct buf *out)
{
    size_t mnc = strlen(m->profile->network_plmn) == 6 ? 3 : 2;
    switch (file) {
    case 12258: /* 2FE2 */
        swapped_bcd(m->profile->iccid, 10, out);
        return true;
    case 28589: /* 6FAD administrative data: length of the MNC */
        (void)buf_addf(out, "000000%02X", (unsigned)mnc);
        return true;
    case 28486: /* 6F46 service provider name */
        provider_name(m->profile->network_name, out);
        return true;
    case 28599: /* 6FB7 emergency numbers: none beyond 112 and 911 */
        (void)buf_addf(out, "11F2FF19F1FFFFFFFFFFFFFFFFFFFF");
        return true;
    default:
        return false;
    }
}

static struct at_result crsm_set(struct at_chan *ch, const struct at_call *call)
{
    struct buf hex;
    buf_init(&hex, 512);
    int32_t length = call->arg[4].num;
    if (call->arg[0].num != 176 || !read_file(modem_of(ch), call->arg[1].num, &hex)) {
        at_info(ch, "+CRSM: 106,130"); /* 6A 82: file not found */
    } else {
        size_t n = length > 0 && (size_t)length * 2 < hex.n ? (size_t)length * 2 : hex.n;
        at_info(ch, "+CRSM: 144,0,\"%.*s\"", (int)n, (const char *)hex.p);
    }
    buf_fini(&hex);
    return AT_OK;
}

/* VERIFY and RESET RETRY COUNTER without data tell the tries that are left (102 221 11.1.9). */
static struct at_result csim_set(struct at_chan *ch, const struct at_call *call)
{
    static const struct {
        const char *apdu;
        int which;
    } known[] = {
        { "0020000100", 0 }, { "002C000100", 1 }, { "0020008100", 2 }, { "002C008100", 3 }
    };
    const struct card *c = &modem_of(ch)->card;
    if ((size_t)call->arg[0].num != call->arg[1].str.n) {
        return AT_ERROR;
    }
    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        if (span_eq_nocase(call->arg[1].str, span_str(known[i].apdu))) {
            const int32_t left[] = { c->pin_left, c->puk_left, 0, 10 };
            at_info(ch, "+CSIM: 4,\"63C%X\"", (unsigned)left[known[i].which]);
            return AT_OK;
        }
    }
    at_info(ch, "+CSIM: 4,\"6D00\""); /* instruction not supported */
    return AT_OK;
}

/* clang-format off */
#define CLAUSE(s) .clause = "general-commands.md " s
#define FACILITIES "\"PF\",\"SC\",\"AO\",\"OI\",\"OX\",\"AI\",\"IR\",\"AB\",\"AG\",\"AC\",\"FD\",\"PN\",\"PU\",\"PP\",\"PC\""
#define PASSWORDS  "\"AB\",\"AC\",\"AG\",\"AI\",\"AO\",\"IR\",\"OI\",\"OX\",\"SC\",\"P2\""

static const struct at_cmd rows[] = {
    { .name = "+CPIN", .doc = "SIM state, and PIN entry.", CLAUSE("A22"), .evidence = EV_LOG, .read = cpin_read, .set = cpin_set, .flags = AT_ROW_TEST_OK,
      AT_PARAMS(P_STR("pin", 4, 8, "PIN or PUK", .flags = PARAM_SECRET), P_STR("newpin", 4, 8, "new PIN", .flags = PARAM_OPTIONAL | PARAM_SECRET)) },
    { .name = "+SPIC", .doc = "Tries left for PIN1, PUK1, PIN2, PUK2.", CLAUSE("A22"), .evidence = EV_MANUAL, .exec = spic_exec, .flags = AT_ROW_TEST_OK, .group = &gate_card },
    { .name = "+CLCK", .doc = "Facility lock; SC is the PIN lock.", CLAUSE("B4.2"), .evidence = EV_MANUAL, .set = clck_set, .group = &gate_card,
      AT_PARAMS(P_WORD("fac", FACILITIES, "facility"), P_INT("mode", 0, 2, "0 unlock, 1 lock, 2 status"),
                P_STR("passwd", 4, 8, "PIN", .flags = PARAM_OPTIONAL | PARAM_SECRET), P_INT("class", 1, 255, "class of service", .flags = PARAM_OPTIONAL, .def = 7)),
      .test_quirk = "+CLCK: (" FACILITIES ")", .reply = "+CLCK: <status>" },
    { .name = "+CPWD", .doc = "Changes a password; SC is the PIN.", CLAUSE("B4.2"), .evidence = EV_MANUAL, .set = cpwd_set, .group = &gate_card,
      AT_PARAMS(P_WORD("fac", PASSWORDS, "facility"), P_STR("oldpwd", 4, 8, "old", .flags = PARAM_SECRET), P_STR("newpwd", 4, 8, "new", .flags = PARAM_SECRET)),
      .test_quirk = "+CPWD: (\"AB\",4),(\"AC\",4),(\"AG\",4),(\"AI\",4),(\"AO\",4),(\"IR\",4),(\"OI\",4),(\"OX\",4),(\"SC\",8),(\"P2\",8)" },
    { .name = "+CIMI", .doc = "IMSI.", CLAUSE("B4.1"), .evidence = EV_LOG, .exec = imsi_exec, .flags = AT_ROW_TEST_OK, .group = &gate_card },
    { .name = "+CIMIM", .doc = "IMSI.", CLAUSE("B4.1"), .evidence = EV_MANUAL, .exec = imsi_exec, .flags = AT_ROW_TEST_OK, .group = &gate_card },
    { .name = "+CICCID", .doc = "ICCID.", CLAUSE("B4.1"), .evidence = EV_LOG, .exec = iccid_exec, .flags = AT_ROW_TEST_OK, .group = &gate_card },
    { .name = "+ICCID", .doc = "ICCID.", CLAUSE("B4.1"), .evidence = EV_LOG, .exec = iccid_exec, .flags = AT_ROW_TEST_OK, .group = &gate_card },
    { .name = "+CSPN", .doc = "Service provider name on the card.", CLAUSE("B4.2"), .evidence = EV_MANUAL, .read = cspn_read, .flags = AT_ROW_TEST_OK, .group = &gate_card },
    { .name = "+CNUM", .doc = "Own number.", CLAUSE("B4.2"), .evidence = EV_LOG, .exec = cnum_exec, .flags = AT_ROW_TEST_OK, .group = &gate_card },
    { .name = "+CRSM", .doc = "Reads a file of the card.", CLAUSE("B4.2"), .evidence = EV_MANUAL, .set = crsm_set, .flags = AT_ROW_TEST_OK, .group = &gate_card,
      AT_PARAMS(P_INT("command", 0, 255, "176 reads", .list = "176,178,192,214,220,242,203,219"), P_INT("fileid", 0, 65535, "file", .flags = PARAM_OPTIONAL), P_INT("P1", 0, 255, "offset", .flags = PARAM_OPTIONAL),
                P_INT("P2", 0, 255, "offset", .flags = PARAM_OPTIONAL), P_INT("P3", 0, 255, "length", .flags = PARAM_OPTIONAL),
                P_STR("data", 0, 510, "hex", .flags = PARAM_OPTIONAL)), .reply = "+CRSM: <sw1>,<sw2>[,\"<hex>\"]" },
    { .name = "+CSIM", .doc = "An APDU to the card.", CLAUSE("B4.2"), .evidence = EV_CLIENT, .set = csim_set, .flags = AT_ROW_TEST_OK, .group = &gate_card,
      AT_PARAMS(P_INT("length", 10, 520, "characters of the APDU"), P_STR("command", 10, 520, "APDU in hex", .flags = PARAM_SECRET)), .reply = "+CSIM: <length>,\"<hex>\"" },
};
/* clang-format on */

const struct at_service service_sim = { "SIM", rows, ARRAY_LEN(rows) };
