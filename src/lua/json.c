/* The part `json`: JSON text and Lua values. */

#include "lua/json.h"
#include "lua/json_collide.h"

#include <stdio.h>

#include "base/decimal.h"
#include "lua/buffer.h"
#include "lua/number.h"
#include "lua/parts.h"
#include "lua/record_mark.h"
#include "lua/table.h"
#include "json/find.h"
#include "json/scan.h"

/* Pushes nil and the error as a table { kind, message, offset }; offset 0 is none. */
static int push_failure(lua_State *L, const char *kind, const char *message, size_t offset) {
  lua_pushnil(L);
  lua_createtable(L, 0, 3);
  lua_pushstring(L, kind);
  lua_setfield(L, -2, "kind");
  lua_pushstring(L, message);
  lua_setfield(L, -2, "message");
  if (offset > 0) {
    lua_pushinteger(L, (lua_Integer)offset);
    lua_setfield(L, -2, "offset");
  }
  return 2;
}

static int push_json_error(lua_State *L, const pb_json_error *error) {
  return push_failure(L, error->too_large ? "too_large" : "protocol", error->message,
                      error->offset);
}

/* Returns the string at 1. Raises for a number, although Lua would convert it. */
static const char *check_text(lua_State *L, size_t *length) {
  luaL_checktype(L, 1, LUA_TSTRING);
  return lua_tolstring(L, 1, length);
}

/* decode(text, lenient): the value; or nil and { kind, message, offset }, the kind being "protocol",
 * or "too_large" beyond the limits of json/reader.h. `lenient`: half of a
 * surrogate pair reads as U+FFFD; second comes a set of the strings that have one, or nil. */
static int json_decode(lua_State *L) {
  size_t length;
  const char *text = check_text(L, &length);
  pb_json_error error;
  bool lenient = lua_toboolean(L, 2);
  if (pb_lua_json_decode(L, text, length, lenient, &error)) return lenient ? 2 : 1;
  return push_json_error(L, &error);
}

/* decode_ordered(text): the value, in which each object has its names, in the order of the text, at the positions 1 to
 * n; and a list of { name =, offset = } of the names that stand twice in one object. Or nil and decode's error. */
static int json_decode_ordered(lua_State *L) {
  size_t length;
  const char *text = check_text(L, &length);
  pb_json_error error;
  if (pb_lua_json_decode_ordered(L, text, length, &error)) return 2;
  return push_json_error(L, &error);
}

/* check(text, lenient): true, and whether it is an object; or nil and the same error. */
static int json_check(lua_State *L) {
  size_t length;
  const char *text = check_text(L, &length);
  pb_json_error error;
  bool halves;
  if (!pb_json_check(text, length, lua_toboolean(L, 2) ? &halves : NULL, &error) ||
      pb_lua_json_collides(L, text, length, &error))
    return push_json_error(L, &error);
  lua_pushboolean(L, 1);
  lua_pushboolean(L, *pb_json_skip_space(text, text + length) == '{');
  return 2;
}

/* encode(value): the text. Raises if JSON has no such value. Upvalue: nothing, or see `encoder`. */
static int json_encode(lua_State *L) {
  enum { VALUE = 1, PLAIN };
  luaL_checkany(L, 1);
  pb_buffer out;
  pb_lua_buffer_owner owner;
  char first[1024];
  pb_json_write_error error;
  lua_settop(L, VALUE);
  bool records = lua_type(L, lua_upvalueindex(1)) == LUA_TFUNCTION;
  if (records) lua_pushvalue(L, lua_upvalueindex(1));
  else lua_pushnil(L);
  pb_lua_buffer_init(L, &out, &owner, first, sizeof first);
  if (!pb_lua_json_write_records(L, VALUE, records ? PLAIN : 0, &out, &error))
    return luaL_error(L, "%s%s%s", error.path, *error.path ? ": " : "", error.message);
  lua_pushlstring(L, out.data, out.length);
  return 1;
}

/* number(text): the number in `text`, an opaque one if no ordinary number holds it; or nil and { kind =
 * "invalid", message, offset }. */
static int json_number(lua_State *L) {
  size_t length;
  const char *text = check_text(L, &length);
  const char *expected = NULL;
  const char *end = text + length;
  const char *at = pb_decimal_end(text, end, &expected);
  if (!expected && at != end) expected = "the end of the number";
  if (expected) {
    size_t offset = (size_t)(at - text) + 1;
    char message[120];
    snprintf(message, sizeof message, "not a number in JSON: expected %s at byte %zu", expected,
             offset);
    return push_failure(L, "invalid", message, offset);
  }
  pb_lua_number_push(L, text, length);
  return 1;
}

