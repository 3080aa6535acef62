/* The part `record`: types of records, and access to records for the Lua side. The rules on when a record
 * may be changed or sent are in lua/patchbay/record. */

#include "record/record.h"

#include "lua/box.h"
#include "lua/check.h"
#include "lua/schema.h"
#include "record/place.h"
#include "record/reading.h"
#include "record/watch.h"

/* Its address is the key in a metatable under which the type's parts are, in a box. */
static const char parts_key;

/* The arguments of `type`, as stack indices: all nodes of the type, and of those nested in it, are made with
 * them. */
enum { SCHEMA = 1, NAME, METHODS, FOLD, KEY, KEY_SCHEMA, SHARED };

static void push_parts(lua_State *L, const pb_schema *schema, pb_text name, int key_position,
                       bool root);

/* Pushes the parts of nested nodes, which all fields with the same schema share: SHARED has them by their schemas. */
static void push_nested_parts(lua_State *L, const pb_schema *schema) {
  luaL_checkstack(L, 4, "description too deep");
  if (pb_rawgetp(L, SHARED, schema) != LUA_TNIL) return;
  lua_pop(L, 1);
  push_parts(L, schema, (pb_text){.bytes = ""}, 0, false);
  lua_pushvalue(L, -1);
  lua_rawsetp(L, SHARED, schema);
}

/* Pushes the parts of the nodes of `schema`, an object, including those of the nodes nested in it, and fills
 * their metatables. */
static void push_parts(lua_State *L, const pb_schema *schema, pb_text name, int key_position,
                       bool root) {
  luaL_checkstack(L, 16, "description too deep");
  lua_createtable(L, PB_PART_NAME, 0);
  lua_newtable(L);
  lua_createtable(L, 0, (int)schema->property_count);
  lua_newtable(L);
  lua_newtable(L);
  pb_node_type *type = lua_newuserdatauv(L, pb_node_type_size(schema), 0);
  pb_node_type_init(type, schema);
  type->name = name;
  type->key_position = key_position;
  type->nested = !root;
  lua_rawseti(L, -6, PB_PART_TYPE);
  int nested = lua_gettop(L), children = nested - 1, fields = nested - 2, metatable = nested - 3,
      parts = nested - 4;
  lua_createtable(L, 0, (int)schema->property_count);
  int names = lua_gettop(L);
  for (int position = 1; position <= (int)schema->property_count; position++) {
    const pb_property *property = &schema->properties[position - 1];
    lua_pushlstring(L, property->name.bytes, property->name.length);
    pb_node_type_enter(L, type, position);
    lua_pushvalue(L, -1);
    lua_pushboolean(L, 1);
    lua_rawset(L, names);
    lua_pushinteger(L, position);
    lua_rawset(L, fields);
    if (property->schema->type != PB_OBJECT) continue;
    push_nested_parts(L, property->schema);
    lua_rawgeti(L, -1, PB_PART_METATABLE);
    lua_rawseti(L, nested, position);
    lua_rawseti(L, children, position);
  }
  lua_setfield(L, metatable, "__fields");   /* a set of names, for the Lua side */
  lua_setfield(L, metatable, "__children"); /* position -> metatable, for the Lua side */
  lua_rawseti(L, parts, PB_PART_CHILDREN);
  lua_rawgeti(L, parts, PB_PART_TYPE);
  lua_pushnil(L);
  lua_pushnil(L);
  lua_pushcclosure(L, pb_node_newindex, 3);
  lua_setfield(L, metatable, "__newindex");
  lua_rawseti(L, parts, PB_PART_FIELDS);
  if (root) lua_pushvalue(L, METHODS);
  else lua_newtable(L);
  lua_rawgeti(L, parts, PB_PART_TYPE);
  lua_pushcclosure(L, pb_node_index, 2);
  lua_setfield(L, metatable, "__index");
  lua_pushcfunction(L, pb_node_call);
  lua_setfield(L, metatable, "__call");
  lua_rawseti(L, parts, PB_PART_METATABLE);
  static const int arguments[][2] = {{PB_PART_SCHEMA, SCHEMA},
                                     {PB_PART_KEY_SCHEMA, KEY_SCHEMA},
                                     {PB_PART_NAME, NAME},
                                     {PB_PART_FOLD, FOLD}};
  for (size_t i = 0; i < sizeof arguments / sizeof *arguments; i++) {
    lua_pushvalue(L, arguments[i][1]);
    lua_rawseti(L, parts, arguments[i][0]);
  }
}

/* type(schema, name, methods, fold, key, key_schema) -> the metatable of a type of records
 *   name        the start of every error message
 *   methods     table of functions, for names that are not fields
 *   fold        function(owner, state, sent, response, read, meta) -> the new state, and the data beside it, which
 *               come back as `meta`; states and `sent` are plain tables or nil, `response` is the argument of
 *               load or apply; it must not yield
 *   key         the name of the field that is the key, or nil
 *   key_schema  the schema of a string that is a key, or nil; for `new` */
