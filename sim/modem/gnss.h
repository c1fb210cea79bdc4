/* The GNSS receiver: off, searching, fixed (general-commands.md B4.9). What it hears and where it
 * is are the keys gnss.* and, where one is given, a track; its time is the network's, and it never
 * sets the modem's clock. Part of struct modem. */
#ifndef SIM_MODEM_GNSS_H
#define SIM_MODEM_GNSS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/sched.h"

#define GNSS_URL_MAX 256

struct modem;

enum gnss_state { GNSS_OFF, GNSS_SEARCHING, GNSS_FIXED, GNSS_CLOSING };

/* <mode> of CGPS */
enum { GNSS_STANDALONE = 1, GNSS_UE_BASED, GNSS_UE_ASSISTED };

struct gnss {
    enum gnss_state state;
    int32_t mode;
    struct timer fix_timer, stop_timer; /* to the first fix; to +CGPS: 0 */
    struct timer info_timer, gnss_info_timer, nmea_timer, test_timer, xtra_timer;
    bool knows_orbits; /* had a fix or assistance data at the time below */
    uint64_t known_at; /* sched time */
    uint64_t started;  /* sched time of modem_new: a track counts from there */
    /* as they were at power-on: CGPSNMEA, CGNSSMODE and CGPSURL take effect there */
    int32_t nmea_mask, systems;
    char url[GNSS_URL_MAX + 1], next_url[GNSS_URL_MAX + 1];
};

/* What the receiver knows at one moment. */
struct gnss_fix {
    bool running;          /* it searches or has a fix */
    int dims;              /* 0: no fix, 2, 3 */
    int64_t lat, lon;      /* 1e-9 degrees */
    int32_t alt_dm;        /* tenths of a metre */
    int32_t speed_dkn;     /* tenths of a knot */
    int32_t course_ddeg;   /* tenths of a degree, GNSS_UNKNOWN */
    int64_t utc;           /* s since 1970 */
    int tenths;            /* of the second */
    unsigned gps, glonass; /* satellites heard */
    bool has_glonass;      /* it listens to them */
};

void gnss_init(struct modem *m);
void gnss_reset(struct modem *m);
void gnss_fini(struct modem *m);
void gnss_power_on(struct modem *m); /* the modem is up: CGPSAUTO */
/* The keys gnss.* or the network have changed. */
void gnss_world_changed(struct modem *m);

bool gnss_on(const struct modem *m);

/* How a session begins: by what is known, or as CGPSHOT or CGPSCOLD says. */
enum gnss_start { GNSS_START_AUTO, GNSS_START_HOT, GNSS_START_COLD };

/* False when it is on already. */
bool gnss_start(struct modem *m, int32_t mode, enum gnss_start how);
/* False when it is off. +CGPS: 0 follows. */
bool gnss_stop(struct modem *m);
void gnss_forget(struct modem *m); /* CGPSDEL */
/* Fetches assistance data; +CGPSXD: follows. */
void gnss_fetch(struct modem *m);
void gnss_set_url(struct modem *m, struct span url); /* CGPSURL */

void gnss_now(const struct modem *m, struct gnss_fix *ret);

/* --- gnss_text.c: a moment as text, appended --- */
void gnss_info_text(const struct gnss_fix *f, struct buf *out);      /* 9 fields of CGPSINFO */
void gnss_info_long_text(const struct gnss_fix *f, struct buf *out); /* 16 of CGNSSINFO */
void gnss_assisted_text(const struct gnss_fix *f, struct buf *out);  /* 5 of +CAGPSINFO */
/* NMEA 0183 sentences, separated by CR LF; 'mask' as CGPSNMEA has it: bit 0 GGA, 1 RMC, 2 GSV,
 * 3 GSA, 4 VTG, 6 GLGSV, 7 GNGSA, 8 GNGNS. The others belong to systems that are never heard. */
void gnss_nmea_text(const struct gnss_fix *f, uint32_t mask, struct buf *out);
/* Signal of each satellite of one system, as CGPSFTM reports it; nothing when none is heard. */
void gnss_signal_text(const struct gnss_fix *f, bool glonass, struct buf *out);

#endif
