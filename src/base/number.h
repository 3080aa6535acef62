#ifndef PB_BASE_NUMBER_H
#define PB_BASE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"

/* Numbers as rules compare them, exactly, whatever holds them; and as text. The same number always gives the
 * same bytes, whatever the locale is. */

typedef struct {
  bool whole;         /* `integer` is the number */
  int64_t integer;    /* else 0 */
  double real;        /* the number, or the double next to it */
  const char *digits; /* where neither is the number: its text, one valid JSON number; else null */
  size_t length;
} pb_number;

pb_number pb_number_of_integer(int64_t integer);

/* `real` is finite. */
pb_number pb_number_of_double(double real);

/* `digits`, exactly one valid JSON number, has to live as long as the result is used. */
pb_number pb_number_of_digits(const char *digits, size_t length);

/* < 0, 0, > 0. */
int pb_number_compare(const pb_number *a, const pb_number *b);

/* A longer number is shortened where it is shown, and is no literal then. */
enum { PB_NUMBER_SHOWN = 60 };

/* Appends it as a script would write it, shortened. */
void pb_number_show(pb_buffer *out, const pb_number *number);

/* Appends digits; false when there is no memory. */
bool pb_number_write_integer(pb_buffer *buffer, int64_t value);

/* Appends the shortest decimal that reads back to `value`, which is finite, always with a fraction
 * or an exponent (1.0, 1e+300), so that a reader that knows integers gets a double again. False when
 * there is no memory. */
bool pb_number_write_double(pb_buffer *buffer, double value);

#endif
