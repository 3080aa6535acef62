/* The part `durations`: how long things took (base/durations.h). */

#include <string.h>

#include "base/durations.h"
#include "lua/parts.h"

/* The functions share them as an upvalue: no argument is to be checked for each item of a bulk run. */
static pb_durations *own(lua_State *L) {
  return lua_touserdata(L, lua_upvalueindex(1));
}

/* add(seconds); one that is not a number is not counted */
static int durations_add(lua_State *L) {
  double seconds = luaL_checknumber(L, 1);
  if (seconds == seconds) pb_durations_add(own(L), seconds);
  return 0;
}

/* percentile(percent) → seconds; nil without any */
static int durations_percentile(lua_State *L) {
  double percent = luaL_checknumber(L, 1);
  luaL_argcheck(L, percent >= 0 && percent <= 100, 1, "a number from 0 to 100 expected");
  if (own(L)->count == 0) lua_pushnil(L);
  else lua_pushnumber(L, pb_durations_percentile(own(L), percent));
  return 1;
}

/* durations.new() → the functions add and percentile for durations, of which there are none so far */
static int durations_new(lua_State *L) {
  pb_durations *durations = lua_newuserdatauv(L, sizeof *durations, 0);
  memset(durations, 0, sizeof *durations);
  lua_pushvalue(L, -1);
  lua_pushcclosure(L, durations_add, 1);
  lua_insert(L, -2);
  lua_pushcclosure(L, durations_percentile, 1);
  return 2;
}

int pb_open_durations(lua_State *L) {
  lua_newtable(L);
  lua_pushcfunction(L, durations_new);
  lua_setfield(L, -2, "new");
  return 1;
}
