#include "base/multiple.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/decimal_span.h"

enum { ROOM = 48 };

/* The decimal of a number, as it is sent; `room` may hold its text. */
static pb_decimal_span decimal_of(const pb_number *number, char room[ROOM]) {
  pb_buffer out;
  pb_buffer_init_fixed(&out, room, ROOM);
  if (number->whole) pb_number_write_integer(&out, number->integer);
  else if (!number->digits) pb_number_write_double(&out, number->real);
  const char *text = number->digits ? number->digits : room;
  return pb_decimal_span_of(text, number->digits ? number->length : out.length);
}

static uint64_t add(uint64_t a, uint64_t b, uint64_t modulus) {
  return a >= modulus - b ? a - (modulus - b) : a + b;
}

static uint64_t multiply(uint64_t a, uint64_t b, uint64_t modulus) {
  uint64_t product = 0;
  for (; b > 0; b >>= 1) {
    if (b & 1) product = add(product, a, modulus);
    a = add(a, a, modulus);
  }
  return product;
}

/* The digits modulo a number above 0. */
static uint64_t remainder_of(const pb_decimal_span *d, uint64_t modulus) {
  /* Below this, no intermediate result overflows. */
  bool small = modulus < UINT64_MAX / 10;
  uint64_t rest = 0;
  for (const char *at = d->at; at < d->end; at++) {
    if (*at == '.') continue;
    uint64_t digit = (uint64_t)(*at - '0');
    rest = small ? (rest * 10 + digit) % modulus
                 : add(multiply(rest, 10, modulus), digit % modulus, modulus);
  }
  return rest;
}

/* The digits as a number; 0 where there are more than 19. Up to 19 digits always fit. */
static uint64_t digits_of(const pb_decimal_span *d) {
  uint64_t value = 0;
  int count = 0;
  for (const char *at = d->at; at < d->end; at++) {
    if (*at == '.') continue;
    if (++count > 19) return 0;
    value = value * 10 + (uint64_t)(*at - '0');
  }
  return value;
}

bool pb_number_is_multiple(const pb_number *value, const pb_number *of) {
  if (value->whole && of->whole) return value->integer % of->integer == 0;
  char value_room[ROOM], of_room[ROOM];
  pb_decimal_span dividend = decimal_of(value, value_room), divisor = decimal_of(of, of_room);
  if (dividend.at == dividend.end) return true;
  int64_t power = dividend.exponent - divisor.exponent;
  /* In units of the dividend's last digit, which is not 0, the divisor is a multiple of ten. */
  if (power < 0) return false;
  uint64_t modulus = digits_of(&divisor), rest = remainder_of(&dividend, modulus);
  for (uint64_t ten = 10 % modulus; power > 0 && rest > 0; power >>= 1) {
    if (power & 1) rest = multiply(rest, ten, modulus);
    ten = multiply(ten, ten, modulus);
  }
  return rest == 0;
}

/* The decimal, above 0, times ten to the `power`, if that is a whole number of at most 17 digits. */
static bool scaled(const pb_decimal_span *d, int64_t power, int64_t *value) {
  enum { MOST_DIGITS = 17 };
  int64_t zeros = d->exponent + power, size = (int64_t)digits_of(d);
  if (zeros < 0 || zeros > MOST_DIGITS || d->end - d->at > MOST_DIGITS) return false;
  for (; zeros > 0; zeros--) {
    if (size >= INT64_C(10000000000000000)) return false;
    size *= 10;
  }
  *value = size;
  return true;
}

/* Writes `value` divided by ten to the `places`. */
static void write_scaled(int64_t value, int places, char out[PB_MULTIPLE_SIZE]) {
  char digits[PB_MULTIPLE_SIZE];
  int count = snprintf(digits, sizeof digits, "%0*" PRId64, places + 1, value < 0 ? -value : value);
  int whole = count - places;
  snprintf(out, PB_MULTIPLE_SIZE, "%s%.*s%s%s", value < 0 ? "-" : "", whole, digits,
           places ? "." : "", digits + whole);
  if (!places) return;
  char *end = out + strlen(out);
  while (end[-1] == '0') *--end = '\0';
  if (end[-1] == '.') end[-1] = '\0';
}

int pb_number_multiples_near(const pb_number *value, const pb_number *of,
                             char near[2][PB_MULTIPLE_SIZE]) {
  enum { MOST_PLACES = 15 };
  const double most = 1e17, as_good_as = 1e-9;
  char room[ROOM];
  pb_decimal_span divisor = decimal_of(of, room);
  int64_t places = divisor.exponent < 0 ? -divisor.exponent : 0, unit;
  if (places > MOST_PLACES || !scaled(&divisor, places, &unit)) return 0;
  double count = value->real / of->real, nearest = floor(count + 0.5);
  if (!(fabs(count) + 1 < most / (double)unit)) return 0;
  bool only = fabs(count - nearest) < as_good_as;
  int64_t first = (int64_t)(only ? nearest : floor(count)) * unit;
  write_scaled(first, (int)places, near[0]);
  if (only) return 1;
  write_scaled(first + unit, (int)places, near[1]);
  return 2;
}
