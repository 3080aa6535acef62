/* Assigning a field of a record. The value is copied, the copy is checked and all memory is taken first;
 * after that nothing can fail. So an assignment is applied as a whole or not at all, and a mistake raises
 * at the line that makes it. */

#include "record/record.h"

#include "lua/record_mark.h"
#include "lua/table.h"
#include "lua/type_error.h"
#include "record/commit.h"
#include "record/flatten.h"
#include "record/view.h"

/* Raises `path: message` at the caller's line. */
static int fail(lua_State *L, pb_check *check) {
  luaL_where(L, 1);
  pb_check_push_message(L, check);
  lua_concat(L, 2);
  return lua_error(L);
}

static void start_check(lua_State *L, int internals, pb_check *check) {
  pb_check_start(check, "", 0);
  pb_node_add_path(L, internals, &check->path);
}

/* Where the value at `index` is a record and the field holds a single value: appends the message and returns
 * true. */
static bool refuse_record(lua_State *L, int index, const pb_schema *schema, pb_buffer *message) {
  if (!schema->scalar || !pb_record_internals(L, index)) return false;
  const pb_node_type *type = pb_node_type_of(L, lua_gettop(L));
  lua_pop(L, 1);
  pb_type_error(L, index, schema, message);
  if (schema->secret || !type->key_position) return true;
  const pb_text *key = &type->schema->properties[type->key_position - 1].name;
  pb_buffer_format(message, "; write its key: record.%s", key->bytes);
  return true;
}

/* Replaces the value at `index` by a copy that nobody else holds. On failure returns false, and `message`
 * says why. */
static bool own(lua_State *L, int index, const pb_schema *schema, pb_buffer *message) {
  if (refuse_record(L, index, schema, message)) return false;
  const char *problem = pb_flatten_copy(L, index, schema);
  if (problem) {
    pb_buffer_add_text(message, problem);
    return false;
  }
  lua_replace(L, index);
  return true;
}

/* Whether the value is a valid boolean, string or integer, where the schema has no further rule. This is the
 * whole check of nearly all values. */
static bool is_direct(lua_State *L, int index, const pb_schema *schema) {
  if (!schema->direct) return false;
  int got = lua_type(L, index);
  if (schema->type == PB_BOOLEAN) return got == LUA_TBOOLEAN;
  if (schema->type != PB_STRING) return pb_is_integer(L, index);
  if (got != LUA_TSTRING) return false;
  size_t length;
  const char *text = lua_tolstring(L, index, &length);
  return pb_schema_string_good(schema, text, length);
}

static bool is_bare_table(lua_State *L, int index) {
  if (lua_type(L, index) != LUA_TTABLE) return false;
  if (!lua_getmetatable(L, index)) return true;
  lua_pop(L, 1);
  return false;
}

/* Pushes a copy of the object at the top if all its members are described and direct. On failure leaves
 * garbage on the stack. */
static bool push_direct_object(lua_State *L, const pb_schema *schema) {
  int source = lua_gettop(L), copy = source + 1, key = source + 2;
  if (!is_bare_table(L, source)) return false;
  for (size_t i = 0; i < schema->property_count; i++)
    if (schema->properties[i].required) return false;
  lua_createtable(L, 0, (int)schema->property_count);
  for (lua_pushnil(L); lua_next(L, source);) {
    if (lua_type(L, key) != LUA_TSTRING) return false;
    pb_text name;
    name.bytes = lua_tolstring(L, key, &name.length);
    const pb_property *property = pb_schema_find(schema, name.bytes, name.length);
    if (!property || !is_direct(L, key + 1, property->schema)) return false;
    lua_pushvalue(L, key);
    lua_insert(L, key + 1); /* copy, key, key, value */
    lua_rawset(L, copy);
  }
  return true;
}

/* Replaces the list at `index` by a checked copy if its items are direct values or small objects of such, as
 * in nearly every list. Otherwise returns false and changes nothing: the value needs the full check. */
static bool own_direct_list(lua_State *L, int index, const pb_schema *schema) {
  enum { FEW = 8 }; /* properties that a copy gets room for */
  const pb_schema *items = schema->items;
  if (!schema->small_list || !is_bare_table(L, index)) return false;
  bool objects = items->type == PB_OBJECT && items->property_count <= FEW;
  size_t length = (size_t)lua_rawlen(L, index), position = 0;
  if (length == 0 || length < schema->min_items || length > schema->max_items) return false;
  luaL_checkstack(L, 12, "no room for a list");
  int copy = lua_gettop(L) + 1, key = copy + 1, value = copy + 2;
  lua_createtable(L, (int)length, 0);
  for (lua_pushnil(L); lua_next(L, index); lua_settop(L, key)) {
    bool next = lua_type(L, key) == LUA_TNUMBER && lua_tonumber(L, key) == (lua_Number)++position;
    if (!next || !(objects ? push_direct_object(L, items) : is_direct(L, value, items))) {
      lua_settop(L, copy - 1);
      return false;
    }
    lua_rawseti(L, copy, (int)position);
  }
  pb_push_array_metatable(L);
  lua_setmetatable(L, copy);
  lua_replace(L, index);
  return true;
}

