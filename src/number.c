#include "number.h"

#include <float.h>
#include <math.h>

#include "json_number.h"
#include "json_writer.h"
#include "show.h"

/* How much of a long number an error shows. */
enum { SHOWN_DIGITS = 60 };

/* Below it, and from its negative on, whole doubles are int64_t. */
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
  pb_json_number number = pb_json_number_read(digits, length);
  if (number.kind == PB_JSON_INTEGER) return pb_number_of_integer(number.integer);
  if (number.kind == PB_JSON_DOUBLE) return pb_number_of_double(number.real);
  return (pb_number){
      .real = pb_json_number_near(digits, length), .digits = digits, .length = length};
}

/* The number as JSON: its own text, or what is written to `room`. */
enum { MOST_DIGITS = DBL_MAX_10_EXP + 8 };
static const char *text_of(const pb_number *number, char room[MOST_DIGITS], size_t *length) {
  *length = number->length;
  if (number->digits) return number->digits;
  pb_buffer text;
  pb_buffer_init_fixed(&text, room, MOST_DIGITS);
  if (number->whole) pb_json_write_integer(&text, number->integer);
  else if (number->real == floor(number->real)) pb_buffer_format(&text, "%.0f", number->real);
  else pb_json_write_double(&text, number->real);
  *length = text.length;
  return room;
}

int pb_number_compare(const pb_number *a, const pb_number *b) {
  if (a->whole && b->whole) return (a->integer > b->integer) - (a->integer < b->integer);
  /* Of two numbers the greater one is never next to the lesser double. */
  if (a->real != b->real) return a->real > b->real ? 1 : -1;
  char a_room[MOST_DIGITS], b_room[MOST_DIGITS];
  size_t a_length, b_length;
  const char *a_text = text_of(a, a_room, &a_length), *b_text = text_of(b, b_room, &b_length);
  return pb_json_number_compare(a_text, a_length, b_text, b_length);
}

void pb_number_show(pb_buffer *out, const pb_number *number) {
  if (number->length > SHOWN_DIGITS) {
    pb_buffer_add(out, number->digits, SHOWN_DIGITS);
    pb_buffer_format(out, "… (%zu characters)", number->length);
  } else if (number->digits) {
    pb_buffer_add(out, number->digits, number->length);
  } else if (number->whole) {
    pb_json_write_integer(out, number->integer);
  } else {
    pb_show_number(out, number->real);
  }
}
