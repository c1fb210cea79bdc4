/* Transport protocol data units of the short message service: SMS-DELIVER, SMS-SUBMIT and
 * SMS-STATUS-REPORT (3GPP TS 23.040 9.2.2), and the service centre's address in front of them
 * (27.005 3.1, <pdu>). Decoding is strict about lengths: a TPDU fills its octets. Pure. */
#ifndef SIM_MODEM_SMS_TPDU_H
#define SIM_MODEM_SMS_TPDU_H

#include "base/buf.h"

#define SMS_UD_MAX      140 /* octets of user data */
#define SMS_SEPTETS_MAX 160
#define SMS_UNITS_MAX   70 /* of UCS2 */
#define SMS_TPDU_MAX    164
#define SMS_SCA_MAX     12
#define SMS_PDU_MAX     (SMS_SCA_MAX + SMS_TPDU_MAX)
#define SMS_TIME_OCTETS 7

#define SMS_DIGITS_MAX  20 /* 23.040 9.1.2.5: 10 octets */
#define SMS_ADDRESS_MAX 40 /* bytes of its text, NUL included */

/* TP-MTI; 0 and 2 as the service centre uses them. */
enum sms_type { SMS_DELIVER, SMS_SUBMIT, SMS_STATUS_REPORT };

/* Bits of the first octet. */
enum {
    SMS_MTI = 0x03,          /* enum sms_type */
    SMS_NO_MORE = 0x04,      /* DELIVER, STATUS-REPORT: no more messages wait */
    SMS_VPF = 0x18,          /* SUBMIT: form of the validity period */
    SMS_VPF_RELATIVE = 0x10, /* one octet */
    SMS_REPORT = 0x20,       /* SUBMIT: wants a status report. DELIVER: there will be one */
    SMS_HEADER = 0x40,       /* the user data begins with a header */
    SMS_REPLY_PATH = 0x80,
};

enum { SMS_TOA_UNKNOWN = 129, SMS_TOA_INTERNATIONAL = 145, SMS_TOA_ALPHANUMERIC = 208 };

/* TP-OA, TP-DA, TP-RA. The text is a number, with '+' where it is international, or UTF-8. */
struct sms_address {
    uint8_t type; /* <toda>, <tooa> */
    char text[SMS_ADDRESS_MAX];
};

/* What TP-DCS says of the user data (23.038 4). */
enum sms_alphabet { SMS_GSM, SMS_8BIT, SMS_UCS2 };

struct sms_tpdu {
    uint8_t first;
    uint8_t reference; /* TP-MR; not in DELIVER */
    struct sms_address address;
    uint8_t pid, dcs;               /* not in STATUS-REPORT */
    uint8_t vp[SMS_TIME_OCTETS];    /* SUBMIT, as many octets as SMS_VPF says */
    uint8_t scts[SMS_TIME_OCTETS];  /* not in SUBMIT */
    uint8_t ended[SMS_TIME_OCTETS]; /* STATUS-REPORT: TP-DT */
    uint8_t status;                 /* STATUS-REPORT */
    uint8_t length;                 /* TP-UDL: septets or octets */
    uint8_t ud[SMS_UD_MAX];
};

static inline enum sms_type sms_type(const struct sms_tpdu *t)
{
    return (enum sms_type)(t->first & SMS_MTI);
}

/* False: not one of the three, or its lengths do not fit together. */
bool sms_tpdu_decode(struct span tpdu, struct sms_tpdu *ret);
void sms_tpdu_encode(const struct sms_tpdu *t, struct buf *tpdu);

enum sms_alphabet sms_alphabet(uint8_t dcs);
int sms_class(uint8_t dcs); /* 0-3, -1: none */

/* Makes an address of a number, or of a name where it is none (then at most 11 characters of it
 * are kept). 'toda' 0: 145 with a '+' in front, else 129. False: empty, or too long for a number.
 */
bool sms_address_set(struct sms_address *a, struct span text, uint8_t toda);
/* True for digits, '*', '#', and a '+' in front of them. */
bool sms_is_number(struct span text);

/* The service centre's address: its length in octets, then as an address. Take: takes it off *pdu;
 * a->text is empty when it has length 0. */
void sms_centre_add(const struct sms_address *a, struct buf *pdu);
bool sms_centre_take(struct span *pdu, struct sms_address *ret);

/* The user data behind its header, if it has one: septets of a text in the GSM alphabet, octets
 * otherwise. */
void sms_content(const struct sms_tpdu *t, struct buf *content);
/* Sets header (may be empty; its length octet included) and content by t->dcs. False: too long. */
bool sms_content_set(struct sms_tpdu *t, struct span header, struct span content);

/* Time stamps (9.2.3.11) from and to "yy/MM/dd,hh:mm:ss±zz"; the text is 20 characters. */
void sms_time_set(uint8_t octets[SMS_TIME_OCTETS], const char *text);
void sms_time_text(const uint8_t octets[SMS_TIME_OCTETS], char text[24]);

#endif
