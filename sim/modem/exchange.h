/* The telephone network behind the modems of one process: carries short messages and calls from
 * number to number. Pure. Nothing is delivered from inside exchange_post: it arrives later, by a
 * timer, so that no modem is entered while another runs. */
#ifndef SIM_MODEM_EXCHANGE_H
#define SIM_MODEM_EXCHANGE_H

#include "base/buf.h"
#include "base/sched.h"

#define EXCHANGE_NUMBER_MAX 24

struct exchange;
struct modem;

enum exchange_what {
    EXCHANGE_SMS,   /* body: the TPDU of an SMS-DELIVER (23.040 9.2.2.1) */
    EXCHANGE_SETUP, /* a call begins, number: 1 the caller's is hidden; one of these answers: */
    EXCHANGE_ALERT, /* it rings there, or number: 1 waits */
    EXCHANGE_ANSWER,
    EXCHANGE_RELEASE, /* the call, or the attempt, is over; number: cause of 24.008 10.5.4.11 */
    EXCHANGE_DTMF,    /* number: the character */
    EXCHANGE_HOLD,    /* number: 1 the call was put on hold, 0 it goes on */
};

struct exchange_message {
    enum exchange_what what;
    char from[EXCHANGE_NUMBER_MAX], to[EXCHANGE_NUMBER_MAX];
    int32_t number;
    int32_t call;     /* of calls: what the caller chose to tell them apart, > 0; negative when the
                         called side speaks (as the flag of 24.008 10.3.2) */
    struct span body; /* copied by exchange_post */
};

struct exchange *exchange_new(struct sched *s);
void exchange_free(struct exchange **xp);

/* Puts a modem under a number, or takes it away. 'deliver' gets what is sent there. */
typedef void exchange_deliver_fn(struct modem *m, const struct exchange_message *msg);
void exchange_join(struct exchange *x, struct modem *m, const char *number,
                   exchange_deliver_fn *deliver);
void exchange_leave(struct exchange *x, struct modem *m);

/* Sends a message. False: nobody has that number. A NULL exchange reaches nobody. */
bool exchange_post(struct exchange *x, const struct exchange_message *msg);

#endif
