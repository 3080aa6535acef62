#include "http/retry.h"

#include <math.h>

#include "base/datetime.h"

double pb_retry_delay(unsigned attempt, double base, double cap, double random) {
  /* 1023 doublings are all that a double holds; the cap is long reached by then. */
  int doublings = attempt <= 1 ? 0 : attempt > 1024 ? 1023 : (int)attempt - 1;
  double ceiling = ldexp(base, doublings);
  if (!(ceiling < cap)) ceiling = cap;
  return ceiling > 0 ? ceiling * random : 0;
}

/* Digits, perhaps with a fraction, and perhaps negative, which is past. */
static bool read_seconds(const char *at, const char *end, double *seconds) {
  bool negative = at < end && *at == '-';
  if (negative) at++;
  const char *from = at;
  double value = 0, place = 1;
  for (; at < end && *at >= '0' && *at <= '9'; at++) value = value * 10 + (*at - '0');
  if (at == from) return false;
  if (at < end && *at == '.') {
    from = ++at;
    for (; at < end && *at >= '0' && *at <= '9'; at++) value += (place /= 10) * (*at - '0');
    if (at == from) return false;
  }
  *seconds = negative ? 0 : value;
  return at == end;
}

bool pb_retry_after(const char *text, size_t length, double now, double most, double *seconds) {
  const char *end = text + length;
  while (text < end && (*text == ' ' || *text == '\t')) text++;
  while (end > text && (end[-1] == ' ' || end[-1] == '\t')) end--;
  double wait;
  if (!read_seconds(text, end, &wait)) {
    pb_instant then;
    if (!(fabs(now) < 1e15)) return false; /* no time of this calendar */
    if (!pb_datetime_parse(text, (size_t)(end - text), PB_DATETIME_HTTP, (int64_t)now, &then))
      return false;
    wait = (double)then.seconds - now;
  }
  if (wait > most) wait = most;
  *seconds = wait > 0 ? wait : 0;
  return true;
}

void pb_bucket_init(pb_bucket *bucket, double rate, double burst, double now) {
  *bucket = (pb_bucket){.rate = rate, .burst = burst, .tokens = burst, .updated = now};
}

static void fill(pb_bucket *bucket, double now) {
  if (now <= bucket->updated) return;
  double tokens = bucket->tokens + (now - bucket->updated) * bucket->rate;
  bucket->tokens = tokens < bucket->burst ? tokens : bucket->burst;
  bucket->updated = now;
}

double pb_bucket_take(pb_bucket *bucket, double now, double cost) {
  /* Seconds. Less is rounding: who has waited as long as was said must not wait again, even when the
   * clock shows Unix seconds, of which a double holds 2^-22. What is missing stays owed. */
  static const double grain = 1e-6;
  if (cost > bucket->burst) cost = bucket->burst;
  fill(bucket, now);
  double held = bucket->updated > now ? bucket->updated - now : 0;
  double missing = cost - bucket->tokens;
  double wait = held + (missing > 0 ? missing / bucket->rate : 0);
  if (wait > grain) return wait;
  bucket->tokens -= cost;
  return 0;
}

void pb_bucket_drain(pb_bucket *bucket, double now, double seconds) {
  double until = now + (seconds > 0 ? seconds : 0);
  bucket->tokens = 0;
  if (until > bucket->updated) bucket->updated = until;
}

void pb_bucket_set_rate(pb_bucket *bucket, double now, double rate) {
  fill(bucket, now);
  bucket->rate = rate;
}
