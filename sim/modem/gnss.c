#include "sim/modem/gnss.h"

#include <stdio.h>

#include "sim/modem/gnss_track.h"
#include "sim/modem/modem_int.h"

#define STORE           "gnss"
#define STORE_MAX       1024U
#define ORBITS_LIVE_MS  ((uint64_t)4 * 3600 * 1000) /* ephemerides are good for about 4 hours */
#define XTRA_MS         2000
#define XTRA_OK         0
#define XTRA_NO_NETWORK 227
#define XTRA_BUSY       221

enum { SYSTEM_GLONASS = 1 }; /* bit of CGNSSMODE */

/* --- what is known and what is heard --- */

static unsigned satellites(const struct modem *m)
{
    return (unsigned)m->profile->gnss_satellites;
}

/* A position takes three satellites, its height a fourth. */
static int best_dims(const struct modem *m)
{
    bool no_fix = m->profile->gnss_fix == GNSS_FIX_NONE || satellites(m) < 3;
    bool flat = m->profile->gnss_fix == GNSS_FIX_2D || satellites(m) == 3;
    return no_fix ? 0 : flat ? 2 : 3;
}

static bool orbits_known(const struct modem *m)
{
    const struct gnss *g = &m->gnss;
    return g->knows_orbits && sched_now(m->sched) - g->known_at < ORBITS_LIVE_MS;
}

static void learn_orbits(struct modem *m)
{
    m->gnss.knows_orbits = true;
    m->gnss.known_at = sched_now(m->sched);
}

/* A server helps: it needs packet data and an address (CGPSURL). */
static bool assisted(const struct modem *m)
{
    return m->gnss.mode != GNSS_STANDALONE && m->gnss.url[0] != '\0' && net_data(m);
}

/* UE-assisted alone cannot do without the server; UE-based can when CGPSMSB lets it. */
static bool can_fix(const struct modem *m)
{
    const struct gnss *g = &m->gnss;
    bool alone = g->mode == GNSS_STANDALONE || (g->mode == GNSS_UE_BASED && m->set.cgpsmsb == 1);
    return best_dims(m) > 0 && (alone || assisted(m));
}

/* --- the session --- */

static void closed(struct timer *t)
{
    struct modem *m = MODEM_OF(t, gnss.stop_timer);
    m->gnss.state = GNSS_OFF;
    urc_cgps(m);
}

static void close_session(struct modem *m)
{
    timer_stop(&m->gnss.fix_timer);
    m->gnss.state = GNSS_CLOSING;
    modem_after(m, &m->gnss.stop_timer, m->profile->gnss_stop_ms, closed);
}

static void fixed(struct timer *t)
{
    struct modem *m = MODEM_OF(t, gnss.fix_timer);
    m->gnss.state = GNSS_FIXED;
    learn_orbits(m);
    if (m->gnss.mode != GNSS_UE_ASSISTED) {
        return;
    }
    struct gnss_fix now;
    struct buf text;
    gnss_now(m, &now);
    buf_init(&text, 128);
    gnss_assisted_text(&now, &text);
    (void)buf_add_byte(&text, '\0');
    urc_cagpsinfo(m, (const char *)text.p);
    buf_fini(&text);
    close_session(m); /* this mode gives one fix */
}

static void search(struct modem *m)
{
    if (m->gnss.state == GNSS_SEARCHING && !timer_armed(&m->gnss.fix_timer) && can_fix(m)) {
        bool hot = orbits_known(m) || assisted(m);
        modem_after(m, &m->gnss.fix_timer, hot ? m->profile->gnss_hot_ms : m->profile->gnss_cold_ms,
                    fixed);
    }
}

void gnss_world_changed(struct modem *m)
{
    struct gnss *g = &m->gnss;
    if (g->state == GNSS_FIXED && best_dims(m) == 0) {
        g->state = GNSS_SEARCHING;
    }
    if (g->state == GNSS_SEARCHING && !can_fix(m)) {
        timer_stop(&g->fix_timer);
    }
    search(m);
}

bool gnss_on(const struct modem *m)
{
    return m->gnss.state != GNSS_OFF;
}

bool gnss_start(struct modem *m, int32_t mode, enum gnss_start how)
{
    struct gnss *g = &m->gnss;
    if (gnss_on(m)) {
        return false;
    }
    if (how == GNSS_START_COLD) {
        gnss_forget(m);
    }
    if (m->set.cgpsxe == 1 && m->set.cgpsxdauto == 1 && !orbits_known(m)) {
        gnss_fetch(m);
    }
    g->state = GNSS_SEARCHING;
    g->mode = mode;
    search(m);
    return true;
}

bool gnss_stop(struct modem *m)
{
    if (m->gnss.state != GNSS_SEARCHING && m->gnss.state != GNSS_FIXED) {
        return false;
    }
    close_session(m);
    return true;
}

void gnss_forget(struct modem *m)
{
    m->gnss.knows_orbits = false;
}

/* --- assistance data --- */

