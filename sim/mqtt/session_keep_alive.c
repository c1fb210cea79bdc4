/* Keep-alive of the client (3.1.2.10): a PINGREQ when nothing was sent for keep_alive seconds, one
 * open at most, told when its PINGRESP does not come within the same time. The standard lets a
 * client close then; the SIM7600 only reports it (+CMQTTPING), so the connection stays and the next
 * PINGREQ follows. */
#include "sim/mqtt/session_impl.h"

static void on_timer(struct timer *t);

/* The timer is not moved by every packet sent: it fires at the earliest time at which something can
 * be due, and look() finds out what. */
static void arm(struct mqtt_session *s)
{
    uint64_t since = s->ping_open ? s->pinged_at : s->sent_at;
    uint64_t due = since + s->keep_alive_ms;
    timer_arm(s->sched, &s->timer, due - sched_now(s->sched), on_timer);
}

static void look(struct mqtt_session *s)
{
    uint64_t now = sched_now(s->sched);
    if (s->ping_open && now - s->pinged_at >= s->keep_alive_ms) {
        s->ping_open = false;
        s->ping_missing = true;
    }
    if (!s->ping_open && now - s->sent_at >= s->keep_alive_ms) {
        s->ping_open = true;
        s->pinged_at = now;
        session_send(s, &(struct packet){ .type = PACKET_PINGREQ });
    }
    if (session_live(s)) { /* the PINGREQ may not have fitted */
        arm(s);
    }
}

static void on_timer(struct timer *t)
{
    void *session = (char *)t - offsetof(struct mqtt_session, timer);
    struct mqtt_session *s = session;
    look(s);
    if ((s->ping_missing || s->ping_open) && s->wake != NULL) {
        s->wake(s->ctx);
    }
}

void keep_alive_start(struct mqtt_session *s)
{
    if (s->keep_alive_ms > 0) {
        look(s);
    }
}

void keep_alive_stop(struct mqtt_session *s)
{
    timer_stop(&s->timer);
    s->ping_open = false;
    s->ping_missing = false;
}
