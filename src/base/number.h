#ifndef PB_BASE_NUMBER_H
#define PB_BASE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"

/* Exact numbers, as rules compare them, and their text. The same number always gives the same bytes, in
 * any locale. */

typedef struct {
  bool whole;         /* `integer` is the number */
  int64_t integer;    /* else 0 */
  double real;        /* the number, or the double nearest to it */
  const char *digits; /* its text, one valid JSON number, if it is neither of these; else null */
  size_t length;
} pb_number;

pb_number pb_number_of_integer(int64_t integer);

/* `real` is finite. */
pb_number pb_number_of_double(double real);

/* `digits`, which is exactly one valid JSON number, must live as long as the result. */
pb_number pb_number_of_digits(const char *digits, size_t length);

/* < 0, 0, > 0. */
int pb_number_compare(const pb_number *a, const pb_number *b);

/* The most digits of a number that an error shows; a shortened number is no literal. */
enum { PB_NUMBER_SHOWN = 60 };

/* Appends the number as a script would write it, shortened. */
void pb_number_show(pb_buffer *out, const pb_number *number);

/* Appends the integer. */
bool pb_number_write_integer(pb_buffer *buffer, int64_t value);

/* Appends the shortest decimal that reads back to `value`, which is finite. It always has a fraction or an
 * exponent (1.0, 1e+300), so that a reader that knows integers reads a double again. */
bool pb_number_write_double(pb_buffer *buffer, double value);

#endif
