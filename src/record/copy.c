#include "record/copy.h"

#include "lua/branch.h"
#include "lua/number.h"
#include "lua/record_mark.h"
#include "lua/table.h"
#include "json/reader.h"

/* The limit of the JSON reader and writer, which bounds the recursion here. */
enum { MAX_DEPTH = PB_JSON_MAX_DEPTH };

/* The copy of an object with at most this many properties gets room for all of them at once: little of it
 * stays unused, and the table need not grow. */
enum { FEW_MEMBERS = 4 };

static const pb_schema *member_schema(const pb_schema *schema, lua_State *L, int key) {
  if (!schema) return NULL;
  if (schema->type == PB_ARRAY) return schema->items;
  if (schema->type != PB_OBJECT || lua_type(L, key) != LUA_TSTRING) return NULL;
  size_t length;
  const char *name = lua_tolstring(L, key, &length);
  const pb_property *property = pb_schema_find(schema, name, length);
  return property ? property->schema : schema->additional;
}

static void push_scalar(lua_State *L, int index, const pb_schema *schema) {
  /* A double that may stand for several integers stays one, for the checks to refuse. */
  if (schema && schema->type == PB_INTEGER && lua_type(L, index) == LUA_TNUMBER &&
      pb_lua_number_is_exact(L, index)) {
#if PB_INTEGERS
    int whole;
    lua_Integer integer = lua_tointegerx(L, index, &whole);
    if (whole) {
      lua_pushinteger(L, integer);
      return;
    }
#else
    lua_pushnumber(L, lua_tonumber(L, index) + 0.0); /* integers have no -0 */
    return;
#endif
  }
  if (pb_is_empty_array(L, index)) {
    lua_newtable(L);
    pb_push_array_metatable(L);
    lua_setmetatable(L, -2);
    return;
  }
  lua_pushvalue(L, index);
}

/* Whether the table's metatable supplies its members. A raw copy would lose them, and an empty list or object
 * would be sent instead. */
