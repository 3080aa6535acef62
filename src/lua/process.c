/* The part `process`: functions that concern the process as a whole. Only the command uses it. */

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "lua/parts.h"
#include "system/folder.h"
#include "system/termination.h"

/* process.terminate_as_interrupt(): SIGTERM and SIGHUP are interrupts from now on. */
static int process_terminate_as_interrupt(lua_State *L) {
  (void)L;
  pb_termination_as_interrupt();
  return 0;
}

/* process.terminated(): the number of the one that has arrived since, or 0. */
static int process_terminated(lua_State *L) {
  lua_pushinteger(L, pb_terminated());
  return 1;
}

/* process.exec(words): replaces this program by the one at the path words[1], with the words as its arguments. Returns
 * only when it cannot: the reason. */
static int process_exec(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  size_t count = lua_rawlen(L, 1);
  luaL_argcheck(L, count >= 1 && count <= 1000, 1, "a list of words expected");
  luaL_checkstack(L, (int)count + 1, "too many words");
  char **words = lua_newuserdatauv(L, (count + 1) * sizeof *words, 0);
  for (size_t i = 0; i < count; i++) {
    lua_rawgeti(L, 1, (int)i + 1);
    luaL_argcheck(L, lua_type(L, -1) == LUA_TSTRING, 1, "a list of words expected");
    /* execv(3) does not change them, though it says nothing of const. They stay on the stack. */
    words[i] = (char *)(uintptr_t)lua_tostring(L, -1);
  }
  words[count] = NULL;
  execv(words[0], words);
  lua_pushstring(L, strerror(errno));
  return 1;
}

/* process.names(folder): the names in a folder, each with a NUL behind it; as many as fit into 64 KB, and none where it
 * cannot be read. */
static int process_names(lua_State *L) {
  char names[65536];
  lua_pushlstring(L, names, pb_folder_names(luaL_checkstring(L, 1), names, sizeof names));
  return 1;
}

int pb_open_process(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"exec", process_exec},
      {"names", process_names},
      {"terminate_as_interrupt", process_terminate_as_interrupt},
      {"terminated", process_terminated},
      {NULL, NULL},
  };
  lua_newtable(L);
  luaL_setfuncs(L, functions, 0);
  return 1;
}
