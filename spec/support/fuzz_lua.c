/* The harness for a script: FUZZ_SCRIPT returns a function, which is called with each input as a string
 * and raises if a property does not hold; and, if caches in Lua keep blocks of the core, how many they may
 * keep. The core is linked in.
 *
 * libFuzzer learns which lines of Lua an input has run, as it learns the edges of C. After a collection the
 * core must have freed all its allocations, but for those in caches. */

#include "base/memory.h"
#include "core.h"
#include "fuzz.h"

#if defined(__linux__) && defined(__clang__)
#define FUZZ_COUNTERS __attribute__((section("__libfuzzer_extra_counters")))
#else
#define FUZZ_COUNTERS
#endif

/* If there are more lines than counters, lines share counters. The coverage is less precise, but not
 * wrong. */
FUZZ_COUNTERS static uint8_t lines[1 << 14];

/* A collection takes a while, so a leak is found some inputs after the one that caused it. */
enum { COLLECT_EVERY = 64 };

static lua_State *L;
static long blocks; /* that the core has */
static long cached; /* of these, how many caches may keep */

static void *allocate(void *block, size_t size) {
  void *moved = realloc(block, size);
  if (moved && !block) blocks++;
  return moved;
}

static void release(void *block) {
  if (block) blocks--;
  free(block);
}

static void count_line(lua_State *state, lua_Debug *activation) {
  lua_getinfo(state, "S", activation);
  size_t place = (size_t)activation->currentline;
  for (const char *at = activation->short_src; *at; at++) place = place * 31 + (unsigned char)*at;
  uint8_t *line = &lines[place % sizeof lines];
  if (*line < UINT8_MAX) ++*line;
}

static int with_traceback(lua_State *state) {
  const char *message = lua_tostring(state, 1);
  lua_getglobal(state, "debug");
  lua_getfield(state, -1, "traceback");
  lua_pushstring(state, message ? message : "(no message)");
  lua_call(state, 1, 1);
  return 1;
}

static void call(int arguments, int results) {
  if (lua_pcall(L, arguments, results, 1) == 0) return;
  fprintf(stderr, "%s\n", lua_tostring(L, -1));
  abort();
}

static void close(void) {
  lua_close(L);
  FUZZ_HOLDS(blocks == 0);
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  (void)argc;
  (void)argv;
  pb_memory_hook(allocate, release);
  L = luaL_newstate();
  FUZZ_HOLDS(L);
  luaL_openlibs(L);
  lua_pushcfunction(L, with_traceback);
  lua_getglobal(L, "package");
  lua_getfield(L, -1, "preload");
  lua_pushcfunction(L, luaopen_patchbay_core);
  lua_setfield(L, -2, "patchbay.core");
  lua_settop(L, 1);
  if (luaL_loadfile(L, FUZZ_SCRIPT) != 0) {
    fprintf(stderr, "%s\n", lua_tostring(L, -1));
    abort();
  }
  call(0, 2);
  cached = (long)lua_tointeger(L, 3);
  lua_settop(L, 2); /* the function stays at 2 */
  atexit(close);
#ifdef __clang__
  lua_sethook(L, count_line, LUA_MASKLINE, 0);
#else
  (void)count_line;
#endif
  return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static unsigned long run;
  static long settled = -1; /* the fewest blocks that the core kept */
  lua_pushvalue(L, 2);
  lua_pushlstring(L, (const char *)data, size);
  call(1, 0);
  if (++run % COLLECT_EVERY != 0) return 0;
  lua_gc(L, LUA_GCCOLLECT, 0);
  lua_gc(L, LUA_GCCOLLECT, 0);
  FUZZ_HOLDS(settled < 0 || blocks <= settled + cached);
  if (settled < 0 || blocks < settled) settled = blocks;
  return 0;
}
