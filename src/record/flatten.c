#include "record/flatten.h"

#include "record/copy.h"
#include "record/view.h"

/* A pb_flattener: a record within a value stands for the fields that it holds and a script may assign. */
static const char *flatten_record(lua_State *L, int depth) {
  int internals = lua_gettop(L);
  const char *problem = pb_flatten_node(L, internals, true, depth);
  if (problem) return problem;
  pb_plain_strip(L, internals + 1, pb_node_type_of(L, internals)->schema);
  lua_replace(L, internals);
  return NULL;
}

const char *pb_flatten_node(lua_State *L, int internals, bool merged, int depth) {
  luaL_checkstack(L, 12, "record nested too deeply");
  const pb_schema *schema = pb_node_type_of(L, internals)->schema;
  pb_view_absorb(L, internals);
  lua_newtable(L);
  int plain = lua_gettop(L);
  const char *problem = NULL;
  if (merged) {
    pb_node_push_state(L, internals);
    problem = pb_copy_over(L, plain, depth + 1, flatten_record);
  }
  for (int position = 1; position <= (int)schema->property_count && !problem; position++) {
    const pb_property *property = &schema->properties[position - 1];
    lua_pushlstring(L, property->name.bytes, property->name.length);
    lua_rawgeti(L, internals, PB_SLOT_ASSIGNED + position);
    if (!lua_isnil(L, -1)) {
      problem = pb_copy_plain(L, -1, property->schema, depth + 1, flatten_record);
      if (problem) break;
      lua_replace(L, -2);
      lua_rawset(L, plain);
    } else if (property->schema->type == PB_OBJECT &&
               pb_node_child(L, internals, position, false)) {
      int child = plain + 3; /* the name, nil, the child, its internals */
      if (pb_node_changed(L, child + 1)) {
        if (pb_node_mode_of(L, child + 1) == PB_MODE_NULL) lua_pushlightuserdata(L, NULL);
        else problem = pb_flatten_node(L, child + 1, merged, depth + 1);
        if (problem) break;
        lua_replace(L, plain + 2);
        lua_settop(L, plain + 2);
        lua_rawset(L, plain);
      }
    }
    lua_settop(L, plain);
  }
  if (!problem) {
    lua_rawgeti(L, internals, PB_SLOT_EXTRA);
    problem = pb_copy_over(L, plain, depth + 1, flatten_record);
  }
  if (problem) lua_settop(L, plain - 1);
  return problem;
}

void pb_flatten_node_or_raise(lua_State *L, int internals, bool merged) {
  const char *problem = pb_flatten_node(L, internals, merged, 0);
  if (problem) luaL_error(L, "%s", problem);
}

const char *pb_flatten_copy(lua_State *L, int index, const pb_schema *schema) {
  return pb_copy_plain(L, index, schema, 0, flatten_record);
}

void pb_flatten_copy_or_raise(lua_State *L, int index, const pb_schema *schema) {
  const char *problem = pb_flatten_copy(L, index, schema);
  if (problem) luaL_error(L, "%s", problem);
}

const char *pb_flatten_over(lua_State *L, int target) {
  return pb_copy_over(L, target, 0, flatten_record);
}
