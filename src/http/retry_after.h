#ifndef PB_HTTP_RETRY_AFTER_H
#define PB_HTTP_RETRY_AFTER_H

#include <stdbool.h>
#include <stddef.h>

/* The header Retry-After. RFC 9110 knows whole seconds and an HTTP date; servers send more than that. */

typedef struct {
  const char *text;
  size_t length;
} pb_header_value;

/* Reads the value of a Retry-After header into the seconds to wait: 0 for the past, `most` at most. Known are
 *
 *   120   1.5   120s   "120"   500 ms   1m30s      seconds, with a fraction, a unit, in quotes
 *   1793000000   1793000000123                     Unix time in seconds, milliseconds or finer
 *   an HTTP date in each of RFC 9110's forms, with another zone, without one (UTC) or without a weekday
 *   2026-10-21T07:28:00Z   2026-10-21 07:28:00     ISO 8601, UTC where no zone is given
 *   Wed Oct 21 2026 09:28:00 GMT+0200 (CEST)       as JavaScript writes a date
 *
 * A point in time is compared with `date`, the value of the response's Date header, and only where that is not
 * readable (or its text NULL) with `now`, this machine's Unix time: either clock may be wrong. A zone by an
 * unknown name is understood where `date` has the same. False where the value makes no sense. */
bool pb_retry_after(pb_header_value value, pb_header_value date, double now, double most,
                    double *seconds);

#endif
