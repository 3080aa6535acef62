#ifndef PB_HTTP_RETRY_H
#define PB_HTTP_RETRY_H

/* How long to wait before the next attempt. All times are in seconds. */

/* Exponential back-off with full jitter: `random` (from 0 up to 1) times a ceiling, which is `base` after
 * the first failed attempt (`attempt` 1) and doubles with each further one, up to `cap`. */
double pb_retry_delay(unsigned attempt, double base, double cap, double random);

#endif
