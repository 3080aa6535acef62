/* The part `journal`: the file of a journal (system/append_file.h), and digests.
 * lua/patchbay/bulk/journal.lua defines its lines. */

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lua/parts.h"
#include "lua/userdata.h"
#include "system/append_file.h"
#include "system/hmac.h"
#include "system/sha256.h"

static const char type_name[] = "patchbay.journal.file";

/* Larger reads gain nothing; the limit keeps a mistaken size from being allocated. */
enum { MAX_READ = 1 << 20 };

/* Pushes an integer where Lua has integers. */
static int push_whole(lua_State *L, int64_t value) {
#if PB_INTEGERS
  lua_pushinteger(L, (lua_Integer)value);
#else
  lua_pushnumber(L, (lua_Number)value);
#endif
  return 1;
}

/* The message for an errno of system/append_file.h. */
static const char *text_of(int problem) {
  if (problem == ENOENT) return "it has been deleted meanwhile";
  if (problem == ESTALE) return "something else has changed it meanwhile";
  if (problem == EFBIG) return "it would pass the limit on the size of files (ulimit -f)";
  return strerror(problem);
}

/* The same for a file that cannot be opened. */
static const char *opening_text(int problem, const char *path) {
  struct stat status;
  bool link = lstat(path, &status) == 0 && S_ISLNK(status.st_mode);
  if (problem == ENOTSUP) return "Not a regular file";
  if (problem == ESTALE)
    return "other processes replace it again and again; wait for their end, or use another file";
  if (problem == ENOENT && link) return "a symbolic link to a folder that does not exist";
  if (problem == ENOENT) return "its folder does not exist";
  if (problem == ELOOP) return "its symbolic links lead in a circle";
  if (problem == EMFILE || problem == ENFILE)
    return "no file descriptor is left; close some, or raise the limit (ulimit -n)";
  return strerror(problem);
}

static int push_problem(lua_State *L, int problem) {
  lua_pushnil(L);
  lua_pushstring(L, text_of(problem));
  return 2;
}

static int push_outcome(lua_State *L, int problem) {
  if (problem != 0) return push_problem(L, problem);
  lua_pushboolean(L, 1);
  return 1;
}

/* journal.open(path, create): the file, locked; or nil, "locked", "missing" (unless `create`) or "error", and
 * a message. */
static int journal_open(lua_State *L) {
  size_t length;
  const char *path = luaL_checklstring(L, 1, &length);
  luaL_argcheck(L, strlen(path) == length, 1, "a path has no NUL in it");
  lua_settop(L, 2);
  pb_append_file *file = lua_newuserdatauv(L, sizeof *file, 0);
  *file = (pb_append_file){.descriptor = -1};
  luaL_setmetatable(L, type_name);
  bool create = lua_toboolean(L, 2);
  int problem = pb_append_file_open(file, path, create);
  if (problem == 0) return 1;
  if (problem == ENOMEM) return luaL_error(L, "not enough memory"); /* as Lua says it */
  lua_pushnil(L);
  bool missing = problem == ENOENT && !create;
  lua_pushstring(L, problem == EWOULDBLOCK ? "locked" : missing ? "missing" : "error");
  /* A folder that does not exist is ENOTDIR there. */
  if (problem == ENOTDIR) problem = ENOENT;
  lua_pushstring(L, opening_text(problem, path));
  return 3;
}

static pb_append_file *check_file(lua_State *L) {
  pb_append_file *file = luaL_checkudata(L, 1, type_name);
  if (file->descriptor < 0) luaL_error(L, "the file is closed");
  return file;
}

/* file:read(offset, size): at most `size` bytes from `offset` (0 is the first) on, "" at the end; or
 * nil and a message. */
static int file_read(lua_State *L) {
  const pb_append_file *file = check_file(L);
  lua_Number offset = luaL_checknumber(L, 2), size = luaL_checknumber(L, 3);
  luaL_argcheck(L, offset >= 0 && offset <= (lua_Number)file->size, 2, "not within the file");
  luaL_argcheck(L, size >= 0 && size <= (lua_Number)MAX_READ, 3, "0 to 1048576 expected");
  char *bytes = lua_newuserdatauv(L, (size_t)size + 1, 0);
  size_t length;
  int problem = pb_append_file_read(file, (int64_t)offset, bytes, (size_t)size, &length);
  if (problem != 0) return push_problem(L, problem);
  lua_pushlstring(L, bytes, length);
  return 1;
}

