#include "record/node.h"

#include "base/show.h"
#include "lua/json.h"

void pb_record_check(lua_State *L, int index) {
  if (!pb_record_internals(L, index)) luaL_argerror(L, index, "record expected");
}

pb_node_type *pb_node_type_of(lua_State *L, int internals) {
  lua_rawgeti(L, internals, PB_SLOT_TYPE);
  pb_node_type *type = lua_touserdata(L, -1);
  lua_pop(L, 1);
  return type;
}

pb_node_mode pb_node_mode_of(lua_State *L, int internals) {
  lua_rawgeti(L, internals, PB_SLOT_MODE);
  pb_node_mode mode = (pb_node_mode)lua_tointeger(L, -1);
  lua_pop(L, 1);
  return mode;
}

static size_t name_room(const pb_schema *schema) {
  size_t room = 1;
  while (room < 2 * schema->property_count) room *= 2;
  return room;
}

size_t pb_node_type_size(const pb_schema *schema) {
  return sizeof(pb_node_type) + name_room(schema) * sizeof(pb_node_name);
}

void pb_node_type_init(pb_node_type *type, const pb_schema *schema) {
  memset(type, 0, pb_node_type_size(schema));
  type->schema = schema;
  type->name_mask = name_room(schema) - 1;
}

void pb_node_type_enter(lua_State *L, pb_node_type *type, int position) {
  const void *identity = pb_identity(L, -1);
  size_t at = ((uintptr_t)identity >> 4) & type->name_mask;
  while (type->names[at].identity) at = (at + 1) & type->name_mask;
  type->names[at] = (pb_node_name){.identity = identity, .position = position};
}

void pb_node_drop_payload(lua_State *L, int internals) {
  lua_pushnil(L);
  lua_rawseti(L, internals, PB_SLOT_CACHED_PAYLOAD);
}

void pb_node_cache_payload(lua_State *L, int internals) {
  /* Makes the next assignment look the internals up again, and drop the cached payload then. */
  pb_node_type_of(L, internals)->last_node = NULL;
  lua_pushvalue(L, -1);
  lua_rawseti(L, internals, PB_SLOT_CACHED_PAYLOAD);
}

void pb_node_push_part(lua_State *L, int internals, int part) {
  lua_rawgeti(L, internals, PB_SLOT_PARTS);
  lua_rawgeti(L, -1, part);
  lua_replace(L, -2);
}

int pb_node_position(lua_State *L, int internals, int key) {
  pb_node_push_part(L, internals, PB_PART_FIELDS);
  lua_pushvalue(L, key);
  lua_rawget(L, -2);
  int position = (int)lua_tointeger(L, -1);
  lua_pop(L, 2);
  return position;
}

void pb_node_make_special(lua_State *L, int internals) {
  lua_pushboolean(L, 1);
  lua_rawseti(L, internals, PB_SLOT_SPECIAL);
}

bool pb_node_is_simple(lua_State *L, int internals) {
  bool simple = pb_rawgeti(L, internals, PB_SLOT_SPECIAL) == LUA_TNIL;
  lua_pop(L, 1);
  return simple;
}

void pb_node_push_slot_table(lua_State *L, int internals, int slot) {
  lua_rawgeti(L, internals, slot);
  if (!lua_isnil(L, -1)) return;
  lua_pop(L, 1);
  lua_newtable(L);
  pb_node_make_special(L, internals);
  lua_pushvalue(L, -1);
  lua_rawseti(L, internals, slot);
}

void pb_node_new(lua_State *L, int parts) {
  parts = lua_absindex(L, parts);
  lua_createtable(L, 0, 1);
  lua_rawgeti(L, parts, PB_PART_TYPE); /* node, type */
  const pb_node_type *type = lua_touserdata(L, -1);
  lua_createtable(L, PB_SLOT_ASSIGNED + (int)type->schema->property_count, 0);
  lua_insert(L, -2); /* node, internals, type */
  lua_rawseti(L, -2, PB_SLOT_TYPE);
  lua_pushvalue(L, parts);
  lua_rawseti(L, -2, PB_SLOT_PARTS);
  pb_record_mark(L, -2); /* node, internals */
  lua_rawgeti(L, parts, PB_PART_METATABLE);
  lua_setmetatable(L, -3);
}

