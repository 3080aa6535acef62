#include "http/retry.h"

#include <math.h>

double pb_retry_delay(unsigned attempt, double base, double cap, double random) {
  /* A double holds at most 1023 doublings; the cap is reached long before. */
  int doublings = attempt <= 1 ? 0 : attempt > 1024 ? 1023 : (int)attempt - 1;
  double ceiling = ldexp(base, doublings);
  if (!(ceiling < cap)) ceiling = cap;
  return ceiling > 0 ? ceiling * random : 0;
}
