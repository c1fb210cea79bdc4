/* The inside of the modem, shared by its services. Not for anybody else. */
#ifndef SIM_MODEM_MODEM_INT_H
#define SIM_MODEM_MODEM_INT_H

#include "sim/at/chan.h"
#include "sim/modem/card.h"
#include "sim/modem/fault.h"
#include "sim/modem/fault_uart.h"
#include "sim/modem/fs.h"
#include "sim/modem/gnss.h"
#include "sim/modem/hw.h"
#include "sim/modem/modem.h"
#include "sim/modem/pdp.h"
#include "sim/modem/phonebook.h"
#include "sim/modem/profile.h"
#include "sim/modem/radio.h"
#include "sim/modem/ri.h"
#include "sim/modem/sms.h"
#include "sim/modem/voice.h"
#include "sim/mqtt/session.h"

#define SSL_CONTEXTS      10
#define CERT_NAME_MAX     128
#define SUBTOPIC_LIST_MAX 5120 /* mqtt-ssl-commands.md 4.13 */

/* What a profile may lack: bits of struct at_cmd.offered and struct at_variant.offered. */
enum {
    OFFER_CFG_OPTIMEOUT = 1U << 0,
    OFFER_CFG_ALIAUTH = 1U << 1,
    OFFER_CFG_VERSION = 1U << 2,
    OFFER_SSL_SNI = 1U << 3,      /* enableSNI */
    OFFER_SSL_KEYPWD = 1U << 4,   /* keypwd: the password itself */
    OFFER_SSL_PASSWORD = 1U << 5, /* password: a file that holds it */
    OFFER_SSL_CIPHERS = 1U << 6,
    OFFER_ACCQ_VERSION = 1U << 7, /* mqtt_version of ACCQ */
    OFFER_SUB_READ = 1U << 8,     /* CMQTTSUB? */
    OFFER_GNSS = 1U << 12,        /* CGPS… and CGNSS… of a SIM7600 */
};

/* --- settings bound to rows; at_settings first, see chan.h --- */
struct settings {
    struct at_settings at;
    int32_t s0, s2, s6, s7, s8, s9, s10, s11, s30, s103, s104;
    int32_t dcd, dte_rate, dtr, dsr;             /* &C, &E, &D, &S */
    int32_t l, mute, flow, dsr_option, protocol; /* L, M, \Q, \S, \V */
    int32_t ipr, iprex, ifc[2], icf[2], csclk, cfgri[3], catr;
    int32_t creg, cgreg, cereg, cgerep[2];
    int32_t cnmp, autocsq[2], csqdelta, cpsi, cnsmod;
    int32_t ctzu, ctzr, cusd;
    int32_t csocksetpn;
    int32_t cscs, cmgf, cpms[3], cnmi[5], csmp[4], csdh, csms, cgsms;
    int32_t cgpsinfo, cgnssinfo, cgpsinfocfg[3], cgpsnmea, cgpsnmearate, cgpsauto, cgpsssl, cgpsmd;
    int32_t cgpsmsb, cgpshor[2], cgpspmd, cgpsxe, cgpsxd, cgpsxdauto, cgpsftm, cgnssmode[2];
    int32_t cvauxs, cmte, cvalarm[3], cpmvt[3], uimhotswapon;
    int32_t cipmode, cipsendmode, cipccfg[7], ciptimeout[3], cipdnsset[3], ciphead, cipsrip,
        ciprxget;
    int32_t cvhu, clcc, clip, clir, colp, crc, ccwa, cssn[2], vtd, cpbs;
    int32_t clvl, cmut, cpcmfrm, cmicgain, coutgain, cecm, cnsn, cecwb;
};

/* --- AT+CSSLCFG --- */
struct ssl_context {
    int32_t sslversion, authmode, ignorelocaltime, negotiatetime, enable_sni, ciphersuites;
    char cacert[CERT_NAME_MAX + 1], clientcert[CERT_NAME_MAX + 1], clientkey[CERT_NAME_MAX + 1];
    char keypwd[CERT_NAME_MAX + 1];   /* the password of the key */
    char password[CERT_NAME_MAX + 1]; /* or the file that holds it */
};

/* The files and parameters of one TLS connection, held while it is dialled. */
struct ssl_files {
    struct buf ca, cert, key, password;
};

