/* The part `system`: clocks, randomness, terminals and signals. */

/* For the size of a terminal, which POSIX has only since 2024. */
#define _DEFAULT_SOURCE
#define _DARWIN_C_SOURCE

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "lua/parts.h"
#include "system/append_line.h"
#include "system/entropy.h"
#include "system/folder.h"
#include "system/interrupts.h"
#include "system/private_file.h"
#include "system/replace_file.h"
#include "system/write_signals.h"

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

/* system.clock(): seconds of a clock that is never set back. */
static int system_clock(lua_State *L) {
  return push_clock(L, CLOCK_MONOTONIC);
}

/* system.sleep(seconds): may return early, when a signal arrives. */
static int system_sleep(lua_State *L) {
  double seconds = luaL_checknumber(L, 1);
  luaL_argcheck(L, seconds >= 0 && seconds < 1e9, 1, "seconds expected");
  struct timespec time = {.tv_sec = (time_t)seconds,
                          .tv_nsec = (long)((seconds - floor(seconds)) * 1e9)};
  nanosleep(&time, NULL);
  return 0;
}

/* system.random(): a number from 0 to below 1, from the operating system's source. */
static int system_random(lua_State *L) {
  lua_pushnumber(L, pb_random());
  return 1;
}

/* system.isatty(descriptor): whether it is a terminal. */
static int system_isatty(lua_State *L) {
  lua_pushboolean(L, isatty((int)luaL_checkinteger(L, 1)));
  return 1;
}

/* system.columns(descriptor): the width of a terminal; nil if unknown. */
static int system_columns(lua_State *L) {
  struct winsize size = {0};
  if (ioctl((int)luaL_checkinteger(L, 1), TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 0;
  lua_pushinteger(L, size.ws_col);
  return 1;
}

/* system.saving(write, ...): calls write(...). Neither a pipe without a reader nor the limit on the size of files
 * (ulimit -f) ends the process meanwhile: its writes fail instead. It cannot yield. Returns whether the limit
 * would have been passed, and the results of the call; passes errors on. */
static int system_saving(lua_State *L) {
  luaL_checkany(L, 1);
  pb_write_signals signals;
  pb_write_signals_hold(&signals);
  int status = lua_pcall(L, lua_gettop(L) - 1, LUA_MULTRET, 0);
  bool passed = pb_write_signals_release(&signals);
  if (status != 0) return lua_error(L);
  luaL_checkstack(L, 1, "too many results");
  lua_pushboolean(L, passed);
  lua_insert(L, 1);
  return lua_gettop(L);
}

/* system.write(file, text): file:write(text), but without the signals that would end the process, as in
 * saving. */
static int system_write(lua_State *L) {
  lua_settop(L, 2);
  lua_getfield(L, 1, "write");
  lua_insert(L, 1);
  system_saving(L);
  lua_remove(L, 1);
  return lua_gettop(L);
}

/* The owner of Ctrl-C is this Lua state, represented by the userdata that is the upvalue of the three
 * functions. Closing the state releases it. */
static const void *interrupt_owner(lua_State *L) {
  return lua_touserdata(L, lua_upvalueindex(1));
}

/* system.catch_interrupts(): true; false when this state or another one already has them, or SIGINT is
 * ignored. */
static int system_catch_interrupts(lua_State *L) {
  lua_pushboolean(L, pb_interrupts_catch(interrupt_owner(L)));
  return 1;
}

/* system.interrupts(): the number of interrupts since this state caught them. */
static int system_interrupts(lua_State *L) {
  lua_pushinteger(L, pb_interrupts_count(interrupt_owner(L)));
  return 1;
}

/* system.release_interrupts(): does nothing if this state does not have them. */
static int system_release_interrupts(lua_State *L) {
  pb_interrupts_release(interrupt_owner(L));
  return 0;
}

static int interrupt_owner_gc(lua_State *L) {
  pb_interrupts_release(lua_touserdata(L, 1));
  return 0;
}

/* Adds the three functions to the table at the top. */
static void add_interrupts(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"catch_interrupts", system_catch_interrupts},
      {"interrupts", system_interrupts},
      {"release_interrupts", system_release_interrupts},
      {NULL, NULL},
  };
  lua_newuserdata(L, 1);
  lua_newtable(L);
  lua_pushcfunction(L, interrupt_owner_gc);
  lua_setfield(L, -2, "__gc");
  lua_setmetatable(L, -2);
  luaL_setfuncs(L, functions, 1);
}

