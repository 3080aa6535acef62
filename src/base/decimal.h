#ifndef PB_BASE_DECIMAL_H
#define PB_BASE_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Decimal text and the numbers of the machine, without loss and whatever the locale is. */

typedef enum {
  PB_DECIMAL_INTEGER, /* no fraction, no exponent, and within int64_t */
  PB_DECIMAL_DOUBLE,  /* with fraction or exponent, or -0; the double says what the text says */
  PB_DECIMAL_LONG     /* neither: only the text itself holds the number */
} pb_decimal_kind;

typedef struct {
  pb_decimal_kind kind;
  int64_t integer; /* for PB_DECIMAL_INTEGER */
  double real;     /* for PB_DECIMAL_DOUBLE */
} pb_decimal;

/* The end of the number that starts at `at`. If none does, `*expected` (null otherwise) says what
 * is missing, and the answer is where. */
const char *pb_decimal_end(const char *at, const char *end, const char **expected);

/* What holds the number; `text` is exactly one valid JSON number. A double is said to hold it when
 * the shortest decimal that reads back to that double has the same value as the text. */
pb_decimal pb_decimal_read(const char *text, size_t length);

/* The double next to the number that `text`, which is exactly one valid JSON number, says; infinite where
 * it is beyond all doubles. For comparing: of very long numbers the last digits are not looked at. */
double pb_decimal_near(const char *text, size_t length);

/* Compares the numbers that two texts, each exactly one valid JSON number, say: < 0, 0, > 0. */
int pb_decimal_compare(const char *a, size_t a_length, const char *b, size_t b_length);

/* Significant digits at most: 17 tell any two doubles apart. */
enum { PB_DOUBLE_DIGITS = 17 };

/* The shortest decimal that reads back to `value` (finite, above 0), of those the one nearest to it:
 * d.ddd times ten to the `*exponent`. Returns how many digits, 1 to 17; the last is not '0'. */
int pb_decimal_shortest(double value, char digits[PB_DOUBLE_DIGITS], int *exponent);

#endif
