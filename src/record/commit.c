#include "record/commit.h"

void pb_commit_leave_null(lua_State *L, int internals) {
  luaL_checkstack(L, 6, "record nested too deeply");
  if (pb_node_mode_of(L, internals) == PB_MODE_NULL) {
    lua_pushinteger(L, PB_MODE_WHOLE);
    lua_rawseti(L, internals, PB_SLOT_MODE);
  }
  lua_rawgeti(L, internals, PB_SLOT_PARENT);
  if (!lua_isnil(L, -1)) pb_commit_leave_null(L, lua_gettop(L));
  lua_pop(L, 1);
}

/* The key at which pb_commit_prepare keeps the table of the undescribed members, among the described ones.
 * All other keys are strings. */
enum { REST = 1 };

/* Puts a new table for undescribed members at `rest`. If `merge`, it gets those already assigned: the values
 * themselves, not copies, because a script may hold one and change it in place. */
static void start_rest(lua_State *L, int internals, int rest, bool merge) {
  lua_newtable(L);
  lua_replace(L, rest);
  lua_rawgeti(L, internals, PB_SLOT_EXTRA);
  int extra = lua_gettop(L);
  if (merge && lua_type(L, extra) == LUA_TTABLE) {
    for (lua_pushnil(L); lua_next(L, extra); lua_settop(L, extra + 1)) {
      lua_pushvalue(L, extra + 1);
      lua_insert(L, extra + 2); /* name, name, value */
      lua_rawset(L, rest);
    }
  }
  lua_settop(L, extra - 1);
}

void pb_commit_prepare(lua_State *L, int internals, int members, bool merge) {
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
    pb_node_child(L, internals, position, true);
    int child = lua_gettop(L); /* its internals */
    if (lua_type(L, value) == LUA_TTABLE) pb_commit_prepare(L, child, value, false);
  }
  if (!lua_isnil(L, rest)) lua_rawseti(L, members, REST);
  lua_settop(L, fields - 1);
}

bool pb_commit_has(lua_State *L, int index, int key) {
  if (lua_type(L, index) != LUA_TTABLE) return false;
  index = lua_absindex(L, index);
  lua_pushvalue(L, key);
  lua_rawget(L, index);
  bool there = !lua_isnil(L, -1);
  lua_pop(L, 1);
  return there;
}

void pb_commit_forget(lua_State *L, int internals, int slot, int key) {
  /* Setting an absent key to nil may need memory. */
  lua_rawgeti(L, internals, slot);
  if (pb_commit_has(L, -1, key)) {
    lua_pushvalue(L, key);
    lua_pushnil(L);
    lua_rawset(L, -3);
  }
  lua_pop(L, 1);
}

void pb_commit_position(lua_State *L, int internals, int position, int value) {
  const pb_schema *schema = pb_node_type_of(L, internals)->schema->properties[position - 1].schema;
  if (schema->type == PB_OBJECT) {
    if (!pb_node_child(L, internals, position, false)) return;
    int child = lua_gettop(L); /* its internals */
    pb_node_clear(L, child);
    if (!lua_isnil(L, value)) {
      bool object = lua_type(L, value) == LUA_TTABLE;
      lua_pushinteger(L, object ? PB_MODE_WHOLE : PB_MODE_NULL);
      lua_rawseti(L, child, PB_SLOT_MODE);
      if (object) pb_commit_members(L, child, value);
    }
    lua_pop(L, 2);
    return;
  }
  pb_node_drop_payload(L, internals);
  lua_pushvalue(L, value);
  lua_rawseti(L, internals, PB_SLOT_ASSIGNED + position);
  lua_pushinteger(L, position);
  pb_commit_forget(L, internals, PB_SLOT_VIEWS, lua_gettop(L));
  pb_commit_forget(L, internals, PB_SLOT_PARTLY, lua_gettop(L));
  lua_pop(L, 1);
}

void pb_commit_members(lua_State *L, int internals, int members) {
  pb_node_push_part(L, internals, PB_PART_FIELDS);
  int fields = lua_gettop(L), rest = fields + 1, key = fields + 2;
  if (pb_rawgeti(L, members, REST) == LUA_TTABLE) {
    lua_pushvalue(L, rest);
    lua_rawseti(L, internals, PB_SLOT_EXTRA);
    pb_node_make_special(L, internals);
    for (lua_pushnil(L); lua_next(L, rest); lua_settop(L, key)) {
      pb_commit_forget(L, internals, PB_SLOT_VIEWS, key);
      pb_commit_forget(L, internals, PB_SLOT_PARTLY, key);
    }
  }
  for (lua_pushnil(L); lua_next(L, members); lua_settop(L, key)) {
    lua_pushvalue(L, key);
    lua_rawget(L, fields);
    int position = (int)lua_tointeger(L, -1); /* 0: the key is REST */
    if (position) pb_commit_position(L, internals, position, key + 1);
  }
  lua_settop(L, fields - 1);
}

void pb_commit_reserve(lua_State *L) {
  luaL_checkstack(L, PB_NODE_STACK, "no room for a value");
}
