#ifndef PB_BASE_DATETIME_H
#define PB_BASE_DATETIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Points in time as text: plain arithmetic on the Gregorian calendar of the years 0 to 9999, which ignores
 * the machine's time zone and locale. */

typedef enum {
  /* The three formats of RFC 9110: "Sun, 06 Nov 1994 08:49:37 GMT", which is the one written, "Sunday,
   * 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994". The name of the day must be valid, but is not
   * compared with the date: some servers get it wrong, and the date is clear without it. */
  PB_DATETIME_HTTP,
  /* RFC 3339: "2026-01-31T12:00:00.5+01:00". The zone is required. Fractions may have any number of
   * digits; those beyond nanoseconds are dropped. Written with "Z", and with a fraction only if there is
   * one. */
  PB_DATETIME_RFC3339,
  /* "05/02/2025 06:36:13 PM", month first, taken as UTC. Leading zeros may be missing. */
  PB_DATETIME_US
} pb_datetime_format;

/* Seconds since 1970-01-01T00:00:00Z as POSIX counts them, rounded down, and the fraction. A leap second
 * (23:59:60 UTC on the last day of a month) counts as the second after it. */
typedef struct {
  int64_t seconds;
  int32_t nanoseconds; /* 0 to 999,999,999 */
} pb_instant;

/* Returns false, with `instant` unset, when `text` is not exactly a time in this format. `now`, in Unix
 * seconds, selects the century of the two-digit years of RFC 850: at most 50 years ahead. */
bool pb_datetime_parse(const char *text, size_t length, pb_datetime_format format, int64_t now,
                       pb_instant *instant);

enum { PB_DATETIME_SIZE = 48 }; /* longer than the longest form with its NUL */

/* Writes `instant` in UTC, NUL-terminated, and returns the length; 0 when it is outside the years 0 to
 * 9999. A format without fractions drops them. */
size_t pb_datetime_write(pb_instant instant, pb_datetime_format format, char out[PB_DATETIME_SIZE]);

#endif
