#include "record/serialize.h"

#include <stdlib.h>

#include "lua/branch.h"
#include "lua/json.h"
#include "lua/table.h"
#include "lua/union.h"
#include "record/values.h"
#include "schema/same.h"
#include "json/writer.h"

bool pb_serialize_mask(pb_serializer *w) {
  return pb_buffer_add_text(w->out, "\"***\"");
}

static int by_name(const void *a, const void *b) {
  return pb_text_compare(a, b);
}

/* Whether the schema does not describe the member whose name is at the top; fills in `name` then. */
static bool is_rest(lua_State *L, const pb_schema *schema, pb_text *name) {
  if (lua_type(L, -1) != LUA_TSTRING) return false;
  name->bytes = lua_tolstring(L, -1, &name->length);
  return !pb_schema_find(schema, name->bytes, name->length);
}

/* The names in the table at `index` that the schema does not describe, sorted. Pushes the userdata that holds
 * them and a table that keeps the strings alive, because a finalizer may change the other table. Returns null
 * and pushes nothing when there are none. */
static pb_text *push_rest(lua_State *L, int index, const pb_schema *schema, int *count) {
  int members = 0;
  pb_text name;
  for (lua_pushnil(L); lua_next(L, index);) {
    lua_pop(L, 1);
    members += is_rest(L, schema, &name);
  }
  *count = 0;
  if (members == 0) return NULL;
  pb_text *rest = lua_newuserdatauv(L, (size_t)members * sizeof *rest, 0);
  lua_createtable(L, members, 0);
  int anchors = lua_gettop(L);
  for (lua_pushnil(L); lua_next(L, index);) {
    lua_pop(L, 1);
    if (*count == members || !is_rest(L, schema, &name)) continue;
    rest[(*count)++] = name;
    lua_pushvalue(L, -1);
    lua_rawseti(L, anchors, *count);
  }
  qsort(rest, (size_t)*count, sizeof *rest, by_name);
  return rest;
}

bool pb_serialize_rest(pb_serializer *w, int index, const pb_schema *schema, int hidden) {
  lua_State *L = w->L;
  if (lua_type(L, index) != LUA_TTABLE) return true;
  int top = lua_gettop(L), count;
  const pb_text *rest = push_rest(L, index, schema, &count);
  for (int i = 0; i < count; i++) {
    lua_settop(L, top + 2);
    lua_pushlstring(L, rest[i].bytes, rest[i].length);
    if (hidden) {
      lua_pushvalue(L, -1);
      lua_rawget(L, hidden);
      if (!lua_isnil(L, -1)) continue;
      lua_pop(L, 1);
    }
    int type = pb_rawget(L, index);
    if (!w->first) pb_buffer_add_char(w->out, ',');
    w->first = false;
    bool written = pb_json_write_string(w->out, rest[i].bytes, rest[i].length) == PB_JSON_WRITTEN;
    if (!written) pb_buffer_add_text(&w->check.message, "a name that is not valid UTF-8");
    pb_buffer_add_char(w->out, ':');
    if (w->mask && type != LUA_TLIGHTUSERDATA && pb_names_secret(rest[i].bytes, rest[i].length))
      written = written && pb_serialize_mask(w);
    else written = written && pb_serialize_top(w, type, schema->additional);
    if (!written) return false;
  }
  lua_settop(L, top);
  return true;
}

static bool write_object(pb_serializer *w, int index, const pb_schema *schema) {
  lua_State *L = w->L;
  bool outer = w->first;
  w->first = true;
  pb_buffer_add_char(w->out, '{');
  for (size_t i = 0; i < schema->property_count; i++) {
    const pb_property *property = &schema->properties[i];
    if (property->schema->read_only) continue;
    lua_pushlstring(L, property->name.bytes, property->name.length);
    int type = pb_rawget(L, index);
    if (type != LUA_TNIL) {
      pb_serialize_name(w, property);
      if (!pb_serialize_top(w, type, property->schema)) return false;
    }
    lua_pop(L, 1);
  }
  if ((!w->checked || schema->open) && !pb_serialize_rest(w, index, schema, 0)) return false;
  pb_buffer_add_char(w->out, '}');
  w->first = outer;
  return true;
}

static bool write_list(pb_serializer *w, int index, const pb_schema *schema, size_t length) {
  pb_buffer_add_char(w->out, '[');
  for (size_t i = 1; i <= length; i++) {
    if (i > 1) pb_buffer_add_char(w->out, ',');
    int type = pb_rawgeti(w->L, index, (int)i);
    if (!pb_serialize_top(w, type, schema->items)) return false;
    lua_pop(w->L, 1);
  }
  pb_buffer_add_char(w->out, ']');
  return true;
}

/* Writes the table at the top, whose schema is a union in which a secret may lie, with its secrets masked. */
static bool write_masked(pb_serializer *w, const pb_schema *schema) {
  const pb_schema *rule = pb_schema_for(w->L, lua_gettop(w->L), schema);
  if (!rule || (rule->type != PB_OBJECT && rule->type != PB_ARRAY)) return pb_serialize_mask(w);
  pb_value_mask(w->L, schema);
  bool checked = w->checked;
  w->checked = w->mask = false;
  bool written = pb_serialize_top(w, lua_type(w->L, -1), rule);
  w->checked = checked;
  w->mask = true;
  return written;
}

bool pb_serialize_top(pb_serializer *w, int type, const pb_schema *schema) {
  lua_State *L = w->L;
  bool secret = w->mask && schema && type != LUA_TLIGHTUSERDATA;
  if (secret && schema->secret) return pb_serialize_mask(w);
  if (w->mask && type == LUA_TTABLE && pb_union_hides(schema)) return write_masked(w, schema);
  if (type == LUA_TTABLE && schema) {
    luaL_checkstack(L, 14, "value nested too deeply");
    size_t length;
    int index = lua_gettop(L);
    const pb_schema *rule = pb_schema_for(L, index, schema);
    bool list = rule && rule->type == PB_ARRAY, object = rule && rule->type == PB_OBJECT;
    if (!w->checked) {
      pb_table_shape shape = pb_table_shape_of(L, index, &length, NULL);
      list = list && (shape == PB_TABLE_ARRAY || shape == PB_TABLE_EMPTY);
      object = object && (shape == PB_TABLE_OBJECT || shape == PB_TABLE_EMPTY);
    } else {
      length = list ? (size_t)lua_rawlen(L, index) : 0;
    }
    if (list) return write_list(w, index, rule, length);
    if (object) return write_object(w, index, rule);
  }
  /* The vendor has sent something else where a secret could be: it may be one. */
  if (secret && schema->holds_secret) return pb_serialize_mask(w);
  if (type == LUA_TSTRING) {
    size_t length;
    const char *text = lua_tolstring(L, -1, &length);
    if (pb_json_write_string(w->out, text, length) == PB_JSON_WRITTEN) return true;
  } else if (type == LUA_TBOOLEAN) {
    return lua_toboolean(L, -1) ? pb_buffer_add(w->out, "true", 4)
                                : pb_buffer_add(w->out, "false", 5);
#if PB_INTEGERS
  } else if (type == LUA_TNUMBER && lua_isinteger(L, -1)) {
    return pb_number_write_integer(w->out, lua_tointeger(L, -1));
#endif
  }
  if (w->mask && type == LUA_TTABLE) pb_value_mask(L, schema);
  pb_json_write_error error;
  if (pb_lua_json_write(L, -1, w->out, &error)) return true;
  pb_buffer_add_text(&w->check.message, error.message);
  return false;
}
