/* Decodes JSON: builds a Lua value out of a text that the reader has just checked. */

#include "lua/buffer.h"
#include "lua/json.h"
#include "lua/json_collide.h"
#include "lua/number.h"
#include "lua/table.h"
#include "json/find.h"
#include "json/scan.h"

/* Integers of up to this many digits always fit int64_t. */
enum { SAFE_INTEGER_DIGITS = 18 };

typedef struct {
  lua_State *L;
  const char *end;
  pb_buffer unescaped; /* for the current string, if it has escapes */
  int array_metatable; /* stack slot */
  int inexact; /* stack slot of a set of strings; 0: no string has half of a surrogate pair */
  const char *start;
  int duplicates; /* stack slot of the list of names that an object has twice; 0: order is not kept */
  int found;      /* entries of that list */
} builder;

/* Pushes the string whose opening quote is at `at`; returns the position behind it. */
static inline const char *push_string(builder *b, const char *at) {
  bool escaped;
  const char *inside = at + 1;
  const char *quote = pb_json_closing_quote(inside, b->end, &escaped);
  size_t length = (size_t)(quote - inside);
  bool inexact = escaped && b->inexact && pb_json_has_half(inside, length);
  if (escaped) {
    pb_buffer_reserve(&b->unescaped, length);
    length = pb_json_unescape(inside, length, b->unescaped.data);
    inside = b->unescaped.data;
  }
  lua_pushlstring(b->L, inside, length);
  if (inexact) {
    lua_pushvalue(b->L, -1);
    lua_pushboolean(b->L, 1);
    lua_rawset(b->L, b->inexact);
  }
  return quote + 1;
}

static inline bool belongs_to_number(char byte) {
  return (byte >= '0' && byte <= '9') || byte == '-' || byte == '+' || byte == '.' || byte == 'e' ||
         byte == 'E';
}

static inline const char *push_number(builder *b, const char *start) {
  bool minus = *start == '-';
  const char *digits = start + minus;
  const char *at = digits;
  uint64_t size = 0; /* wraps around for longer numbers, which do not use it */
  while (at < b->end && *at >= '0' && *at <= '9') size = size * 10 + (uint64_t)(*at++ - '0');
  bool integer = at == b->end || (*at != '.' && *at != 'e' && *at != 'E');
  if (integer && at - digits <= SAFE_INTEGER_DIGITS && !(minus && size == 0)) {
    int64_t value = minus ? -(int64_t)size : (int64_t)size;
    pb_lua_number_push_integer(b->L, value, start, (size_t)(at - start));
    return at;
  }
  while (at < b->end && belongs_to_number(*at)) at++;
  pb_lua_number_push(b->L, start, (size_t)(at - start));
  return at;
}

static inline const char *push_scalar(builder *b, const char *at) {
  switch (*at) {
  case '"':
    return push_string(b, at);
  case 't':
    lua_pushboolean(b->L, 1);
    return at + 4;
  case 'f':
    lua_pushboolean(b->L, 0);
    return at + 5;
  case 'n':
    lua_pushlightuserdata(b->L, NULL);
    return at + 4;
  default:
    return push_number(b, at);
  }
}

static inline void push_container(builder *b, bool object, int members) {
  luaL_checkstack(b->L, 8, "JSON nested too deep");
  if (object) {
    lua_createtable(b->L, b->duplicates ? members : 0, members);
  } else {
    lua_createtable(b->L, members, 0);
    lua_pushvalue(b->L, b->array_metatable);
    lua_setmetatable(b->L, -2);
  }
}

/* Names that an object has twice: more are counted, and not listed. */
enum { MOST_DUPLICATES = 1000 };

static void note_duplicate(builder *b, size_t offset) {
  lua_State *L = b->L;
  if (b->found == MOST_DUPLICATES) return;
  lua_createtable(L, 0, 2);
  lua_pushvalue(L, -2);
  lua_setfield(L, -2, "name");
  lua_pushinteger(L, (lua_Integer)offset);
  lua_setfield(L, -2, "offset");
  lua_rawseti(L, b->duplicates, ++b->found);
}

/* Notes the name at the top of the stack as a member of the object below it, which has `count` so far. Returns the
 * new count. */
static int keep_order(builder *b, const char *at, int count) {
  lua_State *L = b->L;
  if (count > 0) {
    lua_pushvalue(L, -1);
    bool twice = pb_rawget(L, -3) != LUA_TNIL;
    lua_pop(L, 1);
    if (twice) {
      note_duplicate(b, (size_t)(at - b->start) + 1);
      return count;
    }
  }
  lua_pushvalue(L, -1);
  lua_rawseti(L, -3, count + 1);
  return count + 1;
}

