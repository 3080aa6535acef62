/* What a record tells of its assignments. */

#include "record/record.h"

#include "record/flatten.h"
#include "record/view.h"

/* changed(record) -> whether anything is assigned */
int pb_record_changed(lua_State *L) {
  lua_settop(L, 1);
  pb_record_check(L, 1);
  lua_pushboolean(L, pb_node_changed(L, 2));
  return 1;
}

/* plain(record, merged) -> a plain table of what is assigned, over the state if `merged` */
int pb_record_plain(lua_State *L) {
  lua_settop(L, 2);
  pb_record_check(L, 1);
  pb_flatten_node_or_raise(L, 3, lua_toboolean(L, 2));
  return 1;
}

/* entries(record) -> list of what is assigned, in the order of the description:
 *   { name =, secret =, value = plain value }   assigned as a whole
 *   { name =, node = nested node }              something within it is assigned
 * and a plain table of what is assigned without a description, by name. */
int pb_record_entries(lua_State *L) {
  lua_settop(L, 1);
  pb_record_check(L, 1);
  pb_node_changed(L, 2);
  const pb_schema *schema = pb_node_type_of(L, 2)->schema;
  lua_newtable(L); /* 3 */
  int count = 0;
  for (int position = 1; position <= (int)schema->property_count; position++) {
    const pb_property *property = &schema->properties[position - 1];
    lua_settop(L, 3);
    lua_createtable(L, 0, 3); /* 4 */
    lua_rawgeti(L, 2, PB_SLOT_ASSIGNED + position);
    if (!lua_isnil(L, 5)) {
      pb_flatten_copy_or_raise(L, 5, property->schema);
      lua_setfield(L, 4, "value");
    } else if (property->schema->type == PB_OBJECT && pb_node_changed_child(L, 2, position)) {
      pb_node_mode mode = pb_node_mode_of(L, 7);
      if (mode == PB_MODE_OVERLAY) {
        lua_pushvalue(L, 6);
        lua_setfield(L, 4, "node");
      } else {
        if (mode == PB_MODE_NULL) lua_pushlightuserdata(L, NULL);
        else pb_flatten_node_or_raise(L, 7, false);
        lua_setfield(L, 4, "value");
      }
    } else {
      continue;
    }
    lua_pushlstring(L, property->name.bytes, property->name.length);
    lua_setfield(L, 4, "name");
    lua_pushboolean(L, property->schema->secret);
    lua_setfield(L, 4, "secret");
    lua_pushvalue(L, 4);
    lua_rawseti(L, 3, ++count);
  }
  lua_settop(L, 3);
  lua_newtable(L);
  lua_rawgeti(L, 2, PB_SLOT_EXTRA);
  const char *why = pb_flatten_over(L, 4);
  if (why) return luaL_error(L, "%s", why);
  return 2;
}