/* --- AT+CMQTT* --- */
enum client_state { CLIENT_FREE, CLIENT_ACQUIRED, CLIENT_CONNECTED };

/* OP_DISC waits for nothing; it is pending only while a fault makes it fail. */
enum mqtt_op { OP_NONE, OP_CONNECT, OP_SUB, OP_UNSUB, OP_PUB, OP_DISC };

struct topic_item {
    struct topic_item *next;
    uint8_t qos;
    size_t n;
    uint8_t bytes[];
};

struct topic_list {
    struct topic_item *head, **tail;
    size_t count, bytes;
};

struct mqtt_client {
    struct modem *m;
    unsigned index;
    enum client_state state;

    /* ACCQ, CMQTTCFG, CMQTTSSLCFG, WILL*: kept until REL */
    struct buf client_id;
    int32_t server_type, version, check_utf8, optimeout;
    int ssl_ctx; /* -1: not bound */
    struct buf will_topic, will_message;
    bool has_will_topic, has_will_message;
    uint8_t will_qos;

    /* CONNECT: for its read form, and to send the packet once the link is up */
    struct buf address, user, password;
    bool has_user, has_password, clean;
    uint16_t keep_alive;

    /* TOPIC, PAYLOAD, SUBTOPIC, UNSUBTOPIC */
    struct buf topic, payload;
    struct topic_list subs, unsubs;

    /* the operation that waits for the network */
    enum mqtt_op op;
    bool ok_sent; /* OK is out, the result comes as a late line */
    uint32_t ticket;
    struct timer op_timer;
    int op_forced; /* code that a fault makes it end with; 0: none */

    bool link_open;    /* a dial is under way or a connection stands */
    bool connect_sent; /* the CONNECT packet is out */
    struct mqtt_session session;

    /* The way of packets out and in while a fault of hook "mqtt" is armed. */
    struct mqtt_wire {
        struct mqtt_client *client;
        bool incoming;
        bool held, waited; /* the first packet waits, or has done so */
        struct buf bytes;
        struct timer timer;
    } wire[2];
    struct trace trace;      /* of the session: m->trace, with the client's index */
    struct timer wake_timer; /* the session has something: looked at outside its own timers */
};

/* --- what is asked of the network: AT+CDNSGIP, AT+CDNSGHNAME, AT+CPING, AT+CNTP --- */
#define ASK_NAME_MAX 255

/* The ids of host->query. */
enum ask { ASK_NAME, ASK_PING, ASK_TIME };

struct name_query {
    const char *command; /* that is parked */
    bool reverse;
    uint32_t ticket;
    char asked[ASK_NAME_MAX + 1];
};

struct ping {
    bool running;
    bool resolved; /* 'address' is known */
    char address[16];
    int32_t count, bytes, interval_ms, wait_ms, ttl;
    uint32_t sent, received;
    uint32_t min_ms, max_ms;
    uint64_t sum_ms;
    struct timer timer; /* until the next one */
};

struct ntp {
    char server[ASK_NAME_MAX + 1];
    int32_t zone; /* quarters of an hour */
};

enum power { POWER_OFF, POWER_BOOTING, POWER_ON };

struct modem {
    struct modem_cfg cfg;
    struct profile own; /* cfg.profile, and what modem_set made of it */
    const struct profile *profile;
    struct sched *sched;
    const struct modem_host *host;
    void *host_ctx;
    const struct trace *trace;

    struct settings set;
    const char *ranges[RANGE_COUNT]; /* the profile's, or wider (lenient_timeout) */
    struct at_index *index;
    struct at_chan *ch;
    char imei[16];
    char number[24]; /* by which the network knows us */

    enum power power;
    bool off_after_reset; /* CPOF: reset_timer ends in POWER_OFF */
    struct timer boot_timer, reset_timer, speed_timer, sleep_timer;
    bool asleep; /* CSCLK */
    int32_t cfun;
    uint32_t baud; /* of the UART at this moment */
    struct modem_traffic traffic;
    bool rts_off; /* the client does not want to be sent anything */

    struct faults faults;
    struct timer fault_timer;
    struct uart_lines uart;
    struct fault_urc *urcs; /* lines that a fault keeps */

    struct {
        struct timer timer;
        uint32_t ticket;
    } put_off; /* a command that a fault delays */