/* LuaJIT declares it in its header for 5.1. */
#if LUA_VERSION_NUM >= 503 || defined(LUA_LJDIR)
#define HAS_YIELDABLE 1

/* system.yieldable(): whether the running code can yield. Only where Lua tells; nginx's `coroutine` lacks
 * it. */
static int system_yieldable(lua_State *L) {
  lua_pushboolean(L, lua_isyieldable(L));
  return 1;
}

/* system.runs(co): whether the coroutine is the running code, and can yield; false for any other value. One call
 * instead of two. */
static int system_runs(lua_State *L) {
  lua_pushboolean(L, lua_tothread(L, 1) == L && lua_isyieldable(L));
  return 1;
}
#endif

/* system.replace_file(part, path, keep_mode): true; or nil and a message. */
static int system_replace_file(lua_State *L) {
  int problem =
      pb_replace_file(luaL_checkstring(L, 1), luaL_checkstring(L, 2), lua_toboolean(L, 3));
  if (problem == 0) {
    lua_pushboolean(L, 1);
    return 1;
  }
  lua_pushnil(L);
  lua_pushstring(L, strerror(problem));
  return 2;
}

/* system.append_line(path, text): appends to a file that other processes append to as well, see
 * system/append_line.h: true; or nil and a message. */
static int system_append_line(lua_State *L) {
  size_t length;
  const char *text = luaL_checklstring(L, 2, &length);
  int problem = pb_append_line(luaL_checkstring(L, 1), text, length);
  if (problem == 0) {
    lua_pushboolean(L, 1);
    return 1;
  }
  lua_pushnil(L);
  lua_pushstring(L, strerror(problem));
  return 2;
}

/* system.working_folder(): the path of the working folder; nil where it is not known. */
static int system_working_folder(lua_State *L) {
  char path[4096];
  if (pb_folder_working(path, sizeof path)) lua_pushstring(L, path);
  else lua_pushnil(L);
  return 1;
}

/* system.private_file(path, public): true if only this user, or root, owns, reads and writes the file; with `public`,
 * others may read it. Else false and the reason, or nil and the message of the failure. */
static int system_private_file(lua_State *L) {
  pb_file_access access;
  unsigned mode;
  bool public = lua_toboolean(L, 2);
  int problem = pb_private_file(luaL_checkstring(L, 1), public, &access, &mode);
  if (problem != 0) {
    lua_pushnil(L);
    lua_pushstring(L, strerror(problem));
    return 2;
  }
  lua_pushboolean(L, access == PB_FILE_PRIVATE);
  if (access == PB_FILE_PRIVATE) return 1;
  if (access == PB_FILE_FOREIGN) lua_pushliteral(L, "it belongs to another user");
  else {
    char text[16];
    (void)snprintf(text, sizeof text, "%04o", mode);
    lua_pushfstring(L, "others may %swrite it (mode %s)", public ? "" : "read or ", text);
  }
  return 2;
}

int pb_open_system(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"now", system_now},
      {"clock", system_clock},
      {"sleep", system_sleep},
      {"random", system_random},
      {"isatty", system_isatty},
      {"columns", system_columns},
      {"write", system_write},
      {"saving", system_saving},
      {"replace_file", system_replace_file},
      {"private_file", system_private_file},
      {"append_line", system_append_line},
      {"working_folder", system_working_folder},
      {NULL, NULL},
  };
  lua_newtable(L);
  luaL_setfuncs(L, functions, 0);
  add_interrupts(L);
#ifdef HAS_YIELDABLE
  lua_pushcfunction(L, system_yieldable);
  lua_setfield(L, -2, "yieldable");
  lua_pushcfunction(L, system_runs);
  lua_setfield(L, -2, "runs");
#endif
  return 1;
}
