/* Assigning a field of a record: checked at once, at the line that does it. What was assigned is
 * copied, the copy is checked and all memory is taken; after that nothing can fail, so that an
 * assignment happens as a whole or not at all. */

#include "lua_record.h"

#include "lua_plain.h"

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

/* Replaces the value at `index` by a copy of it that is ours alone; false: `message` says why. */
static bool own(lua_State *L, int index, const pb_schema *schema, pb_buffer *message) {
  if (!pb_plain_try_copy(L, index, schema)) {
    pb_buffer_add_text(message, "a table that contains itself, or is nested too deeply");
    return false;
  }
  lua_replace(L, index);
  return true;
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

/* Where `prepare` keeps, among the members of a copy, the table of those without a description. All
 * other keys are strings. */
enum { REST = 1 };

/* Puts a new table for undescribed members at `rest`, with those in it that are assigned if `merge`. */
static void start_rest(lua_State *L, int internals, int rest, bool merge) {
  lua_newtable(L);
  lua_replace(L, rest);
  if (!merge) return;
  lua_rawgeti(L, internals, PB_SLOT_EXTRA);
  pb_plain_overlay(L, rest);
}

/* Makes ready for `commit` to set the members of the checked copy at `members`: the nodes they go
 * into are there, and the undescribed ones are in a table of their own, `merge` with those that are
 * assigned already. The record does not change. */
static void prepare(lua_State *L, int node, int internals, int members, bool merge) {
  luaL_checkstack(L, 14, "value nested too deeply");
  const pb_schema *schema = pb_node_type_of(L, internals)->schema;
  pb_node_push_part(L, internals, PB_PART_FIELDS);
  int fields = lua_gettop(L), rest = fields + 1, key = fields + 2, value = fields + 3;
  lua_pushnil(L);
  for (lua_pushnil(L); lua_next(L, members); lua_settop(L, key)) {
    lua_pushvalue(L, key);
    if (pb_rawget(L, fields) == LUA_TNIL) {
      if (lua_isnil(L, rest)) start_rest(L, internals, rest, merge);
      lua_pushvalue(L, key);
      lua_pushvalue(L, value);
      lua_rawset(L, rest);
      lua_pushvalue(L, key);
      lua_pushnil(L);
      lua_rawset(L, members);
      continue;
    }
    int position = (int)lua_tointeger(L, -1);
    if (schema->properties[position - 1].schema->type != PB_OBJECT) continue;
    pb_node_child(L, node, internals, position, true);
    int child = lua_gettop(L); /* its internals */
    if (lua_type(L, value) == LUA_TTABLE) prepare(L, child - 1, child, value, false);
  }
  if (!lua_isnil(L, rest)) lua_rawseti(L, members, REST);
  lua_settop(L, fields - 1);
}

static void commit(lua_State *L, int internals, int members);

/* Whether there is a table at `index` that has something at `key`. */
static bool has(lua_State *L, int index, int key) {
  if (lua_type(L, index) != LUA_TTABLE) return false;
  index = lua_absindex(L, index);
  lua_pushvalue(L, key);
  lua_rawget(L, index);
  bool there = !lua_isnil(L, -1);
  lua_pop(L, 1);
  return there;
}

/* Takes what is at `key` out of the table in the slot. Setting nil where nothing is can need memory. */
static void forget(lua_State *L, int internals, int slot, int key) {
  lua_rawgeti(L, internals, slot);
  if (has(L, -1, key)) {
    lua_pushvalue(L, key);
    lua_pushnil(L);
    lua_rawset(L, -3);
  }
  lua_pop(L, 1);
}

/* Sets a prepared value; nil takes the assignment back. */
static void commit_position(lua_State *L, int internals, int position, int value) {
  const pb_schema *schema = pb_node_type_of(L, internals)->schema->properties[position - 1].schema;
  if (schema->type == PB_OBJECT) {
    if (!pb_node_child(L, 0, internals, position, false)) return;
    int child = lua_gettop(L); /* its internals */
    pb_node_clear(L, child);
    if (!lua_isnil(L, value)) {
      bool object = lua_type(L, value) == LUA_TTABLE;
      lua_pushinteger(L, object ? PB_MODE_WHOLE : PB_MODE_NULL);
      lua_rawseti(L, child, PB_SLOT_MODE);
      if (object) commit(L, child, value);
    }
    lua_pop(L, 2);
    return;
  }
  lua_pushvalue(L, value);
  lua_rawseti(L, internals, PB_SLOT_ASSIGNED + position);
  lua_pushinteger(L, position);
  forget(L, internals, PB_SLOT_VIEWS, lua_gettop(L));
  lua_pop(L, 1);
}

static void commit(lua_State *L, int internals, int members) {
  pb_node_push_part(L, internals, PB_PART_FIELDS);
  int fields = lua_gettop(L), rest = fields + 1, key = fields + 2;
  if (pb_rawgeti(L, members, REST) == LUA_TTABLE) {
    lua_pushvalue(L, rest);
    lua_rawseti(L, internals, PB_SLOT_EXTRA);
    for (lua_pushnil(L); lua_next(L, rest); lua_settop(L, key))
      forget(L, internals, PB_SLOT_VIEWS, key);
  }
  for (lua_pushnil(L); lua_next(L, members); lua_settop(L, key)) {
    lua_pushvalue(L, key);
    lua_rawget(L, fields);
    int position = (int)lua_tointeger(L, -1); /* 0: the rest */
    if (position) commit_position(L, internals, position, key + 1);
  }
  lua_settop(L, fields - 1);
}

static void reserve_stack(lua_State *L) {
  luaL_checkstack(L, PB_NODE_STACK, "no room for a value");
}

/* node.key = value for a field with a description */
static int assign_described(lua_State *L, int position) {
  enum { NODE = 1, VALUE = 3, INTERNALS = 4 };
  const pb_property *property = &pb_node_type_of(L, INTERNALS)->schema->properties[position - 1];
  const pb_schema *schema = property->schema;
  bool nil = lua_isnil(L, VALUE);
  pb_check check;
  pb_check_start(&check, "", 0);
  if (!nil && !(pb_check_assignable(schema, &check) && own(L, VALUE, schema, &check.message) &&
                pb_check_value(L, VALUE, schema, &check))) {
    /* The path is worked out only now: a good assignment has no use for it. What the check found
     * below the field (`[2].IpAddress`) goes behind it. */
    pb_check whole;
    start_check(L, NODE, &whole);
    pb_check_enter(&whole, property->name.bytes, property->name.length);
    pb_check_enter_path(&whole, check.path.data, check.path.length);
    pb_buffer_add(&whole.message, check.message.data, check.message.length);
    return fail(L, &whole);
  }
  if (schema->type == PB_OBJECT) {
    if (!nil) pb_node_child(L, NODE, INTERNALS, position, true);
    if (lua_type(L, VALUE) == LUA_TTABLE) prepare(L, INTERNALS + 1, INTERNALS + 2, VALUE, false);
    reserve_stack(L);
  }
  if (!nil) leave_null(L, NODE);
  commit_position(L, INTERNALS, position, VALUE);
  return 0;
}

/* Whether a field without a description is assigned: it can be so where none may be assigned, by
 * changing in place a table that the vendor has put there. */
static bool is_assigned(lua_State *L, int internals, int key) {
  pb_view_absorb(L, internals);
  lua_rawgeti(L, internals, PB_SLOT_EXTRA);
  bool assigned = has(L, -1, key);
  lua_pop(L, 1);
  return assigned;
}

/* node.key = value for a field without a description */
static int assign_undescribed(lua_State *L) {
  enum { NODE = 1, KEY = 2, VALUE = 3, INTERNALS = 4 };
  const pb_schema *schema = pb_node_type_of(L, INTERNALS)->schema;
  pb_check check;
  start_check(L, NODE, &check);
  if (lua_type(L, KEY) != LUA_TSTRING) {
    pb_buffer_format(&check.message, "fields have names; got a %s as one", luaL_typename(L, KEY));
    return fail(L, &check);
  }
  size_t length;
  const char *name = lua_tolstring(L, KEY, &length);
  bool nil = lua_isnil(L, VALUE);
  if (!schema->open && !(nil && is_assigned(L, INTERNALS, KEY))) {
    pb_check_unknown(schema, name, length, &check);
    return fail(L, &check);
  }
  if (!nil) {
    static const pb_schema anything = {.type = PB_ANY, .max_length = SIZE_MAX};
    const pb_schema *rule = schema->additional ? schema->additional : &anything;
    pb_check_enter(&check, name, length);
    if (!(pb_check_assignable(rule, &check) && own(L, VALUE, rule, &check.message) &&
          pb_check_value(L, VALUE, rule, &check)))
      return fail(L, &check);
    reserve_stack(L);
  }
  if (nil) {
    forget(L, INTERNALS, PB_SLOT_EXTRA, KEY);
  } else {
    pb_node_push_slot_table(L, INTERNALS, PB_SLOT_EXTRA);
    lua_pushvalue(L, KEY);
    lua_pushvalue(L, VALUE);
    lua_rawset(L, -3); /* the last that needs memory */
    leave_null(L, NODE);
  }
  forget(L, INTERNALS, PB_SLOT_VIEWS, KEY);
  return 0;
}

/* Upvalues of pb_node_newindex: the type that the metatable is of, and the node that was assigned to
 * last with its internals, nil at first. */
enum { TYPE = 1, LAST_NODE, LAST_INTERNALS };

/* Makes the node at 1 the last one; false if it is none of the type. Scripts assign several fields of a
 * record in a row: from the second on nothing is searched for. Being an upvalue, the node is not
 * collected, so that no other table takes its address. */
static bool make_last(lua_State *L, pb_node_type *type) {
  if (type->last_node && lua_topointer(L, 1) == type->last_node) return true;
  if (!pb_node_internals(L, 1) || pb_node_type_of(L, -1) != type) return false;
  type->last_node = lua_topointer(L, 1);
  lua_pushvalue(L, 1);
  lua_replace(L, lua_upvalueindex(LAST_NODE));
  lua_replace(L, lua_upvalueindex(LAST_INTERNALS));
  return true;
}

/* What nearly every assignment is: a good boolean, string or integer for a field of the record itself.
 * False, perhaps with more on the stack, for all others. */
static bool assign_direct(lua_State *L) {
  pb_node_type *type = lua_touserdata(L, lua_upvalueindex(TYPE));
  int position = pb_node_type_find(L, type, 2);
  if (position == 0 || type->nested || !make_last(L, type)) return false;
  const pb_schema *schema = type->schema->properties[position - 1].schema;
  if (!schema->direct) return false;
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
  lua_rawseti(L, lua_upvalueindex(LAST_INTERNALS), PB_SLOT_ASSIGNED + position);
  return true;
}

/* Arguments: node, key, value. The node may be of another type, when a script calls this itself. */
int pb_node_newindex(lua_State *L) {
  if (assign_direct(L)) return 0;
  lua_settop(L, 3);
  if (!pb_node_internals(L, 1)) return luaL_error(L, "not a record");
  int position = pb_node_position(L, 4, 2);
  return position ? assign_described(L, position) : assign_undescribed(L);
}

/* Assigns all members of the table at `members` to the node, or none; false: `check` says why. */
static bool assign_all(lua_State *L, int node, int internals, int members, pb_check *check) {
  const pb_schema *schema = pb_node_type_of(L, internals)->schema;
  if (lua_type(L, members) != LUA_TTABLE) {
    pb_buffer_format(&check->message, "expected a table of fields, got %s",
                     luaL_typename(L, members));
    return false;
  }
  if (!own(L, members, schema, &check->message) || !pb_check_members(L, members, schema, check))
    return false;
  prepare(L, node, internals, members, true);
  reserve_stack(L);
  leave_null(L, node);
  commit(L, internals, members);
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
  reserve_stack(L);
  pb_node_clear(L, 2);
  return 0;
}
