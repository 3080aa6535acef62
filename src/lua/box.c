#include "lua/box.h"

/* The mark tells a box from other userdata. */
typedef struct {
  const char *mark;
} box;

void pb_box(lua_State *L, const char *mark) {
  box *made = lua_newuserdatauv(L, sizeof *made, 1);
  made->mark = mark;
  lua_pushvalue(L, -2);
  pb_set_inner(L, -2);
}

bool pb_unbox(lua_State *L, const char *mark) {
  const box *found = lua_touserdata(L, -1);
  /* A light userdata has no length. */
  if (!found || lua_rawlen(L, -1) != sizeof *found || found->mark != mark) {
    lua_pop(L, 1);
    return false;
  }
  pb_push_inner(L, -1);
  lua_replace(L, -2);
  return true;
}
