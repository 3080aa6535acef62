#include "lua/check.h"

#include <math.h>

#include "base/show.h"
#include "lua/buffer.h"
#include "lua/check_rules.h"
#include "lua/check_union.h"
#include "lua/json.h"
#include "lua/number.h"
#include "lua/table.h"
#include "lua/type_error.h"
#include "schema/explain.h"
#include "json/form.h"

bool pb_check_unknown(const pb_schema *schema, const char *name, size_t length, pb_check *check) {
  pb_check_enter(check, name, length);
  pb_buffer_add_text(&check->message, "no such field");
  pb_schema_suggest_property(schema, name, length, &check->message);
  return false;
}

static bool check_number(lua_State *L, int index, const pb_schema *schema, pb_check *check) {
  pb_number number;
  if (!pb_lua_number_at(L, index, &number)) return pb_type_error(L, index, schema, &check->message);
  if (!number.digits && !isfinite(number.real)) {
    pb_buffer_add_text(&check->message, "NaN and infinities cannot be sent");
    return false;
  }
  if (schema->type != PB_INTEGER) return pb_schema_check_number(schema, &number, &check->message);
  bool whole = number.digits ? strspn(number.digits, "-0123456789") == number.length
                             : number.real == floor(number.real);
  if (!whole) return pb_type_error(L, index, schema, &check->message);
  if (!pb_schema_check_number(schema, &number, &check->message)) return false;
  if (pb_lua_number_is_exact(L, index)) return true;
  pb_buffer_add_text(&check->message, "the number");
  if (!schema->secret) {
    pb_buffer_add_char(&check->message, ' ');
    pb_number_show(&check->message, &number);
  }
  pb_buffer_add_text(&check->message,
                     " is not exact; write patchbay.json.number \"…\" with all its digits");
  return false;
}

static bool check_items(lua_State *L, int index, const pb_schema *schema, size_t length,
                        pb_check *check);
static bool check_members(lua_State *L, int index, const pb_schema *schema, pb_check *check);
static bool check_required(lua_State *L, int index, const pb_schema *schema, pb_check *check);

/* Whether a string in a JSON text that we have written is our own mask, or has it as the user and password of an
 * address. A quote within a string follows a backslash, so the quotes found here are those around a string. */
static bool holds_own_mask(const pb_buffer *text) {
  static const char mask[] = "***";
  const size_t length = sizeof mask - 1;
  for (size_t at = 1; at + length < text->length; at++) {
    if (memcmp(text->data + at, mask, length) != 0) continue;
    const char before = text->data[at - 1], *behind = text->data + at + length;
    bool name = at + length + 1 < text->length && behind[1] == ':';
    if (before == '"' && *behind == '"' && !name) return true;
    if (before == '/' && *behind == '@') return true;
  }
  return false;
}

/* The depth of the schema bounds the recursion. Where the schema has no rule (PB_ANY) the JSON writer,
 * which does not recurse, checks the value. */