/* find(text, name, checked): the text of the member `name` of the object in `text`, and its type; nothing
 * when there is none; or nil and decode's error. `checked` skips the check whether the text is JSON: of a
 * text that is not, a part may be found. */
static int json_find(lua_State *L) {
  static const char *const types[] = {
      [PB_JSON_IS_NULL] = "null",     [PB_JSON_IS_BOOLEAN] = "boolean",
      [PB_JSON_IS_NUMBER] = "number", [PB_JSON_IS_STRING] = "string",
      [PB_JSON_IS_ARRAY] = "array",   [PB_JSON_IS_OBJECT] = "object"};
  size_t length, name_length;
  const char *text = check_text(L, &length);
  const char *name = luaL_checklstring(L, 2, &name_length);
  pb_json_error error;
  pb_json_span found;
  if (!lua_toboolean(L, 3) && !pb_json_check(text, length, NULL, &error))
    return push_json_error(L, &error);
  if (!pb_json_find(text, length, name, name_length, false, &found)) return 0;
  lua_pushlstring(L, found.start, found.length);
  lua_pushstring(L, types[found.type]);
  return 2;
}

/* member_is(text, name, key): whether the member `name` of the object in `text`, which should be checked
 * already, is the string `key`, written without escapes. Creates no strings. */
static int json_member_is(lua_State *L) {
  size_t length, name_length, key_length;
  const char *text = check_text(L, &length);
  const char *name = luaL_checklstring(L, 2, &name_length);
  const char *key = lua_type(L, 3) == LUA_TSTRING ? lua_tolstring(L, 3, &key_length) : NULL;
  lua_pushboolean(L, key && pb_json_member_is(text, length, name, name_length, key, key_length));
  return 1;
}

/* array(t): marks t, by default a new table, as an array and returns it. */
static int json_array(lua_State *L) {
  if (lua_isnoneornil(L, 1)) {
    lua_settop(L, 0);
    lua_newtable(L);
  }
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  /* The metatable of the record would be lost. */
  luaL_argcheck(L, !pb_is_record(L, 1), 1, "a list expected, got a record");
  pb_push_array_metatable(L);
  lua_setmetatable(L, 1);
  return 1;
}

/* set_array_metatable(t): t marks arrays from now on. Given the one of lua-cjson, values can pass between
 * both libraries. Tables marked before stay arrays. */
static int json_set_array_metatable(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  lua_pushvalue(L, 1);
  pb_set_array_metatable(L);
  lua_setfield(L, lua_upvalueindex(1), "array_mt");
  return 0;
}

/* set_empty_array(metatable, value): lua-cjson's marks for an empty array, each nil where it has none. Tables
 * with the metatable are arrays while they are empty; the light userdata stands for one. */
static int json_set_empty_array(lua_State *L) {
  lua_settop(L, 2);
  pb_set_empty_array(L);
  return 0;
}

/* encoder(plain) -> a function like encode that writes records, too, as the plain tables that `plain` makes of
 * them. */
static int json_encoder(lua_State *L) {
  luaL_checktype(L, 1, LUA_TFUNCTION);
  lua_settop(L, 1);
  lua_pushcclosure(L, json_encode, 1);
  return 1;
}

static const luaL_Reg functions[] = {{"decode", json_decode},
                                     {"decode_ordered", json_decode_ordered},
                                     {"check", json_check},
                                     {"encode", json_encode},
                                     {"encoder", json_encoder},
                                     {"number", json_number},
                                     {"find", json_find},
                                     {"member_is", json_member_is},
                                     {"array", json_array},
                                     {"set_empty_array", json_set_empty_array},
                                     {NULL, NULL}};

int pb_open_json(lua_State *L) {
  pb_lua_number_open(L);
  lua_newtable(L);
  luaL_setfuncs(L, functions, 0);
  lua_pushlightuserdata(L, NULL);
  lua_setfield(L, -2, "null");

  lua_pushvalue(L, -1);
  lua_pushcclosure(L, json_set_array_metatable, 1);
  lua_setfield(L, -2, "set_array_metatable");

  lua_newtable(L);
  lua_pushliteral(L, "array"); /* the mark of dkjson, so that it writes our arrays as arrays too */
  lua_setfield(L, -2, "__jsontype");
  lua_pushvalue(L, -1);
  pb_set_array_metatable(L);
  lua_setfield(L, -2, "array_mt");
  return 1;
}
