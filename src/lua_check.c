#include "lua_check.h"

#include <math.h>
#include <stdlib.h>

#include "lua_buffer.h"
#include "lua_number.h"
#include "utf8.h"

/* A value nested deeper than this is refused; no vendor's object comes near it. */
enum { MAX_VALUE_DEPTH = 100 };

static bool never_grow(pb_buffer *buffer, size_t capacity) {
  (void)buffer;
  (void)capacity;
  return false;
}

void pb_check_start(pb_check *check, const char *path, size_t length) {
  check->path = (pb_buffer){
      .data = check->path_bytes, .capacity = sizeof check->path_bytes, .grow = never_grow};
  check->message = (pb_buffer){
      .data = check->message_bytes, .capacity = sizeof check->message_bytes, .grow = never_grow};
  pb_buffer_add(&check->path, path, length);
}

void pb_check_enter(pb_check *check, const char *name, size_t length) {
  if (check->path.length > 0) pb_buffer_add_char(&check->path, '.');
  pb_buffer_add(&check->path, name, length);
}

void pb_check_push_message(lua_State *L, pb_check *check) {
  if (check->path.length == 0) {
    lua_pushlstring(L, check->message.data, check->message.length);
    return;
  }
  lua_pushlstring(L, check->path.data, check->path.length);
  lua_pushliteral(L, ": ");
  lua_pushlstring(L, check->message.data, check->message.length);
  lua_concat(L, 3);
}

bool pb_check_unknown(const pb_schema *schema, const char *name, size_t length, pb_check *check) {
  pb_check_enter(check, name, length);
  pb_buffer_add_text(&check->message, "no such field");
  pb_schema_suggest_property(schema, name, length, &check->message);
  return false;
}

/* Appends the number at `index` as a script would write it. */
static void show_number(lua_State *L, int index, pb_buffer *out) {
  size_t length;
  const char *digits = pb_lua_number_text(L, index, &length);
  if (digits) {
    pb_buffer_add(out, digits, length);
    return;
  }
#if PB_INTEGERS
  if (lua_isinteger(L, index)) {
    pb_buffer_format(out, "%lld", (long long)lua_tointeger(L, index));
    return;
  }
#endif
  pb_buffer_format(out, "%.14g", lua_tonumber(L, index));
}

static bool is_number(lua_State *L, int index) {
  return lua_type(L, index) == LUA_TNUMBER || pb_lua_number_text(L, index, NULL) != NULL;
}

