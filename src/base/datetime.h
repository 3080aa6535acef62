#ifndef PB_BASE_DATETIME_H
#define PB_BASE_DATETIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Points in time as text. Plain arithmetic on the Gregorian calendar of the years 0 to 9999: neither
 * the machine's time zone nor its locale has a say. */

typedef enum {
  /* RFC 9110's three: "Sun, 06 Nov 1994 08:49:37 GMT" (which is what is written), "Sunday, 06-Nov-94
   * 08:49:37 GMT", "Sun Nov  6 08:49:37 1994". The day's name must be one, but is not held against
   * the date: some servers get it wrong, and the date is plain without it. */
  PB_DATETIME_HTTP,
  /* RFC 3339: "2026-01-31T12:00:00.5+01:00". The zone is never left out. Fractions may have any
   * number of digits; those beyond nanoseconds are dropped. Written with "Z", and with a fraction
   * only where there is one. */
  PB_DATETIME_RFC3339,
  /* "05/02/2025 06:36:13 PM", month first, taken as UTC. Leading zeros may be missing. */
  PB_DATETIME_US
} pb_datetime_format;

/* Seconds since 1970-01-01T00:00:00Z as POSIX counts them, rounded down, and what is above them.
 * A leap second (23:59:60 UTC on the last day of a month) is the second that follows it. */
typedef struct {
  int64_t seconds;
  int32_t nanoseconds; /* 0 to 999,999,999 */
} pb_instant;

/* False when `text` is not exactly a time in this format; `instant` is then not set. `now`, in Unix
 * seconds, decides the century of RFC 850's two-digit years: at most 50 years ahead. */
bool pb_datetime_parse(const char *text, size_t length, pb_datetime_format format, int64_t now,
                       pb_instant *instant);

enum { PB_DATETIME_SIZE = 48 }; /* more than the longest form takes, with its NUL */

/* Writes `instant` in UTC, NUL-terminated, and returns the length; 0 when it lies outside the years
 * 0 to 9999. Formats without fractions drop them. */
size_t pb_datetime_write(pb_instant instant, pb_datetime_format format, char out[PB_DATETIME_SIZE]);

#endif
