#include "lua/table.h"

#include <string.h>

/* Their addresses are keys in the registry: of the array metatable, and of lua-cjson's marks for an empty
 * array, a metatable and a light userdata. */
static const char array_metatable_key, empty_metatable_key, empty_value_key;

void pb_push_array_metatable(lua_State *L) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, &array_metatable_key);
}

void pb_set_array_metatable(lua_State *L) {
  lua_rawsetp(L, LUA_REGISTRYINDEX, &array_metatable_key);
}

void pb_set_empty_array(lua_State *L) {
  lua_rawsetp(L, LUA_REGISTRYINDEX, &empty_value_key);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &empty_metatable_key);
}

bool pb_is_empty_array(lua_State *L, int index) {
  if (lua_type(L, index) != LUA_TLIGHTUSERDATA || !lua_touserdata(L, index)) return false;
  const void *value = lua_touserdata(L, index);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &empty_value_key);
  bool same = lua_type(L, -1) == LUA_TLIGHTUSERDATA && lua_touserdata(L, -1) == value;
  lua_pop(L, 1);
  return same;
}

/* Whether the metatable at the top is the one that the registry holds under the key. */
static bool is_registered(lua_State *L, const char *key) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, key);
  bool same = lua_rawequal(L, -1, -2);
  lua_pop(L, 1);
  return same;
}

bool pb_has_array_metatable(lua_State *L, int index) {
  if (!lua_getmetatable(L, index)) return false;
  bool same = is_registered(L, &array_metatable_key);
  lua_pop(L, 1);
  return same;
}

/* Of a table with names only some marks say anything: lua-cjson's for an empty array does not. */
static bool is_marked_as_array(lua_State *L, int index, bool empty) {
  if (!lua_getmetatable(L, index)) return false;
  bool marked =
      is_registered(L, &array_metatable_key) || (empty && is_registered(L, &empty_metatable_key));
  if (!marked) {
    lua_pushliteral(L, "__jsontype");
    lua_rawget(L, -2);
    marked = lua_type(L, -1) == LUA_TSTRING && strcmp(lua_tostring(L, -1), "array") == 0;
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  return marked;
}

static pb_table_shape mixed(const char **problem, const char *message) {
  if (problem) *problem = message;
  return PB_TABLE_MIXED;
}

pb_table_shape pb_table_shape_of(lua_State *L, int index, size_t *length, const char **problem) {
  /* More members than a table can have, and still below the first integer that doubles skip. */
  const lua_Number highest_position = 4503599627370496.0;
  luaL_checkstack(L, 4, "no room for a table's keys");
  index = lua_absindex(L, index);
  size_t names = 0, positions = 0, highest = 0;
  for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
    int type = lua_type(L, -2);
    lua_Number number = type == LUA_TNUMBER ? lua_tonumber(L, -2) : 0;
    if (type == LUA_TSTRING) {
      names++;
    } else if (number >= 1 && number <= highest_position && (lua_Number)(size_t)number == number) {
      positions++;
      if ((size_t)number > highest) highest = (size_t)number;
    } else {
      lua_pop(L, 2);
      return mixed(problem, "a table with a key that is neither a string nor a position from 1 on");
    }
  }
  *length = names + positions;
  /* With positions, the mark is redundant. */
  bool marked = positions == 0 && is_marked_as_array(L, index, names == 0);
  if (names > 0 && positions > 0)
    return mixed(problem, "a table with both strings and positions as keys");
  if (names > 0 && marked)
    return mixed(problem, "a table that is marked as an array but has strings as keys");
  if (highest != positions) return mixed(problem, "a list with holes");
  if (marked || positions > 0) return PB_TABLE_ARRAY;
  return names > 0 ? PB_TABLE_OBJECT : PB_TABLE_EMPTY;
}
