#include "base/durations.h"

#include <math.h>

static const double SMALLEST = 1e-6, RATIO = 1.02;

void pb_durations_add(pb_durations *durations, double seconds) {
  static double log_ratio;
  if (log_ratio == 0) log_ratio = log(RATIO);
  if (seconds < 0) seconds = 0;
  int class = 0;
  if (seconds > SMALLEST) {
    double exact = log(seconds / SMALLEST) / log_ratio;
    class = exact < PB_DURATIONS_CLASSES - 1 ? (int)exact : PB_DURATIONS_CLASSES - 1;
  }
  durations->classes[class]++;
  if (durations->count++ == 0) durations->least = durations->most = seconds;
  if (seconds < durations->least) durations->least = seconds;
  if (seconds > durations->most) durations->most = seconds;
}

double pb_durations_percentile(const pb_durations *durations, double percent) {
  double rank = ceil(percent * (double)durations->count / 100);
  if (rank < 1) rank = 1;
  double seen = 0;
  int class = 0;
  while (class < PB_DURATIONS_CLASSES - 1 && (seen += (double)durations->classes[class]) < rank)
    class ++;
  double middle = SMALLEST * pow(RATIO, class + 0.5);
  return fmax(durations->least, fmin(durations->most, middle));
}
