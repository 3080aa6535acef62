/* patchbay.core.system: what the machine offers. */

/* For the size of a terminal, which POSIX has only lately. */
#define _DEFAULT_SOURCE
#define _DARWIN_C_SOURCE

#include <math.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "entropy.h"
#include "lua_parts.h"

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

/* system.isatty(descriptor): whether it is a terminal. */
static int system_isatty(lua_State *L) {
  lua_pushboolean(L, isatty((int)luaL_checkinteger(L, 1)));
  return 1;
}

/* system.columns(descriptor): how wide a terminal is; nil where it does not say. */
static int system_columns(lua_State *L) {
  struct winsize size = {0};
  if (ioctl((int)luaL_checkinteger(L, 1), TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 0;
  lua_pushinteger(L, size.ws_col);
  return 1;
}

/* system.write(file, text): file:write(text), without the SIGPIPE that ends the process where nobody reads
 * it any more. */
static int system_write(lua_State *L) {
  sigset_t pipe, before, pending;
  int number;
  lua_settop(L, 2);
  lua_getfield(L, 1, "write");
  lua_insert(L, 1);
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  sigpending(&pending);
  bool was_pending = sigismember(&pending, SIGPIPE) == 1;
  sigprocmask(SIG_BLOCK, &pipe, &before);
  int status = lua_pcall(L, 2, LUA_MULTRET, 0);
  sigpending(&pending);
  if (!was_pending && sigismember(&pending, SIGPIPE) == 1) sigwait(&pipe, &number);
  sigprocmask(SIG_SETMASK, &before, NULL);
  return status == 0 ? lua_gettop(L) : lua_error(L);
}

/* Ctrl-C, while a bulk run wants to end in order: the first is counted, the second goes to whoever
 * was there before. One program has one such handler; threads that run at once share it. */
static volatile sig_atomic_t interrupts;
static volatile sig_atomic_t catching;
static struct sigaction before;

static void count_interrupt(int number) {
  interrupts = interrupts + 1;
  if (interrupts < 2) return;
  sigaction(SIGINT, &before, NULL);
  catching = 0;
  raise(number);
}

/* system.catch_interrupts(): true; false when it is being done already, or SIGINT is ignored. */
static int system_catch_interrupts(lua_State *L) {
  bool caught = false;
  if (!catching && sigaction(SIGINT, NULL, &before) == 0 && before.sa_handler != SIG_IGN) {
    struct sigaction action = {.sa_handler = count_interrupt};
    sigemptyset(&action.sa_mask);
    interrupts = 0;
    caught = sigaction(SIGINT, &action, NULL) == 0;
    catching = caught;
  }
  lua_pushboolean(L, caught);
  return 1;
}

/* system.interrupts(): how many there have been since. */
static int system_interrupts(lua_State *L) {
  lua_pushinteger(L, interrupts);
  return 1;
}

/* system.release_interrupts() */
static int system_release_interrupts(lua_State *L) {
  (void)L;
  if (catching) sigaction(SIGINT, &before, NULL);
  catching = 0;
  return 0;
}

/* LuaJIT has it in its header for 5.1. */
#if LUA_VERSION_NUM >= 503 || defined(LUA_LJDIR)
#define HAS_YIELDABLE 1

/* system.yieldable(): whether the running code can be put aside; only where Lua tells it. nginx's
 * `coroutine` lacks it. */
static int system_yieldable(lua_State *L) {
  lua_pushboolean(L, lua_isyieldable(L));
  return 1;
}
#endif

int pb_open_system(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"now", system_now},
      {"clock", system_clock},
      {"sleep", system_sleep},
      {"random", system_random},
      {"isatty", system_isatty},
      {"columns", system_columns},
      {"write", system_write},
      {"catch_interrupts", system_catch_interrupts},
      {"interrupts", system_interrupts},
      {"release_interrupts", system_release_interrupts},
      {NULL, NULL},
  };
  lua_newtable(L);
  luaL_setfuncs(L, functions, 0);
#ifdef HAS_YIELDABLE
  lua_pushcfunction(L, system_yieldable);
  lua_setfield(L, -2, "yieldable");
#endif
  return 1;
}
