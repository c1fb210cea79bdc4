/* Faults on purpose: what each code of mqtt.result looks like in both styles, what stays of the
 * connection, and the errors of arming. */
#include "sim/modem/modem_int.h"
#include "sim/modem/modem_link_rig.h"

static struct fault_arg text_arg(const char *name, const char *text)
{
    return (struct fault_arg){ .name = span_str(name), .text = span_str(text) };
}

static struct fault_arg number_arg(const char *name, int32_t n)
{
    return (struct fault_arg){ .name = span_str(name), .is_number = true, .num = n };
}

static uint32_t arm(struct modem *m, struct span name, const struct fault_arg *args, size_t n,
                    char *error, size_t error_size)
{
    const struct fault_order order = { .name = name, .args = args, .n = n, .count = 1 };
    const struct fault *f = modem_fault(m, &order, error, error_size);
    return f == NULL ? 0 : f->number;
}

static void force(struct rig *r, const char *command, int32_t code)
{
    const struct fault_arg args[] = { text_arg("command", command), number_arg("code", code) };
    char error[256] = "";
    if (arm(r->m, SPAN_LIT("mqtt.result"), args, 2, error, sizeof error) == 0) {
        fail_msg("%s: %s", command, error);
    }
}

static void all_struck(const struct rig *r)
{
    for (const struct fault *f = modem_faults(r->m); f != NULL; f = f->next) {
        assert_int_equal(f->left, 0);
        assert_int_equal(f->fired, 1);
    }
}

static void acquire(struct rig *r)
{
    SAY(r, "ATE0\r", "ATE0\r" OKAY);
    SAY(r, "AT+CMQTTSTART\r", "\r\n+CMQTTSTART: 0\r\n\r\nOK\r\n");
    SAY(r, "AT+CMQTTACCQ=0,\"c\",0\r", OKAY);
}

static void connect_now(struct rig *r)
{
    SAY(r, "AT+CMQTTCONNECT=0,\"tcp://b.example:1883\",60,1\r", "");
    rig_up(r, 0);
    BROKER(r, 0, CONNACK_OK);
    SAID(r, "\r\nOK\r\n\r\n+CMQTTCONNECT: 0,0\r\n");
    r->link[0].sent.n = 0;
}

static bool has_code(const struct at_cmd *c)
{
    bool mqtt = strncmp(c->name, "+CMQTT", 6) == 0 && strstr(c->reply, "<err>") != NULL;
    bool accq = strcmp(c->name, "+CMQTTACCQ") == 0; /* its reply is that of the read form */
    return mqtt || accq;
}

/* Every command of the row has a line for a code, and every row with one is in it. */
static void list_of_commands(void **state)
{
    (void)state;
    const struct param *p = &fault_table_command.rows[0].params[0];
    size_t found = 0;
    for (size_t s = 0; s < modem_table.n; s++) {
        const struct at_service *service = modem_table.services[s];
        for (size_t i = 0; i < service->n; i++) {
            const struct at_cmd *c = &service->rows[i];
            bool listed = schema_word_place(p, span_str(c->name)) >= 0;
            assert_int_equal(listed, has_code(c));
            found += listed ? 1 : 0;
        }
    }
    assert_true(found >= 15);
}

static void data_commands(void **state)
{
    (void)state;
    struct rig r;
    rig_start(&r, "");
    acquire(&r);
    force(&r, "+CMQTTWILLMSG", 22);
    SAY(&r, "AT+CMQTTWILLMSG=0,3,1\r", "\r\n+CMQTTWILLMSG: 0,22\r\n\r\nERROR\r\n");
    force(&r, "+CMQTTWILLTOPIC", 2);
    SAY(&r, "AT+CMQTTWILLTOPIC=0,3\r", "\r\n>");
    SAY(&r, "a/b", "\r\n+CMQTTWILLTOPIC: 0,2\r\n\r\nERROR\r\n");
    all_struck(&r);
    rig_end(&r);
}

