#include "record/view.h"

#include "record/copy.h"
#include "record/documented.h"

/* Pushes the table at `value` as a script sees it, out of the state, which holds no records. */
static void push_view(lua_State *L, int value, const pb_schema *schema) {
  pb_copying copying = {.values_left = PB_COPY_MAX_VALUES};
  const char *problem = pb_copy_plain(L, value, schema, 0, &copying);
  if (problem) luaL_error(L, "%s", problem);
  pb_document(L, schema);
}

void pb_view_note(lua_State *L, int internals) {
  lua_pushboolean(L, 1);
  lua_rawseti(L, internals, PB_SLOT_SHOWN);
  pb_node_make_special(L, internals);
}

void pb_view_push(lua_State *L, int internals, int key, const pb_schema *schema) {
  int value = lua_gettop(L);
  pb_view_note(L, internals);
  pb_node_push_slot_table(L, internals, PB_SLOT_VIEWS); /* value, views */
  lua_pushvalue(L, key);
  lua_rawget(L, value + 1);
  if (lua_isnil(L, -1)) {
    lua_pop(L, 1);
    lua_pushvalue(L, key);
    push_view(L, value, schema);
    lua_pushvalue(L, -1);
    lua_insert(L, value + 2); /* value, views, view, key, view */
    lua_rawset(L, value + 1);
  }
  lua_replace(L, value);
  lua_settop(L, value);
}

void pb_view_absorb(lua_State *L, int internals) {
  luaL_checkstack(L, 10, "record nested too deeply");
  lua_rawgeti(L, internals, PB_SLOT_VIEWS);
  int views = lua_gettop(L);
  if (lua_isnil(L, views)) {
    lua_pop(L, 1);
    return;
  }
  const pb_schema *schema = pb_node_type_of(L, internals)->schema;
  pb_node_push_state(L, internals);
  int state = views + 1, key = views + 2, view = views + 3;
  lua_pushnil(L);
  while (lua_next(L, views)) {
    int position = lua_type(L, key) == LUA_TNUMBER ? (int)lua_tointeger(L, key) : 0;
    if (position) {
      const pb_text *name = &schema->properties[position - 1].name;
      lua_pushlstring(L, name->bytes, name->length);
    } else {
      lua_pushvalue(L, key);
    }
    bool same = false;
    if (lua_type(L, state) == LUA_TTABLE) {
      lua_rawget(L, state);
      push_view(L, view + 1, position ? schema->properties[position - 1].schema : NULL);
      same = pb_plain_equal(L, view, view + 2);
    }
    if (!same && position) {
      /* A later assignment of the field wins. */
      lua_rawgeti(L, internals, PB_SLOT_ASSIGNED + position);
      if (lua_isnil(L, -1)) {
        lua_pushvalue(L, view);
        lua_rawseti(L, internals, PB_SLOT_ASSIGNED + position);
      }
    } else if (!same) {
      pb_node_push_slot_table(L, internals, PB_SLOT_EXTRA);
      lua_pushvalue(L, key);
      lua_pushvalue(L, view);
      lua_rawset(L, -3);
    }
    if (!same) {
      pb_node_push_slot_table(L, internals, PB_SLOT_PARTLY);
      lua_pushvalue(L, key);
      lua_pushboolean(L, 1);
      lua_rawset(L, -3);
      lua_pop(L, 1);
      lua_pushvalue(L, key);
      lua_pushnil(L);
      lua_rawset(L, views);
    }
    lua_settop(L, key);
  }
  lua_settop(L, views - 1);
}

void pb_view_drop(lua_State *L, int internals) {
  luaL_checkstack(L, 8, "record nested too deeply");
  lua_pushnil(L);
  lua_rawseti(L, internals, PB_SLOT_VIEWS);
  const pb_schema *schema = pb_node_type_of(L, internals)->schema;
  for (int position = 1; position <= (int)schema->property_count; position++) {
    if (schema->properties[position - 1].schema->type != PB_OBJECT ||
        !pb_node_child(L, internals, position, false))
      continue;
    pb_view_drop(L, lua_gettop(L));
    lua_pop(L, 2);
  }
}

bool pb_node_changed(lua_State *L, int internals) {
  if (pb_node_is_simple(L, internals)) return pb_node_next(L, internals, 0) != 0;
  luaL_checkstack(L, 10, "record nested too deeply");
  pb_view_absorb(L, internals);
  if (pb_node_mode_of(L, internals) != PB_MODE_OVERLAY) return true;
  const pb_schema *schema = pb_node_type_of(L, internals)->schema;
  lua_rawgeti(L, internals, PB_SLOT_EXTRA);
  bool changed = false;
  if (lua_type(L, -1) == LUA_TTABLE) {
    lua_pushnil(L);
    changed = lua_next(L, -2);
    if (changed) lua_pop(L, 2);
  }
  lua_pop(L, 1);
  changed = changed || pb_node_next(L, internals, 0) != 0;
  if (!pb_node_has_children(L, internals)) return changed;
  for (int position = 1; position <= (int)schema->property_count; position++) {
    if (schema->properties[position - 1].schema->type != PB_OBJECT ||
        !pb_node_child(L, internals, position, false))
      continue;
    /* No short cut: the views of every child must be absorbed. */
    changed = pb_node_changed(L, lua_gettop(L)) || changed;
    lua_pop(L, 2);
  }
  return changed;
}

bool pb_node_changed_child(lua_State *L, int internals, int position) {
  if (!pb_node_child(L, internals, position, false)) return false;
  if (pb_node_changed(L, lua_gettop(L))) return true;
  lua_pop(L, 2);
  return false;
}
