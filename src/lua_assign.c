/* Assigning a field of a record: checked at once, at the line that does it. */

#include "lua_record.h"

#include "lua_json.h"

/* Raises `path: message` at the caller's line. */
static int fail(lua_State *L, pb_check *check) {
  luaL_where(L, 1);
  pb_check_push_message(L, check);
  lua_concat(L, 2);
  return lua_error(L);
}

static void start_check(lua_State *L, int node, pb_check *check) {
  pb_check_start(check, "", 0);
  pb_node_add_path(L, node, &check->path);
}

/* A part of a record as a value is taken for what it holds: replaced by a plain copy. */
static void replace_node(lua_State *L, int index) {
  if (!pb_node_internals(L, index)) return;
  pb_node_push_plain(L, index, lua_gettop(L), true);
  lua_replace(L, index);
  lua_pop(L, 1);
}

/* What is assigned below a null makes it an object again. */
static void leave_null(lua_State *L, int node) {
  luaL_checkstack(L, 6, "record nested too deeply");
  pb_node_internals(L, node);
  int internals = lua_gettop(L);
  if (pb_node_mode_of(L, internals) == PB_MODE_NULL) {
    lua_pushinteger(L, PB_MODE_WHOLE);
    lua_rawseti(L, internals, PB_SLOT_MODE);
  }
  lua_rawgeti(L, internals, PB_SLOT_PARENT);
  if (!lua_isnil(L, -1)) leave_null(L, lua_gettop(L));
  lua_pop(L, 2);
}

static void set_extra(lua_State *L, int internals, int key, int value) {
  lua_rawgeti(L, internals, PB_SLOT_EXTRA);
  if (lua_isnil(L, -1)) {
    lua_pop(L, 1);
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_rawseti(L, internals, PB_SLOT_EXTRA);
  }
  lua_pushvalue(L, key);
  if (lua_isnil(L, value)) lua_pushnil(L);
  else pb_node_push_copy(L, value, NULL, 0);
  lua_rawset(L, -3);
  lua_pop(L, 1);
}

static void set_members(lua_State *L, int node, int internals, int members);

/* Sets a checked value (or nil: takes the assignment back). */
static void set_position(lua_State *L, int node, int internals, int position, int value) {
  luaL_checkstack(L, 10, "value nested too deeply");
  const pb_schema *schema = pb_node_type_of(L, internals)->schema->properties[position - 1].schema;
  if (schema->type == PB_OBJECT) {
    bool null = lua_type(L, value) == LUA_TLIGHTUSERDATA;
    if (!pb_node_child(L, node, internals, position, !lua_isnil(L, value))) return;
    int child = lua_gettop(L); /* its internals */
    pb_node_clear(L, child);
    if (!lua_isnil(L, value)) {
      lua_pushinteger(L, null ? PB_MODE_NULL : PB_MODE_WHOLE);
      lua_rawseti(L, child, PB_SLOT_MODE);
    }
    if (lua_type(L, value) == LUA_TTABLE) {
      lua_rawgeti(L, internals, PB_SLOT_CHILDREN);
      lua_rawgeti(L, -1, position);
      lua_replace(L, -2);
      set_members(L, lua_gettop(L), child, value);
      lua_pop(L, 1);
    }
    lua_pop(L, 1);
    return;
  }
  if (lua_isnil(L, value)) lua_pushnil(L);
  else pb_node_push_copy(L, value, schema, 0);
  lua_rawseti(L, internals, PB_SLOT_ASSIGNED + position);
  lua_rawgeti(L, internals, PB_SLOT_VIEWS);
  if (!lua_isnil(L, -1)) {
    lua_pushnil(L);
    lua_rawseti(L, -2, position);
  }
  lua_pop(L, 1);
}

