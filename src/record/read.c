/* Reading a field of a record: its assigned value, or else its last known one. */

#include "record/record.h"

#include "base/suggest.h"
#include "record/documented.h"
#include "record/view.h"

/* Whether the nested object at `position` has assignments, so that its node counts and not the state. */
static bool is_filled(lua_State *L, int internals, int position) {
  if (!pb_node_child(L, internals, position, false)) return false;
  bool changed = pb_node_changed(L, lua_gettop(L));
  lua_pop(L, 2);
  return changed;
}

static bool is_null(lua_State *L, int internals, int position) {
  if (!pb_node_child(L, internals, position, false)) return false;
  bool null = pb_node_mode_of(L, lua_gettop(L)) == PB_MODE_NULL;
  lua_pop(L, 2);
  return null;
}

/* Pushes the state's value at the name; nil when it is unknown. */
static void push_known(lua_State *L, int internals, const char *name, size_t length) {
  pb_node_push_state(L, internals);
  if (lua_type(L, -1) != LUA_TTABLE) {
    lua_pop(L, 1);
    lua_pushnil(L);
    return;
  }
  lua_pushlstring(L, name, length);
  lua_rawget(L, -2);
  lua_replace(L, -2);
}

/* Pushes the value of the object at `position`: its node; or null, or whatever else the vendor has sent in
 * place of an object. */
static void push_nested(lua_State *L, int internals, int position) {
  const pb_text *name = &pb_node_type_of(L, internals)->schema->properties[position - 1].name;
  if (is_null(L, internals, position)) {
    lua_pushlightuserdata(L, NULL);
    return;
  }
  push_known(L, internals, name->bytes, name->length);
  bool object = lua_type(L, -1) == LUA_TTABLE || lua_isnil(L, -1);
  if (!object && !is_filled(L, internals, position)) return;
  pb_node_child(L, internals, position, true);
  lua_pop(L, 1);
}

/* Pushes the value at `position` as a script sees it. */
static void push_position(lua_State *L, int internals, int position) {
  const pb_node_type *type = pb_node_type_of(L, internals);
  const pb_property *property = &type->schema->properties[position - 1];
  lua_rawgeti(L, internals, PB_SLOT_ASSIGNED + position);
  if (lua_type(L, -1) == LUA_TTABLE) pb_view_note(L, internals);
  if (!lua_isnil(L, -1)) return;
  if (position == type->key_position) {
    lua_rawgeti(L, internals, PB_SLOT_KEY);
    if (!lua_isnil(L, -1)) return;
  }
  if (property->schema->type == PB_OBJECT) {
    push_nested(L, internals, position);
    return;
  }
  push_known(L, internals, property->name.bytes, property->name.length);
  if (lua_type(L, -1) != LUA_TTABLE) {
    pb_document(L, property->schema);
    return;
  }
  lua_pushinteger(L, position);
  lua_insert(L, -2);
  pb_view_push(L, internals, lua_gettop(L) - 1, property->schema);
}

/* Pushes a field without a description: assigned under `undocumented`, or sent by the vendor. */
static void push_undescribed(lua_State *L, int internals, int key) {
  lua_rawgeti(L, internals, PB_SLOT_EXTRA);
  if (lua_type(L, -1) == LUA_TTABLE) {
    lua_pushvalue(L, key);
    lua_rawget(L, -2);
    if (!lua_isnil(L, -1)) return;
  }
  size_t length;
  const char *name = lua_tolstring(L, key, &length);
  push_known(L, internals, name, length);
  if (lua_type(L, -1) == LUA_TTABLE) pb_view_push(L, internals, key, NULL);
}

/* The arguments of pb_node_index and the node's internals, as stack indices. */
enum { NODE = 1, KEY, INTERNALS };

/* Words of other libraries, and calls of collections, with the spelling for a record instead. */
static const char *meant_by(const char *name) {
  static const struct {
    const char *name, *meant;
  } words[] = {{"save", "; did you mean \"update\"?"},
               {"commit", "; did you mean \"update\"?"},
               {"patch", "; did you mean \"update\"?"},
               {"put", "; did you mean \"replace\"?"},
               {"refresh", "; did you mean \"fetch\"?"},
               {"reload", "; did you mean \"fetch\"?"},
               {"read", "; did you mean \"fetch\"?"},
               {"remove", "; did you mean \"delete\"?"},
               {"destroy", "; did you mean \"delete\"?"},
               {"set", "; assign it: record.Field = value"},
               {"get", "; fetch() reads the record; collections have get(key)"},
               {"list", "; collections have that call: collection:list()"},
               {"create", "; collections have that call: collection:create{ … }"}};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (strcmp(words[i].name, name) == 0) return words[i].meant;
  return NULL;
}

/* Appends the method that was probably meant by a name that is no field. */
static void suggest_method(lua_State *L, int methods, const char *name, size_t length,
                           pb_buffer *message) {
  const char *meant = meant_by(name);
  pb_suggestion suggestion;
  pb_suggest_begin(&suggestion, name, length);
  luaL_checkstack(L, 3, NULL);
  for (lua_pushnil(L); lua_next(L, methods); lua_pop(L, 1)) {
    size_t size;
    const char *method = lua_tolstring(L, -2, &size); /* all names are strings */
    pb_suggest_offer(&suggestion, method, size);
  }
  if (meant) pb_buffer_add_text(message, meant);
  else pb_suggest_append(&suggestion, message);
}

