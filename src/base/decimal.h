#ifndef PB_BASE_DECIMAL_H
#define PB_BASE_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Decimal text to and from the numbers of the machine, without loss, in any locale. */

typedef enum {
  PB_DECIMAL_INTEGER, /* no fraction, no exponent, and within int64_t */
  PB_DECIMAL_DOUBLE,  /* with a fraction or exponent, or -0; the double has the value of the text */
  PB_DECIMAL_LONG     /* neither: only the text itself holds the number */
} pb_decimal_kind;

typedef struct {
  pb_decimal_kind kind;
  int64_t integer; /* for PB_DECIMAL_INTEGER */
  double real;     /* for PB_DECIMAL_DOUBLE */
} pb_decimal;

/* Returns the end of the number that starts at `at`. If there is no number, `*expected` (otherwise null)
 * names the missing part, and the result is its position. */
const char *pb_decimal_end(const char *at, const char *end, const char **expected);

/* Reads `text`, which is exactly one valid JSON number. A double is said to hold it when the shortest
 * decimal that reads back to that double has the same value as the text. */
pb_decimal pb_decimal_read(const char *text, size_t length);

/* Reads the exponent at `at`, which is its "e", or the end, where the exponent is 0. One beyond 10^12 is cut off. */
int64_t pb_decimal_exponent(const char *at, const char *end);

/* The double nearest to the number in `text`, which is exactly one valid JSON number; infinite beyond all
 * doubles. For comparisons only: of very long numbers it ignores the last digits. */
double pb_decimal_near(const char *text, size_t length);

/* Compares two texts, each exactly one valid JSON number, by their values: < 0, 0, > 0. */
int pb_decimal_compare(const char *a, size_t a_length, const char *b, size_t b_length);

/* The most significant digits needed: 17 distinguish any two doubles. */
enum { PB_DOUBLE_DIGITS = 17 };

/* Writes the shortest decimal that reads back to `value` (finite, above 0), and of several the nearest:
 * d.ddd times ten to the `*exponent`. Returns the number of digits, 1 to 17; the last is not '0'. */
int pb_decimal_shortest(double value, char digits[PB_DOUBLE_DIGITS], int *exponent);

#endif
