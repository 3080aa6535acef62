#ifndef PB_LUA_COMPAT_H
#define PB_LUA_COMPAT_H

/* One source for Lua 5.1 to 5.5 and LuaJIT 2.1: functions that an older Lua lacks are defined here under
 * the name that they have in newer ones. */

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#if LUA_VERSION_NUM >= 503
#define PB_INTEGERS 1 /* Lua has 64-bit integers besides doubles */
#else
#define PB_INTEGERS 0
#endif

/* Raw access that returns the type of the value that it pushes. This saves a call in the loops that run
 * for every assignment. */
#if LUA_VERSION_NUM >= 503
#define pb_rawget(L, index)       lua_rawget(L, index)
#define pb_rawgeti(L, index, n)   lua_rawgeti(L, index, n)
#define pb_rawgetp(L, index, key) lua_rawgetp(L, index, key)
#else
#define pb_rawget(L, index)       (lua_rawget(L, index), lua_type(L, -1))
#define pb_rawgeti(L, index, n)   (lua_rawgeti(L, index, n), lua_type(L, -1))
#define pb_rawgetp(L, index, key) (lua_rawgetp(L, index, key), lua_type(L, -1))
#endif

/* An address that identifies a string: Lua keeps one copy of each short string. Equal long strings have
 * different addresses. For other values it is null, or an address that no string has. */
static inline const void *pb_identity(lua_State *L, int index) {
#if LUA_VERSION_NUM >= 504
  return lua_topointer(L, index);
#else
  return lua_type(L, index) == LUA_TSTRING ? lua_tostring(L, index) : NULL;
#endif
}

/* Whether Lua itself marks the value as an integer. */
#if PB_INTEGERS
#define pb_is_integer(L, index) lua_isinteger(L, index)
#else
#define pb_is_integer(L, index) false
#endif

/* The inner table of a userdata, which no script can reach: pb_set_inner pops it, pb_push_inner pushes it. */
#if LUA_VERSION_NUM >= 504
#define pb_set_inner(L, index)  lua_setiuservalue(L, index, 1)
#define pb_push_inner(L, index) lua_getiuservalue(L, index, 1)
#elif LUA_VERSION_NUM >= 502
#define pb_set_inner(L, index)  lua_setuservalue(L, index)
#define pb_push_inner(L, index) lua_getuservalue(L, index)
#else
#define pb_set_inner(L, index)  lua_setfenv(L, index)
#define pb_push_inner(L, index) lua_getfenv(L, index)
#endif

#if LUA_VERSION_NUM < 504
#define lua_newuserdatauv(L, size, values) lua_newuserdata(L, (size))
#endif

/* A state with an allocator of the caller's; 5.5 wants a seed for its hashes besides. */
#if LUA_VERSION_NUM >= 505
#define pb_newstate(allocate, data) lua_newstate(allocate, data, 0)
#else
#define pb_newstate(allocate, data) lua_newstate(allocate, data)
#endif

#if LUA_VERSION_NUM == 501

#ifndef LUA_OK
#define LUA_OK 0
#endif

#define lua_rawlen(L, index)   lua_objlen(L, index)
#define lua_pushglobaltable(L) lua_pushvalue(L, LUA_GLOBALSINDEX)

static inline int pb_absindex(lua_State *L, int index) {
  return index > 0 || index <= LUA_REGISTRYINDEX ? index : lua_gettop(L) + index + 1;
}
#define lua_absindex(L, index) pb_absindex(L, index)

static inline void pb_compat_rawgetp(lua_State *L, int index, const void *key) {
  index = lua_absindex(L, index);
  lua_pushlightuserdata(L, (void *)key);
  lua_rawget(L, index);
}
#define lua_rawgetp(L, index, key) pb_compat_rawgetp(L, index, key)

static inline void pb_rawsetp(lua_State *L, int index, const void *key) {
  index = lua_absindex(L, index);
  lua_pushlightuserdata(L, (void *)key);
  lua_insert(L, -2);
  lua_rawset(L, index);
}
#define lua_rawsetp(L, index, key) pb_rawsetp(L, index, key)

/* LuaJIT 2.1 has these four itself. Only its lualib.h names the library jit. */
#ifndef LUA_JITLIBNAME
static inline void pb_setfuncs(lua_State *L, const luaL_Reg *functions, int upvalues) {
  luaL_checkstack(L, upvalues + 1, "too many upvalues");
  for (; functions->name; functions++) {
    for (int i = 0; i < upvalues; i++) lua_pushvalue(L, -upvalues);
    lua_pushcclosure(L, functions->func, upvalues);
    lua_setfield(L, -(upvalues + 2), functions->name);
  }
  lua_pop(L, upvalues);
}
#define luaL_setfuncs(L, functions, upvalues) pb_setfuncs(L, functions, upvalues)

static inline void pb_setmetatable(lua_State *L, const char *name) {
  luaL_getmetatable(L, name);
  lua_setmetatable(L, -2);
}
#define luaL_setmetatable(L, name) pb_setmetatable(L, name)

static inline void *pb_testudata(lua_State *L, int index, const char *name) {
  void *block = lua_touserdata(L, index);
  if (!block || !lua_getmetatable(L, index)) return NULL;
  luaL_getmetatable(L, name);
  if (!lua_rawequal(L, -1, -2)) block = NULL;
  lua_pop(L, 2);
  return block;
}
#define luaL_testudata(L, index, name) pb_testudata(L, index, name)
#endif

#endif /* 5.1 */

#endif
