/* Runs a script in a Lua whose memory, and that of the core in it, can be made to run out at any
 * allocation, and counts what is left when Lua has closed:
 *
 *   alloc_failure script.lua
 *
 * The script has, beside patchbay.core, a table `memory`:
 *
 *   memory.arm(n)     from now on the n-th allocation fails, and all after it
 *   memory.disarm()   they succeed again; true if one has failed
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "core.h"
#include "memory.h"

static bool armed, failed;
static long left;        /* allocations that still succeed */
static size_t lua_bytes; /* that Lua has */
static long core_blocks; /* that the core has */

static bool refused(void) {
  if (!armed || left-- > 0) return false;
  failed = true;
  left = 0;
  return true;
}

static void *lua_memory(void *context, void *block, size_t old_size, size_t size) {
  (void)context;
  if (!block) old_size = 0;
  if (size == 0) {
    free(block);
    lua_bytes -= old_size;
    return NULL;
  }
  /* Lua relies on shrinking to succeed. */
  if (size > old_size && refused()) return NULL;
  void *moved = realloc(block, size);
  if (moved) lua_bytes += size - old_size;
  return moved;
}

static void *core_allocate(void *block, size_t size) {
  if (refused()) return NULL;
  void *moved = realloc(block, size);
  if (moved && !block) core_blocks++;
  return moved;
}

static void core_release(void *block) {
  if (block) core_blocks--;
  free(block);
}

static int arm(lua_State *L) {
  left = (long)luaL_checkinteger(L, 1) - 1;
  failed = false;
  armed = true;
  return 0;
}

static int disarm(lua_State *L) {
  armed = false;
  lua_pushboolean(L, failed);
  return 1;
}

static lua_State *new_state(void) {
  lua_State *L = lua_newstate(lua_memory, NULL);
  if (!L) {
    puts("this Lua takes no allocator");
    exit(EXIT_SUCCESS);
  }
  luaL_openlibs(L);
  return L;
}

static bool close_state(lua_State *L) {
  lua_close(L);
  if (lua_bytes == 0 && core_blocks == 0) return true;
  printf("left behind: %zu bytes of Lua's, %ld blocks of the core's\n", lua_bytes, core_blocks);
  return false;
}

/* Opening the core, with memory that runs out at each of its allocations. */
static bool open_core(void) {
  for (long n = 1;; n++) {
    lua_State *L = new_state();
    lua_pushcfunction(L, luaopen_patchbay_core);
    left = n - 1;
    failed = false;
    armed = true;
    int status = lua_pcall(L, 0, 1, 0);
    armed = false;
    if (status == LUA_OK && failed) printf("open: succeeded though allocation %ld failed\n", n);
    else if (status != LUA_OK && !failed) printf("open: %s\n", lua_tostring(L, -1));
    if (!close_state(L) || (status == LUA_OK) == failed) return false;
    if (!failed) {
      printf("open: %ld allocations\n", n - 1);
      return true;
    }
  }
}

static int with_traceback(lua_State *L) {
  const char *message = lua_tostring(L, 1);
  lua_getglobal(L, "debug");
  lua_getfield(L, -1, "traceback");
  lua_pushstring(L, message ? message : "(no message)");
  lua_call(L, 1, 1);
  return 1;
}

static bool run(const char *script) {
  lua_State *L = new_state();
  lua_getglobal(L, "package");
  lua_getfield(L, -1, "preload");
  lua_pushcfunction(L, luaopen_patchbay_core);
  lua_setfield(L, -2, "patchbay.core");
  lua_newtable(L);
  lua_pushcfunction(L, arm);
  lua_setfield(L, -2, "arm");
  lua_pushcfunction(L, disarm);
  lua_setfield(L, -2, "disarm");
  lua_setglobal(L, "memory");
  lua_settop(L, 0);
  lua_pushcfunction(L, with_traceback);
  bool good = luaL_loadfile(L, script) == LUA_OK && lua_pcall(L, 0, 0, 1) == LUA_OK;
  if (!good) printf("%s\n", lua_tostring(L, -1));
  return close_state(L) && good;
}

int main(int argc, char **argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: %s script.lua\n", argv[0]);
    return 2;
  }
  pb_memory_hook(core_allocate, core_release);
  return open_core() && run(argv[1]) ? EXIT_SUCCESS : EXIT_FAILURE;
}
