#include "lua_node.h"

#include <math.h>

#include "lua_check.h"
#include "lua_number.h"

/* Only its address counts. */
static const char node_key;

/* Deeper values have been refused by the checks or by the JSON reader; this guards the C stack. */
enum { MAX_COPY_DEPTH = 1000 };

/* An object with so many properties or fewer is copied into a table with room for all of them: most
 * of the room is used, and no time goes into making more. */
enum { FEW_MEMBERS = 4 };

bool pb_node_internals(lua_State *L, int index) {
  if (lua_type(L, index) != LUA_TTABLE) return false;
  if (pb_rawgetp(L, index, &node_key) == LUA_TTABLE) return true;
  lua_pop(L, 1);
  return false;
}

const pb_node_type *pb_node_type_of(lua_State *L, int internals) {
  lua_rawgeti(L, internals, PB_SLOT_TYPE);
  const pb_node_type *type = lua_touserdata(L, -1);
  lua_pop(L, 1);
  return type;
}

pb_node_mode pb_node_mode_of(lua_State *L, int internals) {
  lua_rawgeti(L, internals, PB_SLOT_MODE);
  pb_node_mode mode = (pb_node_mode)lua_tointeger(L, -1);
  lua_pop(L, 1);
  return mode;
}

void pb_node_new(lua_State *L, int metatable, const pb_node_type *type) {
  metatable = lua_absindex(L, metatable);
  lua_createtable(L, 0, 1);
  lua_createtable(L, PB_SLOT_ASSIGNED + (int)type->schema->property_count, 0);
  lua_pushlightuserdata(L, (void *)type);
  lua_rawseti(L, -2, PB_SLOT_TYPE);
  lua_rawsetp(L, -2, &node_key);
  lua_pushvalue(L, metatable);
  lua_setmetatable(L, -2);
}

/* Pushes the table in `slot` of the internals, making it if there is none. */
static void push_slot_table(lua_State *L, int internals, int slot) {
  lua_rawgeti(L, internals, slot);
  if (!lua_isnil(L, -1)) return;
  lua_pop(L, 1);
  lua_newtable(L);
  lua_pushvalue(L, -1);
  lua_rawseti(L, internals, slot);
}

