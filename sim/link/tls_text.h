/* Numbers of TLS in words, for details and trace. Pure tables. */
#ifndef SIM_LINK_TLS_TEXT_H
#define SIM_LINK_TLS_TEXT_H

#include <stdbool.h>
#include <stdint.h>

/* The name of an alert description as RFC 5246 7.2 spells it; "unknown alert" for other numbers. */
const char *tls_alert_name(uint8_t description);

/* True for alerts by which a peer refuses a handshake or a certificate (RFC 5246 7.2.2). A server
 * may send one of these after our Finished. */
bool tls_alert_refuses_handshake(uint8_t description);

/* What a client waits for or does in handshake state 'state' (mbedtls_ssl_states). */
const char *tls_step_name(int state);

#endif