bool pb_node_child(lua_State *L, int internals, int position, bool make) {
  luaL_checkstack(L, 10, "record nested too deeply");
  lua_rawgeti(L, internals, PB_SLOT_CHILDREN);
  if (!lua_isnil(L, -1)) {
    if (pb_rawgeti(L, -1, position) == LUA_TTABLE) {
      lua_rawgeti(L, -1, PB_SLOT_NODE);
      lua_replace(L, -3); /* child, its internals */
      return true;
    }
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  if (!make) return false;
  pb_node_push_part(L, internals, PB_PART_CHILDREN);
  lua_rawgeti(L, -1, position); /* all children's parts, the child's */
  pb_node_new(L, -1);
  lua_replace(L, -3);
  lua_replace(L, -3); /* child, its internals */
  pb_node_make_special(L, lua_gettop(L));
  lua_pushvalue(L, internals);
  lua_rawseti(L, -2, PB_SLOT_PARENT);
  lua_pushvalue(L, -2);
  lua_rawseti(L, -2, PB_SLOT_NODE);
  lua_pushinteger(L, position);
  lua_rawseti(L, -2, PB_SLOT_POSITION);
  pb_node_push_slot_table(L, internals, PB_SLOT_CHILDREN); /* child, its internals, children */
  lua_pushvalue(L, -2);
  lua_rawseti(L, -2, position);
  lua_pop(L, 1);
  return true;
}

void pb_node_push_change(lua_State *L, int internals, int slot) {
  if (pb_rawgeti(L, internals, slot) != LUA_TSTRING) return;
  size_t length;
  const char *text = lua_tolstring(L, -1, &length);
  pb_json_error error;
  if (!pb_lua_json_decode(L, text, length, false, &error))
    luaL_error(L, "a payload is no JSON: %s", error.message);
  lua_replace(L, -2);
  const pb_node_type *type = pb_node_type_of(L, internals);
  if (type->key_position) {
    const pb_text *key = &type->schema->properties[type->key_position - 1].name;
    lua_pushlstring(L, key->bytes, key->length);
    lua_pushnil(L);
    lua_rawset(L, -3);
  }
  lua_pushvalue(L, -1);
  lua_rawseti(L, internals, slot);
}

/* Folds the pending change and the response of a root into its state, with the type's fold function. */
static void fold(lua_State *L, int internals) {
  lua_rawgeti(L, internals, PB_SLOT_RESPONSE);
  lua_rawgeti(L, internals, PB_SLOT_PENDING);
  bool stale = !lua_isnil(L, -1) || !lua_isnil(L, -2);
  lua_pop(L, 2);
  if (!stale) return;
  pb_node_push_change(L, internals, PB_SLOT_PENDING);
  lua_pop(L, 1);
  pb_node_push_part(L, internals, PB_PART_FOLD);
  static const int arguments[] = {PB_SLOT_OWNER,    PB_SLOT_STATE, PB_SLOT_PENDING,
                                  PB_SLOT_RESPONSE, PB_SLOT_READ,  PB_SLOT_META};
  for (size_t i = 0; i < sizeof arguments / sizeof *arguments; i++)
    lua_rawgeti(L, internals, arguments[i]);
  lua_call(L, 6, 2);
  lua_rawseti(L, internals, PB_SLOT_META);
  lua_rawseti(L, internals, PB_SLOT_STATE);
  static const int done[] = {PB_SLOT_PENDING, PB_SLOT_RESPONSE, PB_SLOT_READ};
  for (size_t i = 0; i < sizeof done / sizeof *done; i++) {
    lua_pushnil(L);
    lua_rawseti(L, internals, done[i]);
  }
}

bool pb_node_is_object(lua_State *L) {
  return lua_type(L, -1) == LUA_TTABLE && lua_rawlen(L, -1) == 0;
}

void pb_node_push_state(lua_State *L, int internals) {
  luaL_checkstack(L, 10, "record nested too deeply");
  lua_rawgeti(L, internals, PB_SLOT_PARENT);
  if (lua_isnil(L, -1)) {
    lua_pop(L, 1);
    fold(L, internals);
    lua_rawgeti(L, internals, PB_SLOT_STATE);
    return;
  }
  int parent = lua_gettop(L);
  if (pb_node_mode_of(L, internals) != PB_MODE_OVERLAY) {
    lua_pushnil(L);
    lua_replace(L, parent);
    return;
  }
  lua_rawgeti(L, internals, PB_SLOT_POSITION);
  int position = (int)lua_tointeger(L, -1);
  lua_pop(L, 1);
  const pb_text *name = &pb_node_type_of(L, parent)->schema->properties[position - 1].name;
  pb_node_push_state(L, parent); /* the parent's internals, its state */
  if (lua_type(L, -1) == LUA_TTABLE) {
    lua_pushlstring(L, name->bytes, name->length);
    lua_rawget(L, -2);
  }
  if (!pb_node_is_object(L)) lua_pushnil(L);
  lua_replace(L, parent);
  lua_settop(L, parent);
}

bool pb_node_has_children(lua_State *L, int internals) {
  bool any = pb_rawgeti(L, internals, PB_SLOT_CHILDREN) != LUA_TNIL;
  lua_pop(L, 1);
  return any;
}

int pb_node_next(lua_State *L, int internals, int position) {
  /* lua_next visits an array in order and skips nil. */
  lua_pushinteger(L, PB_SLOT_ASSIGNED + position);
  if (!lua_next(L, internals)) return 0;
  int next = (int)lua_tointeger(L, -2) - PB_SLOT_ASSIGNED;
  lua_pop(L, 2);
  return next;
}

void pb_node_clear(lua_State *L, int internals) {
  luaL_checkstack(L, 8, "record nested too deeply");
  pb_node_drop_payload(L, internals);
  const pb_schema *schema = pb_node_type_of(L, internals)->schema;
  for (int position = 1; position <= (int)schema->property_count; position++) {
    lua_pushnil(L);
    lua_rawseti(L, internals, PB_SLOT_ASSIGNED + position);
    if (schema->properties[position - 1].schema->type != PB_OBJECT ||
        !pb_node_child(L, internals, position, false))
      continue;
    pb_node_clear(L, lua_gettop(L));
    lua_pop(L, 2);
  }
  static const int slots[] = {PB_SLOT_MODE, PB_SLOT_VIEWS, PB_SLOT_EXTRA};
  for (size_t i = 0; i < sizeof slots / sizeof *slots; i++) {
    lua_pushnil(L);
    lua_rawseti(L, internals, slots[i]);
  }
}

void pb_node_add_path(lua_State *L, int internals, pb_buffer *path) {
  luaL_checkstack(L, 8, "record nested too deeply");
  lua_rawgeti(L, internals, PB_SLOT_PARENT);
  int parent = lua_gettop(L);
  if (lua_isnil(L, parent)) {
    const pb_text *name = &pb_node_type_of(L, internals)->name;
    pb_buffer_add(path, name->bytes, name->length);
  } else {
    pb_node_add_path(L, parent, path);
    lua_rawgeti(L, internals, PB_SLOT_POSITION);
    int position = (int)lua_tointeger(L, -1);
    const pb_text *name = &pb_node_type_of(L, parent)->schema->properties[position - 1].name;
    pb_show_step(path, name->bytes, name->length);
  }
  lua_settop(L, parent - 1);
}