/* Assigns a field with a description. */
static int assign_described(lua_State *L, int position) {
  enum { VALUE = 3, INTERNALS = 4 };
  const pb_node_type *type = pb_node_type_of(L, INTERNALS);
  const pb_property *property = &type->schema->properties[position - 1];
  const pb_schema *schema = property->schema;
  bool nil = lua_isnil(L, VALUE);
  pb_check check;
  pb_check_start(&check, "", 0);
  bool good =
      nil || (pb_check_assignable(schema, &check) &&
              (own_direct_list(L, VALUE, schema) || (own(L, VALUE, schema, &check.message) &&
                                                     pb_check_value(L, VALUE, schema, &check))));
  if (!good) {
    /* Only a bad assignment needs the path. The check's own path within the field (`[2].IpAddress`) is
     * appended to it. */
    pb_check whole;
    start_check(L, INTERNALS, &whole);
    pb_check_enter(&whole, property->name.bytes, property->name.length);
    pb_check_enter_path(&whole, check.path.data, check.path.length);
    pb_buffer_add(&whole.message, check.message.data, check.message.length);
    return fail(L, &whole);
  }
  if (schema->type == PB_OBJECT) {
    if (!nil) pb_node_child(L, INTERNALS, position, true);
    if (lua_type(L, VALUE) == LUA_TTABLE) pb_commit_prepare(L, INTERNALS + 2, VALUE, false);
    pb_commit_reserve(L);
  }
  if (!nil && type->nested) pb_commit_leave_null(L, INTERNALS);
  pb_commit_position(L, INTERNALS, position, VALUE);
  return 0;
}

/* Whether a field without a description is assigned. Even where no such field may be assigned, a script
 * may have changed a table in place that the vendor had put there. */
static bool is_assigned(lua_State *L, int internals, int key) {
  pb_view_absorb(L, internals);
  lua_rawgeti(L, internals, PB_SLOT_EXTRA);
  bool assigned = pb_commit_has(L, -1, key);
  lua_pop(L, 1);
  return assigned;
}

/* Assigns a field without a description. */
static int assign_undescribed(lua_State *L) {
  enum { KEY = 2, VALUE = 3, INTERNALS = 4 };
  const pb_schema *schema = pb_node_type_of(L, INTERNALS)->schema;
  pb_check check;
  start_check(L, INTERNALS, &check);
  if (lua_type(L, KEY) != LUA_TSTRING) {
    pb_buffer_format(&check.message, "fields have names; got a %s as one", luaL_typename(L, KEY));
    return fail(L, &check);
  }
  size_t length;
  const char *name = lua_tolstring(L, KEY, &length);
  bool nil = lua_isnil(L, VALUE);
  if (!schema->open && !(nil && is_assigned(L, INTERNALS, KEY))) {
    pb_check_unknown(schema, name, length, &check);
    return fail(L, &check);
  }
  if (!nil) {
    const pb_schema *rule = pb_schema_of_rest(schema);
    pb_check_enter(&check, name, length);
    if (!(pb_check_assignable(rule, &check) && own(L, VALUE, rule, &check.message) &&
          pb_check_value(L, VALUE, rule, &check)))
      return fail(L, &check);
    pb_commit_reserve(L);
  }
  if (nil) {
    pb_commit_forget(L, INTERNALS, PB_SLOT_EXTRA, KEY);
  } else {
    pb_node_push_slot_table(L, INTERNALS, PB_SLOT_EXTRA);
    lua_pushvalue(L, KEY);
    lua_pushvalue(L, VALUE);
    lua_rawset(L, -3); /* the last step that needs memory */
    pb_commit_leave_null(L, INTERNALS);
  }
  pb_commit_forget(L, INTERNALS, PB_SLOT_VIEWS, KEY);
  pb_commit_forget(L, INTERNALS, PB_SLOT_PARTLY, KEY);
  return 0;
}

/* Upvalues of pb_node_newindex: the type of the metatable, the node of the last assignment and its internals,
 * nil at first. */
enum { TYPE = 1, LAST_NODE, LAST_INTERNALS };

/* Makes the node, the first argument, the last one; false if it is not of this type. Scripts assign
 * several fields of a record in a row: from the second on nothing is looked up. The upvalue keeps the node
 * alive, so no other table can get its address. */
static bool make_last(lua_State *L, pb_node_type *type) {
  const void *node = lua_topointer(L, 1);
  if (node == type->last_node && node) return true;
  if (!pb_record_internals(L, 1) || pb_node_type_of(L, -1) != type) return false;
  pb_node_drop_payload(L, lua_gettop(L));
  type->last_node = node;
  lua_pushvalue(L, 1);
  lua_replace(L, lua_upvalueindex(LAST_NODE));
  lua_replace(L, lua_upvalueindex(LAST_INTERNALS));
  return true;
}

