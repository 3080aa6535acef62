/* The writer's strings and numbers, read back: the same bits come out, and a number's text says what it
 * said. The first byte of the input chooses what the rest is taken for. */

#include "fuzz.h"

#include <math.h>

#include "base/decimal.h"
#include "base/number.h"
#include "base/utf8.h"
#include "json/find.h"
#include "json/reader.h"
#include "json/writer.h"

static void try_string(const char *text, size_t size) {
  pb_buffer out;
  pb_json_error error;
  pb_buffer_init(&out);
  FUZZ_HOLDS(pb_buffer_add_text(&out, "before"));
  pb_json_written written = pb_json_write_string(&out, text, size);
  bool good = pb_utf8_check(text, size, NULL);
  FUZZ_HOLDS(written == (good ? PB_JSON_WRITTEN : PB_JSON_BAD_UTF8));
  FUZZ_HOLDS(memcmp(out.data, "before", 6) == 0);
  if (good) {
    const char *json = out.data + 6;
    size_t length = out.length - 6;
    FUZZ_HOLDS(pb_json_check(json, length, NULL, &error));
    char *back = fuzz_copy(json + 1, length - 2);
    FUZZ_HOLDS(pb_json_unescape(json + 1, length - 2, back) == size);
    FUZZ_HOLDS(memcmp(back, text, size) == 0);
    free(back);
  } else {
    FUZZ_HOLDS(out.length == 6);
  }
  pb_buffer_free(&out);
}

static void try_integer(int64_t integer) {
  pb_buffer out;
  pb_buffer_init(&out);
  FUZZ_HOLDS(pb_number_write_integer(&out, integer));
  FUZZ_HOLDS(pb_buffer_add_char(&out, '\0'));
  char expected[32];
  snprintf(expected, sizeof expected, "%lld", (long long)integer);
  FUZZ_HOLDS(strcmp(out.data, expected) == 0);
  pb_decimal number = pb_decimal_read(out.data, out.length - 1);
  FUZZ_HOLDS(number.kind == PB_DECIMAL_INTEGER && number.integer == integer);
  pb_buffer_free(&out);
}

static bool same(double a, double b) {
  return memcmp(&a, &b, sizeof a) == 0;
}

static void try_double(double value) {
  pb_buffer out;
  pb_buffer_init(&out);
  FUZZ_HOLDS(pb_number_write_double(&out, value));
  const char *expected;
  FUZZ_HOLDS(pb_decimal_end(out.data, out.data + out.length, &expected) == out.data + out.length);
  FUZZ_HOLDS(!expected);
  pb_decimal number = pb_decimal_read(out.data, out.length);
  FUZZ_HOLDS(number.kind == PB_DECIMAL_DOUBLE && same(number.real, value));
  FUZZ_HOLDS(pb_buffer_add_char(&out, '\0') && same(strtod(out.data, NULL), value));
  if (value != 0) {
    char digits[PB_DOUBLE_DIGITS], shorter[64];
    int exponent;
    int count = pb_decimal_shortest(fabs(value), digits, &exponent);
    FUZZ_HOLDS(count >= 1 && count <= 17 && digits[count - 1] != '0' && digits[0] != '0');
    if (count > 1) {
      /* The nearest decimal with a digit less is another number. */
      snprintf(shorter, sizeof shorter, "%.*e", count - 2, value);
      FUZZ_HOLDS(strtod(shorter, NULL) != value);
    }
  }
  pb_buffer_free(&out);
}

/* The digits without zeros at either end, and the power of ten of the first: equal for equal numbers. */
typedef struct {
  char digits[4096];
  size_t count;
  long long exponent;
} decimal;

static decimal read_decimal(const char *at) {
  decimal d = {.count = 0};
  bool fraction = false;
  long long behind =
      0; /* digits behind the point, or in front of it (negative), at the last one kept */
  if (*at == '-') at++;
  for (; (*at >= '0' && *at <= '9') || *at == '.'; at++) {
    if (*at == '.') {
      fraction = true;
      continue;
    }
    behind += fraction;
    if (d.count > 0 || *at != '0') d.digits[d.count++] = *at;
  }
  /* Beyond this one exponent is like the other: no number is so long that its digits make up for it. */
  const long long enough = 1000000000000;
  long long written = *at ? strtoll(at + 1, NULL, 10) : 0;
  if (written > enough) written = enough;
  if (written < -enough) written = -enough;
  d.exponent = written - behind + (long long)d.count - 1;
  while (d.count > 0 && d.digits[d.count - 1] == '0') d.count--;
  if (d.count == 0) d.exponent = 0;
  return d;
}

static bool says_the_same(const char *a, const char *b) {
  decimal first = read_decimal(a), second = read_decimal(b);
  return first.count == second.count && first.exponent == second.exponent &&
         memcmp(first.digits, second.digits, first.count) == 0;
}

static void try_number_text(const char *data, size_t size) {
  const char *expected, *end = pb_decimal_end(data, data + size, &expected);
  FUZZ_HOLDS(end >= data && end <= data + size);
  if (expected || end == data) return;
  size_t length = (size_t)(end - data);
  if (length >= 4000) return; /* more digits than `decimal` has room for */
  pb_decimal number = pb_decimal_read(data, length);
  char text[4001], shortest[64];
  memcpy(text, data, length);
  text[length] = '\0';
  bool plain = strspn(text, "-0123456789") == length;
  double real = strtod(text, NULL);
  int count = 0;
  /* Digits that it does not look at may decide to which of two doubles a number is nearer. */
  double near = pb_decimal_near(data, length);
  FUZZ_HOLDS(near == real || near == nextafter(real, near));
  FUZZ_HOLDS(length > 30 || same(near, real));
  if (isfinite(real)) {
    char digits[PB_DOUBLE_DIGITS] = "0";
    int exponent = 0;
    count = real == 0 ? 1 : pb_decimal_shortest(fabs(real), digits, &exponent);
    snprintf(shortest, sizeof shortest, "%.*se%d", count, digits, exponent - count + 1);
  }
  switch (number.kind) {
  case PB_DECIMAL_INTEGER:
    snprintf(shortest, sizeof shortest, "%lld", (long long)number.integer);
    FUZZ_HOLDS(plain && strcmp(shortest, text) == 0);
    break;
  case PB_DECIMAL_DOUBLE:
    FUZZ_HOLDS(same(number.real, real));
    FUZZ_HOLDS(!plain || strcmp(text, "-0") == 0);
    FUZZ_HOLDS(says_the_same(text, shortest));
    break;
  case PB_DECIMAL_LONG:
    /* Neither an int64_t nor a double says it. */
    if (plain) {
      snprintf(shortest, sizeof shortest, "%lld", strtoll(text, NULL, 10));
      FUZZ_HOLDS(strcmp(shortest, text) != 0);
    } else {
      FUZZ_HOLDS(count == 0 || !says_the_same(text, shortest));
    }
    break;
  }
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  (void)argc;
  (void)argv;
  return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size == 0) return 0;
  char *rest = fuzz_copy(data + 1, size - 1);
  int64_t integer;
  double real;
  switch (data[0] % 4) {
  case 0:
    try_string(rest, size - 1);
    break;
  case 1:
    try_number_text(rest, size - 1);
    break;
  case 2:
    if (size < 1 + sizeof integer) break;
    memcpy(&integer, rest, sizeof integer);
    try_integer(integer);
    break;
  default:
    if (size < 1 + sizeof real) break;
    memcpy(&real, rest, sizeof real);
    if (isfinite(real)) try_double(real);
  }
  free(rest);
  return 0;
}
