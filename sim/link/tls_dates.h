/* Validity dates of a certificate against the modem's own clock (AT+CSSLCFG="ignorelocaltime").
 * Pure. */
#ifndef SIM_LINK_TLS_DATES_H
#define SIM_LINK_TLS_DATES_H

#include <stdbool.h>
#include <stdint.h>

#include <mbedtls/x509_crt.h>

/* Seconds since 1970-01-01 UTC of a date in a certificate. */
int64_t tls_date_seconds(const mbedtls_x509_time *d);

/* The verification flags without the library's own opinion on dates, which comes from the machine's
 * clock; where 'check', with expired/not yet valid added by 'now'. */
uint32_t tls_dates_flags(uint32_t flags, const mbedtls_x509_crt *crt, bool check, int64_t now);

#endif
