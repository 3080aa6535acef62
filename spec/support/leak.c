/* A module that leaks a block of memory. If asan and valgrind report it, they would also report a leak of the
 * core, which is loaded in the same way. */

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

int luaopen_leak(lua_State *L);

int luaopen_leak(lua_State *L) {
  for (int i = 0; i < 16; i++) {
    char *volatile block = malloc(1000);
    if (block) memset(block, i, 1000);
  }
  lua_pushboolean(L, 1);
  return 1;
}
