/* Numeric addresses of IPv4 and IPv6, as text and as the socket functions want them. */
#ifndef SIM_HOST_ADDRESS_H
#define SIM_HOST_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#define ADDRESS_TEXT 64

/* Reads a numeric address; false when 'text' is a name. No name server is asked. */
bool address_numeric(const char *text, uint16_t port, struct sockaddr_storage *ret);

/* The address without the port. */
void address_text(const struct sockaddr *a, char ret_text[ADDRESS_TEXT]);

#endif
