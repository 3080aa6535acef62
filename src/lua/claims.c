/* The part `claims`: work that is handed to another thread (system/claims.h), for Lua states in several
 * threads. */

#include "system/claims.h"
#include "lua/parts.h"

/* claims.open() → a number */
static int claims_open(lua_State *L) {
  unsigned long claim = pb_claims_open();
  if (claim == 0) return luaL_error(L, "not enough memory");
  lua_pushnumber(L, (lua_Number)claim);
  return 1;
}

/* claims.take(number) → whether the claim was still open; it is closed now */
static int claims_take(lua_State *L) {
  lua_Number claim = luaL_checknumber(L, 1);
  luaL_argcheck(L, claim >= 1 && claim < 4294967296.0 * 2097152, 1, "a claim expected");
  lua_pushboolean(L, pb_claims_take((unsigned long)claim));
  return 1;
}

int pb_open_claims(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"open", claims_open},
      {"take", claims_take},
      {NULL, NULL},
  };
  lua_newtable(L);
  luaL_setfuncs(L, functions, 0);
  return 1;
}