static void fetched(struct timer *t)
{
    struct modem *m = MODEM_OF(t, gnss.xtra_timer);
    if (!net_data(m)) {
        urc_cgpsxd(m, XTRA_NO_NETWORK);
        return;
    }
    learn_orbits(m);
    urc_cgpsxd(m, XTRA_OK);
    if (m->gnss.state == GNSS_SEARCHING) { /* what is left of the search is the hot start's */
        timer_stop(&m->gnss.fix_timer);
        search(m);
    }
}

void gnss_fetch(struct modem *m)
{
    if (timer_armed(&m->gnss.xtra_timer)) {
        urc_cgpsxd(m, XTRA_BUSY);
        return;
    }
    modem_after(m, &m->gnss.xtra_timer, XTRA_MS, fetched);
}

/* --- what it knows now --- */

static int32_t tenths(const char *text)
{
    int64_t n = 0; /* an empty text is no number */
    return schema_decimal(span_str(text), 1, &n) ? (int32_t)n : GNSS_UNKNOWN;
}

static int64_t degrees(const char *text)
{
    int64_t n = 0;
    (void)schema_decimal(span_str(text), 9, &n); /* the key takes nothing else */
    return n;
}

static struct gnss_point place(const struct modem *m)
{
    const struct profile *p = m->profile;
    struct gnss_point at = {
        .lat = degrees(p->gnss_lat),
        .lon = degrees(p->gnss_lon),
        .alt_dm = tenths(p->gnss_alt),
        .speed_dkn = tenths(p->gnss_speed),
        .course_ddeg = tenths(p->gnss_course),
    };
    if (m->cfg.track == NULL) {
        return at;
    }
    struct gnss_point on =
        gnss_track_at(m->cfg.track, (int64_t)(sched_now(m->sched) - m->gnss.started));
    on.alt_dm = on.alt_dm == GNSS_UNKNOWN ? at.alt_dm : on.alt_dm;
    on.speed_dkn = on.speed_dkn == GNSS_UNKNOWN ? at.speed_dkn : on.speed_dkn;
    on.course_ddeg = on.course_ddeg == GNSS_UNKNOWN ? at.course_ddeg : on.course_ddeg;
    return on;
}

void gnss_now(const struct modem *m, struct gnss_fix *ret)
{
    const struct gnss *g = &m->gnss;
    struct gnss_point at = place(m);
    bool listening = g->state == GNSS_SEARCHING || g->state == GNSS_FIXED;
    *ret = (struct gnss_fix){
        .running = listening,
        .dims = g->state == GNSS_FIXED ? best_dims(m) : 0,
        .lat = at.lat,
        .lon = at.lon,
        .alt_dm = at.alt_dm,
        .speed_dkn = at.speed_dkn,
        .course_ddeg = at.course_ddeg,
        .utc = modem_utc(m),
        .tenths = m->set.cgpsnmearate == 1 ? (int)(sched_now(m->sched) % 1000 / 100) : 0,
        .has_glonass = (g->systems & SYSTEM_GLONASS) != 0,
    };
    unsigned heard = listening ? satellites(m) : 0;
    ret->glonass = ret->has_glonass ? heard / 3 : 0;
    ret->gps = heard - ret->glonass > 12 ? 12 : heard - ret->glonass;
}

/* --- life --- */

static void copy_url(char to[GNSS_URL_MAX + 1], struct span url)
{
    (void)snprintf(to, GNSS_URL_MAX + 1, "%.*s", (int)url.n, (const char *)url.p);
}

void gnss_set_url(struct modem *m, struct span url)
{
    copy_url(m->gnss.next_url, url);
    struct buf text;
    buf_init(&text, STORE_MAX);
    (void)buf_addf(&text, "url=%s\n", m->gnss.next_url);
    (void)nvram_put(m, STORE, buf_span(&text));
    buf_fini(&text);
}

void gnss_init(struct modem *m)
{
    struct buf text;
    struct span name;
    struct span value;
    m->gnss.started = sched_now(m->sched);
    buf_init(&text, STORE_MAX);
    nvram_get(m, STORE, &text);
    struct span rest = buf_span(&text);
    while (nvram_line(&rest, &name, &value)) {
        if (span_eq(name, SPAN_LIT("url")) && value.n <= GNSS_URL_MAX) {
            copy_url(m->gnss.next_url, value);
        }
    }
    buf_fini(&text);
}

void gnss_fini(struct modem *m)
{
    struct gnss *g = &m->gnss;
    struct timer *timers[] = { &g->fix_timer,  &g->stop_timer, &g->info_timer, &g->gnss_info_timer,
                               &g->nmea_timer, &g->test_timer, &g->xtra_timer };
    for (size_t i = 0; i < ARRAY_LEN(timers); i++) {
        timer_stop(timers[i]);
    }
}

void gnss_reset(struct modem *m)
{
    struct gnss *g = &m->gnss;
    gnss_fini(m);
    g->state = GNSS_OFF;
    g->mode = GNSS_STANDALONE;
    g->nmea_mask = m->set.cgpsnmea;
    g->systems = m->set.cgnssmode[0];
    copy_url(g->url, span_str(g->next_url));
}

void gnss_power_on(struct modem *m)
{
    if (m->set.cgpsauto == 1) {
        (void)gnss_start(m, GNSS_STANDALONE, GNSS_START_AUTO);
    }
}
