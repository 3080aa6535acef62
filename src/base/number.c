#include "base/number.h"

#include <float.h>
#include <math.h>

#include "base/decimal.h"

/* From its negative up to below it, whole doubles are int64_t. */
static const double INTEGERS_END = 9223372036854775808.0;

pb_number pb_number_of_integer(int64_t integer) {
  return (pb_number){.whole = true, .integer = integer, .real = (double)integer};
}

pb_number pb_number_of_double(double real) {
  if (real == floor(real) && real >= -INTEGERS_END && real < INTEGERS_END)
    return pb_number_of_integer((int64_t)real);
  return (pb_number){.real = real};
}

pb_number pb_number_of_digits(const char *digits, size_t length) {
  pb_decimal number = pb_decimal_read(digits, length);
  if (number.kind == PB_DECIMAL_INTEGER) return pb_number_of_integer(number.integer);
  if (number.kind == PB_DECIMAL_DOUBLE) return pb_number_of_double(number.real);
  return (pb_number){.real = pb_decimal_near(digits, length), .digits = digits, .length = length};
}

bool pb_number_write_integer(pb_buffer *buffer, int64_t value) {
  char text[20];
  char *at = text + sizeof text;
  uint64_t size = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
  do *--at = (char)('0' + size % 10);
  while ((size /= 10) > 0);
  if (value < 0) *--at = '-';
  return pb_buffer_add(buffer, at, (size_t)(text + sizeof text - at));
}

/* Exponents in this range are written as zeros, which people read more easily. */
enum { LOWEST_PLAIN_EXPONENT = -5, HIGHEST_PLAIN_EXPONENT = 16 };

static char *put(char *to, const char *bytes, int count) {
  memcpy(to, bytes, (size_t)count);
  return to + count;
}

static char *put_zeros(char *to, int count) {
  memset(to, '0', (size_t)count);
  return to + count;
}

bool pb_number_write_double(pb_buffer *buffer, double value) {
  char digits[PB_DOUBLE_DIGITS] = "0";
  int exponent = 0;
  int count = value == 0 ? 1 : pb_decimal_shortest(fabs(value), digits, &exponent);
  char text[40];
  char *to = text;
  if (signbit(value)) *to++ = '-';
  if (exponent < LOWEST_PLAIN_EXPONENT || exponent > HIGHEST_PLAIN_EXPONENT) {
    *to++ = digits[0];
    if (count > 1) {
      *to++ = '.';
      to = put(to, digits + 1, count - 1);
    }
    *to++ = 'e';
    *to++ = exponent < 0 ? '-' : '+';
    int size = exponent < 0 ? -exponent : exponent;
    if (size >= 100) *to++ = (char)('0' + size / 100);
    *to++ = (char)('0' + size / 10 % 10);
    *to++ = (char)('0' + size % 10);
  } else if (exponent < 0) {
    to = put(to, "0.", 2);
    to = put_zeros(to, -exponent - 1);
    to = put(to, digits, count);
  } else if (count <= exponent + 1) {
    to = put(to, digits, count);
    to = put_zeros(to, exponent + 1 - count);
    to = put(to, ".0", 2);
  } else {
    to = put(to, digits, exponent + 1);
    *to++ = '.';
    to = put(to, digits + exponent + 1, count - exponent - 1);
  }
  return pb_buffer_add(buffer, text, (size_t)(to - text));
}

/* Returns the number as JSON: its own text, or one written to `room`. */
enum { MOST_DIGITS = DBL_MAX_10_EXP + 8 };
static const char *text_of(const pb_number *number, char room[MOST_DIGITS], size_t *length) {
  *length = number->length;
  if (number->digits) return number->digits;
  pb_buffer text;
  pb_buffer_init_fixed(&text, room, MOST_DIGITS);
  if (number->whole) pb_number_write_integer(&text, number->integer);
  else if (number->real == floor(number->real)) pb_buffer_format(&text, "%.0f", number->real);
  else pb_number_write_double(&text, number->real);
  *length = text.length;
  return room;
}

int pb_number_compare(const pb_number *a, const pb_number *b) {
  if (a->whole && b->whole) return (a->integer > b->integer) - (a->integer < b->integer);
  /* The nearest double is monotonic: the greater of two numbers never has the lesser double. */
  if (a->real != b->real) return a->real > b->real ? 1 : -1;
  char a_room[MOST_DIGITS], b_room[MOST_DIGITS];
  size_t a_length, b_length;
  const char *a_text = text_of(a, a_room, &a_length), *b_text = text_of(b, b_room, &b_length);
  return pb_decimal_compare(a_text, a_length, b_text, b_length);
}

/* Below this every whole number has a double of its own. */
static const double EXACT = 9007199254740992.0;

/* Whole doubles without fraction and exponent, as far as doubles tell them apart: a phone number must not
 * come out as 6.5e+12. */
static void show_double(pb_buffer *out, double number) {
  if (isnan(number)) pb_buffer_add_text(out, "NaN");
  else if (!isfinite(number)) pb_buffer_format(out, "%g", number);
  else if (number == floor(number) && fabs(number) < EXACT) pb_buffer_format(out, "%.0f", number);
  else pb_number_write_double(out, number);
}

void pb_number_show(pb_buffer *out, const pb_number *number) {
  if (number->length > PB_NUMBER_SHOWN) {
    pb_buffer_add(out, number->digits, PB_NUMBER_SHOWN);
    pb_buffer_format(out, "… (%zu characters)", number->length);
  } else if (number->digits) {
    pb_buffer_add(out, number->digits, number->length);
  } else if (number->whole) {
    pb_number_write_integer(out, number->integer);
  } else {
    show_double(out, number->real);
  }
}
