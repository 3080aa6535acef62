#ifndef PB_LUA_USERDATA_H
#define PB_LUA_USERDATA_H

#include "lua/compat.h"

/* Pops `upvalues` values, which all methods get, and gives the metatable at `metatable` the methods: those
 * whose names start with "__" as metamethods, the others in a table of their own under __index. So a script
 * reaches no metamethod: calling __gc itself, it would free memory in use. getmetatable() returns `name`. */
void pb_userdata_methods(lua_State *L, int metatable, const char *name, const luaL_Reg *methods,
                         int upvalues);

/* Creates the metatable of a userdata type in the registry, with these methods. */
void pb_userdata_type(lua_State *L, const char *name, const luaL_Reg *methods);

#endif