    struct fault_back {
        struct timer timer; /* ... until it is as it was */
        int32_t value;
    } card_back, network_back; /* keys of the world that a fault changed */
    struct card card;
    struct radio radio;
    struct pdp pdp;
    struct timer ussd_timer;
    struct sms sms;
    struct voice voice;
    struct phonebook phonebook;
    struct gnss gnss;
    struct hw hw;
    struct ri ri;
    struct fs fs;

    bool asking[MODEM_QUERIES]; /* by enum ask: host->query is under way */
    struct name_query name_query;
    struct ping ping;
    struct ntp ntp;

    struct {
        uint32_t ticket;
        bool with_time;
        struct timer timer;
    } lbs;

    bool net_open; /* AT+NETOPEN */
    bool net_opening;
    struct timer net_timer;
    bool urc_behind;    /* URCs of this moment go directly behind the final result to come */
    int64_t clock_base; /* modem clock in s since 1970 when sched time was 0 */
    int32_t clock_zone; /* quarters of an hour */
    bool clock_has_zone;

    struct ssl_context ssl[SSL_CONTEXTS];
    bool mqtt_started;
    bool mqtt_starting;       /* START waits for the bearer */
    struct timer start_timer; /* ... and gives it up */
    uint32_t start_ticket;    /* of a START that is parked meanwhile (order.start = urc_ok) */
    struct mqtt_client client[MODEM_LINKS];
};

/* The keys of keyed commands that this profile has. */
unsigned profile_offers(const struct profile *p);

static inline struct modem *modem_of(const struct at_chan *ch)
{
    return at_owner(ch);
}

/* --- URC functions, one per row of urc.def --- */
#define URC(name, params, call, doc) void urc_##name params;
#include "sim/modem/urc.def"
#undef URC

/* --- host_text.c: names and text in the character set that AT+CSCS chose --- */
#define HOST_TEXT_MAX  182 /* characters: the longest USSD string */
#define HOST_TEXT_SIZE (4 * HOST_TEXT_MAX + 1)
/* UTF-8 as the host reads it; what is beyond the limit is left out. Returns 'ret'. */
const char *host_text(const struct modem *m, const char *utf8, char ret[HOST_TEXT_SIZE]);
/* Appends what the host wrote as UTF-8. False: not the digits that "UCS2" wants. */
bool host_text_read(const struct modem *m, struct span text, struct buf *utf8);

/* --- registry.c: the lists of service tables and of the parts with a life of their own --- */
extern const struct at_table modem_table;
extern const struct at_service service_basic, service_profile, service_power, service_clock,
    service_sim, service_radio, service_operator, service_ussd, service_pdp, service_net,
    service_query, service_ping, service_lbs, service_sms, service_sms_send, service_sms_read,
    service_voice, service_callset, service_phonebook, service_file, service_ssl, service_mqtt,
    service_mqtt_net, service_gnss, service_hw, service_fs;

/* A part of the modem: what is done when the modem is made (NVRAM may be read), at every power-on
 * (state in RAM goes back to its start, timers stop), and at the end. Each may be NULL. */
struct modem_part {
    void (*init)(struct modem *m);
    void (*reset)(struct modem *m);
    void (*fini)(struct modem *m);
};

extern const struct modem_part modem_parts[];
extern const size_t modem_parts_n;

/* --- modem.c --- */
void modem_world_changed(struct modem *m); /* what follows from another value in m->own */
void modem_hear(struct modem *m,
                struct span bytes); /* what arrives at the modem's end of the line */
/* Arms a timer for 'ms' of real time as the key time_percent scales it. */
void modem_after(struct modem *m, struct timer *t, int32_t ms, timer_fn *fn);
bool modem_set_imei(struct modem *m, struct span imei); /* false: no IMEI */
/* AT+IPR or AT+IPREX was set; CSCLK or DTR changed. */
void modem_speed_changed(struct modem *m);
void modem_may_sleep(struct modem *m);
/* The same for what repeats itself: never so often that nothing else gets its turn, also where
 * time_percent is 0. */
void modem_every(struct modem *m, struct timer *t, int32_t ms, timer_fn *fn);
/* The modem that a timer embedded in it belongs to. */
#define MODEM_OF(timer_ptr, member)                                                                \
    ((struct modem *)(void *)((char *)(timer_ptr)-offsetof(struct modem, member)))

