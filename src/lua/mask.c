/* The part `mask`: hides secrets in texts that a person may read. */

#include "mask/mask.h"
#include "mask/unescape.h"

#include <stdlib.h>

#include "base/memory.h"
#include "lua/buffer.h"
#include "lua/parts.h"
#include "lua/userdata.h"

static const char masker_type[] = "patchbay.mask.masker", ranges_type[] = "patchbay.mask.ranges";

typedef struct {
  pb_automaton *automaton; /* null: no secrets */
  bool ready;              /* all secrets are in it */
} masker;

static masker *check_masker(lua_State *L) {
  masker *self = luaL_checkudata(L, 1, masker_type);
  luaL_argcheck(L, self->ready, 1, "an unfinished masker");
  return self;
}

static bool add_form(masker *self, const char *secret, size_t length) {
  if (length < PB_SECRET_SHORTEST) return true;
  if (!self->automaton) self->automaton = pb_automaton_new();
  return self->automaton && pb_automaton_add(self->automaton, secret, length);
}

/* A secret, which may look as if it had escapes in it, and have blanks, which forms write as "+". */
static bool add_secret(masker *self, const char *secret, size_t length) {
  if (!add_form(self, secret, length)) return false;
  pb_plain plain;
  if (pb_unescape(secret, length, &plain)) {
    bool added = add_form(self, plain.text, plain.length);
    pb_plain_free(&plain);
    if (!added) return false;
  } else if (plain.failed) {
    return false;
  }
  if (!memchr(secret, ' ', length)) return true;
  char *form = pb_realloc(NULL, length);
  if (!form) return false;
  for (size_t i = 0; i < length; i++) form[i] = secret[i] == ' ' ? '+' : secret[i];
  bool added = add_form(self, form, length);
  pb_free(form);
  return added;
}

/* mask.new(secrets): a masker for a list of strings; those shorter than four bytes are left out. */
static int mask_new(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  masker *self = lua_newuserdatauv(L, sizeof *self, 0);
  *self = (masker){.automaton = NULL};
  luaL_setmetatable(L, masker_type);
  int count = (int)lua_rawlen(L, 1);
  for (int i = 1; i <= count; i++) {
    size_t length;
    lua_rawgeti(L, 1, i);
    const char *secret = luaL_checklstring(L, -1, &length);
    if (!add_secret(self, secret, length)) return luaL_error(L, "not enough memory");
    lua_pop(L, 1);
  }
  if (self->automaton && !pb_automaton_finish(self->automaton))
    return luaL_error(L, "not enough memory");
  self->ready = true;
  return 1;
}

static int masker_gc(lua_State *L) {
  masker *self = luaL_checkudata(L, 1, masker_type);
  pb_automaton_free(self->automaton);
  *self = (masker){.automaton = NULL};
  return 0;
}

static int ranges_gc(lua_State *L) {
  pb_ranges_free(luaL_checkudata(L, 1, ranges_type));
  return 0;
}

/* Replaces the stack by the text at 2 with its secrets masked. */
static int push_masked(lua_State *L, const masker *self, const pb_names *names) {
  size_t length;
  const char *text = lua_tolstring(L, 2, &length);
  pb_ranges *ranges = lua_newuserdatauv(L, sizeof *ranges, 0);
  *ranges = (pb_ranges){.list = NULL};
  luaL_setmetatable(L, ranges_type);
  if (!pb_mask_find(self->automaton, names, text, length, ranges))
    return luaL_error(L, "not enough memory");
  if (ranges->count == 0) {
    lua_pushvalue(L, 2);
    return 1;
  }
  char first[1024];
  pb_buffer out;
  pb_lua_buffer_owner owner;
  pb_lua_buffer_init(L, &out, &owner, first, sizeof first); /* +1 slot */
  pb_mask_write(ranges, text, length, &out);
  pb_ranges_free(ranges);
  pb_lua_push_buffer(L, &out);
  return 1;
}

/* masker:text(text): the text with the secrets masked. */
static int masker_text(lua_State *L) {
  const masker *self = check_masker(L);
  luaL_checkstring(L, 2);
  lua_settop(L, 2);
  return push_masked(L, self, NULL);
}

static int compare(const void *one, const void *other) {
  return strcmp(*(const char *const *)one, *(const char *const *)other);
}

/* masker:body(text, names): the same for the body of a response, in which the members named in the list `names`
 * (in small letters) are masked as well. */
static int masker_body(lua_State *L) {
  const masker *self = check_masker(L);
  luaL_checkstring(L, 2);
  luaL_checktype(L, 3, LUA_TTABLE);
  lua_settop(L, 3);
  size_t count = lua_rawlen(L, 3);
  const char **list = lua_newuserdatauv(L, (count + 1) * sizeof *list, 0);
  for (size_t i = 0; i < count; i++) {
    lua_rawgeti(L, 3, (int)i + 1);
    list[i] = luaL_checkstring(L, -1); /* the list keeps the string */
    lua_pop(L, 1);
  }
  qsort(list, count, sizeof *list, compare);
  pb_names names = {(const char *const *)list, count};
  return push_masked(L, self, &names);
}

static const luaL_Reg methods[] = {
    {"text", masker_text}, {"body", masker_body}, {"__gc", masker_gc}, {NULL, NULL}};

static const luaL_Reg ranges_methods[] = {{"__gc", ranges_gc}, {NULL, NULL}};

static const luaL_Reg functions[] = {{"new", mask_new}, {NULL, NULL}};

int pb_open_mask(lua_State *L) {
  pb_userdata_type(L, masker_type, methods);
  pb_userdata_type(L, ranges_type, ranges_methods);
  lua_newtable(L);
  luaL_setfuncs(L, functions, 0);
  return 1;
}
