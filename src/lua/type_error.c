#include "lua/type_error.h"

#include <math.h>

#include "base/decimal.h"
#include "base/show.h"
#include "lua/number.h"
#include "lua/record_mark.h"
#include "lua/table.h"
#include "schema/explain.h"
#include "schema/remedy.h"

static bool is_number(lua_State *L, int index) {
  pb_number number;
  return pb_lua_number_at(L, index, &number);
}

void pb_show_value(lua_State *L, int index, pb_buffer *out) {
  switch (lua_type(L, index)) {
  case LUA_TNIL:
  case LUA_TNONE:
    pb_buffer_add_text(out, "nil");
    return;
  case LUA_TBOOLEAN:
    pb_buffer_add_text(out, lua_toboolean(L, index) ? "true" : "false");
    return;
  case LUA_TSTRING: {
    size_t length;
    const char *text = lua_tolstring(L, index, &length);
    pb_buffer_add_text(out, "the string ");
    pb_show_text(out, text, length);
    return;
  }
  case LUA_TLIGHTUSERDATA:
    if (!lua_touserdata(L, index)) {
      pb_buffer_add_text(out, "null");
      return;
    }
    break;
  case LUA_TTABLE: {
    size_t length;
    const char *why;
    if (pb_is_record(L, index)) {
      pb_buffer_add_text(out, "a record");
      return;
    }
    pb_table_shape shape = pb_table_shape_of(L, index, &length, &why);
    pb_buffer_add_text(out, shape == PB_TABLE_MIXED   ? why
                            : shape == PB_TABLE_ARRAY ? "a list"
                            : shape == PB_TABLE_EMPTY ? "an empty table"
                                                      : "a table with named fields");
    return;
  }
  default:
    break;
  }
  pb_number number;
  if (pb_lua_number_at(L, index, &number)) {
    pb_buffer_add_text(out, "the number ");
    pb_number_show(out, &number);
    return;
  }
  pb_buffer_add_text(out, "a ");
  pb_buffer_add_text(out, luaL_typename(L, index));
}

static bool is_word(const char *text, size_t length, const char *word) {
  if (strlen(word) != length) return false;
  for (size_t i = 0; i < length; i++)
    if ((text[i] | 0x20) != word[i]) return false;
  return true;
}

/* Appends the text to write for a number where a string belongs: its digits in quotes, or the hint of the
 * format if that requires more than digits. */
static void add_quoted(lua_State *L, int index, const pb_schema *schema, pb_buffer *message) {
  pb_number number;
  pb_lua_number_at(L, index, &number);
  if (isnan(number.real) || (isinf(number.real) && !number.digits)) return;
  char text[64];
  pb_buffer shown;
  pb_buffer_init_fixed(&shown, text, sizeof text);
  if (!pb_lua_number_is_exact(L, index) || number.length > PB_NUMBER_SHOWN) {
    pb_buffer_add_text(message, "; write it in quotes, with all its digits");
    return;
  }
  pb_number_show(&shown, &number);
  if (pb_schema_string_good(schema, text, shown.length))
    pb_buffer_format(message, "; write \"%.*s\"", (int)shown.length, text);
  else pb_schema_add_remedy(schema, text, shown.length, message);
}

/* Appends the text to write for a boolean, where a text stands for one. */
static void add_boolean_text(bool value, const pb_schema *schema, pb_buffer *message) {
  static const char *const texts[][2] = {
      {"0", "1"}, {"false", "true"}, {"no", "yes"}, {"off", "on"}};
  if (!schema->ruled || pb_schema_string_good(schema, "2", 1)) return; /* it is a number */
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    const char *text = texts[i][value];
    if (!pb_schema_string_good(schema, text, strlen(text))) continue;
    pb_buffer_format(message, "; write \"%s\"", text);
    return;
  }
}

/* Appends the object with the one member that `schema` knows, as Lua writes it; false where it knows others. */
static bool add_object_of(const char *text, size_t length, const pb_schema *schema,
                          pb_buffer *message) {
  if (schema->type != PB_OBJECT || schema->property_count != 1) return false;
  const pb_property *only = schema->properties;
  if (only->schema->type != PB_STRING || only->schema->secret) return false;
  pb_buffer_format(message, "{ %s = ", only->name.bytes);
  if (text) pb_show_text(message, text, length);
  else pb_buffer_add_text(message, "…");
  pb_buffer_add_text(message, " }");
  return true;
}

/* Appends the list to write where a list belongs. */
static void add_list(lua_State *L, int index, const char *text, size_t length,
                     const pb_schema *schema, pb_buffer *message) {
  int type = lua_type(L, index);
  size_t count;
  if (type == LUA_TTABLE && pb_table_shape_of(L, index, &count, NULL) != PB_TABLE_OBJECT) return;
  size_t before = message->length;
  pb_buffer_add_text(message,
                     type == LUA_TTABLE ? "; write a list of them: { " : "; write a list: { ");
  if (schema->items && (text || type == LUA_TTABLE) &&
      add_object_of(text, length, schema->items, message)) {
    pb_buffer_add_text(message, " }");
    return;
  }
  pb_buffer_cut(message, before);
  if (type == LUA_TTABLE) pb_buffer_add_text(message, "; write a list of them: { { … } }");
  else if (text && schema->items && schema->items->type == PB_STRING)
    pb_buffer_add_text(message, "; write a list: { \"…\" }");
  else pb_buffer_add_text(message, "; write a list: { … }");
}

