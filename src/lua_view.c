/* Tables out of a record's state that a script has read. */

#include "lua_node.h"
#include "lua_plain.h"

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
    pb_plain_push_copy(L, value, schema);
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
      same = pb_plain_equal(L, view, view + 1);
    }
    if (!same && position) {
      /* Unless the field has been assigned since. */
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