static bool check_deep(lua_State *L, int index, const pb_schema *schema, pb_check *check) {
  int type = lua_type(L, index);
  if (schema->form == PB_FORM_FIELD && !pb_check_form(L, index, check)) return false;
  if (type == LUA_TLIGHTUSERDATA && !lua_touserdata(L, index)) {
    if (schema->nullable || schema->type == PB_ANY) return true;
    pb_buffer_add_text(&check->message,
                       "null is not documented for this field; assign nil to send nothing, or make "
                       "the client with undocumented = \"allow\"");
    return false;
  }
  switch (schema->type) {
  case PB_BOOLEAN:
    if (type != LUA_TBOOLEAN) return pb_type_error(L, index, schema, &check->message);
    return pb_schema_check_boolean(schema, lua_toboolean(L, index), &check->message);
  case PB_INTEGER:
  case PB_NUMBER:
    return check_number(L, index, schema, check);
  case PB_STRING: {
    if (type != LUA_TSTRING) return pb_type_error(L, index, schema, &check->message);
    size_t length;
    const char *text = lua_tolstring(L, index, &length);
    return pb_schema_check_string(schema, text, length, &check->message);
  }
  case PB_ARRAY: {
    size_t length;
    if (type != LUA_TTABLE) return pb_type_error(L, index, schema, &check->message);
    pb_table_shape shape = pb_table_shape_of(L, index, &length, NULL);
    if (shape != PB_TABLE_ARRAY && shape != PB_TABLE_EMPTY)
      return pb_type_error(L, index, schema, &check->message);
    return check_items(L, index, schema, length, check);
  }
  case PB_OBJECT: {
    size_t length;
    if (type != LUA_TTABLE) return pb_type_error(L, index, schema, &check->message);
    pb_table_shape shape = pb_table_shape_of(L, index, &length, NULL);
    if (shape != PB_TABLE_OBJECT && shape != PB_TABLE_EMPTY)
      return pb_type_error(L, index, schema, &check->message);
    if (schema->bounded && !pb_check_properties(schema, length, check)) return false;
    return check_members(L, index, schema, check) && check_required(L, index, schema, check);
  }
  case PB_UNION:
    return pb_check_union(L, index, schema, check, pb_check_value);
  case PB_ANY: {
    /* Any JSON value is valid: the writer decides. */
    char first[128];
    pb_buffer out;
    pb_lua_buffer_owner owner;
    index = lua_absindex(L, index);
    pb_lua_buffer_init(L, &out, &owner, first, sizeof first);
    pb_json_write_error error;
    bool written = pb_lua_json_write(L, index, &out, &error);
    bool masked = written && holds_own_mask(&out);
    lua_pop(L, 1);
    if (masked) pb_say_own_mask(&check->message);
    if (written) return !masked;
    pb_check_enter_path(check, error.path, strlen(error.path));
    pb_buffer_add_text(&check->message, error.message);
    return false;
  }
  }
  return false;
}

static bool check_items(lua_State *L, int index, const pb_schema *schema, size_t length,
                        pb_check *check) {
  if (length < schema->min_items || length > schema->max_items) {
    bool few = length < schema->min_items;
    size_t limit = few ? schema->min_items : schema->max_items;
    pb_buffer_format(&check->message, "expected at %s %zu item%s, got %zu", few ? "least" : "most",
                     limit, limit == 1 ? "" : "s", length);
    return false;
  }
  const pb_schema *rule = schema->items ? schema->items : &pb_schema_anything;
  luaL_checkstack(L, 8, "value nested too deeply");
  const pb_buffer path = check->path;
  for (size_t i = 1; i <= length; i++) {
    pb_show_position(&check->path, i);
    lua_rawgeti(L, index, (int)i); /* +1 item */
    if (!check_deep(L, lua_gettop(L), rule, check)) return false;
    lua_pop(L, 1);
    check->path = path;
  }
  return !schema->unique || pb_check_unique(L, index, schema, length, check);
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
  } else if (schema->refused.length && !check->from_vendor) {
    pb_buffer_add_text(&check->message, "refused: ");
    pb_buffer_add(&check->message, schema->refused.bytes, schema->refused.length);
    pb_buffer_add_text(&check->message, "; client:call(method, path, body) sends anything");
    if (schema->remedy.length) pb_buffer_add_text(&check->message, "; ");
  } else if (schema->undocumented) {
    pb_buffer_add_text(&check->message,
                       "not documented for this call; make the client with undocumented = "
                       "\"allow\" to send it");
    if (schema->remedy.length) pb_buffer_add_text(&check->message, "; ");
  } else if (schema->form == PB_FORM_INSIDE ||
             (schema->form == PB_FORM_FIELD && schema->type == PB_OBJECT)) {
    pb_buffer_add_text(&check->message, pb_form_no_nesting);
    if (schema->remedy.length) pb_buffer_add_text(&check->message, "; ");
  } else {
    return true;
  }
  pb_buffer_add(&check->message, schema->remedy.bytes, schema->remedy.length);
  return false;
}

