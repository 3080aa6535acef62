#include "base/decimal.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* With these options, numbers would lose digits, and NaN and infinities would pass for numbers. */
#if defined(__FAST_MATH__) || (defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__)
#error                                                                                             \
    "Patchbay's numbers are exact, which -ffast-math and -Ofast are not: compile it without them."
#endif

/* All powers of ten that a double holds exactly. */
static const double powers_of_ten[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                       1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                       1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
enum {
  EXACT_POWERS = 22,
  /* Two different decimals of up to 15 digits never read as the same normal double. */
  SAFE_DIGITS = DBL_DIG,
  /* Beyond these exponents of the first digit, the only doubles are 0 and infinity. */
  HIGHEST_EXPONENT = DBL_MAX_10_EXP,
  LOWEST_EXPONENT = -324
};

/* Whether an operation on doubles rounds only once. On x87, whose registers are wider, it does not. */
#if defined(FLT_EVAL_METHOD) && FLT_EVAL_METHOD == 0
#define ROUNDS_ONCE 1
#else
#define ROUNDS_ONCE 0
#endif

/* A decimal: the integer digits[0..count), times ten to the exponent. */
typedef struct {
  char digits[PB_DOUBLE_DIGITS];
  int count;
  int64_t exponent;
  bool too_long; /* there are more significant digits than `digits` has room for */
} decimal;

static bool is_digit(char byte) {
  return byte >= '0' && byte <= '9';
}

static const char *skip_digits(const char *at, const char *end) {
  while (at < end && is_digit(*at)) at++;
  return at;
}

const char *pb_decimal_end(const char *at, const char *end, const char **expected) {
  *expected = "a digit";
  if (at < end && *at == '-') at++;
  if (at == end || !is_digit(*at)) return at;
  at = *at == '0' ? at + 1 : skip_digits(at, end);
  if (at < end && *at == '.') {
    at++;
    if (at == end || !is_digit(*at)) return at;
    at = skip_digits(at, end);
  }
  if (at < end && (*at == 'e' || *at == 'E')) {
    at++;
    if (at < end && (*at == '+' || *at == '-')) at++;
    else *expected = "a digit, '+' or '-'";
    if (at == end || !is_digit(*at)) return at;
    at = skip_digits(at, end);
  }
  *expected = NULL;
  return at;
}

/* Calls strtod(3). A text without a decimal point reads the same in any locale. */
static double to_double(const char *digits, int count, int exponent) {
  char text[2 * PB_DOUBLE_DIGITS + 16];
  memcpy(text, digits, (size_t)count);
  snprintf(text + count, sizeof text - (size_t)count, "e%d", exponent);
  return strtod(text, NULL);
}

int64_t pb_decimal_exponent(const char *at, const char *end) {
  if (at == end) return 0;
  at++;
  bool minus = *at == '-';
  if (!is_digit(*at)) at++;
  /* Larger than any text is long, so that no run of zeros brings the number back into range. */
  const int64_t enough = INT64_C(1000000000000);
  int64_t exponent = 0;
  for (; at < end && exponent < enough; at++) exponent = exponent * 10 + (*at - '0');
  return minus ? -exponent : exponent;
}

/* Holds zeros back until another digit follows, so that none is kept at the end. */
static decimal read_decimal(const char *at, const char *end) {
  decimal number = {.count = 0};
  int64_t zeros = 0;
  bool fraction = false;
  for (; at < end && *at != 'e' && *at != 'E'; at++) {
    if (*at == '.') {
      fraction = true;
      continue;
    }
    if (fraction) number.exponent--;
    if (*at == '0') {
      zeros += number.count > 0;
    } else if (number.count + zeros >= PB_DOUBLE_DIGITS) {
      number.too_long = true;
      return number;
    } else {
      memset(number.digits + number.count, '0', (size_t)zeros);
      number.count += (int)zeros;
      number.digits[number.count++] = *at;
      zeros = 0;
    }
  }
  number.exponent += zeros + pb_decimal_exponent(at, end);
  return number;
}

/* Whether a double holds `number`, which is not 0. `*value` is that double. */
static bool read_double(const decimal *number, double *value) {
  int64_t highest = number->exponent + number->count - 1;
  if (number->too_long || highest > HIGHEST_EXPONENT || highest < LOWEST_EXPONENT) return false;
  int exponent = (int)number->exponent;
  bool safe = number->count <= SAFE_DIGITS;
  if (safe && ROUNDS_ONCE && exponent >= -EXACT_POWERS && exponent <= EXACT_POWERS) {
    int64_t digits = 0;
    for (int i = 0; i < number->count; i++) digits = digits * 10 + (number->digits[i] - '0');
    *value = exponent < 0 ? (double)digits / powers_of_ten[-exponent]
                          : (double)digits * powers_of_ten[exponent];
    return true;
  }
  *value = to_double(number->digits, number->count, exponent);
  if (isinf(*value) || *value == 0) return false;
  if (safe && *value >= DBL_MIN) return true;
  char digits[PB_DOUBLE_DIGITS];
  int first_exponent;
  int count = pb_decimal_shortest(*value, digits, &first_exponent);
  return count == number->count && first_exponent == highest &&
         memcmp(digits, number->digits, (size_t)count) == 0;
}

static pb_decimal read_integer(const char *at, const char *end, bool minus) {
  const pb_decimal too_large = {.kind = PB_DECIMAL_LONG};
  const pb_decimal minus_zero = {.kind = PB_DECIMAL_DOUBLE, .real = -0.0};
  if (end - at > 19) return too_large;
  uint64_t size = 0; /* 19 digits always fit */
  for (; at < end; at++) size = size * 10 + (uint64_t)(*at - '0');
  if (size > (uint64_t)INT64_MAX + minus) return too_large;
  if (minus && size == 0) return minus_zero;
  int64_t integer = minus ? -(int64_t)(size - 1) - 1 : (int64_t)size;
  return (pb_decimal){.kind = PB_DECIMAL_INTEGER, .integer = integer};
}

pb_decimal pb_decimal_read(const char *text, size_t length) {
  const char *end = text + length;
  bool minus = *text == '-';
  const char *at = text + minus;
  if (skip_digits(at, end) == end) return read_integer(at, end, minus);
  decimal number = read_decimal(at, end);
  double value = 0;
  if (number.count > 0 && !read_double(&number, &value))
    return (pb_decimal){.kind = PB_DECIMAL_LONG};
  return (pb_decimal){.kind = PB_DECIMAL_DOUBLE, .real = minus ? -value : value};
}

double pb_decimal_near(const char *text, size_t length) {
  enum { KEPT = 2 * PB_DOUBLE_DIGITS };
  const char *at = text, *end = text + length;
  char digits[KEPT] = "0";
  int count = 0;
  int64_t exponent = 0;
  bool fraction = false, minus = *at == '-';
  for (at += minus; at < end && *at != 'e' && *at != 'E'; at++) {
    if (*at == '.') {
      fraction = true;
      continue;
    }
    bool kept = count < KEPT && (count > 0 || *at != '0');
    if (kept) digits[count++] = *at;
    exponent += fraction ? (kept || count == 0 ? -1 : 0) : (kept || count == 0 ? 0 : 1);
  }
  exponent += pb_decimal_exponent(at, end);
  /* Far beyond the range of doubles, with the digits or without them. */
  int bounded = exponent > 9999 ? 9999 : exponent < -9999 ? -9999 : (int)exponent;
  double value = to_double(digits, count > 0 ? count : 1, bounded);
  return minus ? -value : value;
}

/* Yields the digits of a number one by one, from the first that is not 0. */
typedef struct {
  const char *at, *end; /* `end`: of the digits, and the point among them */
  int64_t exponent;     /* of the first digit; the number is 0 if there is none */
  bool minus;
} digits_of;

static digits_of start_digits(const char *text, size_t length) {
  const char *end = text + length;
  digits_of d = {.at = text, .end = text, .minus = *text == '-', .exponent = -1};
  while (d.end < end && *d.end != 'e' && *d.end != 'E') d.end++;
  bool fraction = false;
  for (d.at += d.minus; d.at < d.end && (*d.at == '0' || *d.at == '.'); d.at++) {
    if (*d.at == '.') fraction = true;
    else d.exponent -= fraction;
  }
  if (!fraction)
    for (const char *at = d.at; at < d.end && *at != '.'; at++) d.exponent++;
  d.exponent += pb_decimal_exponent(d.end, end);
  return d;
}

static char next_digit(digits_of *d) {
  if (d->at < d->end && *d->at == '.') d->at++;
  return d->at < d->end ? *d->at++ : '0';
}

int pb_decimal_compare(const char *a, size_t a_length, const char *b, size_t b_length) {
  digits_of one = start_digits(a, a_length), other = start_digits(b, b_length);
  bool zero = one.at == one.end, other_zero = other.at == other.end;
  if (zero && other_zero) return 0;
  if (zero) return other.minus ? 1 : -1;
  if (other_zero || one.minus != other.minus) return one.minus ? -1 : 1;
  int greater = one.minus ? -1 : 1; /* the result, but for the sign, if `one` is the greater */
  if (one.exponent != other.exponent) return one.exponent > other.exponent ? greater : -greater;
  while (one.at < one.end || other.at < other.end) {
    char digit = next_digit(&one), other_digit = next_digit(&other);
    if (digit != other_digit) return digit > other_digit ? greater : -greater;
  }
  return 0;
}

static int without_last_zeros(const char *digits, int count) {
  while (count > 1 && digits[count - 1] == '0') count--;
  return count;
}

/* Finds a decimal of up to 15 digits divided by a small power of ten: the quotient of two exact doubles is
 * the double that reading the decimal gives. Returns 0 when `value` is no such decimal. */
static int shortest_by_division(double value, char *digits, int *exponent) {
  if (!ROUNDS_ONCE || value < 1e-7 || value >= 1e15) return 0;
  for (int power = 0; power <= EXACT_POWERS; power++) {
    double scaled = value * powers_of_ten[power];
    if (scaled >= 1e15 - 1) return 0;
    int64_t whole = (int64_t)(scaled + 0.5);
    if ((double)whole / powers_of_ten[power] != value) continue;
    char reversed[20];
    int count = 0;
    for (; whole > 0; whole /= 10) reversed[count++] = (char)('0' + whole % 10);
    for (int i = 0; i < count; i++) digits[i] = reversed[count - 1 - i];
    *exponent = count - 1 - power;
    return without_last_zeros(digits, count);
  }
  return 0;
}

/* Prints with snprintf(3), and skips whatever the locale puts between the digits. */
static void print_digits(double value, int count, char *digits, int *exponent) {
  char text[64];
  snprintf(text, sizeof text, "%.*e", count - 1, value);
  const char *at = text;
  for (; *at != 'e'; at++)
    if (is_digit(*at)) *digits++ = *at;
  *exponent = atoi(at + 1);
}

static void add_one_in_last_place(char *digits, int count, int *exponent) {
  int i = count - 1;
  while (i >= 0 && digits[i] == '9') digits[i--] = '0';
  if (i >= 0) {
    digits[i]++;
  } else {
    digits[0] = '1';
    ++*exponent;
  }
}

int pb_decimal_shortest(double value, char digits[PB_DOUBLE_DIGITS], int *exponent) {
  int count = shortest_by_division(value, digits, exponent);
  if (count > 0) return count;
  /* Below a power of two doubles are twice as dense as above it. So the nearest decimal, if it is below
   * the value, may not read back to it while the next one above does. */
  int binary_exponent;
  bool power_of_two = frexp(value, &binary_exponent) == 0.5;
  for (count = value < DBL_MIN ? 1 : SAFE_DIGITS; count < PB_DOUBLE_DIGITS; count++) {
    print_digits(value, count, digits, exponent);
    int attempts = power_of_two ? 2 : 1;
    for (int attempt = 0; attempt < attempts; attempt++) {
      if (attempt > 0) add_one_in_last_place(digits, count, exponent);
      if (to_double(digits, count, *exponent - count + 1) == value)
        return without_last_zeros(digits, count);
    }
  }
  print_digits(value, PB_DOUBLE_DIGITS, digits, exponent);
  return without_last_zeros(digits, count);
}
