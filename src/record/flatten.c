#include "record/flatten.h"

#include "record/copy.h"
#include "record/view.h"

static const char *flatten_node(lua_State *L, int internals, bool merged, int depth,
                                pb_copying *copying);

/* A record within a value stands for the fields that it holds and a script may assign. */
static const char *flatten_record(lua_State *L, int depth, pb_copying *copying) {
  int internals = lua_gettop(L);
  const char *problem = flatten_node(L, internals, true, depth, copying);
  if (problem) return problem;
  pb_plain_strip(L, internals + 1, pb_node_type_of(L, internals)->schema);
  lua_replace(L, internals);
  return NULL;
}

static pb_copying new_copying(void) {
  return (pb_copying){.flatten = flatten_record, .values_left = PB_COPY_MAX_VALUES};
}

/* As pb_flatten_node; `depth` is that of the table within a value that is copied. */
static const char *flatten_node(lua_State *L, int internals, bool merged, int depth,
                                pb_copying *copying) {
  luaL_checkstack(L, 12, "record nested too deeply");
  const pb_schema *schema = pb_node_type_of(L, internals)->schema;
  pb_view_absorb(L, internals);
  const char *problem = pb_copying_count(copying);
  lua_newtable(L);
  int plain = lua_gettop(L);
  if (merged && !problem) {
    pb_node_push_state(L, internals);
    problem = pb_copy_over(L, plain, depth + 1, copying);
  }
  for (int position = 1; position <= (int)schema->property_count && !problem; position++) {
    const pb_property *property = &schema->properties[position - 1];
    lua_pushlstring(L, property->name.bytes, property->name.length);
    lua_rawgeti(L, internals, PB_SLOT_ASSIGNED + position);
    if (!lua_isnil(L, -1)) {
      problem = pb_copy_plain(L, -1, property->schema, depth + 1, copying);
      if (problem) break;
      lua_replace(L, -2);
      lua_rawset(L, plain);
    } else if (property->schema->type == PB_OBJECT &&
               pb_node_child(L, internals, position, false)) {
      int child = plain + 3; /* the name, nil, the child, its internals */
      if (pb_node_changed(L, child + 1)) {
        if (pb_node_mode_of(L, child + 1) == PB_MODE_NULL) lua_pushlightuserdata(L, NULL);
        else problem = flatten_node(L, child + 1, merged, depth + 1, copying);
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
    problem = pb_copy_over(L, plain, depth + 1, copying);
  }
  if (problem) lua_settop(L, plain - 1);
  return problem;
}

const char *pb_flatten_node(lua_State *L, int internals, bool merged) {
  pb_copying copying = new_copying();
  return flatten_node(L, internals, merged, 0, &copying);
}

void pb_flatten_node_or_raise(lua_State *L, int internals, bool merged) {
  const char *problem = pb_flatten_node(L, internals, merged);
  if (problem) luaL_error(L, "%s", problem);
}

const char *pb_flatten_copy(lua_State *L, int index, const pb_schema *schema) {
  pb_copying copying = new_copying();
  return pb_copy_plain(L, index, schema, 0, &copying);
}

void pb_flatten_copy_or_raise(lua_State *L, int index, const pb_schema *schema) {
  const char *problem = pb_flatten_copy(L, index, schema);
  if (problem) luaL_error(L, "%s", problem);
}

const char *pb_flatten_over(lua_State *L, int target) {
  pb_copying copying = new_copying();
  return pb_copy_over(L, target, 0, &copying);
}
