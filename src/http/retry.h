#ifndef PB_HTTP_RETRY_H
#define PB_HTTP_RETRY_H

#include <stdbool.h>
#include <stddef.h>

/* How long to wait before the next attempt. All times are in seconds. */

/* Exponential back-off with full jitter: `random` (from 0 up to 1) times a ceiling, which is `base` after
 * the first failed attempt (`attempt` 1) and doubles with each further one, up to `cap`. */
double pb_retry_delay(unsigned attempt, double base, double cap, double random);

/* Reads the value of a Retry-After header, a number of seconds or an HTTP date, as the seconds to wait
 * from `now` (Unix seconds): 0 for the past, `most` at most. Accepts a fraction, which RFC 9110 does not
 * have but some servers send. Returns false when the value is neither. */
bool pb_retry_after(const char *text, size_t length, double now, double most, double *seconds);

#endif