/* Appends what the value at `index` is: `the string "x"`, `true`, `a table`. */
static void show_value(lua_State *L, int index, pb_buffer *out) {
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
    pb_table_kind kind = pb_table_kind_of(L, index, &length);
    pb_buffer_add_text(out, kind == PB_TABLE_ARRAY   ? "a list"
                            : kind == PB_TABLE_EMPTY ? "an empty table"
                            : kind == PB_TABLE_MIXED ? "a table that is neither list nor object"
                                                     : "a table with named fields");
    return;
  }
  default:
    break;
  }
  if (is_number(L, index)) {
    pb_buffer_add_text(out, "the number ");
    show_number(L, index, out);
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

/* What the script probably meant by a value of the wrong type. */
static void add_remedy(lua_State *L, int index, const pb_schema *schema, pb_buffer *message) {
  int type = lua_type(L, index);
  size_t length = 0;
  const char *text = type == LUA_TSTRING ? lua_tolstring(L, index, &length) : NULL;
  switch (schema->type) {
  case PB_STRING:
    if (is_number(L, index)) {
      pb_buffer_add_text(message, "; write \"");
      show_number(L, index, message);
      pb_buffer_add_text(message, "\"");
    }
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
    if (text && length > 0 && length < 20 && lua_isnumber(L, index))
      pb_buffer_format(message, "; write %s", text);
    return;
  case PB_ARRAY:
    if (type == LUA_TTABLE) pb_buffer_add_text(message, "; write a list of them: { { … } }");
    else if (type == LUA_TSTRING && schema->items && schema->items->type == PB_STRING)
      pb_buffer_add_text(message, "; write a list: { \"…\" }");
    else pb_buffer_add_text(message, "; write a list: { … }");
    return;
  default:
    return;
  }
}

static bool wrong_type(lua_State *L, int index, const pb_schema *schema, pb_check *check) {
  pb_buffer *message = &check->message;
  pb_buffer_add_text(message, "expected ");
  if (schema->type == PB_OBJECT) pb_buffer_add_text(message, "a table with named fields");
  else if (schema->type == PB_ARRAY) pb_buffer_add_text(message, "a list");
  else pb_buffer_add_text(message, pb_type_name(schema->type));
  pb_buffer_add_text(message, ", got ");
  if (schema->secret) {
    pb_buffer_add_text(message, "a ");
    pb_buffer_add_text(message, luaL_typename(L, index));
    return false;
  }
  show_value(L, index, message);
  add_remedy(L, index, schema, message);
  return false;
}

static bool check_number(lua_State *L, int index, const pb_schema *schema, pb_check *check) {
  size_t length;
  const char *digits = pb_lua_number_text(L, index, &length);
  if (!digits && lua_type(L, index) != LUA_TNUMBER) return wrong_type(L, index, schema, check);
  if (digits) {
    /* Too large or too fine for a double: the range is checked against the nearest one. */
    bool whole = strspn(digits, "-0123456789") == length;
    if (schema->type == PB_INTEGER && !whole) return wrong_type(L, index, schema, check);
    return pb_schema_check_number(schema, strtod(digits, NULL), &check->message);
  }
  lua_Number number = lua_tonumber(L, index);
  if (!isfinite(number)) {
    pb_buffer_add_text(&check->message, "NaN and infinities cannot be sent");
    return false;
  }
  if (schema->type == PB_INTEGER && number != floor(number))
    return wrong_type(L, index, schema, check);
  return pb_schema_check_number(schema, number, &check->message);
}

static bool check_items(lua_State *L, int index, const pb_schema *schema, size_t length, int depth,
                        pb_check *check);
static bool check_members(lua_State *L, int index, const pb_schema *schema, int depth,
                          pb_check *check);
static bool check_required(lua_State *L, int index, const pb_schema *schema, pb_check *check);

static bool check_deep(lua_State *L, int index, const pb_schema *schema, int depth,
                       pb_check *check) {
  int type = lua_type(L, index);
  if (type == LUA_TLIGHTUSERDATA && !lua_touserdata(L, index)) {
    if (schema->nullable || schema->type == PB_ANY) return true;
    pb_buffer_add_text(&check->message,
                       "null is not documented for this field; assign nil to send nothing, or make "
                       "the client with undocumented = \"allow\"");
    return false;
  }
  switch (schema->type) {
  case PB_BOOLEAN:
    return type == LUA_TBOOLEAN || wrong_type(L, index, schema, check);
  case PB_INTEGER:
  case PB_NUMBER:
    return check_number(L, index, schema, check);
  case PB_STRING: {
    if (type != LUA_TSTRING) return wrong_type(L, index, schema, check);
    size_t length;
    const char *text = lua_tolstring(L, index, &length);
    return pb_schema_check_string(schema, text, length, &check->message);
  }
  case PB_ARRAY: {
    size_t length;
    if (type != LUA_TTABLE) return wrong_type(L, index, schema, check);
    pb_table_kind kind = pb_table_kind_of(L, index, &length);
    if (kind != PB_TABLE_ARRAY && kind != PB_TABLE_EMPTY)
      return wrong_type(L, index, schema, check);
    return check_items(L, index, schema, length, depth, check);
  }
  case PB_OBJECT: {
    size_t length;
    if (type != LUA_TTABLE) return wrong_type(L, index, schema, check);
    pb_table_kind kind = pb_table_kind_of(L, index, &length);
    if (kind != PB_TABLE_OBJECT && kind != PB_TABLE_EMPTY)
      return wrong_type(L, index, schema, check);
    return check_members(L, index, schema, depth, check) && check_required(L, index, schema, check);
  }
  case PB_ANY: {
    /* Any JSON value: what the writer can write. */
    char first[128];
    pb_buffer out;
    pb_lua_buffer_owner owner;
    index = lua_absindex(L, index);
    pb_lua_buffer_init(L, &out, &owner, first, sizeof first);
    pb_json_write_error error;
    bool written = pb_lua_json_write(L, index, &out, &error);
    lua_pop(L, 1);
    if (!written) pb_buffer_add_text(&check->message, error.message);
    return written;
  }
  }
  return false;
}

/* Appends `[position]`; not through pb_buffer_format, for good values pay for it as well. */
static void enter_item(pb_check *check, size_t position) {
  char step[24] = "[", digits[20];
  size_t count = 0, at = 1;
  do digits[count++] = (char)('0' + position % 10);
  while ((position /= 10) > 0);
  while (count > 0) step[at++] = digits[--count];
  step[at++] = ']';
  pb_buffer_add(&check->path, step, at);
}

static bool check_items(lua_State *L, int index, const pb_schema *schema, size_t length, int depth,
                        pb_check *check) {
  if (length < schema->min_items || length > schema->max_items) {
    bool few = length < schema->min_items;
    size_t limit = few ? schema->min_items : schema->max_items;
    pb_buffer_format(&check->message, "expected at %s %zu item%s, got %zu", few ? "least" : "most",
                     limit, limit == 1 ? "" : "s", length);
    return false;
  }
  if (!schema->items) return true;
  if (depth >= MAX_VALUE_DEPTH) {
    pb_buffer_add_text(&check->message, "nested too deeply");
    return false;
  }
  luaL_checkstack(L, 8, "value nested too deeply");
  size_t start = check->path.length;
  for (size_t i = 1; i <= length; i++) {
    enter_item(check, i);
    lua_rawgeti(L, index, (int)i); /* +1 item */
    if (!check_deep(L, lua_gettop(L), schema->items, depth + 1, check)) return false;
    lua_pop(L, 1);
    check->path.length = start;
  }
  return true;
}

static bool check_required(lua_State *L, int index, const pb_schema *schema, pb_check *check) {
  size_t missing = 0;
  for (size_t i = 0; i < schema->property_count; i++) {
    const pb_property *property = &schema->properties[i];
    if (!property->required) continue;
    lua_pushlstring(L, property->name.bytes, property->name.length);
    lua_rawget(L, index);
    bool absent = lua_isnil(L, -1);
    lua_pop(L, 1);
    if (!absent) continue;
    pb_buffer_add_text(&check->message, missing++ ? ", " : "missing ");
    pb_buffer_add(&check->message, property->name.bytes, property->name.length);
  }
  if (missing)
    pb_buffer_add_text(&check->message, missing == 1 ? " (required)" : " (all required)");
  return missing == 0;
}

bool pb_check_assignable(const pb_schema *schema, pb_check *check) {
  if (schema->read_only) {
    pb_buffer_add_text(&check->message, "read-only");
    pb_buffer_add_text(&check->message, schema->remedy.length
                                            ? "; "
                                            : ": the vendor sets it, it cannot be assigned");
  } else if (schema->undocumented) {
    pb_buffer_add_text(&check->message,
                       "not documented for this call; make the client with undocumented = "
                       "\"allow\" to send it");
    if (schema->remedy.length) pb_buffer_add_text(&check->message, "; ");
  } else {
    return true;
  }
  pb_buffer_add(&check->message, schema->remedy.bytes, schema->remedy.length);
  return false;
}

static bool check_member(lua_State *L, const pb_property *property, int depth, pb_check *check) {
  pb_check_enter(check, property->name.bytes, property->name.length);
  return pb_check_assignable(property->schema, check) &&
         check_deep(L, lua_gettop(L), property->schema, depth, check);
}

/* Of several wrong members the first in the order of the description is named, then the unknown
 * ones, first by name: the same mistake always gives the same text. */
static bool check_members(lua_State *L, int index, const pb_schema *schema, int depth,
                          pb_check *check) {
  if (depth >= MAX_VALUE_DEPTH) {
    pb_buffer_add_text(&check->message, "nested too deeply");
    return false;
  }
  luaL_checkstack(L, 8, "value nested too deeply");
  const size_t start = check->path.length, said = check->message.length;
  const char *unknown = NULL;
  size_t unknown_length = 0;
  bool good = true; /* all members so far that are described */
  lua_pushnil(L);
  int key = lua_gettop(L);
  while (lua_next(L, index)) {
    size_t length;
    const char *name = lua_tolstring(L, key, &length); /* a string: pb_lua_table_kind saw to it */
    const pb_property *property = pb_schema_find(schema, name, length);
    if (property) {
      good = good && check_member(L, property, depth + 1, check);
    } else if (!schema->open) {
      if (!unknown || strcmp(name, unknown) < 0) unknown = name, unknown_length = length;
    } else if (schema->additional) {
      pb_check_enter(check, name, length);
      if (!check_deep(L, lua_gettop(L), schema->additional, depth + 1, check)) return false;
    }
    lua_settop(L, key);
    check->path.length = start;
    if (!good) check->message.length = said;
  }
  /* Which of the wrong ones came up first was up to the table: the description's order decides. */
  for (size_t i = 0; i < schema->property_count && !good; i++) {
    const pb_property *property = &schema->properties[i];
    lua_pushlstring(L, property->name.bytes, property->name.length);
    /* +1 member */
    if (pb_rawget(L, index) != LUA_TNIL && !check_member(L, property, depth + 1, check))
      return false;
    lua_pop(L, 1);
    check->path.length = start;
  }
  return !unknown || pb_check_unknown(schema, unknown, unknown_length, check);
}

bool pb_check_value(lua_State *L, int index, const pb_schema *schema, pb_check *check) {
  index = lua_absindex(L, index);
  int top = lua_gettop(L);
  bool good = check_deep(L, index, schema, 0, check);
  lua_settop(L, top);
  return good;
}

bool pb_check_members(lua_State *L, int index, const pb_schema *schema, pb_check *check) {
  index = lua_absindex(L, index);
  int top = lua_gettop(L);
  size_t length;
  pb_table_kind kind = pb_table_kind_of(L, index, &length);
  bool good = kind == PB_TABLE_OBJECT || kind == PB_TABLE_EMPTY;
  if (good) {
    good = check_members(L, index, schema, 0, check);
  } else {
    pb_buffer_add_text(&check->message, "expected a table of fields by name, got ");
    show_value(L, index, &check->message);
  }
  lua_settop(L, top);
  return good;
}