/* --- nvram.c: what survives power-off --- */
void nvram_load_settings(struct modem *m);  /* AT_SET_AUTO rows, then the AT&W profile */
void nvram_store_settings(struct modem *m); /* AT_SET_AUTO rows */
bool nvram_store_profile(struct modem *m);  /* AT&W */
void nvram_load_profile(struct modem *m);   /* ATZ: factory values, then what AT&W stored */
/* Text files of other parts. Get: empty when there is none. */
void nvram_get(struct modem *m, const char *name, struct buf *ret);
bool nvram_put(struct modem *m, const char *name, struct span text);
/* Takes the next "name=value" line off *text. */
bool nvram_line(struct span *text, struct span *ret_name, struct span *ret_value);

/* --- svc_clock.c --- */
struct civil {
    int64_t year, month, day;
};
struct civil civil_from_days(int64_t days); /* since 1970-01-01 */
int64_t modem_clock(const struct modem *m); /* seconds since 1970 by the modem's own clock */
void clock_init(struct modem *m);
int64_t modem_utc(const struct modem *m); /* by the network's */
void clock_set_utc(struct modem *m, int64_t utc, int32_t zone);
/* "yy/MM/dd,hh:mm:ss±zz" of now, as messages and calls carry it. */
void clock_stamp(const struct modem *m, char *out, size_t size);
/* The same by the network's clock, in the network's zone. */
void clock_network_stamp(const struct modem *m, char *out, size_t size);
void clock_nitz(struct modem *m); /* the network tells its time: CTZU, CTZR */

/* --- power.c --- */
void modem_power_on(struct modem *m);   /* boot sequence */
void modem_reset_soon(struct modem *m); /* CRESET, CFUN=1,1: farewell lines, mute, boot */
void modem_off_soon(struct modem *m);   /* CPOF */
void modem_defaults(struct modem *m);   /* RAM state after power-on */

/* --- fault_uart.c: the way of the bytes while a fault of that hook is armed --- */
void fault_uart_init(struct modem *m);
void fault_uart_fini(struct modem *m);
bool fault_uart_active(const struct modem *m, unsigned from); /* enum uart_direction */
void fault_uart_rx(struct modem *m, struct span bytes);
struct span fault_uart_tx(struct modem *m);
void fault_uart_tx_done(struct modem *m, size_t n);
void fault_uart_release(struct modem *m); /* what is held back goes on */

/* --- fault_urc.c --- */
/* The hook of the AT channel: at_chan_cfg.urc. */
bool fault_urc(void *owner, struct span unit);
void fault_urc_before_echo(struct modem *m);   /* bytes of the host come, nothing is under way */
void fault_urc_before_answer(struct modem *m); /* a command is about to be carried out */
void fault_urc_release(struct modem *m);       /* what is kept goes out */
void fault_urc_fini(struct modem *m);

/* --- fault_mqtt.c --- */
/* Takes bytes of a connection over, where a fault may strike them. False: nobody wants them. */
bool fault_mqtt_takes(struct mqtt_client *c, bool incoming, struct span bytes);
void fault_mqtt_begin(struct mqtt_client *c); /* a connection begins */
void fault_mqtt_end(struct mqtt_client *c);

/* --- fault_trigger.c: faults that the client arms, where the key fault_triggers is on --- */
void fault_trigger_client_id(struct modem *m, struct span id);
bool fault_trigger_topic(struct modem *m, struct span topic); /* true: it was for us alone */

/* --- fault_modem.c --- */
void fault_modem_fini(struct modem *m);

/* --- fault_command.c --- */
/* The hook of the AT channel: at_chan_cfg.instead. */
bool fault_instead(struct at_chan *ch, const struct at_call *call, bool data,
                   struct at_result *ret);
/* The code that an armed fault makes this command end with, now; 0: none. */
int mqtt_forced(struct modem *m, const char *command);

/* --- svc_net.c --- */
void net_bearer_up(struct modem *m);   /* the default bearer is there */
void net_bearer_lost(struct modem *m); /* all consequences, in the order of the captures */
void net_reset(struct modem *m);
void ussd_reset(struct modem *m);
bool net_data(const struct modem *m); /* packet data flows */

