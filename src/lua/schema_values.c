#include "lua/schema_values.h"

#include <math.h>

/* A limit and the one that excludes itself: the stricter one counts. */
static void compile_limit(pb_description *c, int index, bool lower, bool *has, pb_number *limit,
                          bool *exclusive) {
  const char *key = lower ? "minimum" : "maximum";
  const char *other = lower ? "exclusiveMinimum" : "exclusiveMaximum";
  pb_number outside;
  *has = pb_description_number(c, index, key, limit);
  int type = pb_description_field(c, index, other);
  if (type == LUA_TNIL) return;
  if (type == LUA_TBOOLEAN)
    pb_description_fail(
        c,
        "%s must be a number, the limit itself, as in OpenAPI 3.1: write %s = 5 instead "
        "of %s = 5, %s = true",
        other, other, key, other);
  outside = pb_description_number_at_top(c, other);
  int order = *has ? pb_number_compare(&outside, limit) : 0;
  if (*has && (lower ? order < 0 : order > 0)) return;
  *has = *exclusive = true;
  *limit = outside;
}

void pb_compile_limits(pb_description *c, int index, pb_schema *schema) {
  compile_limit(c, index, true, &schema->has_minimum, &schema->minimum, &schema->above_minimum);
  compile_limit(c, index, false, &schema->has_maximum, &schema->maximum, &schema->below_maximum);
  schema->has_multiple_of = pb_description_number(c, index, "multipleOf", &schema->multiple_of);
  if (schema->has_multiple_of && !(schema->multiple_of.real > 0))
    pb_description_fail(c, "multipleOf must be above 0");
}

/* Takes the value at the top, which is popped, into the place `i` of the values. */
static void take_value(pb_description *c, pb_schema *schema, const char *what, int i) {
  pb_number number;
  switch (schema->type) {
  case PB_STRING:
    schema->enumeration[i] = pb_description_text_at_top(c, what);
    return;
  case PB_BOOLEAN:
    if (lua_type(c->L, -1) != LUA_TBOOLEAN) pb_description_fail(c, "%s must be a boolean", what);
    if (lua_toboolean(c->L, -1)) schema->not_true = false;
    else schema->not_false = false;
    lua_pop(c->L, 1);
    return;
  default:
    number = pb_description_number_at_top(c, what);
    if (schema->type == PB_INTEGER && number.real != floor(number.real))
      pb_description_fail(c, "%s must be a whole number", what);
    schema->numbers[i] = number;
  }
}

static void make_room(pb_description *c, pb_schema *schema, int count) {
  size_t length = (size_t)count;
  if (schema->type == PB_STRING) {
    schema->enumeration = pb_description_take(c, length * sizeof *schema->enumeration);
    schema->enumeration_count = length;
  } else if (schema->type == PB_BOOLEAN) {
    schema->not_true = schema->not_false = true;
  } else {
    schema->numbers = pb_description_take(c, length * sizeof *schema->numbers);
    schema->number_count = length;
  }
}

void pb_compile_values(pb_description *c, int index, pb_schema *schema) {
  bool constant = pb_description_field(c, index, "const") != LUA_TNIL;
  if (constant) {
    make_room(c, schema, 1);
    take_value(c, schema, "const", 0);
  }
  int length = pb_description_list(c, index, "enum");
  if (length < 0) return;
  if (constant)
    pb_description_fail(c, "const and enum both say which values are allowed; write one of them");
  if (length == 0) pb_description_fail(c, "enum must have values");
  make_room(c, schema, length);
  for (int i = 0; i < length; i++) {
    lua_rawgeti(c->L, -1, i + 1);
    take_value(c, schema, "a value of enum", i);
  }
  lua_pop(c->L, 1);
}
