/* The short message service (general-commands.md B4.7; 27.005): messages in the memories, the one
 * that is being sent, and what the host has still to be told. Part of struct modem. */
#ifndef SIM_MODEM_SMS_H
#define SIM_MODEM_SMS_H

#include "base/sched.h"
#include "sim/modem/sms_tpdu.h"

#define SMS_SM_PLACES 50 /* on the card */
#define SMS_ME_PLACES 23 /* in the module */
#define SMS_SR_PLACES                                                                              \
    10 /* for reports; they go where messages go, as +CDSI says, so it is empty                    \
        */
#define SMS_INDEX_MAX (SMS_SM_PLACES + SMS_ME_PLACES - 1)

#define SMS_HOST_NUMBER_MAX ((SMS_DIGITS_MAX + 1) * 4) /* written by the host, as UCS2 */

/* The service centre of the network, and so of a card never used. */
#define SMS_CENTRE "+10000000000"

struct modem;
struct exchange_message;

/* The memories in the order of the words of AT+CPMS. MT is SM and ME together: SM has the first
 * indices. */
enum sms_memory { SMS_ME, SMS_MT, SMS_SM, SMS_SR };

/* <stat>; SMS_ALL only to choose */
enum sms_state { SMS_REC_UNREAD, SMS_REC_READ, SMS_STO_UNSENT, SMS_STO_SENT, SMS_ALL };

#define SMS_STATES "\"REC UNREAD\",\"REC READ\",\"STO UNSENT\",\"STO SENT\""

/* One place of a memory. */
struct sms_message {
    uint8_t state;
    uint8_t n; /* octets of the PDU; 0: the place is free */
    uint8_t pdu[SMS_PDU_MAX];
};

/* A +CMTI or +CDSI that CNMI mode 0 keeps back. */
struct sms_indication {
    bool report;
    int32_t index;
    enum sms_memory memory;
};

struct sms {
    /* on the card and in the module, kept in NVRAM */
    struct sms_message sm[SMS_SM_PLACES], me[SMS_ME_PLACES];
    struct sms_address centre; /* AT+CSCA */
    uint8_t reference;         /* TP-MR of the next message */

    /* what is on its way to the network */
    struct timer timer;
    uint32_t ticket;
    const char *name; /* of the command, for its answer */
    struct sms_message out;
    struct sms_message *stored; /* the place it was sent from, or NULL */

    struct sms_indication untold[SMS_SM_PLACES];
    size_t untold_n;
    unsigned unacknowledged; /* AT+CNMA is due so often */
};

/* --- sms_store.c --- */
void sms_init(struct modem *m);
void sms_reset(struct modem *m);
void sms_fini(struct modem *m);
/* Writes what NVRAM keeps. False: it could not. */
bool sms_store(struct modem *m);

const char *sms_memory_name(enum sms_memory memory);
/* The memory chosen as <mem1>, <mem2>, <mem3> of AT+CPMS: 'which' 0, 1, 2. */
enum sms_memory sms_chosen(const struct modem *m, unsigned which);
int32_t sms_capacity(enum sms_memory memory);
int32_t sms_used(const struct modem *m, enum sms_memory memory);
/* A place that may be free; NULL: there is no such index. */
struct sms_message *sms_place(struct modem *m, enum sms_memory memory, int32_t index);
/* Stores a message at the first free place. 0, or the CMS error that says why not. */
uint32_t sms_keep(struct modem *m, enum sms_memory memory, const struct sms_message *msg,
                  int32_t *ret_index);
/* Fills in PDU and length; the TPDU must be no longer than SMS_TPDU_MAX. */
void sms_message_set(struct sms_message *msg, const struct sms_address *centre, struct span tpdu);
/* Parts of a message whose PDU is known to be sound. */
void sms_message_read(const struct sms_message *msg, struct sms_address *ret_centre,
                      struct sms_tpdu *ret, size_t *ret_tpdu_octets);

/* --- sms_print.c --- */
enum sms_form { SMS_LISTED, SMS_READ, SMS_ROUTED }; /* CMGL, CMGR, +CMT and +CDS */

/* Appends what stands behind "+CMGL: <index>,", "+CMGR: ", "+CMT: " or "+CDS: ", in text or PDU
 * mode, the text or PDU on a line of its own included. */
void sms_print(const struct modem *m, enum sms_form form, const struct sms_message *msg,
               struct buf *out);
/* Appends "<number>" in the host's character set. */
void sms_print_address(const struct modem *m, const struct sms_address *a, struct buf *out);
/* A number as the host writes it; 'toda' as for sms_address_set. False: it is none. */
bool sms_number(const struct modem *m, struct span text, int32_t toda, struct sms_address *ret);

/* --- sms_rx.c --- */
/* What another modem sent arrives. */
void sms_deliver(struct modem *m, const struct exchange_message *msg);
/* AT+CNMI was set: what was kept back goes out or is dropped. */
void sms_indications(struct modem *m);
/* The time by the network's clock, as a time stamp; and the number the network knows us by. */
void sms_now(const struct modem *m, uint8_t stamp[SMS_TIME_OCTETS]);
void sms_own_address(const struct modem *m, struct sms_address *ret);

#endif