static void sync_results(void **state)
{
    (void)state;
    struct rig r;
    rig_start(&r, "");
    acquire(&r);
    force(&r, "+CMQTTCONNECT", 4);
    SAY(&r, "AT+CMQTTCONNECT=0,\"tcp://b.example:1883\",60,1\r", "");
    PASS(&r, 1, "\r\n+CMQTTCONNECT: 0,4\r\n\r\nERROR\r\n");
    connect_now(&r);
    force(&r, "+CMQTTSUB", 16);
    SAY(&r, "AT+CMQTTSUB=0,3,1\r", "\r\n>");
    SAY(&r, "a/b", "");
    PASS(&r, 1, "\r\n+CMQTTSUB: 0,16\r\n\r\nERROR\r\n");
    force(&r, "+CMQTTDISC", 5);
    SAY(&r, "AT+CMQTTDISC=0,60\r", "");
    PASS(&r, 1, "\r\n+CMQTTDISC: 0,5\r\n\r\nERROR\r\n");
    force(&r, "+CMQTTUNSUB", 6);
    SAY(&r, "AT+CMQTTUNSUB=0,3,0\r", "\r\n>");
    SAY(&r, "a/b", "");
    PASS(&r, 1, "\r\n+CMQTTUNSUB: 0,6\r\n\r\nERROR\r\n\r\n+CMQTTCONNLOST: 0,1\r\n");
    all_struck(&r);
    rig_end(&r);
}

static void async_results(void **state)
{
    (void)state;
    struct rig r;
    rig_start(&r, "result_style = async\n");
    acquire(&r);
    force(&r, "+CMQTTCONNECT", 15);
    SAY(&r, "AT+CMQTTCONNECT=0,\"tcp://b.example:1883\",60,1\r", OKAY);
    PASS(&r, 20, "\r\n+CMQTTCONNECT: 0,15\r\n");
    force(&r, "+CMQTTCONNECT", 33);
    SAY(&r, "AT+CMQTTCONNECT=0,\"tcp://b.example:1883\",60,1\r",
        "\r\n+CMQTTCONNECT: 0,33\r\n\r\nERROR\r\n");
    all_struck(&r);
    rig_end(&r);
}

static void errors(void **state)
{
    (void)state;
    struct rig r;
    char error[256];
    struct fault_arg args[] = { text_arg("command", "+CMQTTPUB"), number_arg("code", 36) };
    rig_start(&r, "");
    assert_int_equal(arm(r.m, SPAN_LIT("x"), args, 2, error, sizeof error), 0);
    assert_string_equal(error, "there is no fault 'x'; sim7600 --dump faults lists all");
    assert_int_equal(arm(r.m, SPAN_LIT("command.x"), args, 2, error, sizeof error), 0);
    assert_string_equal(error, "there is no fault 'command.x'; sim7600 --dump faults lists all, of "
                               "these: command.answer, command.delay");
    assert_int_equal(arm(r.m, SPAN_LIT("mqtt.result"), args, 2, error, sizeof error), 0);
    assert_string_equal(error, "mqtt.result: parameter 'code' takes a whole number from 1 to 35");
    assert_int_equal(arm(r.m, SPAN_LIT("mqtt.result"), args, 1, error, sizeof error), 0);
    assert_string_equal(
        error, "mqtt.result: parameter 'code' is missing; it takes a whole number from 1 to 35");
    args[0] = text_arg("colour", "red");
    assert_int_equal(arm(r.m, SPAN_LIT("mqtt.result"), args, 2, error, sizeof error), 0);
    assert_string_equal(error, "mqtt.result: unknown parameter 'colour'; it takes command, code");
    for (uint32_t i = 1; i <= FAULTS_MAX; i++) {
        force(&r, "+CMQTTPUB", 1);
    }
    args[0] = text_arg("command", "+CMQTTPUB");
    args[1] = number_arg("code", 1);
    assert_int_equal(arm(r.m, SPAN_LIT("mqtt.result"), args, 2, error, sizeof error), 0);
    assert_string_equal(error, "64 faults are armed already; clear one first");
    assert_true(modem_fault_clear(r.m, 3) && !modem_fault_clear(r.m, 3));
    rig_end(&r);
}

static void any_command(void **state)
{
    (void)state;
    struct rig r;
    char error[256];
    const struct fault_arg cme[] = { text_arg("command", "+csq"), text_arg("answer", "cme"),
                                     number_arg("code", 30) };
    const struct fault_arg none[] = { text_arg("command", "+CSQ"), text_arg("answer", "none") };
    rig_start(&r, "");
    SAY(&r, "ATE0;+CMEE=1\r", "ATE0;+CMEE=1\r" OKAY);
    assert_int_equal(arm(r.m, SPAN_LIT("command.answer"), cme, 3, error, 256), 1);
    assert_int_equal(arm(r.m, SPAN_LIT("command.answer"), none, 2, error, 256), 2);
    SAY(&r, "AT+CSQ\r", "\r\n+CME ERROR: 30\r\n");
    SAY(&r, "AT+CSQ\r", "");
    SAY(&r, "AT\r", OKAY);
    all_struck(&r);
    rig_end(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(list_of_commands), cmocka_unit_test(data_commands),
        cmocka_unit_test(sync_results),     cmocka_unit_test(async_results),
        cmocka_unit_test(errors),           cmocka_unit_test(any_command),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
