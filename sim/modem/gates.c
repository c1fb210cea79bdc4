#include "sim/modem/gates.h"

#define CME_SIM_BUSY 14

static struct at_result refuse_cme(struct at_chan *ch, const struct at_call *call, int code)
{
    (void)ch;
    (void)call;
    return AT_CME((uint32_t)code);
}

static int check_card(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    return (int)card_error(modem_of(ch));
}

static int check_phonebook(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    const struct modem *m = modem_of(ch);
    int code = (int)card_error(m);
    return code == 0 && !m->card.phonebook_ready ? CME_SIM_BUSY : code;
}

static struct at_result refuse_cms(struct at_chan *ch, const struct at_call *call, int code)
{
    (void)ch;
    (void)call;
    return AT_CMS((uint32_t)code);
}

/* The CMS error that says what a CME error of the card says (27.005 3.2.5). */
static int check_sms(struct at_chan *ch, const struct at_call *call)
{
    (void)call;
    const struct modem *m = modem_of(ch);
    switch (m->card.state) {
    case CARD_ABSENT:
        return 310;
    case CARD_PIN:
        return 311;
    case CARD_PUK:
        return 316;
    case CARD_FAILED:
        return 313;
    case CARD_BUSY:
        return 314;
    case CARD_READY:
        break;
    }
    return m->card.sms_ready ? 0 : 314;
}

const struct at_group gate_card = { check_card, refuse_cme };
const struct at_group gate_phonebook = { check_phonebook, refuse_cme };
const struct at_group gate_sms = { check_sms, refuse_cms };
