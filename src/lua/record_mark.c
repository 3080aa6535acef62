#include "lua/record_mark.h"

#include "lua/box.h"

/* Its address is the key. */
static const char mark_key;

void pb_record_mark(lua_State *L, int index) {
  index = lua_absindex(L, index);
  pb_box(L, &mark_key);
  lua_rawsetp(L, index, &mark_key);
}

bool pb_record_internals(lua_State *L, int index) {
  if (lua_type(L, index) != LUA_TTABLE) return false;
  lua_rawgetp(L, index, &mark_key);
  return pb_unbox(L, &mark_key);
}

bool pb_is_record(lua_State *L, int index) {
  if (!pb_record_internals(L, index)) return false;
  lua_pop(L, 1);
  return true;
}
