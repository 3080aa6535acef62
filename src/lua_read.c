/* Reading a field of a record: the assigned value, else the last known state. */

#include "lua_record.h"

#include "lua_json.h"

/* Pushes the state's value of a list (or anything of no described shape) as a copy that stays the
 * record's: what the script changes in it in place is found by pb_node_changed. */
static void push_view(lua_State *L, int internals, int position, const pb_schema *schema) {
  int value = lua_gettop(L);
  lua_rawgeti(L, internals, PB_SLOT_VIEWS);
  if (lua_isnil(L, -1)) {
    lua_pop(L, 1);
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_rawseti(L, internals, PB_SLOT_VIEWS);
  }
  lua_rawgeti(L, -1, position);
  if (lua_isnil(L, -1)) {
    lua_pop(L, 1);
    pb_node_push_copy(L, value, schema, 0);
    lua_pushvalue(L, -1);
    lua_rawseti(L, -3, position);
  }
  lua_replace(L, value);
  lua_settop(L, value);
}

/* Pushes the value at `position` as a script sees it. */
static void push_position(lua_State *L, int node, int internals, const pb_node_type *type,
                          int position) {
  const pb_property *property = &type->schema->properties[position - 1];
  if (position == type->key_position) {
    lua_rawgeti(L, internals, PB_SLOT_KEY);
    if (!lua_isnil(L, -1)) return;
    lua_pop(L, 1);
  }
  lua_rawgeti(L, internals, PB_SLOT_ASSIGNED + position);
  if (!lua_isnil(L, -1)) return;
  lua_pop(L, 1);
  bool nested = property->schema->type == PB_OBJECT;
  if (nested && pb_node_child(L, node, internals, position, false)) {
    pb_node_mode mode = pb_node_mode_of(L, lua_gettop(L));
    lua_pop(L, 1);
    if (mode == PB_MODE_NULL) {
      lua_pushlightuserdata(L, NULL);
      return;
    }
    if (mode == PB_MODE_WHOLE) goto child;
  }
  pb_node_push_state(L, node, internals);
  if (lua_type(L, -1) == LUA_TTABLE) {
    lua_pushlstring(L, property->name.bytes, property->name.length);
    lua_rawget(L, -2);
    lua_replace(L, -2);
    if (lua_type(L, -1) == LUA_TTABLE && !nested)
      push_view(L, internals, position, property->schema);
    if (!nested) return;
    /* A vendor's null or text in the place of an object is shown as it is. */
    if (lua_type(L, -1) != LUA_TTABLE && !lua_isnil(L, -1)) return;
  }
  lua_pop(L, 1);
  if (!nested) {
    lua_pushnil(L);
    return;
  }
child:
  pb_node_child(L, node, internals, position, true);
  lua_rawgeti(L, internals, PB_SLOT_CHILDREN);
  lua_rawgeti(L, -1, position);
}

/* A field without a description: assigned under `undocumented`, or in the vendor's answer. */
static void push_undescribed(lua_State *L, int node, int internals, int key) {
  lua_rawgeti(L, internals, PB_SLOT_EXTRA);
  if (lua_type(L, -1) == LUA_TTABLE) {
    lua_pushvalue(L, key);
    lua_rawget(L, -2);
    if (!lua_isnil(L, -1)) return;
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  pb_node_push_state(L, node, internals);
  if (lua_type(L, -1) != LUA_TTABLE) {
    lua_pushnil(L);
    return;
  }
  lua_pushvalue(L, key);
  lua_rawget(L, -2);
  if (lua_type(L, -1) == LUA_TTABLE) pb_node_push_copy(L, -1, NULL, 0);
}

/* Upvalues: field name -> position; name -> method. */
int pb_node_index(lua_State *L) {
  lua_settop(L, 2);
  lua_pushvalue(L, 2);
  lua_rawget(L, lua_upvalueindex(1));
  if (lua_type(L, 3) == LUA_TNUMBER) {
    int position = (int)lua_tointeger(L, 3);
    if (!pb_node_internals(L, 1)) return 0;
    push_position(L, 1, 4, pb_node_type_of(L, 4), position);
    return 1;
  }
  lua_pushvalue(L, 2);
  lua_rawget(L, lua_upvalueindex(2));
  if (!lua_isnil(L, -1)) return 1;
  lua_settop(L, 2);
  if (lua_type(L, 2) != LUA_TSTRING || !pb_node_internals(L, 1)) return 0;
  push_undescribed(L, 1, 3, 2);
  const pb_schema *schema = pb_node_type_of(L, 3)->schema;
  if (lua_isnil(L, -1) && !schema->open) {
    size_t length;
    const char *name = lua_tolstring(L, 2, &length);
    pb_check check;
    pb_check_start(&check, "", 0);
    pb_node_add_path(L, 1, &check.path);
    pb_check_unknown(schema, name, length, &check);
    luaL_where(L, 1);
    pb_check_push_message(L, &check);
    lua_concat(L, 2);
    return lua_error(L);
  }
  return 1;
}

/* names(record) -> the names of all fields that are known, as pairs goes through them: in the order
 * of the description, then those without one, by name. */
int pb_record_names(lua_State *L) {
  pb_record_check(L, 1);
  const pb_schema *schema = pb_node_type_of(L, 2)->schema;
  lua_settop(L, 2);
  pb_node_push_plain(L, 1, 2, true); /* 3 */
  lua_newtable(L);                   /* 4 */
  int count = 0;
  const pb_node_type *type = pb_node_type_of(L, 2);
  for (int position = 1; position <= (int)schema->property_count; position++) {
    const pb_text *name = &schema->properties[position - 1].name;
    lua_pushlstring(L, name->bytes, name->length);
    lua_pushvalue(L, -1);
    lua_rawget(L, 3);
    bool known = !lua_isnil(L, -1) || position == type->key_position;
    lua_pop(L, 1);
    if (known) {
      lua_pushvalue(L, -1);
      lua_pushnil(L);
      lua_rawset(L, 3); /* what stays in 3 has no description */
      lua_rawseti(L, 4, ++count);
    } else {
      lua_pop(L, 1);
    }
  }
  lua_pushinteger(L, count);
  lua_pushvalue(L, 3);
  return 3; /* names, how many are described, the rest; internals below are dropped */
}
