/* The part `http`: prepared sets of request headers. */

#include <string.h>

#include "lua/http.h"

/* http.headers{ "Name: value", … } */
int pb_http_headers_new(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  pb_headers **set = pb_http_push(L, PB_HTTP_HEADERS, sizeof *set);
  *set = pb_headers_new();
  if (!*set) return luaL_error(L, "not enough memory");

  int count = (int)lua_rawlen(L, 1);
  for (int i = 1; i <= count; i++) {
    lua_rawgeti(L, 1, i);
    size_t length;
    if (lua_type(L, -1) != LUA_TSTRING) return luaL_error(L, "header %d is not a string", i);
    const char *line = lua_tolstring(L, -1, &length);
    pb_header_problem problem = pb_headers_add(*set, line, length);
    if (problem == PB_HEADER_NAME) /* the text may be a value without its name, and a secret */
      return luaL_error(L, "header %d: %s", i, pb_header_problem_text(problem));
    if (problem != PB_HEADER_FINE) {
      lua_pushlstring(L, line, (size_t)(strchr(line, ':') - line));
      return luaL_error(L, "header %s: %s", lua_tostring(L, -1), pb_header_problem_text(problem));
    }
    lua_pop(L, 1);
  }
  if (!pb_headers_finish(*set)) return luaL_error(L, "not enough memory");
  return 1;
}

static int headers_gc(lua_State *L) {
  pb_headers **set = pb_http_check(L, 1, PB_HTTP_HEADERS);
  pb_headers_release(*set);
  *set = NULL;
  return 0;
}

const luaL_Reg pb_http_headers_methods[] = {
    {"__gc", headers_gc},
    {NULL, NULL},
};