/* Sets all members of the checked plain table at `members`. */
static void set_members(lua_State *L, int node, int internals, int members) {
  luaL_getmetafield(L, node, "__fields");
  int fields = lua_gettop(L);
  lua_pushnil(L);
  while (lua_next(L, members)) { /* key, value */
    int value = lua_gettop(L);
    lua_pushvalue(L, value - 1);
    lua_rawget(L, fields);
    int position = (int)lua_tointeger(L, -1);
    lua_pop(L, 1);
    if (position) set_position(L, node, internals, position, value);
    else set_extra(L, internals, value - 1, value);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
}

/* What nearly every assignment is: a good boolean, string or integer for a field of the record itself.
 * False, with the stack in disorder, for all others. */
static bool assign_direct(lua_State *L) {
  lua_pushvalue(L, 2);
  if (pb_rawget(L, lua_upvalueindex(1)) != LUA_TNUMBER || !pb_node_internals(L, 1)) return false;
  int position = (int)lua_tointeger(L, 4);
  const pb_node_type *type = pb_node_type_at(L, 5); /* +1 */
  const pb_schema *schema = type->schema->properties[position - 1].schema;
  if (type->nested || !schema->direct) return false;
  int got = lua_type(L, 3);
  if (schema->type == PB_STRING) {
    size_t length;
    if (got != LUA_TSTRING) return false;
    const char *text = lua_tolstring(L, 3, &length);
    if (!pb_schema_string_good(schema, text, length)) return false;
  } else if (schema->type == PB_BOOLEAN) {
    if (got != LUA_TBOOLEAN) return false;
  } else if (!pb_is_integer(L, 3)) {
    return false;
  }
  lua_pushvalue(L, 3);
  lua_rawseti(L, 5, PB_SLOT_ASSIGNED + position);
  return true;
}

/* Upvalue: field name -> position. Arguments: node, key, value. */
int pb_node_newindex(lua_State *L) {
  if (lua_gettop(L) == 3 && assign_direct(L)) return 0;
  lua_settop(L, 3);
  if (!pb_node_internals(L, 1)) return luaL_error(L, "not a record");
  const pb_node_type *type = pb_node_type_of(L, 4);
  lua_pushvalue(L, 2);
  lua_rawget(L, lua_upvalueindex(1)); /* 5 */
  int position = (int)lua_tointeger(L, 5);
  lua_settop(L, 4);
  bool nil = lua_isnil(L, 3);
  if (lua_type(L, 3) == LUA_TTABLE) replace_node(L, 3);
  if (position) {
    const pb_property *property = &type->schema->properties[position - 1];
    const pb_schema *schema = property->schema;
    pb_check check;
    pb_check_start(&check, "", 0);
    bool good =
        nil || (pb_check_assignable(schema, &check) && pb_check_value(L, 3, schema, &check));
    if (!good) {
      /* The path is worked out only now: a good assignment has no use for it. What the check found
       * below the field (`[2].IpAddress`) goes behind it. */
      pb_check whole;
      start_check(L, 1, &whole);
      pb_check_enter(&whole, property->name.bytes, property->name.length);
      if (check.path.length > 0 && check.path.data[0] != '[') pb_buffer_add_char(&whole.path, '.');
      pb_buffer_add(&whole.path, check.path.data, check.path.length);
      pb_buffer_add(&whole.message, check.message.data, check.message.length);
      return fail(L, &whole);
    }
    if (!nil) leave_null(L, 1);
    set_position(L, 1, 4, position, 3);
    return 0;
  }
  pb_check check;
  start_check(L, 1, &check);
  if (lua_type(L, 2) != LUA_TSTRING) {
    pb_buffer_format(&check.message, "fields have names; got a %s as one", luaL_typename(L, 2));
    return fail(L, &check);
  }
  size_t length;
  const char *name = lua_tolstring(L, 2, &length);
  if (!type->schema->open) {
    pb_check_unknown(type->schema, name, length, &check);
    return fail(L, &check);
  }
  if (!nil) {
    static const pb_schema anything = {.type = PB_ANY, .max_length = SIZE_MAX};
    const pb_schema *schema = type->schema->additional ? type->schema->additional : &anything;
    pb_check_enter(&check, name, length);
    if (!pb_check_value(L, 3, schema, &check)) return fail(L, &check);
    leave_null(L, 1);
  }
  set_extra(L, 4, 2, 3);
  return 0;
}

/* Assigns all members of the table at `members` to the node, or none; false: `check` says why. */
static bool assign_all(lua_State *L, int node, int internals, int members, pb_check *check) {
  const pb_node_type *type = pb_node_type_of(L, internals);
  if (lua_type(L, members) != LUA_TTABLE) {
    pb_buffer_format(&check->message, "expected a table of fields, got %s",
                     luaL_typename(L, members));
    return false;
  }
  replace_node(L, members);
  if (!pb_check_members(L, members, type->schema, check)) return false;
  leave_null(L, node);
  set_members(L, node, internals, members);
  return true;
}

/* `record{ A = 1, B = 2 }` -> the record */
int pb_node_call(lua_State *L) {
  lua_settop(L, 2);
  if (!pb_node_internals(L, 1)) return luaL_error(L, "not a record");
  pb_check check;
  start_check(L, 1, &check);
  if (!assign_all(L, 1, 3, 2, &check)) return fail(L, &check);
  lua_settop(L, 1);
  return 1;
}

/* assign(record, fields) -> true, or false and what is wrong (for callers that know the line). */
int pb_record_assign(lua_State *L) {
  lua_settop(L, 2);
  pb_record_check(L, 1);
  pb_check check;
  start_check(L, 1, &check);
  bool good = assign_all(L, 1, 3, 2, &check);
  lua_pushboolean(L, good);
  if (good) return 1;
  pb_check_push_message(L, &check);
  return 2;
}

/* clear(record): takes back every assignment. */
int pb_record_clear(lua_State *L) {
  lua_settop(L, 1);
  pb_record_check(L, 1);
  pb_node_clear(L, 2);
  return 0;
}
