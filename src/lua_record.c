/* The part `record`: types, records, and what the Lua side asks of them. A record behaves as the
 * design's section on records says; who may do what when is decided in lua/patchbay/record.lua. */

#include "lua_record.h"

#include "core.h"
#include "lua_schema.h"

void pb_record_check(lua_State *L, int index) {
  if (!pb_node_internals(L, index)) luaL_argerror(L, index, "record expected");
}

/* Pushes the metatable for nodes of `schema` (an object), and of those nested in it. 1: the schema's
 * userdata, 3: the methods, 4: the fold function. */
static void push_metatable(lua_State *L, const pb_schema *schema, pb_text name, int key_position,
                           bool root) {
  luaL_checkstack(L, 12, "description too deep");
  lua_newtable(L);
  int metatable = lua_gettop(L);
  pb_node_type *type = lua_newuserdatauv(L, sizeof *type, 0);
  *type =
      (pb_node_type){.schema = schema, .name = name, .key_position = key_position, .nested = !root};
  lua_setfield(L, metatable, "__type");
  lua_pushvalue(L, 1);
  lua_setfield(L, metatable, "__schema");
  lua_createtable(L, 0, (int)schema->property_count);
  int fields = lua_gettop(L);
  lua_newtable(L);
  int children = lua_gettop(L);
  for (int position = 1; position <= (int)schema->property_count; position++) {
    const pb_property *property = &schema->properties[position - 1];
    lua_pushlstring(L, property->name.bytes, property->name.length);
    lua_pushinteger(L, position);
    lua_rawset(L, fields);
    if (property->schema->type == PB_OBJECT) {
      push_metatable(L, property->schema, property->name, 0, false);
      lua_rawseti(L, children, position);
    }
  }
  lua_setfield(L, metatable, "__children");
  lua_pushvalue(L, fields);
  if (root) lua_pushvalue(L, 3);
  else lua_newtable(L);
  lua_pushcclosure(L, pb_node_index, 2);
  lua_setfield(L, metatable, "__index");
  lua_pushvalue(L, fields);
  lua_pushcclosure(L, pb_node_newindex, 1);
  lua_setfield(L, metatable, "__newindex");
  lua_pushcfunction(L, pb_node_call);
  lua_setfield(L, metatable, "__call");
  lua_setfield(L, metatable, "__fields");
  if (root) {
    lua_pushvalue(L, 4);
    lua_setfield(L, metatable, "__fold");
  }
}

/* type(schema, name, methods, fold, key) -> the metatable of a type of records
 *   name     what errors start with
 *   methods  table of functions, for names that are no field
 *   fold     function(owner, state, sent, answer, read) -> the new state, all plain tables or nil
 *            (answer: also JSON text); it must not yield
 *   key      the field that is the key, or nil */
static int record_type(lua_State *L) {
  const pb_schema *schema = pb_lua_check_schema(L, 1);
  size_t name_length;
  const char *name = luaL_checklstring(L, 2, &name_length);
  luaL_checktype(L, 3, LUA_TTABLE);
  luaL_checktype(L, 4, LUA_TFUNCTION);
  const char *key = luaL_optstring(L, 5, NULL);
  luaL_argcheck(L, schema->type == PB_OBJECT, 1, "the schema of an object expected");
  int key_position = 0;
  for (size_t i = 0; key && i < schema->property_count; i++)
    if (strcmp(schema->properties[i].name.bytes, key) == 0) key_position = (int)i + 1;
  lua_settop(L, 4);
  push_metatable(L, schema, (pb_text){.bytes = name, .length = name_length}, key_position, true);
  /* The type's name lives as long as the metatable. */
  lua_pushvalue(L, 2);
  lua_setfield(L, -2, "__name");
  return 1;
}

/* new(metatable, key, owner) -> record */
static int record_new(lua_State *L) {
  lua_settop(L, 3);
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_getfield(L, 1, "__type");
  const pb_node_type *type = lua_touserdata(L, -1);
  luaL_argcheck(L, type, 1, "a record type expected");
  pb_node_new(L, 1, type);
  pb_node_internals(L, -1);
  lua_pushvalue(L, 2);
  lua_rawseti(L, -2, PB_SLOT_KEY);
  lua_pushvalue(L, 3);
  lua_rawseti(L, -2, PB_SLOT_OWNER);
  lua_pop(L, 1);
  return 1;
}

/* is(value) -> whether it is a record or a part of one */
static int record_is(lua_State *L) {
  luaL_checkany(L, 1);
  lua_settop(L, 1);
  lua_pushboolean(L, pb_node_internals(L, 1));
  return 1;
}

static int push_slot(lua_State *L, int slot) {
  lua_settop(L, 1);
  pb_record_check(L, 1);
  lua_rawgeti(L, 2, slot);
  return 1;
}

/* owner(record), key(record), sent(record): the collection; the key; a plain table of what was last
 * sent, or nil. The table is the record's own: it is not to be changed. */
static int record_owner(lua_State *L) {
  return push_slot(L, PB_SLOT_OWNER);
}
static int record_key(lua_State *L) {
  return push_slot(L, PB_SLOT_KEY);
}
static int record_sent(lua_State *L) {
  return push_slot(L, PB_SLOT_SENT);
}

/* state(record) -> a plain table of what is known, or nil; the record's own, not to be changed */
static int record_state(lua_State *L) {
  lua_settop(L, 1);
  pb_record_check(L, 1);
  pb_node_push_state(L, 1, 2);
  return 1;
}

/* set_key(record, key): for a record that has just been created */
static int record_set_key(lua_State *L) {
  lua_settop(L, 2);
  pb_record_check(L, 1);
  lua_pushvalue(L, 2);
  lua_rawseti(L, 3, PB_SLOT_KEY);
  return 0;
}

/* note(record) -> what set_note(record, value) has put there */
static int record_note(lua_State *L) {
  return push_slot(L, PB_SLOT_NOTE);
}
static int record_set_note(lua_State *L) {
  lua_settop(L, 2);
  pb_record_check(L, 1);
  lua_pushvalue(L, 2);
  lua_rawseti(L, 3, PB_SLOT_NOTE);
  return 0;
}

int pb_open_record(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"type", record_type},
      {"new", record_new},
      {"is", record_is},
      {"owner", record_owner},
      {"key", record_key},
      {"set_key", record_set_key},
      {"sent", record_sent},
      {"state", record_state},
      {"note", record_note},
      {"set_note", record_set_note},
      {"names", pb_record_names},
      {"assign", pb_record_assign},
      {"clear", pb_record_clear},
      {"payload", pb_record_payload},
      {"settle", pb_record_settle},
      {"adopt", pb_record_adopt},
      {"load", pb_record_load},
      {"changed", pb_record_changed},
      {"plain", pb_record_plain},
      {"entries", pb_record_entries},
      {NULL, NULL},
  };
  lua_newtable(L);
  luaL_setfuncs(L, functions, 0);
  return 1;
}
