/* How the typed operators of a Condition read and compare values: numbers, times, IP addresses.
 * Pure; a value that is not of the type is an error here, never zero. */
#ifndef BROKER_COMPARISON_H
#define BROKER_COMPARISON_H

#include <stdbool.h>
#include <stdint.h>

/* An IPv4 or IPv6 range: 203.0.113.0/24, 2001:db8::/32, or one address. */
struct ip_range {
    int family;
    uint8_t address[16];
    unsigned bits;
};

/* Reads a decimal number, an exponent allowed. Returns 0 or -EINVAL. */
int comparison_number(const char *text, double *ret_number);

/* Reads a time as IAM writes it: ISO 8601 with Z or an offset ("2030-01-31", "2030-01-31T12:00Z",
 * "2030-01-31T12:00:00.5+01:00"), or seconds since 1970. Returns 0 and seconds, or -EINVAL. */
int comparison_time(const char *text, double *ret_seconds);

/* Returns 0 or -EINVAL. */
int comparison_ip_range(const char *text, struct ip_range *ret_range);

/* Whether 'address' (text) lies in the range; false for anything that is no address. */
bool comparison_ip_in(const struct ip_range *range, const char *address);

#endif