/* Raises at the script's line that reads the field. */
static int no_such_field(lua_State *L, const pb_schema *schema, int methods) {
  size_t length;
  const char *name = lua_tolstring(L, KEY, &length);
  pb_check check;
  pb_check_start(&check, "", 0);
  pb_node_add_path(L, INTERNALS, &check.path);
  pb_check_unknown(schema, name, length, &check);
  if (lua_type(L, methods) == LUA_TTABLE && !memchr(check.message.data, ';', check.message.length))
    suggest_method(L, methods, name, length, &check.message);
  luaL_where(L, 1);
  pb_check_push_message(L, &check);
  lua_concat(L, 2);
  return lua_error(L);
}

/* Upvalues: name -> method, and the type of the metatable. A field wins over a method of the same name, which is
 * short enough to be told by its address. */
int pb_node_index(lua_State *L) {
  enum { METHODS = 1, TYPE };
  lua_settop(L, KEY);
  const pb_node_type *type = lua_touserdata(L, lua_upvalueindex(TYPE));
  int position = pb_node_type_find(L, type, KEY);
  if (!position) {
    lua_pushvalue(L, KEY);
    if (pb_rawget(L, lua_upvalueindex(METHODS)) != LUA_TNIL) return 1;
    lua_settop(L, KEY);
  }
  if (!pb_record_internals(L, NODE)) return 0;
  /* A script that calls this itself may pass a node of another type. */
  if (!position || pb_node_type_of(L, INTERNALS) != type)
    position = pb_node_position(L, INTERNALS, KEY);
  if (position) {
    push_position(L, INTERNALS, position);
    return 1;
  }
  if (lua_type(L, KEY) != LUA_TSTRING) return 0;
  push_undescribed(L, INTERNALS, KEY);
  const pb_schema *schema = pb_node_type_of(L, INTERNALS)->schema;
  if (lua_isnil(L, -1) && !schema->open) return no_such_field(L, schema, lua_upvalueindex(METHODS));
  return 1;
}

/* Whether the field at `position` has a known or assigned value; `state` is the index of the root's state. */
static bool is_known(lua_State *L, int internals, int position, int state) {
  const pb_node_type *type = pb_node_type_of(L, internals);
  const pb_property *property = &type->schema->properties[position - 1];
  if (position == type->key_position) return true;
  int top = lua_gettop(L);
  lua_rawgeti(L, internals, PB_SLOT_ASSIGNED + position);
  bool known = !lua_isnil(L, -1);
  if (!known && lua_type(L, state) == LUA_TTABLE) {
    lua_pushlstring(L, property->name.bytes, property->name.length);
    known = pb_rawget(L, state) != LUA_TNIL;
  }
  if (!known && property->schema->type == PB_OBJECT)
    known = pb_node_changed_child(L, internals, position);
  lua_settop(L, top);
  return known;
}

/* Pops the value at the top and adds the names of its undescribed members to the set at `rest`. */
static void add_rest(lua_State *L, int internals, int rest) {
  int source = lua_gettop(L), name = source + 1;
  if (lua_type(L, source) == LUA_TTABLE) {
    for (lua_pushnil(L); lua_next(L, source); lua_settop(L, name)) {
      if (lua_type(L, name) != LUA_TSTRING || pb_node_position(L, internals, name)) continue;
      lua_pushvalue(L, name);
      lua_pushboolean(L, 1);
      lua_rawset(L, rest);
    }
  }
  lua_settop(L, source - 1);
}

/* names(record) -> the names of the known described fields, in the order of the description; their number; a
 * set of the names of all other known fields. */
int pb_record_names(lua_State *L) {
  enum { RECORD = 1, RECORD_INTERNALS, STATE, NAMES, REST };
  lua_settop(L, RECORD);
  pb_record_check(L, RECORD);
  const pb_schema *schema = pb_node_type_of(L, RECORD_INTERNALS)->schema;
  pb_node_changed(L, RECORD_INTERNALS); /* absorbs tables changed in place */
  pb_node_push_state(L, RECORD_INTERNALS);
  lua_newtable(L);
  lua_newtable(L);
  int count = 0;
  for (int position = 1; position <= (int)schema->property_count; position++) {
    if (!is_known(L, RECORD_INTERNALS, position, STATE)) continue;
    const pb_text *name = &schema->properties[position - 1].name;
    lua_pushlstring(L, name->bytes, name->length);
    lua_rawseti(L, NAMES, ++count);
  }
  lua_pushvalue(L, STATE);
  add_rest(L, RECORD_INTERNALS, REST);
  lua_rawgeti(L, RECORD_INTERNALS, PB_SLOT_EXTRA);
  add_rest(L, RECORD_INTERNALS, REST);
  lua_settop(L, NAMES + 1);
  lua_pushinteger(L, count);
  lua_insert(L, REST);
  return 3;
}
