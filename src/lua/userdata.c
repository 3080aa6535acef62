#include "lua/userdata.h"

#include <stdbool.h>
#include <string.h>

void pb_userdata_methods(lua_State *L, int metatable, const char *name, const luaL_Reg *methods,
                         int upvalues) {
  luaL_checkstack(L, upvalues + 4, "too many upvalues");
  metatable = lua_absindex(L, metatable);
  lua_newtable(L);
  int last_upvalue = lua_gettop(L) - 1, index = last_upvalue + 1;
  bool indexed = false;
  for (; methods->name; methods++) {
    for (int i = 1; i <= upvalues; i++) lua_pushvalue(L, last_upvalue - upvalues + i);
    lua_pushcclosure(L, methods->func, upvalues);
    bool meta = strncmp(methods->name, "__", 2) == 0;
    lua_setfield(L, meta ? metatable : index, methods->name);
    indexed = indexed || !meta;
  }
  if (indexed) lua_setfield(L, metatable, "__index");
  lua_pushstring(L, name);
  lua_setfield(L, metatable, "__metatable");
  lua_settop(L, last_upvalue - upvalues);
}

void pb_userdata_type(lua_State *L, const char *name, const luaL_Reg *methods) {
  luaL_newmetatable(L, name);
  pb_userdata_methods(L, lua_gettop(L), name, methods, 0);
  lua_pop(L, 1);
}
