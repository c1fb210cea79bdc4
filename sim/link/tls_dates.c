#include "sim/link/tls_dates.h"

/* Days from 1970-01-01 to a date of the Gregorian calendar; years begin in March so that the leap
 * day is the last. */
static int64_t days_from_civil(int64_t year, int64_t month, int64_t day)
{
    if (month <= 2) {
        year--;
        month += 12;
    }
    int64_t leap_days = year / 4 - year / 100 + year / 400;
    int64_t days_of_months = (153 * (month - 3) + 2) / 5;
    return 365 * year + leap_days + days_of_months + day - 1 - 719468;
}

int64_t tls_date_seconds(const mbedtls_x509_time *d)
{
    return ((days_from_civil(d->year, d->mon, d->day) * 24 + d->hour) * 60 + d->min) * 60 + d->sec;
}

uint32_t tls_dates_flags(uint32_t flags, const mbedtls_x509_crt *crt, bool check, int64_t now)
{
    flags &= ~(uint32_t)(MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE);
    if (!check) {
        return flags;
    }
    if (now > tls_date_seconds(&crt->valid_to)) {
        flags |= MBEDTLS_X509_BADCERT_EXPIRED;
    }
    if (now < tls_date_seconds(&crt->valid_from)) {
        flags |= MBEDTLS_X509_BADCERT_FUTURE;
    }
    return flags;
}
