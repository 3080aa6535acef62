#ifndef PB_HTTP_RETRY_H
#define PB_HTTP_RETRY_H

#include <stdbool.h>
#include <stddef.h>

/* How long to wait before the next attempt. All times are in seconds. */

/* Exponential back-off with full jitter: `random` (from 0 up to 1) times a ceiling that is `base`
 * after the first failed try (`attempt` 1) and doubles with each one more, up to `cap`. */
double pb_retry_delay(unsigned attempt, double base, double cap, double random);

/* Reads the value of a Retry-After header, which is a number of seconds or an HTTP date, into the
 * seconds to wait from `now` (Unix seconds): 0 for what is past, `most` at most. A fraction, which
 * RFC 9110 does not know but some servers send, counts. False when the value is neither. */
bool pb_retry_after(const char *text, size_t length, double now, double most, double *seconds);

#endif