/* Appends the number to write for a string where a number belongs, if the string is one. */
static void add_unquoted(const char *text, size_t length, const pb_schema *schema,
                         pb_buffer *message) {
  const char *expected, *end = pb_decimal_end(text, text + length, &expected);
  if (expected || end != text + length || length > 40) return;
  if (schema->type == PB_INTEGER && strspn(text, "-0123456789") != length) return;
  pb_number number = pb_number_of_digits(text, length);
  bool held = !number.digits &&
              (PB_INTEGERS || !number.whole ||
               (number.integer > -PB_LUA_EXACT_INTEGER && number.integer < PB_LUA_EXACT_INTEGER));
  pb_buffer_format(message, held ? "; write %s" : "; write patchbay.json.number \"%s\"", text);
}

static size_t add_remedy_of(lua_State *L, int index, const pb_schema *schema, pb_buffer *message);

/* Appends the remedy: the value that the script probably meant by one of the wrong type. */
static void add_remedy(lua_State *L, int index, const pb_schema *schema, pb_buffer *message) {
  /* Of a union, that of the first branch that has one. */
  for (size_t i = 0; i < schema->branch_count; i++)
    if (add_remedy_of(L, index, schema->branches[i], message) > 0) return;
  int type = lua_type(L, index);
  size_t length = 0;
  const char *text = type == LUA_TSTRING ? lua_tolstring(L, index, &length) : NULL;
  switch (schema->type) {
  case PB_STRING:
    if (is_number(L, index)) add_quoted(L, index, schema, message);
    else if (type == LUA_TBOOLEAN) add_boolean_text(lua_toboolean(L, index), schema, message);
    return;
  case PB_BOOLEAN: {
    const char *meant = NULL;
    if (text) {
      if (is_word(text, length, "true") || is_word(text, length, "yes") ||
          is_word(text, length, "on") || (length == 1 && *text == '1'))
        meant = "true";
      else if (is_word(text, length, "false") || is_word(text, length, "no") ||
               is_word(text, length, "off") || (length == 1 && *text == '0'))
        meant = "false";
    } else if (type == LUA_TNUMBER) {
      lua_Number number = lua_tonumber(L, index);
      meant = number == 1 ? "true" : number == 0 ? "false" : NULL;
    }
    if (meant) pb_buffer_format(message, "; write %s", meant);
    return;
  }
  case PB_INTEGER:
  case PB_NUMBER:
    if (text) add_unquoted(text, length, schema, message);
    return;
  case PB_ARRAY:
    add_list(L, index, text, length, schema, message);
    return;
  case PB_OBJECT: {
    size_t before = message->length;
    pb_buffer_add_text(message, "; write ");
    if (!text || !add_object_of(text, length, schema, message)) pb_buffer_cut(message, before);
    return;
  }
  default:
    return;
  }
}

static size_t add_remedy_of(lua_State *L, int index, const pb_schema *schema, pb_buffer *message) {
  size_t before = message->length;
  add_remedy(L, index, schema, message);
  return message->length - before;
}

static void add_type(pb_type type, pb_buffer *message) {
  if (type == PB_OBJECT) pb_buffer_add_text(message, "a table with named fields");
  else if (type == PB_ARRAY) pb_buffer_add_text(message, "a list");
  else pb_buffer_add_text(message, pb_type_name(type));
}

/* Whether a branch of the union takes values of the type that no branch before it takes. `*seen` has those. */
static bool is_new(unsigned types, pb_type type, unsigned *seen) {
  unsigned bit = 1U << type;
  if (!(types & bit) || (*seen & bit)) return false;
  *seen |= bit;
  return true;
}

/* The types of the union's values, in the order of its branches. */
static void add_types(const pb_schema *schema, pb_buffer *message) {
  size_t count = 0, said = 0;
  unsigned seen = 0;
  if (schema->type != PB_UNION) {
    add_type(schema->type, message);
    return;
  }
  for (unsigned type = 0; type < PB_UNION; type++) count += (schema->types >> type) & 1U;
  for (size_t i = 0; i < schema->branch_count; i++)
    for (unsigned type = 0; type < PB_UNION; type++) {
      if (!is_new(schema->branches[i]->types, (pb_type)type, &seen)) continue;
      pb_choice_separate(said++, count, message);
      add_type((pb_type)type, message);
    }
}

bool pb_type_error(lua_State *L, int index, const pb_schema *schema, pb_buffer *message) {
  pb_buffer_add_text(message, "expected ");
  add_types(schema, message);
  pb_buffer_add_text(message, ", got ");
  /* A text or number in the place of an object with a secret in it may be that secret. */
  int type = lua_type(L, index);
  bool may_be_one = type == LUA_TSTRING || type == LUA_TNUMBER || type == LUA_TUSERDATA;
  if (schema->secret || (schema->holds_secret && may_be_one)) {
    pb_buffer_add_text(message, "a ");
    pb_buffer_add_text(message, luaL_typename(L, index));
    return false;
  }
  pb_show_value(L, index, message);
  add_remedy(L, index, schema, message);
  return false;
}
