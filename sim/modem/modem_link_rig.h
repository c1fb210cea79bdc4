/* Links and the MQTT service in the tests of a modem: the world's side of a link, and a client that
 * is connected. For tests only. */
#ifndef SIM_MODEM_MODEM_LINK_RIG_H
#define SIM_MODEM_MODEM_LINK_RIG_H

#include "sim/modem/modem_rig.h"

#define CONNACK_OK "\x20\x02\x00\x00"

static inline void rig_up(struct rig *r, unsigned link)
{
    assert_true(r->link[link].open && !r->link[link].up);
    r->link[link].up = true;
    modem_link_up(r->m, link);
    rig_read(r);
}

static inline void rig_down(struct rig *r, unsigned link, enum link_end why)
{
    assert_true(r->link[link].open);
    r->link[link].open = r->link[link].up = false;
    modem_link_down(r->m, link, why, "scripted");
    rig_read(r);
}

static inline void rig_broker(struct rig *r, unsigned link, struct span bytes)
{
    assert_true(r->link[link].up);
    modem_link_data(r->m, link, bytes);
    rig_read(r);
}

#define BROKER(r, link, bytes) rig_broker((r), (link), SPAN_LIT(bytes))
/* What the modem has sent to the broker since the last look. */
#define SENT(r, n, want)                                                                           \
    (rig_compare(buf_span(&(r)->link[n].sent), SPAN_LIT(want), "to the broker", __FILE__,          \
                 __LINE__),                                                                        \
     buf_clear(&(r)->link[n].sent))

/* --- states of the MQTT service --- */

static inline void rig_line(struct rig *r, const char *line)
{
    rig_type(r, span_str(line));
    rig_pass(r, 100);
}

static inline void rig_started(struct rig *r, const char *profile)
{
    rig_start(r, profile);
    SAY(r, "ATE0\r", "ATE0\r" OKAY);
    SAY(r, "AT+CMQTTSTART\r", LN("+CMQTTSTART: 0") OKAY);
}

/* A client that CONNECT has brought to a broker over plain TCP. */
static inline void rig_connect(struct rig *r, unsigned link)
{
    char line[80];
    (void)snprintf(line, sizeof line, "AT+CMQTTACCQ=%u,\"dev%u\"\r", link, link);
    rig_line(r, line);
    (void)snprintf(line, sizeof line, "AT+CMQTTCONNECT=%u,\"tcp://b.example\",60,1\r", link);
    rig_line(r, line);
    rig_up(r, link);
    BROKER(r, link, CONNACK_OK);
    rig_pass(r, 100);
    buf_clear(&r->link[link].sent);
    buf_clear(&r->said);
}

static inline void rig_connected(struct rig *r, const char *profile)
{
    rig_started(r, profile);
    rig_connect(r, 0);
}

#endif
