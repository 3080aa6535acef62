/* Runs a script in a Lua in which any allocation, also of the core and of libcurl, can be made to fail, and
 * counts the blocks that are left when Lua has closed:
 *
 *   alloc_failure script.lua [argument...]
 *
 * Besides patchbay.core, the script has a table `memory`:
 *
 *   memory.arm(n, width)   from now on `width` allocations fail, beginning with the n-th; without a width,
 *                          all from the n-th on. With 1, Lua recovers by a collection; with 2, the failure
 *                          reaches the script.
 *   memory.disarm()        allocations succeed again; true if one has failed
 *   memory.blocks()        the numbers of blocks of the core and of libcurl
 */

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "core.h"
#include "http/curl_include.h"
#include "lua/compat.h"

static bool armed, failed;
static long left;        /* allocations that still succeed */
static long width;       /* how many fail then */
static size_t lua_bytes; /* that Lua has */
static bool growing;     /* blocks that Lua has may always grow */
static long core_blocks; /* that the core has */
static long curl_blocks; /* that libcurl has */

static bool refused(void) {
  if (!armed || width == 0) return false;
  if (left > 0) {
    left--;
    return false;
  }
  failed = true;
  if (width != LONG_MAX) width--;
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
  if (size > old_size && !(block && growing) && refused()) return NULL;
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

static void *curl_allocate(size_t size) {
  if (refused()) return NULL;
  void *block = malloc(size);
  if (block) curl_blocks++;
  return block;
}

static void curl_release(void *block) {
  if (block) curl_blocks--;
  free(block);
}

static void *curl_resize(void *block, size_t size) {
  if (refused()) return NULL;
  void *moved = realloc(block, size);
  if (moved && !block) curl_blocks++;
  return moved;
}

static void *curl_clear(size_t count, size_t size) {
  if (refused()) return NULL;
  void *block = calloc(count, size);
  if (block) curl_blocks++;
  return block;
}

static char *curl_copy(const char *text) {
  size_t size = strlen(text) + 1;
  char *copy = curl_allocate(size);
  return copy ? memcpy(copy, text, size) : NULL;
}

static void run_out(long n, long how_many) {
  left = n - 1;
  width = how_many;
  failed = false;
  armed = true;
}

static int arm(lua_State *L) {
  run_out((long)luaL_checkinteger(L, 1), (long)luaL_optinteger(L, 2, LONG_MAX));
  return 0;
}

static int blocks(lua_State *L) {
  lua_pushinteger(L, core_blocks);
  lua_pushinteger(L, curl_blocks);
  return 2;
}

static int disarm(lua_State *L) {
  armed = false;
  lua_pushboolean(L, failed);
  return 1;
}

static bool is_luajit(lua_State *L) {
  lua_getglobal(L, "jit");
  bool is = !lua_isnil(L, -1);
  lua_pop(L, 1);
  return is;
}

static int by_way_of_c(lua_State *L) {
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
  return lua_gettop(L);
}

static void wrap(lua_State *L, const char *name) {
  lua_getfield(L, -1, name);
  lua_pushcclosure(L, by_way_of_c, 1);
  lua_setfield(L, -2, name);
}

/* LuaJIT's assembler functions do not record the end of the stack. Without memory for their result LuaJIT
 * writes the error over a frame that is in use, and the process sometimes crashes. Called from C, they are
 * safe. */
static void mend_luajit(lua_State *L) {
  static const char *const of_strings[] = {"char", "lower", "reverse", "sub", "upper"};
  lua_getglobal(L, "string");
  for (size_t i = 0; i < sizeof of_strings / sizeof *of_strings; i++) wrap(L, of_strings[i]);
  lua_pushglobaltable(L);
  wrap(L, "tostring");
  lua_pop(L, 2);
}

static lua_State *new_state(void) {
  lua_State *L = pb_newstate(lua_memory, NULL);
  if (!L) {
    puts("this Lua takes no allocator");
    exit(EXIT_SUCCESS);
  }
  luaL_openlibs(L);
  if (is_luajit(L)) {
    /* If a stack cannot grow, LuaJIT writes the error behind the end of it. */
    growing = true;
    mend_luajit(L);
  }
  return L;
}

static bool close_state(lua_State *L) {
  /* LuaJIT leaks some of its own memory when it runs out of memory. */
  bool lossy = is_luajit(L);
  lua_close(L);
  if (lossy) lua_bytes = 0;
  if (lua_bytes == 0 && core_blocks == 0) return true;
  printf("left behind: %zu bytes of Lua's, %ld blocks of the core's\n", lua_bytes, core_blocks);
  return false;
}

/* Opens the core with each of its allocations failing in turn. */
static bool open_core(void) {
  for (long n = 1;; n++) {
    lua_State *L = new_state();
    lua_pushcfunction(L, luaopen_patchbay_core);
    run_out(n, LONG_MAX);
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

static bool run(char **arguments) {
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
  lua_pushcfunction(L, blocks);
  lua_setfield(L, -2, "blocks");
  lua_setglobal(L, "memory");
  lua_settop(L, 0);
  lua_pushcfunction(L, with_traceback);
  bool good = luaL_loadfile(L, arguments[0]) == LUA_OK;
  int count = 0;
  while (good && arguments[count + 1]) lua_pushstring(L, arguments[++count]);
  good = good && lua_pcall(L, count, 0, 1) == LUA_OK;
  if (!good) printf("%s\n", lua_tostring(L, -1));
  return close_state(L) && good;
}

/* libcurl frees its process-wide memory too. */
static bool close_curl(void) {
  for (int i = 0; i < 100000; i++) curl_global_cleanup(); /* as often as it was initialised */
  if (curl_blocks == 0) return true;
  printf("left behind: %ld blocks of libcurl's\n", curl_blocks);
  return false;
}

int main(int argc, char **argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: %s script.lua [argument...]\n", argv[0]);
    return 2;
  }
  pb_memory_hook(core_allocate, core_release);
  if (curl_global_init_mem(CURL_GLOBAL_DEFAULT, curl_allocate, curl_release, curl_resize, curl_copy,
                           curl_clear) != CURLE_OK)
    return EXIT_FAILURE;
  bool good = open_core() && run(argv + 1);
  return close_curl() && good ? EXIT_SUCCESS : EXIT_FAILURE;
}
