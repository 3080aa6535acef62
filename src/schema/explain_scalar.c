/* Rules for numbers and booleans. */

#include "base/multiple.h"
#include "schema/explain.h"

static bool is_low(const pb_schema *schema, const pb_number *number) {
  return schema->has_minimum &&
         pb_number_compare(number, &schema->minimum) < (schema->above_minimum ? 1 : 0);
}

static bool is_high(const pb_schema *schema, const pb_number *number) {
  return schema->has_maximum &&
         pb_number_compare(number, &schema->maximum) > (schema->below_maximum ? -1 : 0);
}

static bool is_listed(const pb_schema *schema, const pb_number *number) {
  for (size_t i = 0; i < schema->number_count; i++)
    if (pb_number_compare(number, &schema->numbers[i]) == 0) return true;
  return schema->number_count == 0;
}

static bool is_multiple(const pb_schema *schema, const pb_number *number) {
  return !schema->has_multiple_of || pb_number_is_multiple(number, &schema->multiple_of);
}

static void say_numbers(const pb_schema *schema, pb_buffer *message) {
  size_t count = schema->number_count;
  for (size_t i = 0; i < pb_choice_listed(count); i++) {
    pb_choice_separate(i, count, message);
    pb_number_show(message, &schema->numbers[i]);
  }
  pb_choice_end(count, message);
}

/* Appends the multiples to write instead that obey all other rules. */
static void add_multiples(const pb_schema *schema, const pb_number *number, pb_buffer *message) {
  char beside[2][PB_MULTIPLE_SIZE];
  int count = pb_number_multiples_near(number, &schema->multiple_of, beside);
  const char *before = "; write ";
  for (int i = 0; i < count; i++) {
    size_t length = strlen(beside[i]);
    pb_number offer = pb_number_of_digits(beside[i], length);
    if (is_low(schema, &offer) || is_high(schema, &offer) || !is_listed(schema, &offer) ||
        (schema->type == PB_INTEGER && !offer.whole))
      continue;
    pb_buffer_add_text(message, before);
    pb_buffer_add(message, beside[i], length);
    before = " or ";
  }
}

bool pb_schema_check_number(const pb_schema *schema, const pb_number *number, pb_buffer *message) {
  bool low = is_low(schema, number), high = !low && is_high(schema, number);
  bool listed = is_listed(schema, number), multiple = is_multiple(schema, number);
  if (!low && !high && listed && multiple) return true;
  pb_buffer_add_text(message, "expected ");
  if (!listed) {
    say_numbers(schema, message);
  } else if (low) {
    pb_buffer_add_text(message, schema->above_minimum ? "more than " : "at least ");
    pb_number_show(message, &schema->minimum);
  } else if (high) {
    pb_buffer_add_text(message, schema->below_maximum ? "less than " : "at most ");
    pb_number_show(message, &schema->maximum);
  } else {
    pb_buffer_add_text(message, "a multiple of ");
    pb_number_show(message, &schema->multiple_of);
  }
  if (schema->secret) return false;
  pb_buffer_add_text(message, ", got ");
  pb_number_show(message, number);
  if (listed && !low && !high) add_multiples(schema, number, message);
  return false;
}

bool pb_schema_check_boolean(const pb_schema *schema, bool value, pb_buffer *message) {
  if (!(value ? schema->not_true : schema->not_false)) return true;
  pb_buffer_add_text(message, value ? "expected false" : "expected true");
  if (!schema->secret) pb_buffer_add_text(message, value ? ", got true" : ", got false");
  return false;
}
