#ifndef PB_BASE_DECIMAL_SPAN_H
#define PB_BASE_DECIMAL_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The significant digits of a decimal where they stand in its text: those from `at` to `end`, among which a point does
 * not count, times ten to the `exponent`. Neither the first nor the last of them is 0; of 0 there are none. */
typedef struct {
  const char *at, *end;
  int64_t exponent;
  bool minus;
} pb_decimal_span;

/* `text` is exactly one valid JSON number. */
pb_decimal_span pb_decimal_span_of(const char *text, size_t length);

#endif
