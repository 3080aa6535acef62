#include "http/retry.h"

#include <math.h>

#include "base/datetime.h"

double pb_retry_delay(unsigned attempt, double base, double cap, double random) {
  /* A double holds at most 1023 doublings; the cap is reached long before. */
  int doublings = attempt <= 1 ? 0 : attempt > 1024 ? 1023 : (int)attempt - 1;
  double ceiling = ldexp(base, doublings);
  if (!(ceiling < cap)) ceiling = cap;
  return ceiling > 0 ? ceiling * random : 0;
}

/* Reads digits, with an optional fraction. A negative number is in the past. */
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
    if (!(fabs(now) < 1e15)) return false; /* not a time of this calendar */
    if (!pb_datetime_parse(text, (size_t)(end - text), PB_DATETIME_HTTP, (int64_t)now, &then))
      return false;
    wait = (double)then.seconds - now;
  }
  if (wait > most) wait = most;
  *seconds = wait > 0 ? wait : 0;
  return true;
}