/* file:size() */
static int file_size(lua_State *L) {
  return push_whole(L, check_file(L)->size);
}

/* file:truncate(size): true; or nil and a message. */
static int file_truncate(lua_State *L) {
  pb_append_file *file = check_file(L);
  lua_Number size = luaL_checknumber(L, 2);
  luaL_argcheck(L, size >= 0 && size <= (lua_Number)file->size, 2, "not within the file");
  return push_outcome(L, pb_append_file_truncate(file, (int64_t)size));
}

/* file:append(text): true; or nil and a message, and then every later append fails as well. */
static int file_append(lua_State *L) {
  pb_append_file *file = check_file(L);
  size_t length;
  const char *text = luaL_checklstring(L, 2, &length);
  return push_outcome(L, pb_append_file_append(file, text, length));
}

/* file:sync(): true; or nil and a message. */
static int file_sync(lua_State *L) {
  return push_outcome(L, pb_append_file_sync(check_file(L)));
}

/* file:close(): may be called again. */
static int file_close(lua_State *L) {
  pb_append_file_close(luaL_checkudata(L, 1, type_name));
  return 0;
}

static void digest_text(lua_State *L, unsigned char digest[PB_SHA256_SIZE]) {
  size_t length;
  luaL_checktype(L, 1, LUA_TSTRING);
  const char *text = lua_tolstring(L, 1, &length);
  pb_sha256 state;
  pb_sha256_init(&state);
  pb_sha256_add(&state, text, length);
  pb_sha256_end(&state, digest);
}

static int push_hexadecimal(lua_State *L, const unsigned char digest[PB_SHA256_SIZE]) {
  static const char digits[] = "0123456789abcdef";
  char text[2 * PB_SHA256_SIZE];
  for (size_t i = 0; i < PB_SHA256_SIZE; i++) {
    text[2 * i] = digits[digest[i] >> 4];
    text[2 * i + 1] = digits[digest[i] & 15];
  }
  lua_pushlstring(L, text, sizeof text);
  return 1;
}

/* journal.digest(text): SHA-256 as 64 hexadecimal digits. */
static int journal_digest(lua_State *L) {
  unsigned char digest[PB_SHA256_SIZE];
  digest_text(L, digest);
  return push_hexadecimal(L, digest);
}

/* journal.hmac(key, text): HMAC-SHA-256 as 64 hexadecimal digits. */
static int journal_hmac(lua_State *L) {
  unsigned char digest[PB_SHA256_SIZE];
  size_t key_length, length;
  luaL_checktype(L, 1, LUA_TSTRING);
  luaL_checktype(L, 2, LUA_TSTRING);
  const char *key = lua_tolstring(L, 1, &key_length), *text = lua_tolstring(L, 2, &length);
  pb_hmac(key, key_length, text, length, digest);
  return push_hexadecimal(L, digest);
}

/* Pushes 52 bits as a whole number, which the numbers of every Lua hold. */
static void push_mark(lua_State *L, const unsigned char *bytes) {
  int64_t mark = 0;
  for (int i = 0; i < 7; i++) mark = mark << 8 | bytes[i];
  push_whole(L, mark >> 4);
}

/* journal.marks(text): two independent whole numbers below 2^52 from its SHA-256. */
static int journal_marks(lua_State *L) {
  unsigned char digest[PB_SHA256_SIZE];
  digest_text(L, digest);
  push_mark(L, digest);
  push_mark(L, digest + 8);
  return 2;
}

static const luaL_Reg methods[] = {{"read", file_read},         {"size", file_size},
                                   {"truncate", file_truncate}, {"append", file_append},
                                   {"sync", file_sync},         {"close", file_close},
                                   {"__gc", file_close},        {NULL, NULL}};

static const luaL_Reg functions[] = {{"open", journal_open},
                                     {"digest", journal_digest},
                                     {"hmac", journal_hmac},
                                     {"marks", journal_marks},
                                     {NULL, NULL}};

int pb_open_journal(lua_State *L) {
  pb_userdata_type(L, type_name, methods);
  lua_newtable(L);
  luaL_setfuncs(L, functions, 0);
  return 1;
}