/* Pushes one value. The stack has the table of each open container, and above that of an object the key
 * whose value comes next. */
static void build(builder *b, const char *at, const pb_json_counts *counts) {
  lua_State *L = b->L;
  const char *const end = b->end;
  enum { IN_OBJECT = -1 };
  /* For each open array the number of its items; for an object IN_OBJECT, less the names that are kept. */
  int filled[PB_JSON_MAX_DEPTH];
  int depth = 0;
  size_t opened = 0;

value:
  at = pb_json_skip_space(at, end);
  if (*at == '{' || *at == '[') {
    bool object = *at == '{';
    push_container(b, object, opened < counts->places ? counts->members[opened] : 0);
    opened++;
    filled[depth++] = object ? IN_OBJECT : 0;
    at = pb_json_skip_space(at + 1, end);
    if (*at == (object ? '}' : ']')) goto close;
    if (object) goto key;
    goto value;
  }
  at = push_scalar(b, at);

store:
  if (depth == 0) return;
  bool in_object = filled[depth - 1] <= IN_OBJECT;
  if (in_object) lua_rawset(L, -3);
  else lua_rawseti(L, -2, ++filled[depth - 1]);
  at = pb_json_skip_space(at, end);
  if (*at != ',') goto close;
  at = pb_json_skip_space(at + 1, end);
  if (!in_object) goto value;

key:
  if (b->duplicates) {
    const char *name = at;
    at = push_string(b, at);
    filled[depth - 1] = IN_OBJECT - keep_order(b, name, IN_OBJECT - filled[depth - 1]);
  } else {
    at = push_string(b, at);
  }
  at = pb_json_skip_space(at, end) + 1; /* the colon */
  goto value;

close:
  depth--;
  at++;
  goto store;
}

/* Pushes the value of the checked `text`. */
static void push_built(builder *b, const char *text, const pb_json_counts *counts) {
  lua_State *L = b->L;
  pb_lua_buffer_owner owner;
  char first[256];
  pb_lua_buffer_init(L, &b->unescaped, &owner, first, sizeof first);
  pb_push_array_metatable(L);
  b->array_metatable = lua_gettop(L);
  build(b, text, counts);
  lua_replace(L, owner.slot);
  lua_settop(L, owner.slot);
}

/* The containers of a short text are counted in memory of the caller. */
enum { FEW = 512 };

/* Pushes a stack slot that keeps the memory of the result alive. The result is in `few` where that has room for the
 * containers of the text, each of which takes two bytes of it. */
static pb_json_counts push_counts(lua_State *L, const char *text, size_t length, uint16_t *few) {
  size_t most = length / 2 <= FEW ? 0 : pb_json_most_containers(text, length);
  if (most <= FEW) {
    lua_pushnil(L);
    return (pb_json_counts){.members = few, .places = FEW};
  }
  uint16_t *members = lua_newuserdatauv(L, (most + 1) * sizeof *members, 0);
  return (pb_json_counts){.members = members, .places = most};
}

bool pb_lua_json_decode(lua_State *L, const char *text, size_t length, bool lenient,
                        pb_json_error *error) {
  luaL_checkstack(L, 10, "no room for a value");
  uint16_t few[FEW + 1];
  const pb_json_counts counts = push_counts(L, text, length, few);
  int result = lua_gettop(L);
  bool halves = false;
  if (!pb_json_check_counting(text, length, lenient ? &halves : NULL, &counts, error) ||
      pb_lua_json_collides(L, text, length, error)) {
    lua_pop(L, 1);
    return false;
  }
  builder b = {.L = L, .end = text + length};
  if (halves) lua_newtable(L);
  else lua_pushnil(L);
  if (halves) b.inexact = result + 1;
  push_built(&b, text, &counts);
  lua_replace(L, result);
  lua_settop(L, lenient ? result + 1 : result);
  return true;
}

bool pb_lua_json_decode_ordered(lua_State *L, const char *text, size_t length,
                                pb_json_error *error) {
  luaL_checkstack(L, 10, "no room for a value");
  uint16_t few[FEW + 1];
  const pb_json_counts counts = push_counts(L, text, length, few);
  int result = lua_gettop(L);
  if (!pb_json_check_counting(text, length, NULL, &counts, error) ||
      pb_lua_json_collides(L, text, length, error)) {
    lua_pop(L, 1);
    return false;
  }
  lua_newtable(L);
  builder b = {.L = L, .start = text, .end = text + length, .duplicates = result + 1};
  push_built(&b, text, &counts);
  lua_replace(L, result);
  return true;
}
