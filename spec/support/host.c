/* A Lua interpreter to be built with sanitizers. They must be in the program from its start, and
 * preloading them into the system's interpreter would put them into every child that a test starts
 * as well: the shell, nginx. */

#include <stdio.h>
#include <stdlib.h>

#include "lua/compat.h"

/* LuaJIT has an allocator of its own, whose blocks no checker can inspect. */
static void *allocate(void *unused, void *block, size_t size, size_t new_size) {
  (void)unused, (void)size;
  if (new_size) return realloc(block, new_size);
  free(block);
  return NULL;
}

static int with_traceback(lua_State *L) {
  luaL_traceback(L, L, lua_tostring(L, 1), 1);
  return 1;
}

int main(int argc, char **argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: %s script arguments...\n", argv[0]);
    return 2;
  }
  lua_State *L = pb_newstate(allocate, NULL);
  if (!L) {
    fprintf(stderr, "%s: this Lua takes no allocator but its own\n", argv[0]);
    return 2;
  }
  luaL_openlibs(L);
  lua_createtable(L, argc, 1);
  for (int i = 0; i < argc; i++) {
    lua_pushstring(L, argv[i]);
    lua_rawseti(L, -2, i - 1); /* the script is arg[0] */
  }
  lua_setglobal(L, "arg");

  lua_pushcfunction(L, with_traceback);
  int failed = luaL_loadfile(L, argv[1]);
  if (!failed) {
    for (int i = 2; i < argc; i++) lua_pushstring(L, argv[i]);
    failed = lua_pcall(L, argc - 2, 0, 1);
  }
  if (failed) fprintf(stderr, "%s\n", lua_tostring(L, -1));
  lua_close(L);
  return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