/* Arguments: node, key, value. A script that calls this itself may pass a node of another type. */
int pb_node_newindex(lua_State *L) {
  enum { NODE = 1, KEY, VALUE, INTERNALS };
  pb_node_type *type = lua_touserdata(L, lua_upvalueindex(TYPE));
  int position = pb_node_type_find(L, type, KEY);
  if (position && !type->nested && make_last(L, type)) {
    /* Nearly every assignment: a valid boolean, string or integer for a field of the record itself. The value
     * at the top is both checked and set, even if a script passes more than three arguments. */
    if (is_direct(L, -1, type->schema->properties[position - 1].schema)) {
      lua_rawseti(L, lua_upvalueindex(LAST_INTERNALS), PB_SLOT_ASSIGNED + position);
      return 0;
    }
    lua_settop(L, VALUE);
    lua_pushvalue(L, lua_upvalueindex(LAST_INTERNALS));
    return assign_described(L, position);
  }
  lua_settop(L, VALUE);
  if (!pb_record_internals(L, NODE)) return luaL_error(L, "not a record");
  position = pb_node_position(L, INTERNALS, KEY);
  return position ? assign_described(L, position) : assign_undescribed(L);
}

/* Where a check has failed: words the message about a record, if one was given for a field that holds a
 * single value. `given`: the members as the script gave them. */
static void explain_record(lua_State *L, int internals, int given, pb_check *check) {
  const pb_schema *schema = pb_node_type_of(L, internals)->schema;
  int top = lua_gettop(L), name_at = top + 1, value_at = top + 2;
  for (lua_pushnil(L); lua_next(L, given); lua_settop(L, name_at)) {
    if (lua_type(L, name_at) != LUA_TSTRING || !pb_is_record(L, value_at)) continue;
    size_t length;
    const char *name = lua_tolstring(L, name_at, &length);
    const pb_property *property = pb_schema_find(schema, name, length);
    if (!property || !property->schema->scalar) continue;
    start_check(L, internals, check);
    pb_check_enter(check, name, length);
    refuse_record(L, value_at, property->schema, &check->message);
    break;
  }
  lua_settop(L, top);
}

/* Assigns all members of the table at `members` to the node, or none. On failure returns false, and `check`
 * says why. */
static bool assign_all(lua_State *L, int internals, int members, pb_check *check) {
  const pb_schema *schema = pb_node_type_of(L, internals)->schema;
  if (lua_type(L, members) != LUA_TTABLE) {
    pb_buffer_format(&check->message, "expected a table of fields, got %s",
                     luaL_typename(L, members));
    return false;
  }
  lua_pushvalue(L, members); /* as given: own() replaces records by tables of their fields */
  int given = lua_gettop(L);
  if (!own(L, members, schema, &check->message)) return false;
  if (!pb_check_members(L, members, schema, check)) {
    explain_record(L, internals, given, check);
    return false;
  }
  lua_settop(L, given - 1);
  pb_commit_prepare(L, internals, members, true);
  pb_commit_reserve(L);
  pb_commit_leave_null(L, internals);
  pb_commit_members(L, internals, members);
  return true;
}

/* `client.calls:updat(…)` calls the record "updat" with the collection. The collection's metatable knows what
   was meant, and raises it at the line of the call. */
static void refuse_misspelt_call(lua_State *L, int node, int argument) {
  if (!luaL_getmetafield(L, argument, "__misspelt")) return;
  lua_pushvalue(L, argument);
  lua_pushvalue(L, node);
  lua_call(L, 2, 0);
}

/* `record{ A = 1, B = 2 }` -> the record */
int pb_node_call(lua_State *L) {
  enum { NODE = 1, FIELDS, INTERNALS };
  lua_settop(L, FIELDS);
  refuse_misspelt_call(L, NODE, FIELDS);
  lua_settop(L, FIELDS);
  if (!pb_record_internals(L, NODE)) return luaL_error(L, "not a record");
  pb_check check;
  start_check(L, INTERNALS, &check);
  if (!assign_all(L, INTERNALS, FIELDS, &check)) return fail(L, &check);
  lua_settop(L, NODE);
  return 1;
}

/* assign(record, fields) -> true; or false and the message, for callers that know the script's line. */
int pb_record_assign(lua_State *L) {
  enum { NODE = 1, FIELDS, INTERNALS };
  lua_settop(L, FIELDS);
  pb_record_check(L, NODE);
  pb_check check;
  start_check(L, INTERNALS, &check);
  bool good = assign_all(L, INTERNALS, FIELDS, &check);
  lua_pushboolean(L, good);
  if (good) return 1;
  pb_check_push_message(L, &check);
  return 2;
}

/* clear(record): removes every assignment. */
int pb_record_clear(lua_State *L) {
  enum { NODE = 1, INTERNALS };
  lua_settop(L, NODE);
  pb_record_check(L, NODE);
  pb_commit_reserve(L);
  pb_node_clear(L, INTERNALS);
  return 0;
}
