/* AT+CMQTTCONNECT until "+CMQTTCONNECT: 0,0" with mutual TLS, against a plain client of the same
 * library. */
#include "bench/emulator.h"
#include "bench/table.h"
#include "bench/tls_floor.h"

#define ROUNDS  64
#define WARM_UP 2

struct rig {
    const struct bench *b;
    struct emulator emulator;
    struct tls_floor *floor;
};

static void round_of_both(void *ctx, double *ret_ours, double *ret_floor)
{
    struct rig *rig = ctx;
    *ret_ours = emulator_connect(&rig->emulator, rig->b, 0);
    emulator_disconnect(&rig->emulator, 0);
    *ret_floor = tls_floor_connect(rig->floor);
    tls_floor_disconnect(rig->floor);
}

void measure_connect(const struct bench *b, struct table *t)
{
    struct comparison c;
    struct rig rig = { .b = b, .floor = tls_floor_new(b) };
    emulator_start(&rig.emulator, b, "sim7600", "1");
    emulator_talk(&rig.emulator, b);
    emulator_prepare(&rig.emulator, b);
    comparison_run(&c, round_of_both, &rig, bench_rounds(b, ROUNDS), WARM_UP);
    const struct row row = { .figure = "mutual TLS and MQTT connect",
                             .unit = UNIT_MS,
                             .ratio_max = 1.2 };
    table_comparison(t, row, &c);
    comparison_free(&c);
    emulator_stop(&rig.emulator);
    tls_floor_free(rig.floor);
}