/* Checks the member at the top, whose name is `name`, against its rule. */
static bool check_member(lua_State *L, const pb_text *name, const pb_schema *rule,
                         pb_check *check) {
  if (check->from_vendor && (rule->read_only || rule->refused.length)) return true;
  pb_check_enter(check, name->bytes, name->length);
  return pb_check_assignable(rule, check) && check_deep(L, lua_gettop(L), rule, check);
}

/* The wrong member that the error names: the first described one in the order of the description, or else
 * the first other one by name, so that the same mistake always gives the same text. */
typedef struct {
  const pb_property *described; /* null: none yet */
  pb_text name;                 /* the name of an undescribed one; no bytes: none yet */
  int name_slot;                /* the stack slots with `name` and with the problem of the member */
  int path_slot, message_slot;
} worst_member;

/* Whether the error should name a wrong member of this name instead of the one found so far. */
static bool outranks(const worst_member *worst, const pb_property *property, const pb_text *name) {
  if (property) return !worst->described || property < worst->described;
  return !worst->described && (!worst->name.bytes || pb_text_compare(name, &worst->name) < 0);
}

/* Each member is checked once: checking the wrong one again, to word the error, would double the time with
 * each level of nesting. Members come in any order, so the wording is kept until all have been checked. */
static bool check_members(lua_State *L, int index, const pb_schema *schema, pb_check *check) {
  luaL_checkstack(L, 12, "value nested too deeply");
  const pb_buffer path = check->path, message = check->message;
  const pb_schema *additional = pb_schema_of_rest(schema);
  int base = lua_gettop(L), key = base + 4;
  worst_member worst = {.name_slot = base + 1, .path_slot = base + 2, .message_slot = base + 3};
  lua_settop(L, base + 3);
  for (lua_pushnil(L); lua_next(L, index); lua_settop(L, key)) {
    pb_text name;
    name.bytes =
        lua_tolstring(L, key, &name.length); /* a string, as pb_table_shape_of has checked */
    const pb_property *property = pb_schema_find(schema, name.bytes, name.length);
    if (!outranks(&worst, property, &name)) continue;
    bool known = property || schema->open;
    if (known && check_member(L, &name, property ? property->schema : additional, check)) {
      check->path = path;
      continue;
    }
    worst.described = property;
    if (!property) worst.name = name;
    lua_pushvalue(L, key);
    lua_replace(L, worst.name_slot);
    lua_pushlstring(L, path.data + path.length, check->path.length - path.length);
    lua_replace(L, worst.path_slot);
    lua_pushlstring(L, message.data + message.length, check->message.length - message.length);
    lua_replace(L, worst.message_slot);
    check->path = path;
    check->message = message;
  }
  if (!worst.described && !worst.name.bytes) {
    lua_settop(L, base);
    return true;
  }
  if (!worst.described && !schema->open)
    return pb_check_unknown(schema, worst.name.bytes, worst.name.length, check);
  size_t length;
  const char *kept = lua_tolstring(L, worst.path_slot, &length);
  pb_buffer_add(&check->path, kept, length);
  kept = lua_tolstring(L, worst.message_slot, &length);
  pb_buffer_add(&check->message, kept, length);
  return false;
}

bool pb_check_value(lua_State *L, int index, const pb_schema *schema, pb_check *check) {
  index = lua_absindex(L, index);
  int top = lua_gettop(L);
  bool good = check_deep(L, index, schema, check);
  lua_settop(L, top);
  return good;
}

bool pb_check_members(lua_State *L, int index, const pb_schema *schema, pb_check *check) {
  index = lua_absindex(L, index);
  int top = lua_gettop(L);
  size_t length;
  pb_table_shape shape = pb_table_shape_of(L, index, &length, NULL);
  bool good = shape == PB_TABLE_OBJECT || shape == PB_TABLE_EMPTY;
  if (good) {
    good = check_members(L, index, schema, check);
  } else {
    pb_buffer_add_text(&check->message, "expected a table of fields by name, got ");
    pb_show_value(L, index, &check->message);
  }
  lua_settop(L, top);
  return good;
}
