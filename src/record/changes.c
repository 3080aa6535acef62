/* Lists and copies a record's assignments. */

#include "record/record.h"

#include "record/flatten.h"
#include "record/view.h"

/* plain(record, merged) -> a plain table of the assignments, over the state if `merged` */
int pb_record_plain(lua_State *L) {
  enum { NODE = 1, MERGED, INTERNALS };
  lua_settop(L, MERGED);
  pb_record_check(L, NODE);
  pb_flatten_node_or_raise(L, INTERNALS, lua_toboolean(L, MERGED));
  return 1;
}

/* Whether the assigned value at a position is a list of the state that was changed in place. The top stays. */
static bool is_partly(lua_State *L, int internals, int position) {
  int top = lua_gettop(L);
  lua_rawgeti(L, internals, PB_SLOT_PARTLY);
  bool partly = lua_type(L, -1) == LUA_TTABLE && pb_rawgeti(L, -1, position) != LUA_TNIL;
  lua_settop(L, top);
  return partly;
}

/* entries(record) -> list of the assigned fields, in the order of the description:
 *   { name =, secret =, value = plain value }   the field was assigned as a whole
 *   { name =, node = nested node }              something within it was assigned
 * the first with `partly` where the value is a list of the state that was changed in place; a plain table, by
 * name, of the assigned fields without a description; and a set of those names among them that are `partly`, or
 * nil. */
int pb_record_entries(lua_State *L) {
  /* VALUE is nil where CHILD and its internals are pushed. */
  enum { NODE = 1, INTERNALS, LIST, ENTRY, VALUE, CHILD, CHILD_INTERNALS, UNDESCRIBED = ENTRY };
  lua_settop(L, NODE);
  pb_record_check(L, NODE);
  pb_node_changed(L, INTERNALS);
  const pb_schema *schema = pb_node_type_of(L, INTERNALS)->schema;
  lua_newtable(L);
  int count = 0;
  for (int position = 1; position <= (int)schema->property_count; position++) {
    const pb_property *property = &schema->properties[position - 1];
    lua_settop(L, LIST);
    lua_createtable(L, 0, 3);
    lua_rawgeti(L, INTERNALS, PB_SLOT_ASSIGNED + position);
    if (!lua_isnil(L, VALUE)) {
      pb_flatten_copy_or_raise(L, VALUE, property->schema);
      lua_setfield(L, ENTRY, "value");
      lua_pushboolean(L, is_partly(L, INTERNALS, position));
      lua_setfield(L, ENTRY, "partly");
    } else if (property->schema->type == PB_OBJECT &&
               pb_node_changed_child(L, INTERNALS, position)) {
      pb_node_mode mode = pb_node_mode_of(L, CHILD_INTERNALS);
      if (mode == PB_MODE_OVERLAY) {
        lua_pushvalue(L, CHILD);
        lua_setfield(L, ENTRY, "node");
      } else {
        if (mode == PB_MODE_NULL) lua_pushlightuserdata(L, NULL);
        else pb_flatten_node_or_raise(L, CHILD_INTERNALS, false);
        lua_setfield(L, ENTRY, "value");
      }
    } else {
      continue;
    }
    lua_pushlstring(L, property->name.bytes, property->name.length);
    lua_setfield(L, ENTRY, "name");
    lua_pushboolean(L, property->schema->unnamed_secret);
    lua_setfield(L, ENTRY, "secret");
    lua_pushvalue(L, ENTRY);
    lua_rawseti(L, LIST, ++count);
  }
  lua_settop(L, LIST);
  lua_newtable(L);
  lua_rawgeti(L, INTERNALS, PB_SLOT_EXTRA);
  const char *problem = pb_flatten_over(L, UNDESCRIBED);
  if (problem) return luaL_error(L, "%s", problem);
  lua_rawgeti(L, INTERNALS, PB_SLOT_PARTLY);
  return 3;
}
