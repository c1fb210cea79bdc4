/* What the modem keeps over power-off, as small text files of "name=value" lines: settings that are
 * stored by themselves (AUTO_SAVE in the manual), the AT&W profile, and files of other parts. A
 * file that does not parse is as good as none, line by line: firmware of another version may have
 * written it. */
#include "sim/modem/modem_int.h"

#define SETTINGS_FILE "settings"
#define PROFILE_FILE  "user-profile"
#define FILE_MAX      (16U * 1024)

void nvram_get(struct modem *m, const char *name, struct buf *ret)
{
    if (m->host->file_get(m->host_ctx, FILE_NVRAM, span_str(name), ret) != 0) {
        buf_clear(ret);
    }
}

bool nvram_put(struct modem *m, const char *name, struct span text)
{
    return m->host->file_put(m->host_ctx, FILE_NVRAM, span_str(name), text) == 0;
}

bool nvram_line(struct span *text, struct span *ret_name, struct span *ret_value)
{
    while (text->n > 0) {
        const uint8_t *end = memchr(text->p, '\n', text->n);
        struct span line = span_of(text->p, end == NULL ? text->n : (size_t)(end - text->p));
        *text = span_from(*text, line.n + 1);
        const uint8_t *equals = line.n == 0 ? NULL : memchr(line.p, '=', line.n);
        if (equals != NULL) {
            *ret_name = span_of(line.p, (size_t)(equals - line.p));
            *ret_value = span_from(line, ret_name->n + 1);
            return true;
        }
    }
    return false;
}

static bool put_settings(struct modem *m, const char *file, unsigned flag)
{
    struct buf text;
    buf_init(&text, FILE_MAX);
    for (size_t s = 0; s < modem_table.n; s++) {
        const struct at_service *service = modem_table.services[s];
        for (size_t r = 0; r < service->n; r++) {
            const struct at_cmd *row = &service->rows[r];
            if (row->setting != NULL && (row->setting->flags & flag) != 0) {
                (void)buf_addf(&text, "%s=", row->name);
                at_setting_text(m->ch, row, &text);
                (void)buf_add_byte(&text, '\n');
            }
        }
    }
    bool ok = nvram_put(m, file, buf_span(&text));
    buf_fini(&text);
    return ok;
}

static void load_settings(struct modem *m, const char *file, unsigned flag)
{
    struct buf text;
    buf_init(&text, FILE_MAX);
    nvram_get(m, file, &text);
    struct span rest = buf_span(&text);
    struct span name;
    struct span value;
    while (nvram_line(&rest, &name, &value)) {
        bool known = false;
        const struct at_cmd *row = at_index_find(m->index, name, -1, &known);
        if (row != NULL && row->setting != NULL && (row->setting->flags & flag) != 0) {
            (void)at_setting_load(m->ch, row, value);
        }
    }
    buf_fini(&text);
}

void nvram_load_settings(struct modem *m)
{
    load_settings(m, SETTINGS_FILE, AT_SET_AUTO);
    load_settings(m, PROFILE_FILE, AT_SET_SAVED);
}

void nvram_store_settings(struct modem *m)
{
    (void)put_settings(m, SETTINGS_FILE, AT_SET_AUTO);
}

bool nvram_store_profile(struct modem *m)
{
    return put_settings(m, PROFILE_FILE, AT_SET_SAVED);
}

void nvram_load_profile(struct modem *m)
{
    at_settings_default(m->ch, &modem_table, AT_SET_SAVED);
    load_settings(m, PROFILE_FILE, AT_SET_SAVED);
}
