/* The value of an isolated text as bytes. Each value begins with a byte for its type; numbers and lengths follow in
 * the machine's own form, as the bytes never leave the process. */

#include "lua/isolated.h"

#include "lua/table.h"

enum {
  NOTHING = '-',
  NULL_VALUE = '0',
  TRUE_VALUE = 't',
  FALSE_VALUE = 'f',
  INTEGER = 'i',
  NUMBER = 'n',
  TEXT = 's',
  OTHER = 'x', /* a function: no desired state takes one, and the check of the field says so */
  TABLE = '{', /* key, value, key, value, END */
  ARRAY = '[',
  NEW = '+',
  REF = '>',
  END = '.',
};

/* No vendor's values are nested as deeply; a table that contains itself is. */
enum { DEEPEST = 100 };

/* Bytes that a table, or a member of one, takes in Lua, roughly: a small text may stand for a large value, if its
 * tables share others. */
enum { TABLE_COST = 64, MEMBER_COST = 40 };

static void add(lua_State *state, pb_isolated *self, const void *bytes, size_t length) {
  if (!pb_buffer_add(&self->value, bytes, length)) luaL_error(state, "not enough memory");
}

static void add_type(lua_State *state, pb_isolated *self, char type) {
  add(state, self, &type, 1);
}

static void spend(lua_State *state, size_t *left, size_t cost) {
  if (cost > *left) luaL_error(state, "the value is too large");
  *left -= cost;
}

static void write_text(lua_State *state, pb_isolated *self, int index, size_t *left) {
  size_t length;
  const char *text = lua_tolstring(state, index, &length);
  spend(state, left, length + MEMBER_COST);
  add_type(state, self, TEXT);
  add(state, self, &length, sizeof length);
  add(state, self, text, length);
}

static void write_number(lua_State *state, pb_isolated *self, int index) {
#if PB_INTEGERS
  if (lua_isinteger(state, index)) {
    lua_Integer integer = lua_tointeger(state, index);
    add_type(state, self, INTEGER);
    add(state, self, &integer, sizeof integer);
    return;
  }
#endif
  lua_Number number = lua_tonumber(state, index);
  add_type(state, self, NUMBER);
  add(state, self, &number, sizeof number);
}

static void write_value(lua_State *state, pb_isolated *self, int index, size_t *left, int depth);

static void write_table(lua_State *state, pb_isolated *self, int index, size_t *left, int depth) {
  if (depth == 0)
    luaL_error(state, "nested more than %d deep, or a table that contains itself", (int)DEEPEST);
  luaL_checkstack(state, 8, "nested too deeply");
  spend(state, left, TABLE_COST);
  pb_isolated_kind kind = pb_isolated_kind_of(state, index);
  if (kind == PB_ISOLATED_NEW || kind == PB_ISOLATED_REF) {
    add_type(state, self, kind == PB_ISOLATED_NEW ? NEW : REF);
    for (int i = 1; i <= 2; i++) {
      lua_rawgeti(state, index, i);
      write_value(state, self, lua_gettop(state), left, 1);
      lua_pop(state, 1);
    }
    return;
  }
  add_type(state, self, kind == PB_ISOLATED_ARRAY ? ARRAY : TABLE);
  for (lua_pushnil(state); lua_next(state, index); lua_pop(state, 1)) {
    spend(state, left, MEMBER_COST);
    int value = lua_gettop(state);
    write_value(state, self, value - 1, left, depth - 1);
    write_value(state, self, value, left, depth - 1);
  }
  add_type(state, self, END);
}

static void write_value(lua_State *state, pb_isolated *self, int index, size_t *left, int depth) {
  switch (lua_type(state, index)) {
  case LUA_TNIL:
    add_type(state, self, NOTHING);
    return;
  case LUA_TBOOLEAN:
    add_type(state, self, lua_toboolean(state, index) ? TRUE_VALUE : FALSE_VALUE);
    return;
  case LUA_TNUMBER:
    write_number(state, self, index);
    return;
  case LUA_TSTRING:
    write_text(state, self, index, left);
    return;
  case LUA_TTABLE:
    write_table(state, self, index, left, depth);
    return;
  case LUA_TLIGHTUSERDATA:
    add_type(state, self, NULL_VALUE);
    return;
  default:
    add_type(state, self, OTHER);
  }
}

void pb_isolated_write(lua_State *state, pb_isolated *self) {
  size_t left = self->limit;
  write_value(state, self, lua_gettop(state), &left, DEEPEST);
}

typedef struct {
  lua_State *L;
  const char *at;
  int new_names, references;
} source;

static void take(source *from, void *bytes, size_t length) {
  memcpy(bytes, from->at, length);
  from->at += length;
}

/* Stands for every function of the text. */
static int no_function(lua_State *L) {
  return luaL_error(L, "a function of a desired state");
}

static bool push_value(source *from);

static void push_members(source *from) {
  lua_State *L = from->L;
  while (push_value(from)) {
    push_value(from);
    lua_rawset(L, -3);
  }
}

/* Pushes the next value; at the end of a table pushes nothing and returns false. */
static bool push_value(source *from) {
  lua_State *L = from->L;
  luaL_checkstack(L, 8, "nested too deeply");
  switch (*from->at++) {
  case END:
    return false;
  case NULL_VALUE:
    lua_pushlightuserdata(L, NULL);
    return true;
  case TRUE_VALUE:
    lua_pushboolean(L, 1);
    return true;
  case FALSE_VALUE:
    lua_pushboolean(L, 0);
    return true;
  case INTEGER: {
    lua_Integer integer;
    take(from, &integer, sizeof integer);
    lua_pushinteger(L, integer);
    return true;
  }
  case NUMBER: {
    lua_Number number;
    take(from, &number, sizeof number);
    lua_pushnumber(L, number);
    return true;
  }
  case TEXT: {
    size_t length;
    take(from, &length, sizeof length);
    lua_pushlstring(L, from->at, length);
    from->at += length;
    return true;
  }
  case OTHER:
    lua_pushcfunction(L, no_function);
    return true;
  case TABLE:
    lua_newtable(L);
    push_members(from);
    return true;
  case ARRAY:
    lua_newtable(L);
    push_members(from);
    pb_push_array_metatable(L);
    lua_setmetatable(L, -2);
    return true;
  case NEW:
    lua_createtable(L, 1, 0);
    push_value(from);
    lua_rawseti(L, -2, 1);
    push_value(from); /* nil */
    lua_pop(L, 1);
    lua_pushvalue(L, from->new_names);
    lua_setmetatable(L, -2);
    return true;
  case REF:
    lua_createtable(L, 0, 2);
    push_value(from);
    lua_setfield(L, -2, "ref");
    push_value(from);
    lua_setfield(L, -2, "collection");
    lua_pushvalue(L, from->references);
    lua_setmetatable(L, -2);
    return true;
  default:
    lua_pushnil(L);
    return true;
  }
}

void pb_isolated_read(lua_State *L, const pb_buffer *value, int new_names, int references) {
  source from = {.L = L, .at = value->data, .new_names = new_names, .references = references};
  push_value(&from);
}