static int record_type(lua_State *L) {
  const pb_schema *schema = pb_lua_check_schema(L, SCHEMA);
  pb_text name, key;
  name.bytes = luaL_checklstring(L, NAME, &name.length);
  luaL_checktype(L, METHODS, LUA_TTABLE);
  luaL_checktype(L, FOLD, LUA_TFUNCTION);
  luaL_argcheck(L, schema->type == PB_OBJECT, SCHEMA, "the schema of an object expected");
  int key_position = 0;
  key.bytes = luaL_optlstring(L, KEY, NULL, &key.length);
  if (key.bytes) {
    const pb_property *property = pb_schema_find(schema, key.bytes, key.length);
    luaL_argcheck(L, property, KEY, "no such field");
    key_position = (int)(property - schema->properties) + 1;
  }
  const pb_schema *key_schema =
      lua_isnoneornil(L, KEY_SCHEMA) ? NULL : pb_lua_check_schema(L, KEY_SCHEMA);
  lua_settop(L, KEY_SCHEMA);
  lua_newtable(L);
  push_parts(L, schema, name, key_position, true);
  lua_rawgeti(L, -1, PB_PART_TYPE);
  ((pb_node_type *)lua_touserdata(L, -1))->key_schema = key_schema;
  lua_pop(L, 1);
  lua_rawgeti(L, -1, PB_PART_METATABLE);
  lua_insert(L, -2); /* metatable, parts */
  pb_box(L, &parts_key);
  lua_rawsetp(L, -3, &parts_key);
  lua_pop(L, 1);
  lua_pushvalue(L, NAME);
  lua_setfield(L, -2, "__name");
  return 1;
}

/* Whether the key at 2 is a string or an integer that obeys the type's schema for keys. */
static bool is_good_key(lua_State *L, const pb_node_type *type) {
  if (!type->key_schema) return false;
  if (type->key_schema->type == PB_INTEGER && lua_type(L, 2) == LUA_TNUMBER &&
      (!PB_INTEGERS || pb_is_integer(L, 2))) {
    pb_check check;
    pb_check_start(&check, "", 0);
    return pb_check_value(L, 2, type->key_schema, &check);
  }
  if (type->key_schema->type != PB_STRING || lua_type(L, 2) != LUA_TSTRING) return false;
  size_t length;
  const char *key = lua_tolstring(L, 2, &length);
  return pb_schema_string_good(type->key_schema, key, length);
}

/* new(metatable, key, owner) -> record
 * new(metatable, key, owner, true) -> record; or nil when the key is not a valid key string */
static int record_new(lua_State *L) {
  enum { METATABLE = 1, KEY_VALUE, OWNER, CHECKING, PARTS };
  lua_settop(L, CHECKING);
  luaL_checktype(L, METATABLE, LUA_TTABLE);
  lua_rawgetp(L, METATABLE, &parts_key);
  luaL_argcheck(L, pb_unbox(L, &parts_key), METATABLE, "a record type expected");
  if (lua_toboolean(L, CHECKING)) {
    lua_rawgeti(L, PARTS, PB_PART_TYPE);
    if (!is_good_key(L, lua_touserdata(L, -1))) return 0;
    lua_pop(L, 1);
  }
  pb_node_new(L, PARTS);
  lua_pushvalue(L, KEY_VALUE);
  lua_rawseti(L, -2, PB_SLOT_KEY);
  lua_pushvalue(L, OWNER);
  lua_rawseti(L, -2, PB_SLOT_OWNER);
  lua_pop(L, 1);
  return 1;
}

/* The upvalues of `find`. */
enum { METHODS_OF_ALL = 1, COLLECTIONS, MISS, RECORD_TYPE };

/* __index(proxy, key) of a collection's proxy. */
static int find(lua_State *L) {
  enum { PROXY = 1, WANTED, COLLECTION, CHECKED }; /* as record_new has its arguments */
  lua_settop(L, WANTED);
  lua_pushvalue(L, WANTED);
  lua_rawget(L, lua_upvalueindex(METHODS_OF_ALL));
  if (!lua_isnil(L, -1)) return 1;
  lua_settop(L, WANTED);
  lua_pushvalue(L, PROXY);
  lua_rawget(L, lua_upvalueindex(COLLECTIONS)); /* COLLECTION */
  if (!lua_istable(L, COLLECTION)) luaL_argerror(L, PROXY, "collection expected");
  lua_pushvalue(L, PROXY); /* CHECKED: true */
  lua_pushvalue(L, lua_upvalueindex(RECORD_TYPE));
  lua_rawget(L, COLLECTION);
  lua_replace(L, PROXY); /* the metatable */
  if (record_new(L)) return 1;
  lua_settop(L, CHECKED);
  lua_pushvalue(L, lua_upvalueindex(MISS));
  lua_pushvalue(L, CHECKED);
  lua_pushvalue(L, WANTED);
  lua_call(L, 2, 1);
  return 1;
}

