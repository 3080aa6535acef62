/* The part `own_file`: files with secrets (system/own_file.h). lua/patchbay/auth/token_file.lua uses them. */

#include <string.h>

#include "lua/parts.h"
#include "lua/userdata.h"
#include "system/own_file.h"

static const char type_name[] = "patchbay.own_file";

/* Larger reads gain nothing; the limit keeps a mistaken size from being allocated. */
enum { MAX_READ = 1 << 24 };

static const char *check_path(lua_State *L, int argument) {
  size_t length;
  const char *path = luaL_checklstring(L, argument, &length);
  luaL_argcheck(L, strlen(path) == length, argument, "a path has no NUL in it");
  return path;
}

static int push_problem(lua_State *L, int problem) {
  lua_pushnil(L);
  lua_pushstring(L, strerror(problem));
  return 2;
}

static int push_outcome(lua_State *L, int problem) {
  if (problem != 0) return push_problem(L, problem);
  lua_pushboolean(L, 1);
  return 1;
}

/* The file at the top of the stack; or nil, a word for the reason, and a message. */
static int push_result(lua_State *L, const pb_own_file *file, pb_own_file_result result) {
  static const char *const words[] = {
      [PB_OWN_FILE_OPEN] = "open",     [PB_OWN_FILE_MISSING] = "missing",
      [PB_OWN_FILE_SHARED] = "shared", [PB_OWN_FILE_FOREIGN] = "foreign",
      [PB_OWN_FILE_LINK] = "link",     [PB_OWN_FILE_OTHER] = "other",
      [PB_OWN_FILE_LOCKED] = "locked", [PB_OWN_FILE_FAILED] = "failed",
  };
  if (result == PB_OWN_FILE_OPEN) return 1;
  unsigned mode = file->mode;
  int problem = file->problem;
  lua_pushnil(L);
  lua_pushstring(L, words[result]);
  if (result == PB_OWN_FILE_SHARED) {
    const char octal[] = {(char)('0' + (mode >> 9 & 7)), (char)('0' + (mode >> 6 & 7)),
                          (char)('0' + (mode >> 3 & 7)), (char)('0' + (mode & 7)), '\0'};
    lua_pushfstring(L, "others may read or write it (mode %s)", octal);
  } else if (result == PB_OWN_FILE_FOREIGN) {
    lua_pushliteral(L, "it belongs to another user");
  } else if (result == PB_OWN_FILE_LINK) {
    lua_pushliteral(L, "it is a symbolic link");
  } else if (result == PB_OWN_FILE_OTHER) {
    lua_pushliteral(L, "it is not a regular file");
  } else {
    lua_pushstring(L, strerror(problem));
  }
  return 3;
}

static pb_own_file *new_file(lua_State *L) {
  pb_own_file *file = lua_newuserdatauv(L, sizeof *file, 0);
  *file = (pb_own_file){.descriptor = -1};
  luaL_setmetatable(L, type_name);
  return file;
}

/* own_file.open(path): the file, for reading; or nil, "missing", "shared", "foreign", "link", "other" or "failed", and a
 * message. */
static int own_file_open(lua_State *L) {
  const char *path = check_path(L, 1);
  pb_own_file *file = new_file(L);
  return push_result(L, file, pb_own_file_open(file, path));
}

/* own_file.lock(path): the file, locked until it is closed, and created where it is missing; or the same as of open(), or
 * "locked". */
static int own_file_lock(lua_State *L) {
  const char *path = check_path(L, 1);
  pb_own_file *file = new_file(L);
  return push_result(L, file, pb_own_file_lock(file, path));
}

/* own_file.replace(part, path, text): true; or nil and a message. */
static int own_file_replace(lua_State *L) {
  size_t length;
  const char *part = check_path(L, 1), *path = check_path(L, 2),
             *text = luaL_checklstring(L, 3, &length);
  return push_outcome(L, pb_own_file_replace(part, path, text, length));
}

/* own_file.make_folders(path): those in which the file `path` lies: true; or nil and a message. */
static int own_file_make_folders(lua_State *L) {
  const char *path = check_path(L, 1);
  size_t size = strlen(path) + 1;
  char *copy = lua_newuserdatauv(L, size, 0);
  memcpy(copy, path, size);
  return push_outcome(L, pb_own_file_make_folders(copy));
}

/* file:read(most): the text, cut after `most` bytes; or nil and a message. */
static int file_read(lua_State *L) {
  const pb_own_file *file = luaL_checkudata(L, 1, type_name);
  lua_Number most = luaL_checknumber(L, 2);
  if (file->descriptor < 0) return luaL_error(L, "the file is closed");
  luaL_argcheck(L, most >= 1 && most <= (lua_Number)MAX_READ, 2, "1 to 16777216 expected");
  char *bytes = lua_newuserdatauv(L, (size_t)most, 0);
  size_t length;
  int problem = pb_own_file_read(file, bytes, (size_t)most, &length);
  if (problem != 0) return push_problem(L, problem);
  lua_pushlstring(L, bytes, length);
  return 1;
}

/* file:close(): may be called again. */
static int file_close(lua_State *L) {
  pb_own_file_close(luaL_checkudata(L, 1, type_name));
  return 0;
}

static const luaL_Reg methods[] = {
    {"read", file_read}, {"close", file_close}, {"__gc", file_close}, {NULL, NULL}};

static const luaL_Reg functions[] = {{"open", own_file_open},
                                     {"lock", own_file_lock},
                                     {"replace", own_file_replace},
                                     {"make_folders", own_file_make_folders},
                                     {NULL, NULL}};

int pb_open_own_file(lua_State *L) {
  pb_userdata_type(L, type_name, methods);
  lua_newtable(L);
  luaL_setfuncs(L, functions, 0);
  return 1;
}