bool pb_node_child(lua_State *L, int node, int internals, int position, bool make) {
  luaL_checkstack(L, 8, "record nested too deeply");
  lua_rawgeti(L, internals, PB_SLOT_CHILDREN);
  if (!lua_isnil(L, -1)) {
    lua_rawgeti(L, -1, position);
    if (pb_node_internals(L, -1)) {
      lua_replace(L, -3);
      lua_pop(L, 1);
      return true;
    }
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  if (!make) return false;
  push_slot_table(L, internals, PB_SLOT_CHILDREN); /* children */
  luaL_getmetafield(L, node, "__children");        /* children, types */
  lua_rawgeti(L, -1, position);                    /* children, types, metatable */
  lua_getfield(L, -1, "__type");
  const pb_node_type *type = lua_touserdata(L, -1);
  lua_pop(L, 1);
  pb_node_new(L, -1, type); /* children, types, metatable, child */
  pb_node_internals(L, -1); /* …, child, its internals */
  lua_pushvalue(L, node);
  lua_rawseti(L, -2, PB_SLOT_PARENT);
  lua_pushinteger(L, position);
  lua_rawseti(L, -2, PB_SLOT_POSITION);
  lua_insert(L, -5); /* internals, children, types, metatable, child */
  lua_rawseti(L, -4, position);
  lua_pop(L, 3);
  return true;
}

/* Root: takes what was sent and answered into the state, through the type's `__fold`. */
static void fold(lua_State *L, int node, int internals) {
  lua_rawgeti(L, internals, PB_SLOT_ANSWER);
  lua_rawgeti(L, internals, PB_SLOT_PENDING);
  bool stale = !lua_isnil(L, -1) || !lua_isnil(L, -2);
  lua_pop(L, 2);
  if (!stale) return;
  luaL_checkstack(L, 8, "record nested too deeply");
  luaL_getmetafield(L, node, "__fold");
  static const int arguments[] = {PB_SLOT_OWNER, PB_SLOT_STATE, PB_SLOT_PENDING, PB_SLOT_ANSWER,
                                  PB_SLOT_READ};
  for (size_t i = 0; i < sizeof arguments / sizeof *arguments; i++)
    lua_rawgeti(L, internals, arguments[i]);
  lua_call(L, 5, 1);
  lua_rawseti(L, internals, PB_SLOT_STATE);
  static const int done[] = {PB_SLOT_PENDING, PB_SLOT_ANSWER, PB_SLOT_READ};
  for (size_t i = 0; i < sizeof done / sizeof *done; i++) {
    lua_pushnil(L);
    lua_rawseti(L, internals, done[i]);
  }
}

void pb_node_push_state(lua_State *L, int node, int internals) {
  luaL_checkstack(L, 8, "record nested too deeply");
  node = lua_absindex(L, node);
  internals = lua_absindex(L, internals);
  lua_rawgeti(L, internals, PB_SLOT_PARENT);
  if (lua_isnil(L, -1)) {
    lua_pop(L, 1);
    fold(L, node, internals);
    lua_rawgeti(L, internals, PB_SLOT_STATE);
    return;
  }
  if (pb_node_mode_of(L, internals) != PB_MODE_OVERLAY) {
    lua_pop(L, 1);
    lua_pushnil(L);
    return;
  }
  lua_rawgeti(L, internals, PB_SLOT_POSITION);
  lua_Integer position = lua_tointeger(L, -1);
  lua_pop(L, 1);
  pb_node_internals(L, -1); /* parent, its internals */
  const pb_schema *schema = pb_node_type_of(L, lua_gettop(L))->schema;
  const pb_text *name = &schema->properties[position - 1].name;
  pb_node_push_state(L, lua_gettop(L) - 1, lua_gettop(L)); /* parent, internals, its state */
  if (lua_type(L, -1) == LUA_TTABLE) {
    lua_pushlstring(L, name->bytes, name->length);
    lua_rawget(L, -2);
    if (lua_type(L, -1) != LUA_TTABLE) {
      lua_pop(L, 1);
      lua_pushnil(L);
    }
    lua_replace(L, -2);
  }
  lua_replace(L, -3);
  lua_pop(L, 1);
}

void pb_node_push_root(lua_State *L, int node) {
  lua_pushvalue(L, node);
  pb_node_internals(L, -1);
  for (;;) {
    lua_rawgeti(L, -1, PB_SLOT_PARENT);
    if (lua_isnil(L, -1)) {
      lua_pop(L, 1);
      return;
    }
    lua_replace(L, -3); /* parent, internals of the child */
    lua_pop(L, 1);
    pb_node_internals(L, -1);
  }
}

/* Whether two plain values are the same as JSON. */
static bool equal(lua_State *L, int a, int b, int depth) {
  /* Recursion ends at the depth that checks and JSON reader let through. */
  if (lua_type(L, a) != LUA_TTABLE || lua_type(L, b) != LUA_TTABLE) {
    if (lua_rawequal(L, a, b)) return true;
    size_t a_length, b_length;
    const char *a_text = pb_lua_number_text(L, a, &a_length);
    const char *b_text = pb_lua_number_text(L, b, &b_length);
    return a_text && b_text && a_length == b_length && memcmp(a_text, b_text, a_length) == 0;
  }
  if (depth > MAX_COPY_DEPTH) return false;
  luaL_checkstack(L, 8, "value nested too deeply");
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

bool pb_node_equal(lua_State *L, int a, int b) {
  return equal(L, lua_absindex(L, a), lua_absindex(L, b), 0);
}

/* A list read from the state and changed in place becomes an assignment. */
static void absorb_views(lua_State *L, int node, int internals) {
  lua_rawgeti(L, internals, PB_SLOT_VIEWS);
  if (lua_isnil(L, -1)) {
    lua_pop(L, 1);
    return;
  }
  const pb_schema *schema = pb_node_type_of(L, internals)->schema;
  int views = lua_gettop(L);
  for (int position = 1; position <= (int)schema->property_count; position++) {
    lua_rawgeti(L, views, position);
    if (lua_isnil(L, -1)) {
      lua_pop(L, 1);
      continue;
    }
    pb_node_push_state(L, node, internals);
    const pb_text *name = &schema->properties[position - 1].name;
    bool same = false;
    if (lua_type(L, -1) == LUA_TTABLE) {
      lua_pushlstring(L, name->bytes, name->length);
      lua_rawget(L, -2);
      same = equal(L, lua_gettop(L) - 2, lua_gettop(L), 0);
      lua_pop(L, 1);
    }
    lua_pop(L, 1);
    if (!same) {
      lua_rawseti(L, internals, PB_SLOT_ASSIGNED + position);
      lua_pushnil(L);
      lua_rawseti(L, views, position);
    } else {
      lua_pop(L, 1);
    }
  }
  lua_pop(L, 1);
}

bool pb_node_changed(lua_State *L, int node, int internals) {
  luaL_checkstack(L, 8, "record nested too deeply");
  node = lua_absindex(L, node);
  internals = lua_absindex(L, internals);
  absorb_views(L, node, internals);
  if (pb_node_mode_of(L, internals) != PB_MODE_OVERLAY) return true;
  const pb_schema *schema = pb_node_type_of(L, internals)->schema;
  bool changed = false;
  for (int position = 1; position <= (int)schema->property_count && !changed; position++) {
    lua_rawgeti(L, internals, PB_SLOT_ASSIGNED + position);
    changed = !lua_isnil(L, -1);
    lua_pop(L, 1);
  }
  lua_rawgeti(L, internals, PB_SLOT_EXTRA);
  if (lua_type(L, -1) == LUA_TTABLE) {
    lua_pushnil(L);
    if (lua_next(L, -2)) {
      changed = true;
      lua_pop(L, 2);
    }
  }
  lua_pop(L, 1);
  lua_rawgeti(L, internals, PB_SLOT_CHILDREN);
  if (lua_type(L, -1) == LUA_TTABLE) {
    lua_pushnil(L);
    while (lua_next(L, -2)) { /* children, position, child */
      pb_node_internals(L, -1);
      changed = pb_node_changed(L, lua_gettop(L) - 1, lua_gettop(L)) || changed;
      lua_pop(L, 2);
    }
  }
  lua_pop(L, 1);
  return changed;
}

void pb_node_clear(lua_State *L, int internals) {
  luaL_checkstack(L, 8, "record nested too deeply");
  internals = lua_absindex(L, internals);
  const pb_schema *schema = pb_node_type_of(L, internals)->schema;
  for (int position = 1; position <= (int)schema->property_count; position++) {
    lua_pushnil(L);
    lua_rawseti(L, internals, PB_SLOT_ASSIGNED + position);
  }
  static const int slots[] = {PB_SLOT_MODE, PB_SLOT_VIEWS, PB_SLOT_EXTRA};
  for (size_t i = 0; i < sizeof slots / sizeof *slots; i++) {
    lua_pushnil(L);
    lua_rawseti(L, internals, slots[i]);
  }
  lua_rawgeti(L, internals, PB_SLOT_CHILDREN);
  if (lua_type(L, -1) == LUA_TTABLE) {
    lua_pushnil(L);
    while (lua_next(L, -2)) {
      pb_node_internals(L, -1);
      pb_node_clear(L, lua_gettop(L));
      lua_pop(L, 2);
    }
  }
  lua_pop(L, 1);
}

void pb_node_add_path(lua_State *L, int node, pb_buffer *path) {
  luaL_checkstack(L, 6, "record nested too deeply");
  pb_node_internals(L, node);
  int internals = lua_gettop(L);
  lua_rawgeti(L, internals, PB_SLOT_PARENT);
  if (lua_isnil(L, -1)) {
    const pb_text *name = &pb_node_type_of(L, internals)->name;
    pb_buffer_add(path, name->bytes, name->length);
  } else {
    pb_node_add_path(L, lua_gettop(L), path);
    lua_rawgeti(L, internals, PB_SLOT_POSITION);
    lua_Integer position = lua_tointeger(L, -1);
    lua_pop(L, 1);
    pb_node_internals(L, -1);
    const pb_schema *parent = pb_node_type_of(L, lua_gettop(L))->schema;
    lua_pop(L, 1);
    pb_buffer_add_char(path, '.');
    pb_buffer_add(path, parent->properties[position - 1].name.bytes,
                  parent->properties[position - 1].name.length);
  }
  lua_pop(L, 2);
}

static const pb_schema *member_schema(const pb_schema *schema, lua_State *L, int key) {
  if (!schema) return NULL;
  if (schema->type == PB_ARRAY) return schema->items;
  if (schema->type != PB_OBJECT || lua_type(L, key) != LUA_TSTRING) return NULL;
  size_t length;
  const char *name = lua_tolstring(L, key, &length);
  const pb_property *property = pb_schema_find(schema, name, length);
  return property ? property->schema : schema->additional;
}

void pb_node_push_copy(lua_State *L, int index, const pb_schema *schema, int depth) {
  index = lua_absindex(L, index);
#if PB_INTEGERS
  if (schema && schema->type == PB_INTEGER && lua_type(L, index) == LUA_TNUMBER) {
    int whole;
    lua_Integer integer = lua_tointegerx(L, index, &whole);
    if (whole) {
      lua_pushinteger(L, integer);
      return;
    }
  }
#endif
  if (lua_type(L, index) != LUA_TTABLE) {
    lua_pushvalue(L, index);
    return;
  }
  if (depth > MAX_COPY_DEPTH) luaL_error(L, "value nested too deeply");
  luaL_checkstack(L, 8, "value nested too deeply");
  bool object = schema && schema->type == PB_OBJECT;
  size_t room = object && schema->property_count <= FEW_MEMBERS ? schema->property_count : 0;
  lua_createtable(L, (int)lua_rawlen(L, index), (int)room);
  int copy = lua_gettop(L), key = copy + 1;
  size_t members = 0;
  bool list = true; /* no name has come up */
  lua_pushnil(L);
  while (lua_next(L, index)) { /* copy, key, value */
    members++;
    list = list && lua_type(L, key) != LUA_TSTRING;
    lua_pushvalue(L, key);
    pb_node_push_copy(L, key + 1, member_schema(schema, L, key), depth + 1);
    lua_rawset(L, copy);
    lua_settop(L, key);
  }
  if (members > 0) {
    list = list && lua_rawlen(L, copy) == members;
  } else {
    size_t length;
    list = (schema && schema->type == PB_ARRAY) ||
           pb_table_kind_of(L, index, &length) == PB_TABLE_ARRAY;
  }
  if (list) {
    pb_lua_push_array_metatable(L);
    lua_setmetatable(L, -2);
  }
}

/* Copies the members of the plain table at the top into the one below it, for which it is removed. */
static void overlay(lua_State *L) {
  int target = lua_gettop(L) - 1;
  lua_pushnil(L);
  while (lua_next(L, target + 1)) {
    lua_pushvalue(L, -2);
    lua_insert(L, -2);
    lua_rawset(L, target);
  }
  lua_pop(L, 1);
}

void pb_node_push_plain(lua_State *L, int node, int internals, bool merged) {
  luaL_checkstack(L, 10, "record nested too deeply");
  node = lua_absindex(L, node);
  internals = lua_absindex(L, internals);
  const pb_schema *schema = pb_node_type_of(L, internals)->schema;
  absorb_views(L, node, internals);
  lua_newtable(L);
  int plain = lua_gettop(L);
  if (merged) {
    pb_node_push_state(L, node, internals);
    if (lua_type(L, -1) == LUA_TTABLE) {
      pb_node_push_copy(L, -1, NULL, 0);
      lua_replace(L, -2);
      overlay(L);
    } else {
      lua_pop(L, 1);
    }
  }
  for (int position = 1; position <= (int)schema->property_count; position++) {
    const pb_text *name = &schema->properties[position - 1].name;
    lua_rawgeti(L, internals, PB_SLOT_ASSIGNED + position);
    if (!lua_isnil(L, -1)) {
      lua_pushlstring(L, name->bytes, name->length);
      pb_node_push_copy(L, -2, schema->properties[position - 1].schema, 0);
      lua_rawset(L, plain);
    } else if (pb_node_child(L, node, internals, position, false)) { /* nil, child's internals */
      lua_rawgeti(L, internals, PB_SLOT_CHILDREN);
      lua_rawgeti(L, -1, position);
      lua_replace(L, -2); /* nil, internals, child */
      int child = lua_gettop(L);
      if (pb_node_changed(L, child, child - 1)) {
        lua_pushlstring(L, name->bytes, name->length);
        if (pb_node_mode_of(L, child - 1) == PB_MODE_NULL) lua_pushlightuserdata(L, NULL);
        else pb_node_push_plain(L, child, child - 1, merged);
        lua_rawset(L, plain);
      }
      lua_pop(L, 2);
    }
    lua_pop(L, 1);
  }
  lua_rawgeti(L, internals, PB_SLOT_EXTRA);
  if (lua_type(L, -1) == LUA_TTABLE) {
    pb_node_push_copy(L, -1, NULL, 0);
    lua_replace(L, -2);
    overlay(L);
  } else {
    lua_pop(L, 1);
  }
}
