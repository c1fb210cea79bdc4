/* A publish cycle over AT: topic, payload, AT+CMQTTPUB until "+CMQTTPUB: 0,0". Its floor is the sum
 * of two: as many turns with as many bytes on the bare pty echo, and libmosquitto publishing the
 * same message. */
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "base/check.h"
#include "bench/at_client.h"
#include "bench/emulator.h"
#include "bench/mqtt_floor.h"
#include "bench/table.h"

#define ROUNDS  1600
#define WARM_UP 20
#define TURNS   5

#define TOPIC   "modem0/t"
#define PAYLOAD "{\"message\":\"Hello\"}"
#define PROMPT  "\r\n>"
#define OK      "\r\nOK\r\n"

#define TURN(request, answer)                                                                      \
    {                                                                                              \
        { (const uint8_t *)(request), sizeof(request) - 1 },                                       \
        {                                                                                          \
            (const uint8_t *)(answer), sizeof(answer) - 1                                          \
        }                                                                                          \
    }

static const struct at_turn cycles[2][TURNS] = {
    {
        TURN("AT+CMQTTTOPIC=0,8\r", PROMPT),
        TURN(TOPIC, OK),
        TURN("AT+CMQTTPAYLOAD=0,19\r", PROMPT),
        TURN(PAYLOAD, OK),
        TURN("AT+CMQTTPUB=0,0,60\r", OK "\r\n+CMQTTPUB: 0,0\r\n"),
    },
    {
        TURN("AT+CMQTTTOPIC=0,8\r", PROMPT),
        TURN(TOPIC, OK),
        TURN("AT+CMQTTPAYLOAD=0,19\r", PROMPT),
        TURN(PAYLOAD, OK),
        TURN("AT+CMQTTPUB=0,1,60\r", OK "\r\n+CMQTTPUB: 0,0\r\n"),
    },
};

static double cycle(int fd, int qos, bool check)
{
    char answers[TURNS][AT_ANSWER_MAX];
    uint64_t from = clock_ns();
    for (size_t i = 0; i < TURNS; i++) {
        at_turn(fd, &cycles[qos][i], answers[i]);
    }
    double took = (double)(clock_ns() - from);
    for (size_t i = 0; i < TURNS && check; i++) {
        at_check(&cycles[qos][i], answers[i]);
    }
    return took;
}

/* The byte counts are the same for both QoS: one echo serves both. */
static int open_echo(struct process *echo, const struct bench *b)
{
    char counts[TURNS][24];
    char path[PATH_MAX];
    const char *argv[TURNS + 2] = { b->echo };
    for (size_t i = 0; i < TURNS; i++) {
        const struct at_turn *t = &cycles[0][i];
        (void)snprintf(counts[i], sizeof counts[i], "%zu:%zu", t->request.n, t->answer.n);
        argv[i + 1] = counts[i];
    }
    process_start(echo, argv);
    process_ready(echo, path, sizeof path);
    return at_open(path);
}

struct rig {
    struct emulator emulator;
    struct mqtt_floor *mqtt;
    struct process echo;
    int echo_fd;
    int qos;
};

/* QoS 0 ends before the broker has looked at the message. A PUBACK shows that it has: so its work
 * for one message does not take time from the next measurement. */
static void settle(struct rig *rig)
{
    (void)mqtt_floor_publish(rig->mqtt, TOPIC, SPAN_LIT(PAYLOAD), 1);
}

static void round_of_both(void *ctx, double *ret_ours, double *ret_floor)
{
    struct rig *rig = ctx;
    *ret_ours = cycle(rig->emulator.fd, rig->qos, true);
    settle(rig);
    *ret_floor = cycle(rig->echo_fd, rig->qos, false);
    *ret_floor += mqtt_floor_publish(rig->mqtt, TOPIC, SPAN_LIT(PAYLOAD), rig->qos);
    settle(rig);
}

static void measure_profile(const struct bench *b, struct table *t, const char *profile,
                            const struct row rows[2])
{
    struct rig rig;
    emulator_start(&rig.emulator, b, profile, "1");
    emulator_talk(&rig.emulator, b);
    emulator_prepare(&rig.emulator, b);
    (void)emulator_connect(&rig.emulator, b, 0);
    rig.echo_fd = open_echo(&rig.echo, b);
    rig.mqtt = mqtt_floor_new(b);
    for (rig.qos = 0; rig.qos < 2; rig.qos++) {
        struct comparison c;
        comparison_run(&c, round_of_both, &rig, bench_rounds(b, ROUNDS), WARM_UP);
        table_comparison(t, rows[rig.qos], &c);
        comparison_free(&c);
    }
    mqtt_floor_free(rig.mqtt);
    (void)close(rig.echo_fd);
    process_stop(&rig.echo);
    emulator_disconnect(&rig.emulator, 0);
    emulator_stop(&rig.emulator);
}

void measure_publish(const struct bench *b, struct table *t)
{
    static const struct row sync_rows[2] = {
        { .figure = "publish cycle, QoS 0", .ratio_max = 1.3 },
        { .figure = "publish cycle, QoS 1", .ratio_max = 1.3 },
    };
    static const struct row async_rows[2] = {
        { .figure = "publish cycle, QoS 0, sim7600-async" },
        { .figure = "publish cycle, QoS 1, sim7600-async" },
    };
    measure_profile(b, t, "sim7600", sync_rows);
    measure_profile(b, t, "sim7600-async", async_rows);
}
