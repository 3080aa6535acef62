/* patchbay.core.system: what the machine offers. */

#include <math.h>
#include <time.h>

#include "core.h"
#include "entropy.h"

static int push_clock(lua_State *L, clockid_t clock) {
  struct timespec time = {0};
  clock_gettime(clock, &time);
  lua_pushnumber(L, (lua_Number)time.tv_sec + (lua_Number)time.tv_nsec / 1e9);
  return 1;
}

/* system.now(): Unix seconds. */
static int system_now(lua_State *L) {
  return push_clock(L, CLOCK_REALTIME);
}

/* system.clock(): seconds since some moment, which nobody sets back. */
static int system_clock(lua_State *L) {
  return push_clock(L, CLOCK_MONOTONIC);
}

/* system.sleep(seconds): may return early, when a signal comes in. */
static int system_sleep(lua_State *L) {
  double seconds = luaL_checknumber(L, 1);
  luaL_argcheck(L, seconds >= 0 && seconds < 1e9, 1, "seconds expected");
  struct timespec time = {.tv_sec = (time_t)seconds,
                          .tv_nsec = (long)((seconds - floor(seconds)) * 1e9)};
  nanosleep(&time, NULL);
  return 0;
}

/* system.random(): from 0 to below 1, from the system's own source. */
static int system_random(lua_State *L) {
  lua_pushnumber(L, pb_random());
  return 1;
}

int pb_open_system(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"now", system_now},
      {"clock", system_clock},
      {"sleep", system_sleep},
      {"random", system_random},
      {NULL, NULL},
  };
  lua_newtable(L);
  luaL_setfuncs(L, functions, 0);
  return 1;
}