/* finder(methods, collections, miss) -> the __index of the proxies of collections, which `collections` has by them:
 * a method of that name; else a new record with that key, where the key is a valid one; else the
 * result of miss(proxy, key). The collection's `record_type` is that of its records. */
static int record_finder(lua_State *L) {
  luaL_checktype(L, METHODS_OF_ALL, LUA_TTABLE);
  luaL_checktype(L, COLLECTIONS, LUA_TTABLE);
  luaL_checktype(L, MISS, LUA_TFUNCTION);
  lua_settop(L, MISS);
  lua_pushliteral(L, "record_type");
  lua_pushcclosure(L, find, RECORD_TYPE);
  return 1;
}

/* is(value) -> whether it is a record or an object nested in one; for a record also its collection and key */
static int record_is(lua_State *L) {
  luaL_checkany(L, 1);
  enum { VALUE = 1, INTERNALS };
  lua_settop(L, VALUE);
  bool is = pb_record_internals(L, VALUE);
  lua_pushboolean(L, is);
  if (!is) return 1;
  lua_rawgeti(L, INTERNALS, PB_SLOT_OWNER);
  lua_rawgeti(L, INTERNALS, PB_SLOT_KEY);
  return 3;
}

static int push_slot(lua_State *L, int slot) {
  enum { RECORD = 1, INTERNALS };
  lua_settop(L, RECORD);
  pb_record_check(L, RECORD);
  lua_rawgeti(L, INTERNALS, slot);
  return 1;
}

/* owner(record), key(record), sent(record): the collection; the key; the last change that was sent, a plain
 * table that belongs to the record and must not be changed, or nil. */
static int record_owner(lua_State *L) {
  return push_slot(L, PB_SLOT_OWNER);
}
static int record_key(lua_State *L) {
  return push_slot(L, PB_SLOT_KEY);
}
static int record_sent(lua_State *L) {
  enum { RECORD = 1, INTERNALS };
  lua_settop(L, RECORD);
  pb_record_check(L, RECORD);
  pb_node_push_change(L, INTERNALS, PB_SLOT_SENT);
  return 1;
}

/* state(record) -> the known state, a plain table that belongs to the record and must not be changed; or
 * nil */
static int record_state(lua_State *L) {
  enum { RECORD = 1, INTERNALS };
  lua_settop(L, RECORD);
  pb_record_check(L, RECORD);
  pb_node_push_state(L, INTERNALS);
  return 1;
}

/* meta(record) -> the fold's data beside the state */
static int record_meta(lua_State *L) {
  lua_settop(L, 1);
  pb_record_check(L, 1);
  pb_node_push_state(L, 2);
  lua_rawgeti(L, 2, PB_SLOT_META);
  return 1;
}

/* note(record) -> the value that set_note(record, value) has stored */
static int record_note(lua_State *L) {
  return push_slot(L, PB_SLOT_NOTE);
}
static int record_set_note(lua_State *L) {
  enum { RECORD = 1, NOTE, INTERNALS };
  lua_settop(L, NOTE);
  pb_record_check(L, RECORD);
  lua_pushvalue(L, NOTE);
  lua_rawseti(L, INTERNALS, PB_SLOT_NOTE);
  return 0;
}

/* place(key) -> see pb_record_push_place */
static int record_place(lua_State *L) {
  lua_settop(L, 1);
  int type = lua_type(L, 1);
  if (type != LUA_TNIL && type != LUA_TSTRING) luaL_checktype(L, 1, LUA_TNUMBER);
  pb_record_push_place(L, 1);
  return 1;
}

int pb_open_record(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"type", record_type},
      {"new", record_new},
      {"finder", record_finder},
      {"is", record_is},
      {"owner", record_owner},
      {"key", record_key},
      {"sent", record_sent},
      {"state", record_state},
      {"meta", record_meta},
      {"note", record_note},
      {"set_note", record_set_note},
      {"names", pb_record_names},
      {"assign", pb_record_assign},
      {"clear", pb_record_clear},
      {"payload", pb_record_payload},
      {"apply", pb_record_apply},
      {"apply_cached", pb_record_apply_cached},
      {"adopt", pb_record_adopt},
      {"load", pb_record_load},
      {"watch", pb_record_watch},
      {"accept", pb_record_accept},
      {"reading", pb_record_reading},
      {"compare", pb_record_compare},
      {"same", pb_record_same},
      {"documented", pb_record_documented},
      {"place", record_place},
      {"plain", pb_record_plain},
      {"entries", pb_record_entries},
      {"set_aside", pb_record_set_aside},
      {"restore", pb_record_restore},
      {"judge", pb_record_judge},
      {"values", pb_record_values},
      {"shown", pb_record_shown},
      {"home", pb_record_home},
      {NULL, NULL},
  };
  lua_newtable(L);
  luaL_setfuncs(L, functions, 0);
  return 1;
}
