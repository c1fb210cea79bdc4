#include "broker/comparison.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

int comparison_number(const char *text, double *ret_number)
{
    if (*text == '\0' || strspn(text, "0123456789+-.eE") != strlen(text)) {
        return -EINVAL; /* strtod() would take "inf", hexadecimal digits and white space */
    }
    char *end = NULL;
    errno = 0;
    *ret_number = strtod(text, &end);
    return *end == '\0' && errno == 0 ? 0 : -EINVAL;
}

/* Reads exactly 'count' digits and steps over them. */
static int read_digits(const char **text, int count, int *ret_number)
{
    *ret_number = 0;
    for (int i = 0; i < count; i++) {
        char c = **text;
        if (c < '0' || c > '9') {
            return -EINVAL;
        }
        *ret_number = 10 * *ret_number + (c - '0');
        (*text)++;
    }
    return 0;
}

/* Days from 1970-01-01 to a day of the Gregorian calendar. */
static long long days_since_1970(int year, int month, int day)
{
    static const int before[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 };
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    long long last = (long long)year - 1;
    long long leap_days = last / 4 - last / 100 + last / 400 + (leap && month > 2 ? 1 : 0);
    long long of_1970 = 719162; /* days before 1970, counted the same way */
    return last * 365 + leap_days + before[month - 1] + day - 1 - of_1970;
}

static int read_date(const char **text, double *ret_seconds)
{
    int year = 0;
    int month = 0;
    int day = 0;
    if (read_digits(text, 4, &year) != 0 || *(*text)++ != '-' ||
        read_digits(text, 2, &month) != 0 || *(*text)++ != '-' || read_digits(text, 2, &day) != 0) {
        return -EINVAL;
    }
    if (year < 1 || month < 1 || month > 12 || day < 1 || day > 31) {
        return -EINVAL;
    }
    *ret_seconds = 86400.0 * (double)days_since_1970(year, month, day);
    return 0;
}

/* Behind the minutes: seconds and a part of them. */
static int read_seconds(const char **text, double *seconds)
{
    int whole = 0;
    if (**text != ':') {
        return 0;
    }
    (*text)++;
    if (read_digits(text, 2, &whole) != 0 || whole > 60) {
        return -EINVAL;
    }
    *seconds += whole;
    if (**text != '.') {
        return 0;
    }
    (*text)++;
    double unit = 0.1;
    int digit = 0;
    if (read_digits(text, 1, &digit) != 0) {
        return -EINVAL;
    }
    do {
        *seconds += unit * digit;
        unit /= 10;
    } while (**text >= '0' && **text <= '9' && read_digits(text, 1, &digit) == 0);
    return 0;
}

/* Z or +01:00; the offset is how far the local clock is ahead. */
static int read_zone(const char **text, double *seconds)
{
    int hours = 0;
    int minutes = 0;
    char sign = *(*text)++;
    if (sign == 'Z') {
        return 0;
    }
    if ((sign != '+' && sign != '-') || read_digits(text, 2, &hours) != 0) {
        return -EINVAL;
    }
    if (**text == ':') {
        (*text)++;
    }
    if (read_digits(text, 2, &minutes) != 0 || hours > 14 || minutes > 59) {
        return -EINVAL;
    }
    double offset = 3600.0 * hours + 60.0 * minutes;
    *seconds -= sign == '+' ? offset : -offset;
    return 0;
}

int comparison_time(const char *text, double *ret_seconds)
{
    if (strchr(text, '-') == NULL || *text == '-') {
        return comparison_number(text, ret_seconds);
    }
    const char *at = text;
    if (read_date(&at, ret_seconds) != 0) {
        return -EINVAL;
    }
    if (*at == '\0') {
        return 0;
    }
    int hour = 0;
    int minute = 0;
    if (*at++ != 'T' || read_digits(&at, 2, &hour) != 0 || *at++ != ':' ||
        read_digits(&at, 2, &minute) != 0 || hour > 24 || minute > 59) {
        return -EINVAL;
    }
    *ret_seconds += 3600.0 * hour + 60.0 * minute;
    if (read_seconds(&at, ret_seconds) != 0 || read_zone(&at, ret_seconds) != 0) {
        return -EINVAL;
    }
    return *at == '\0' ? 0 : -EINVAL;
}

int comparison_ip_range(const char *text, struct ip_range *ret_range)
{
    char address[INET6_ADDRSTRLEN] = "";
    size_t length = strcspn(text, "/");
    if (length >= sizeof address) {
        return -EINVAL;
    }
    memcpy(address, text, length);
    *ret_range = (struct ip_range){ .family = strchr(address, ':') == NULL ? AF_INET : AF_INET6 };
    if (inet_pton(ret_range->family, address, ret_range->address) != 1) {
        return -EINVAL;
    }
    unsigned most = ret_range->family == AF_INET ? 32 : 128;
    ret_range->bits = most;
    if (text[length] == '\0') {
        return 0;
    }
    const char *bits = text + length + 1;
    if (*bits == '\0' || strlen(bits) > 3 || strspn(bits, "0123456789") != strlen(bits)) {
        return -EINVAL;
    }
    ret_range->bits = (unsigned)strtoul(bits, NULL, 10);
    return ret_range->bits <= most ? 0 : -EINVAL;
}

bool comparison_ip_in(const struct ip_range *range, const char *address)
{
    struct ip_range one = { 0 };
    if (comparison_ip_range(address, &one) != 0 || strchr(address, '/') != NULL ||
        one.family != range->family) {
        return false;
    }
    for (unsigned bit = 0; bit < range->bits; bit++) {
        unsigned mask = 0x80U >> (bit % 8);
        if (((one.address[bit / 8] ^ range->address[bit / 8]) & mask) != 0) {
            return false;
        }
    }
    return true;
}