static bool is_stand_in(lua_State *L, int index) {
  static const char *const events[] = {"__index", "__pairs", "__len"};
  if (!lua_getmetatable(L, index)) return false;
  bool any = false;
  for (size_t i = 0; i < sizeof events / sizeof *events && !any; i++) {
    lua_pushstring(L, events[i]);
    lua_rawget(L, -2);
    any = !lua_isnil(L, -1);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  return any;
}

static const char too_deep[] = "a table that contains itself, or is nested too deeply";
static const char too_many[] = "a table with more than a million tables, or eight million values, "
                               "in it, where a shared one counts "
                               "each time; assign a smaller one";
static const char a_record[] = "a record";
static const char stand_in[] =
    "a table that is empty but for what its metatable (__index, __pairs or "
    "__len) makes of it; assign a plain copy, or {}";

const char *pb_copying_count(pb_copying *copying) {
  copying->values_left -= PB_COPY_TABLE;
  return copying->values_left < 0 ? too_many : NULL;
}

/* As pb_copy_plain, but on failure leaves something on the stack. */
static const char *copy(lua_State *L, int index, const pb_schema *schema, int depth,
                        pb_copying *copying) {
  if (schema && schema->type == PB_UNION)
    return copy(L, index, pb_branch_of(L, index, schema), depth, copying);
  if (lua_type(L, index) != LUA_TTABLE) {
    if (--copying->values_left < 0) return too_many;
    push_scalar(L, index, schema);
    return NULL;
  }
  if (depth >= MAX_DEPTH) return too_deep;
  luaL_checkstack(L, 10, "value nested too deeply");
  if (pb_record_internals(L, index))
    return copying->flatten ? copying->flatten(L, depth + 1, copying) : a_record;
  if (pb_copying_count(copying)) return too_many;
  bool object = schema && schema->type == PB_OBJECT;
  size_t room = object && schema->property_count <= FEW_MEMBERS ? schema->property_count : 0;
  lua_createtable(L, (int)lua_rawlen(L, index), (int)room);
  int target = lua_gettop(L), key = target + 1;
  size_t members = 0;
  bool list = true; /* no key so far is a string */
  for (lua_pushnil(L); lua_next(L, index); lua_settop(L, key)) {
    members++;
    list = list && lua_type(L, key) != LUA_TSTRING;
    lua_pushvalue(L, key);
    const char *problem = copy(L, key + 1, member_schema(schema, L, key), depth + 1, copying);
    if (problem) return problem;
    lua_rawset(L, target);
  }
  if (members == 0 && is_stand_in(L, index)) return stand_in;
  size_t length;
  if (members > 0) list = list && lua_rawlen(L, target) == members;
  else
    list = (schema && schema->type == PB_ARRAY) ||
           pb_table_shape_of(L, index, &length, NULL) == PB_TABLE_ARRAY;
  if (list) {
    pb_push_array_metatable(L);
    lua_setmetatable(L, target);
  }
  return NULL;
}

const char *pb_copy_plain(lua_State *L, int index, const pb_schema *schema, int depth,
                          pb_copying *copying) {
  int top = lua_gettop(L);
  const char *problem = copy(L, lua_absindex(L, index), schema, depth, copying);
  if (problem) lua_settop(L, top);
  return problem;
}

static bool equal(lua_State *L, int a, int b, int depth) {
  if (lua_type(L, a) != LUA_TTABLE || lua_type(L, b) != LUA_TTABLE) {
    if (lua_rawequal(L, a, b)) return true;
    size_t a_length, b_length;
    const char *a_text = pb_lua_number_text(L, a, &a_length);
    const char *b_text = pb_lua_number_text(L, b, &b_length);
    return a_text && b_text && a_length == b_length && memcmp(a_text, b_text, a_length) == 0;
  }
  if (depth >= MAX_DEPTH) return false;
  luaL_checkstack(L, 10, "value nested too deeply");
  size_t members = 0;
  lua_pushnil(L);
  while (lua_next(L, a)) { /* key, value */
    lua_pushvalue(L, -2);
    lua_rawget(L, b); /* key, value, the other's value */
    if (!equal(L, lua_gettop(L) - 1, lua_gettop(L), depth + 1)) {
      lua_pop(L, 3);
      return false;
    }
    lua_pop(L, 2);
    members++;
  }
  lua_pushnil(L);
  while (lua_next(L, b)) {
    members--;
    lua_pop(L, 1);
  }
  return members == 0;
}

bool pb_plain_equal(lua_State *L, int a, int b) {
  return equal(L, lua_absindex(L, a), lua_absindex(L, b), 0);
}

const char *pb_copy_over(lua_State *L, int target, int depth, pb_copying *copying) {
  int source = lua_gettop(L);
  const char *problem = NULL;
  if (lua_type(L, source) == LUA_TTABLE) {
    lua_pushnil(L);
    while (lua_next(L, source)) {
      lua_pushvalue(L, source + 1);
      problem = pb_copy_plain(L, source + 2, NULL, depth, copying);
      if (problem) break;
      lua_rawset(L, target);
      lua_pop(L, 1);
    }
  }
  lua_settop(L, source - 1);
  return problem;
}

void pb_plain_strip(lua_State *L, int index, const pb_schema *schema) {
  if (lua_type(L, index) != LUA_TTABLE) return;
  if (schema->type == PB_UNION) schema = pb_branch_of(L, index, schema);
  if (!schema) return;
  luaL_checkstack(L, 6, "value nested too deeply");
  int top = lua_gettop(L);
  if (schema->type == PB_ARRAY && schema->items) {
    for (int i = 1, length = (int)lua_rawlen(L, index); i <= length; i++) {
      lua_rawgeti(L, index, i);
      pb_plain_strip(L, top + 1, schema->items);
      lua_settop(L, top);
    }
  }
  if (schema->type != PB_OBJECT) return;
  for (size_t i = 0; i < schema->property_count; i++) {
    const pb_property *property = &schema->properties[i];
    lua_pushlstring(L, property->name.bytes, property->name.length);
    if (property->schema->read_only) {
      lua_pushnil(L);
      lua_rawset(L, index);
    } else {
      lua_rawget(L, index);
      pb_plain_strip(L, top + 1, property->schema);
    }
    lua_settop(L, top);
  }
}
