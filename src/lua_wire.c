#include "lua_wire.h"

#include <stdlib.h>

#include "json_writer.h"

bool pb_wire_mask(pb_wire *w) {
  return pb_buffer_add_text(w->out, "\"***\"");
}

static void separate(pb_wire *w) {
  if (!w->first) pb_buffer_add_char(w->out, ',');
  w->first = false;
}

void pb_wire_name(pb_wire *w, const pb_property *property) {
  separate(w);
  pb_buffer_add(w->out, property->wire.bytes, property->wire.length);
}

static int by_name(const void *a, const void *b) {
  return pb_text_compare(a, b);
}

/* The names in the table at `index` that the schema does not describe, sorted. Pushes the userdata
 * that holds them, and a table that keeps them alive: a finalizer may run, and change the other. */
static pb_text *push_rest(lua_State *L, int index, const pb_schema *schema, int *count) {
  int members = 0;
  lua_pushnil(L);
  while (lua_next(L, index)) {
    members++;
    lua_pop(L, 1);
  }
  pb_text *rest = lua_newuserdatauv(L, ((size_t)members + 1) * sizeof *rest, 0);
  lua_createtable(L, members, 0);
  int anchors = lua_gettop(L);
  *count = 0;
  lua_pushnil(L);
  while (lua_next(L, index)) {
    lua_pop(L, 1);
    if (lua_type(L, -1) != LUA_TSTRING || *count == members) continue;
    pb_text name;
    name.bytes = lua_tolstring(L, -1, &name.length);
    if (pb_schema_find(schema, name.bytes, name.length)) continue;
    rest[(*count)++] = name;
    lua_pushvalue(L, -1);
    lua_rawseti(L, anchors, *count);
  }
  qsort(rest, (size_t)*count, sizeof *rest, by_name);
  return rest;
}

bool pb_wire_rest(pb_wire *w, int index, const pb_schema *schema, int hidden) {
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
    lua_rawget(L, index);
    separate(w);
    bool written = pb_json_write_string(w->out, rest[i].bytes, rest[i].length) == PB_JSON_WRITTEN;
    if (!written) pb_buffer_add_text(&w->check.message, "a name that is not valid UTF-8");
    pb_buffer_add_char(w->out, ':');
    if (!written || !pb_wire_value(w, lua_gettop(L), schema->additional)) return false;
  }
  lua_settop(L, top);
  return true;
}

static bool write_object(pb_wire *w, int index, const pb_schema *schema) {
  lua_State *L = w->L;
  bool outer = w->first;
  w->first = true;
  pb_buffer_add_char(w->out, '{');
  for (size_t i = 0; i < schema->property_count; i++) {
    const pb_property *property = &schema->properties[i];
    if (property->schema->read_only) continue;
    lua_pushlstring(L, property->name.bytes, property->name.length);
    lua_rawget(L, index);
    if (!lua_isnil(L, -1)) {
      pb_wire_name(w, property);
      if (!pb_wire_value(w, lua_gettop(L), property->schema)) return false;
    }
    lua_pop(L, 1);
  }
  if (!pb_wire_rest(w, index, schema, 0)) return false;
  pb_buffer_add_char(w->out, '}');
  w->first = outer;
  return true;
}

static bool write_list(pb_wire *w, int index, const pb_schema *schema, size_t length) {
  pb_buffer_add_char(w->out, '[');
  for (size_t i = 1; i <= length; i++) {
    if (i > 1) pb_buffer_add_char(w->out, ',');
    lua_rawgeti(w->L, index, (int)i);
    if (!pb_wire_value(w, lua_gettop(w->L), schema->items)) return false;
    lua_pop(w->L, 1);
  }
  pb_buffer_add_char(w->out, ']');
  return true;
}

bool pb_wire_value(pb_wire *w, int index, const pb_schema *schema) {
  lua_State *L = w->L;
  int type = lua_type(L, index);
  bool secret = w->mask && schema && type != LUA_TLIGHTUSERDATA;
  if (secret && schema->secret) return pb_wire_mask(w);
  if (type == LUA_TTABLE && schema) {
    luaL_checkstack(L, 14, "value nested too deeply");
    size_t length;
    pb_table_kind kind = pb_table_kind_of(L, index, &length);
    if (schema->type == PB_ARRAY && (kind == PB_TABLE_ARRAY || kind == PB_TABLE_EMPTY))
      return write_list(w, index, schema, length);
    if (schema->type == PB_OBJECT && (kind == PB_TABLE_OBJECT || kind == PB_TABLE_EMPTY))
      return write_object(w, index, schema);
  }
  /* The vendor has put something else where a secret could be: it may be one. */
  if (secret && schema->holds_secret) return pb_wire_mask(w);
  if (type == LUA_TBOOLEAN)
    return pb_buffer_add_text(w->out, lua_toboolean(L, index) ? "true" : "false");
  if (type == LUA_TSTRING) {
    size_t length;
    const char *text = lua_tolstring(L, index, &length);
    if (pb_json_write_string(w->out, text, length) == PB_JSON_WRITTEN) return true;
  }
  pb_json_write_error error;
  if (pb_lua_json_write(L, index, w->out, &error)) return true;
  pb_buffer_add_text(&w->check.message, error.message);
  return false;
}
