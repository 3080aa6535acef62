/* The names that a text in an isolated state may use: null, array, new, ref. */

#include "lua/isolated.h"

/* Addresses that name the metatables in the registry. */
static const char array_key, new_key, ref_key;

static void push_metatable(lua_State *state, const char *key) {
  lua_rawgetp(state, LUA_REGISTRYINDEX, key);
}

static bool has_metatable(lua_State *state, int index) {
  if (!lua_getmetatable(state, index)) return false;
  lua_pop(state, 1);
  return true;
}

/* array(table) -> the table, marked as an array; by default a new one */
static int name_array(lua_State *state) {
  if (lua_isnoneornil(state, 1)) {
    lua_settop(state, 0);
    lua_newtable(state);
  }
  lua_settop(state, 1);
  if (lua_type(state, 1) != LUA_TTABLE || has_metatable(state, 1))
    return luaL_error(state, "array: expected a list, such as array { \"a\", \"b\" }");
  push_metatable(state, &array_key);
  lua_setmetatable(state, 1);
  return 1;
}

static void check_text(lua_State *state, int index, const char *problem) {
  if (lua_type(state, index) != LUA_TSTRING) luaL_error(state, "%s", problem);
}

/* new(name) -> a key. Each is a table of its own, so that the same name twice is noticed. */
static int name_new(lua_State *state) {
  check_text(state, 1, "new: expected a name, such as new \"main trunk\"");
  lua_settop(state, 1);
  lua_createtable(state, 1, 0);
  lua_insert(state, 1);
  lua_rawseti(state, 1, 1);
  push_metatable(state, &new_key);
  lua_setmetatable(state, 1);
  return 1;
}

/* ref(name), ref(collection, name) -> a value */
static int name_ref(lua_State *state) {
  static const char problem[] =
      "ref: expected a name, such as ref \"main trunk\", or a collection and a name, such as "
      "ref(\"account.collection\", \"main trunk\")";
  check_text(state, 1, problem);
  if (!lua_isnoneornil(state, 2)) {
    check_text(state, 2, problem);
    lua_settop(state, 2);
    lua_insert(state, 1); /* name, collection */
  }
  lua_settop(state, 2);
  lua_createtable(state, 2, 0);
  lua_insert(state, 1);
  lua_rawseti(state, 1, 2);
  lua_rawseti(state, 1, 1);
  push_metatable(state, &ref_key);
  lua_setmetatable(state, 1);
  return 1;
}

static int no_such_name(lua_State *state) {
  if (lua_type(state, 2) != LUA_TSTRING) return luaL_error(state, "no such name");
  return luaL_error(
      state,
      "no such name \"%s\"; a desired-state file has null, array, new and ref, and the "
      "local names that it defines; a script that needs more builds the table and gives it to "
      "patchbay.plan",
      lua_tostring(state, 2));
}

static int no_global(lua_State *state) {
  if (lua_type(state, 2) != LUA_TSTRING) return luaL_error(state, "names are texts");
  return luaL_error(state, "names are local here: write local %s = …", lua_tostring(state, 2));
}

static int no_text_function(lua_State *state) {
  return luaL_error(state, "a desired-state file has no functions of texts, only the operator ..");
}

static void set_function(lua_State *state, const char *name, lua_CFunction function) {
  lua_pushcfunction(state, function);
  lua_setfield(state, -2, name);
}

static void create_metatable(lua_State *state, const char *key) {
  lua_newtable(state);
  lua_rawsetp(state, LUA_REGISTRYINDEX, key);
}

void pb_isolated_set_names(lua_State *state) {
  create_metatable(state, &array_key);
  create_metatable(state, &new_key);
  create_metatable(state, &ref_key);
#ifdef LUA_JITLIBNAME
  /* A literal such as 1LL opens the library ffi, whose tables are collected too early if nothing holds them. */
  lua_newtable(state);
  lua_setfield(state, LUA_REGISTRYINDEX, "_LOADED");
#endif
  lua_pushglobaltable(state);
  lua_pushlightuserdata(state, NULL);
  lua_setfield(state, -2, "null");
  set_function(state, "array", name_array);
  set_function(state, "new", name_new);
  set_function(state, "ref", name_ref);
  lua_newtable(state);
  set_function(state, "__index", no_such_name);
  set_function(state, "__newindex", no_global);
  lua_setmetatable(state, -2);
  lua_pushliteral(state, "");
  lua_newtable(state);
  set_function(state, "__index", no_text_function);
  lua_setmetatable(state, -2);
  lua_settop(state, 0);
}

static bool is_metatable(lua_State *state, const char *key) {
  push_metatable(state, key);
  bool is = lua_rawequal(state, -1, -2);
  lua_pop(state, 1);
  return is;
}

pb_isolated_kind pb_isolated_kind_of(lua_State *state, int index) {
  if (!lua_getmetatable(state, index)) return PB_ISOLATED_TABLE;
  pb_isolated_kind kind = is_metatable(state, &array_key) ? PB_ISOLATED_ARRAY
                          : is_metatable(state, &new_key) ? PB_ISOLATED_NEW
                          : is_metatable(state, &ref_key) ? PB_ISOLATED_REF
                                                          : PB_ISOLATED_TABLE;
  lua_pop(state, 1);
  return kind;
}
