#include "broker/gateway_clients.h"
#include "base/check.h"

#include <stdlib.h>

enum { ID_MAX = 128, FILTER_MAX = 65535 };

static size_t position_of(const struct gateway_filters *filters, struct span text)
{
    size_t i = 0;
    while (i < filters->count && !span_eq(buf_span(&filters->item[i]->text), text)) {
        i++;
    }
    return i;
}

struct gateway_filter *gateway_filters_find(const struct gateway_filters *filters, struct span text)
{
    size_t at = position_of(filters, text);
    return at < filters->count ? filters->item[at] : NULL;
}

bool gateway_filters_add(struct gateway_filters *filters, struct span text)
{
    struct gateway_filter *filter = gateway_filters_find(filters, text);
    if (filter == NULL) {
        if (filters->count == GATEWAY_FILTERS_MAX) {
            return false;
        }
        filter = xcalloc(1, sizeof *filter);
        buf_init(&filter->text, FILTER_MAX);
        CHECK(buf_add(&filter->text, text));
        filter->exact = memchr(text.p, '+', text.n) == NULL && memchr(text.p, '#', text.n) == NULL;
        filters->item[filters->count++] = filter;
    }
    filter->retained_due = filter->exact;
    return true;
}

static void free_filter(struct gateway_filter *filter)
{
    buf_fini(&filter->text);
    free(filter);
}

void gateway_filters_remove(struct gateway_filters *filters, struct span text)
{
    size_t at = position_of(filters, text);
    if (at < filters->count) {
        free_filter(filters->item[at]);
        filters->item[at] = filters->item[--filters->count];
    }
}

void gateway_filters_clear(struct gateway_filters *filters)
{
    while (filters->count > 0) {
        free_filter(filters->item[--filters->count]);
    }
}

static void free_client(struct gateway_client *client)
{
    gateway_filters_clear(&client->filters);
    buf_fini(&client->id);
    free(client);
}

/* Takes the one that was used longest ago out of the list, unless it is connected. */
static void forget_one(struct gateway_clients *clients)
{
    struct gateway_client **oldest = NULL;
    for (struct gateway_client **at = &clients->first; *at != NULL; at = &(*at)->next) {
        oldest = (*at)->current == NULL ? at : oldest;
    }
    if (oldest != NULL) {
        struct gateway_client *client = *oldest;
        *oldest = client->next;
        free_client(client);
        clients->count--;
    }
}

struct gateway_client *gateway_clients_get(struct gateway_clients *clients, struct span id)
{
    struct gateway_client **at = &clients->first;
    while (*at != NULL && !span_eq(buf_span(&(*at)->id), id)) {
        at = &(*at)->next;
    }
    struct gateway_client *client = *at;
    if (client != NULL) {
        *at = client->next;
    } else {
        if (clients->count >= GATEWAY_CLIENTS_MAX) {
            forget_one(clients);
        }
        client = xcalloc(1, sizeof *client);
        buf_init(&client->id, ID_MAX);
        CHECK(buf_add(&client->id, id));
        clients->count++;
    }
    client->next = clients->first;
    clients->first = client;
    return client;
}

void gateway_clients_fini(struct gateway_clients *clients)
{
    while (clients->first != NULL) {
        struct gateway_client *client = clients->first;
        clients->first = client->next;
        free_client(client);
    }
    clients->count = 0;
}
