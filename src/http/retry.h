#ifndef PB_HTTP_RETRY_H
#define PB_HTTP_RETRY_H

#include <stdbool.h>
#include <stddef.h>

/* When to try again, and how fast to go on: arithmetic alone. All times are seconds; `now` is any
 * clock that does not run backwards, except where it says Unix seconds. */

/* Exponential back-off with full jitter: `random` (from 0 up to 1) times a ceiling that is `base`
 * after the first failed try (`attempt` 1) and doubles with each one more, up to `cap`. */
double pb_retry_delay(unsigned attempt, double base, double cap, double random);

/* Reads the value of a Retry-After header, which is a number of seconds or an HTTP date, into the
 * seconds to wait from `now` (Unix seconds): 0 for what is past, `most` at most. A fraction, which
 * RFC 9110 does not know but some servers send, counts. False when the value is neither. */
bool pb_retry_after(const char *text, size_t length, double now, double most, double *seconds);

/* A token bucket: `rate` tokens come in per second, and it holds `burst` of them. */
typedef struct {
  double rate, burst; /* above 0 */
  double tokens;      /* at the time `updated` */
  double updated;     /* in the future while the bucket is held empty */
} pb_bucket;

/* A full bucket. `now` may be -HUGE_VAL where no clock is at hand yet. */
void pb_bucket_init(pb_bucket *bucket, double rate, double burst, double now);

/* Takes `cost` tokens and returns 0, or takes none and returns the seconds until they would be
 * there if nobody else took any. A cost above the burst counts as the burst. */
double pb_bucket_take(pb_bucket *bucket, double now, double cost);

/* Empties the bucket and lets nothing come in for `seconds`: what a server's "slow down" asks for.
 * A longer wait that is already running stays. */
void pb_bucket_drain(pb_bucket *bucket, double now, double seconds);

/* Goes on with another rate; what came in before `now` came at the old one. */
void pb_bucket_set_rate(pb_bucket *bucket, double now, double rate);

#endif