/* --- svc_query.c, svc_ping.c --- */
void ask_network(struct modem *m, enum ask who, const struct query *q); /* gives up its last one */
void ask_no_more(struct modem *m, enum ask who);
void query_bearer_lost(struct modem *m); /* what runs ends, and says so */
void query_stop(struct modem *m);        /* what runs ends without a word */
void query_reset(struct modem *m);
void ping_answer(struct modem *m, const struct query_result *r);
void ping_end(struct modem *m); /* with +CPING: 3, when it runs */

/* --- svc_lbs.c --- */
void lbs_reset(struct modem *m);

/* --- svc_ssl.c --- */
void ssl_defaults(struct modem *m);
/* What CONNECT needs of context 'ctx'. Returns 0, a CMQTT code known at once (33), or -1 when a
 * file cannot be opened (34, told by the operation). *files owns the bytes; ssl_files_free it after
 * the dial. */
int ssl_params(struct modem *m, unsigned ctx, struct tls_params *ret, struct ssl_files *files);
void ssl_files_free(struct ssl_files *files);

/* --- svc_file.c --- */
/* Puts the file name that an argument stands for into 'out', whose cap is CERT_NAME_MAX;
 * {non-ascii} names are hex of the entity text (mqtt-ssl-commands.md 5.5). True for a name the
 * certificate store takes: printable, no '/', and .pem or .der at the end. */
bool cert_name(const struct value *v, struct buf *out);
/* The bytes that a string argument stands for: those written, or those of {non-ascii} digits. */
void value_bytes(const struct value *v, struct buf *out);

/* --- svc_mqtt.c, mqtt_client.c, mqtt_op.c, mqtt_rx.c --- */
void mqtt_init(struct modem *m);
void mqtt_fini(struct modem *m);
void mqtt_stop_all(struct modem *m,
                   bool tell); /* bearer lost or reset; 'tell': CONNLOST and NONET lines */
void mqtt_bearer_ready(struct modem *m, bool up);

/* The trace: what has become of the client, and why. */
void client_trace(const struct mqtt_client *c, const char *why);
void client_release(struct mqtt_client *c);                  /* back to FREE */
void client_pump(struct mqtt_client *c);                     /* session events in, bytes out */
void client_input(struct mqtt_client *c, struct span bytes); /* of the broker */
void client_flush(struct mqtt_client *c); /* bytes out; all that a handler may do */
void client_drop(struct mqtt_client *c);  /* connection is over: back to ACQUIRED, no lines */
/* The same, and what is pending ends with 'code'; for a CONNECT that is all, for the others
 * CONNLOST follows with 'cause'. */
void client_connect_failed(struct mqtt_client *c, int code);
void client_lost(struct mqtt_client *c, int code, int cause);

struct at_result op_begin(struct mqtt_client *c, enum mqtt_op op, uint64_t limit_ms);
void op_finish(struct mqtt_client *c, int code);
bool op_is_operation(const char *command);      /* "+CMQTTCONNECT": one of enum mqtt_op */
void op_link_up(struct mqtt_client *c);         /* result_style link: now the OK of CONNECT */
bool op_is_parked(const struct mqtt_client *c); /* OK is held back until the result is known */
/* The outcome of an operation that needs no waiting: OK and the line, in the given order. */
struct at_result op_done_now(struct mqtt_client *c, const char *name, bool line_first);
/* Ends the client's operation with a code that a fault forces on it, if there is one: nothing of it
 * is carried out, and *ret is the verdict. */
bool op_force(struct mqtt_client *c, enum mqtt_op op, struct at_result *ret);
struct at_result op_connect(struct mqtt_client *c, struct span host, uint16_t port);
struct at_result op_publish(struct mqtt_client *c, uint8_t qos, uint32_t timeout_s, bool retain,
                            bool dup);
struct at_result op_subscribe(struct mqtt_client *c, const struct mqtt_topic *topics, size_t n,
                              bool dup);
struct at_result op_unsubscribe(struct mqtt_client *c, const struct mqtt_topic *topics, size_t n,
                                bool dup);
struct at_result op_disconnect(struct mqtt_client *c);

bool topic_list_add(struct topic_list *l, struct span topic, uint8_t qos); /* false: list full */
void topic_list_clear(struct topic_list *l);

void mqtt_rx_message(struct mqtt_client *c, struct span topic, struct span payload);

#endif
