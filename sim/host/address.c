#include "sim/host/address.h"

#include <uv.h>

bool address_numeric(const char *text, uint16_t port, struct sockaddr_storage *ret)
{
    *ret = (struct sockaddr_storage){ 0 };
    return uv_ip4_addr(text, port, (struct sockaddr_in *)(void *)ret) == 0 ||
           uv_ip6_addr(text, port, (struct sockaddr_in6 *)(void *)ret) == 0;
}

void address_text(const struct sockaddr *a, char ret_text[ADDRESS_TEXT])
{
    ret_text[0] = '\0';
    if (a->sa_family == AF_INET6) {
        (void)uv_ip6_name((const struct sockaddr_in6 *)(const void *)a, ret_text, ADDRESS_TEXT);
    } else if (a->sa_family == AF_INET) {
        (void)uv_ip4_name((const struct sockaddr_in *)(const void *)a, ret_text, ADDRESS_TEXT);
    }
}
