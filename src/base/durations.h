#ifndef PB_BASE_DURATIONS_H
#define PB_BASE_DURATIONS_H

#include <stdint.h>

/* Durations, counted in classes whose bounds grow by PB_DURATIONS_RATIO: percentiles are accurate to 1 %, and the
 * size does not depend on how many there are. */

/* ln(1e12) / ln(1.02): classes from a microsecond to a million seconds. */
enum { PB_DURATIONS_CLASSES = 1396 };

typedef struct {
  uint64_t count;
  double least, most; /* seconds; of no meaning without any */
  uint64_t classes[PB_DURATIONS_CLASSES];
} pb_durations;

/* Counts one. A negative one counts as 0: a clock may step back. */
void pb_durations_add(pb_durations *durations, double seconds);

/* The time within which `percent` of them are, 0 to 100; there is at least one. */
double pb_durations_percentile(const pb_durations *durations, double percent);

#endif
