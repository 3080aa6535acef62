/* Moves assignments into the state once the vendor has applied them, and takes in a newly read state. */

#include "record/record.h"

#include "lua/number.h"
#include "record/copy.h"
#include "record/flatten.h"
#include "record/view.h"
#include "record/watch.h"
#include "json/writer.h"

/* The arguments of `apply` and its working values, as stack indices. */
enum {
  RECORD = 1,
  RESPONSE,
  LEAVES,
  ONLY,
  NOTE,
  READ,
  WHOLE,
  INTERNALS,
  SENT,
  PENDING,
  TAKEN,
  BASE = TAKEN
};

/* Pops the value at the top and sets it in the table at `table`, under the name at `name`. */
static void set(lua_State *L, int table, int name) {
  lua_pushvalue(L, name);
  lua_insert(L, -2);
  lua_rawset(L, table);
}

/* Whether the value at `value` is the one that was sent under the name. With ONLY, the field may have been
 * assigned since. */
static bool was_sent(lua_State *L, int name, int value) {
  if (lua_type(L, ONLY) != LUA_TTABLE) return true;
  lua_pushvalue(L, name);
  lua_rawget(L, ONLY);
  bool same = pb_plain_equal(L, value, -1);
  lua_pop(L, 1);
  return same;
}

/* Records that the assignment at `key`, its position or (without a description) its name, was sent as the
 * value at `sent`. The value at `known`, or nil, is the known value of the field now. */
static void take(lua_State *L, int key, int name, int sent, int known) {
  if (!was_sent(L, name, sent)) return;
  lua_pushvalue(L, sent);
  set(L, SENT, name);
  lua_pushvalue(L, known);
  set(L, PENDING, name);
  lua_pushboolean(L, 1);
  set(L, TAKEN, key);
}

/* Pushes the value that is sent for a nested object with assignments, and the value that is known of it then.
 * Returns false, with garbage pushed, if the object holds something that cannot be copied. */
static bool push_nested(lua_State *L, int internals, bool leaves) {
  pb_node_mode mode = pb_node_mode_of(L, internals);
  if (mode == PB_MODE_NULL) {
    lua_pushlightuserdata(L, NULL);
    lua_pushvalue(L, -1);
    return true;
  }
  if (pb_flatten_node(L, internals, mode == PB_MODE_OVERLAY && !leaves)) return false;
  if (mode == PB_MODE_WHOLE || !leaves) {
    lua_pushvalue(L, -1);
    return true;
  }
  /* Leaves do not tell the rest of the object: they are merged into a known one, and an unknown one stays
   * unknown. */
  pb_node_push_state(L, internals);
  if (lua_isnil(L, -1)) return true;
  lua_pop(L, 1);
  return !pb_flatten_node(L, internals, true);
}

/* Takes the fields of ONLY as sent, whatever has become of their assignments since. */
static void take_only(lua_State *L, const pb_node_type *type) {
  if (lua_type(L, ONLY) != LUA_TTABLE) return;
  int name = BASE + 1, value = BASE + 2;
  for (lua_pushnil(L); lua_next(L, ONLY); lua_settop(L, name)) {
    int position = pb_node_position(L, INTERNALS, name);
    if (position && position == type->key_position) continue;
    const pb_schema *schema = position ? type->schema->properties[position - 1].schema : NULL;
    lua_pushvalue(L, value);
    set(L, SENT, name);
    bool part = schema && schema->type == PB_OBJECT && lua_type(L, value) == LUA_TTABLE;
    if (part && lua_toboolean(L, LEAVES)) continue; /* the object around it is unknown */
    lua_pushvalue(L, value);
    set(L, PENDING, name);
  }
}

/* Takes all assignments as sent, except those that a script has since changed in place into something that
 * cannot be copied: they stay. */
static void take_all(lua_State *L, const pb_schema *schema) {
  int key = BASE + 1, name = BASE + 2, sent = BASE + 3, known = BASE + 4;
  bool sparse = !pb_node_has_children(L, INTERNALS);
  for (int position = 1; position <= (int)schema->property_count; position++) {
    const pb_property *property = &schema->properties[position - 1];
    lua_settop(L, BASE);
    bool assigned = pb_rawgeti(L, INTERNALS, PB_SLOT_ASSIGNED + position) != LUA_TNIL;
    if (!assigned && sparse) {
      int next = pb_node_next(L, INTERNALS, position);
      if (next == 0) break;
      position = next - 1;
      continue;
    }
    if (!assigned && property->schema->type != PB_OBJECT) continue;
    lua_settop(L, BASE);
    lua_pushinteger(L, position);
    lua_pushlstring(L, property->name.bytes, property->name.length);
    if (assigned) {
      lua_rawgeti(L, INTERNALS, PB_SLOT_ASSIGNED + position);
      /* A copy, because the script may change the list that it holds. */
      if (pb_flatten_copy(L, -1, property->schema)) continue;
    } else {
      if (!pb_node_changed_child(L, INTERNALS, position)) continue;
      /* child, its internals, sent, known */
      if (!push_nested(L, known, lua_toboolean(L, LEAVES))) continue;
      lua_replace(L, known);
      lua_replace(L, sent);
    }
    pb_flatten_copy_or_raise(L, sent, property->schema);
    pb_plain_strip(L, lua_gettop(L), property->schema);
    lua_replace(L, sent);
    take(L, key, name, sent, known);
  }
  lua_settop(L, BASE);
  lua_rawgeti(L, INTERNALS, PB_SLOT_EXTRA);
  if (lua_type(L, -1) != LUA_TTABLE) return;
  for (lua_pushnil(L); lua_next(L, BASE + 1); lua_settop(L, name)) {
    if (!pb_flatten_copy(L, sent, NULL)) take(L, name, name, known, known);
  }
}

/* Removes the assignments that were sent. Allocates nothing. */
static void forget_taken(lua_State *L, const pb_schema *schema) {
  bool sparse = !pb_node_has_children(L, INTERNALS);
  for (int position = 0;
       (position = sparse ? pb_node_next(L, INTERNALS, position) : position + 1);) {
    if (position > (int)schema->property_count) break;
    lua_settop(L, BASE);
    if (pb_rawgeti(L, TAKEN, position) == LUA_TNIL) continue;
    lua_pushnil(L);
    lua_rawseti(L, INTERNALS, PB_SLOT_ASSIGNED + position);
    if (schema->properties[position - 1].schema->type == PB_OBJECT &&
        pb_node_child(L, INTERNALS, position, false))
      pb_node_clear(L, lua_gettop(L));
  }
  lua_settop(L, BASE);
  int extra = BASE + 1, name = BASE + 2;
  lua_rawgeti(L, INTERNALS, PB_SLOT_EXTRA);
  if (lua_type(L, extra) != LUA_TTABLE) return;
  for (lua_pushnil(L); lua_next(L, extra); lua_settop(L, name)) {
    lua_pushvalue(L, name);
    lua_rawget(L, TAKEN);
    if (lua_isnil(L, -1)) continue;
    lua_pushvalue(L, name);
    lua_pushnil(L);
    lua_rawset(L, extra);
  }
}

/* Stores all but the assignments, from these stack indices. Allocates nothing. */
static void keep_sent(lua_State *L, int sent, int pending, int response, int note, int read) {
  const int slots[][2] = {{PB_SLOT_SENT, sent},
                          {PB_SLOT_PENDING, pending},
                          {PB_SLOT_RESPONSE, response},
                          {PB_SLOT_READ, read},
                          {PB_SLOT_NOTE, note}};
  for (size_t i = 0; i < sizeof slots / sizeof *slots; i++) {
    lua_pushvalue(L, slots[i][1]);
    lua_rawseti(L, INTERNALS, slots[i][0]);
  }
}

static bool is_nil(lua_State *L, int index) {
  bool nil = lua_isnil(L, index);
  lua_pop(L, 1);
  return nil;
}

/* The largest whole number below which every Lua reads one from JSON as it was. */
enum { SAFE_BITS = 53 };

/* Whether the value at the top is the same once it was written as JSON and read again. */
static bool is_same_in_json(lua_State *L) {
  pb_number number;
  switch (lua_type(L, -1)) {
  case LUA_TBOOLEAN:
  case LUA_TSTRING:
    return true;
  case LUA_TNUMBER:
    return pb_is_integer(L, -1) && pb_lua_number_at(L, -1, &number) && number.whole &&
           number.integer > -(INT64_C(1) << SAFE_BITS) && number.integer < INT64_C(1) << SAFE_BITS;
  default:
    return false;
  }
}

/* Applies the usual update: single values have been sent, and nothing has happened since. ONLY, its payload,
 * serves as the change that was sent and as the one that is pending, until somebody asks for these. The other arguments
 * are the stack indices of apply's. Otherwise returns false and changes nothing. Allocates nothing. */
static bool apply_few(lua_State *L, const pb_schema *schema, int response, int note, int read) {
  enum { FEW = 8 };
  static const int absent[] = {PB_SLOT_SPECIAL, PB_SLOT_RESPONSE, PB_SLOT_PENDING};
  int slots[FEW], count = 0;
  if (schema->resends) return false; /* the payload has more than was assigned */
  for (size_t i = 0; i < sizeof absent / sizeof *absent; i++) {
    lua_rawgeti(L, INTERNALS, absent[i]);
    if (!is_nil(L, -1)) return false;
  }
  lua_pushinteger(L, PB_SLOT_ASSIGNED); /* as pb_node_next, with the values */
  while (lua_next(L, INTERNALS)) {
    if (count == FEW || !is_same_in_json(L)) {
      lua_pop(L, 2);
      return false;
    }
    lua_pop(L, 1);
    slots[count++] = (int)lua_tointeger(L, -1);
  }
  keep_sent(L, ONLY, ONLY, response, note, read);
  for (int i = 0; i < count; i++) {
    lua_pushnil(L);
    lua_rawseti(L, INTERNALS, slots[i]);
  }
  return true;
}

static void apply(lua_State *L) {
  const pb_node_type *type = pb_node_type_of(L, INTERNALS);
  pb_node_drop_payload(L, INTERNALS); /* assignments are about to be removed */
  luaL_checkstack(L, PB_NODE_STACK, "no room for a record");
  pb_node_push_state(L, INTERNALS); /* folds in the outstanding responses */
  lua_settop(L, INTERNALS);
  pb_node_changed(L, INTERNALS); /* absorbs tables changed in place */
  for (int table = SENT; table <= TAKEN; table++) lua_newtable(L);
  take_only(L, type);
  lua_settop(L, BASE);
  take_all(L, type->schema);
  if (!lua_isnil(L, WHOLE)) {
    lua_pushvalue(L, WHOLE);
    lua_replace(L, SENT);
    lua_pushvalue(L, WHOLE);
    lua_replace(L, PENDING);
  }
  keep_sent(L, SENT, PENDING, RESPONSE, NOTE, READ);
  forget_taken(L, type->schema);
  pb_view_drop(L, INTERNALS);
}

/* apply(record, response, leaves, only, note, read, whole): the vendor has applied the change. The
 * assignments become the change that was sent; together with `response` (JSON text, a plain table, or nil)
 * they are the newest that is known.
 *   leaves  a nested change was sent without the object around it
 *   only    a plain table, the decoded payload, if there have been assignments since; those stay
 *   note    of the change, see set_note
 *   read    true: `response` is a full read, not the echo of the change
 *   whole   a plain table with all that was sent, if that was more than the assignments
 * Everything that needs memory comes first; then the change is made as a whole. Called last, it leaves
 * nothing that could fail once the assignments are gone. */
int pb_record_apply(lua_State *L) {
  lua_settop(L, WHOLE);
  pb_record_check(L, RECORD);
  apply(L);
  return 0;
}

/* Whether the assignments certainly are those that `ONLY`, a payload, was made of: the record still caches
 * it and is simple, so nothing in it can change without an assignment. */
static bool is_cached(lua_State *L) {
  lua_rawgeti(L, INTERNALS, PB_SLOT_CACHED_PAYLOAD);
  bool cached = lua_rawequal(L, -1, ONLY) && pb_node_is_simple(L, INTERNALS);
  lua_settop(L, INTERNALS);
  return cached;
}

/* apply_cached(record, response, leaves, body, note, read) -> whether it has applied the change, as apply
 * does. It does so only if the assignments certainly are those that `body` was made of. */
int pb_record_apply_cached(lua_State *L) {
  lua_settop(L, READ);
  lua_pushnil(L);
  pb_record_check(L, RECORD);
  if (!is_cached(L)) return 0;
  if (apply_few(L, pb_node_type_of(L, INTERNALS)->schema, RESPONSE, NOTE, READ)) {
    pb_node_drop_payload(L, INTERNALS);
  } else {
    lua_pushnil(L);
    lua_replace(L, ONLY);
    apply(L);
  }
  lua_pushboolean(L, 1);
  return 1;
}

/* The record's key as JSON has it, for keys that need no escapes; nothing for others. Lives in `room`, or as
 * long as the key does. */
static pb_text key_as_json(lua_State *L, pb_buffer *room) {
  pb_text key;
  int type = pb_rawgeti(L, INTERNALS, PB_SLOT_KEY);
  if (type == LUA_TSTRING) {
    key.bytes = lua_tolstring(L, -1, &key.length);
    if (pb_json_write_string(room, key.bytes, key.length) != PB_JSON_WRITTEN) key.bytes = NULL;
  } else {
    pb_number number;
    if (pb_lua_number_at(L, -1, &number) && number.whole)
      pb_number_write_integer(room, number.integer);
  }
  lua_pop(L, 1);
  return (pb_text){.bytes = room->data, .length = room->length};
}

static void set_text(lua_State *L, const char *name, const pb_text *text) {
  if (!text->bytes) return;
  lua_pushlstring(L, text->bytes, text->length);
  lua_setfield(L, -2, name);
}

/* Applies the change of a response that was accepted. Returns false, and changes nothing, where that takes memory. */
static bool apply_accepted(lua_State *L, const pb_schema *schema, bool shows) {
  lua_pushnil(L);
  int nil = lua_gettop(L);
  bool applied = apply_few(L, schema, shows ? RESPONSE : nil, nil, nil);
  lua_settop(L, nil - 1);
  if (applied) pb_node_drop_payload(L, INTERNALS);
  return applied;
}

/* accept(record, response, leaves, body, watch, status, apply) -> whether the response (text; anything else: there is
 * none), with its status, plainly says that the change was made for which `body` was sent; whether it shows these
 * values, or only confirms them; the receipt, where the watch is for an envelope, or nil; and, with `apply`, whether
 * the change was applied, as apply_cached does, which it is where that takes no memory. False where the response takes
 * a closer look, and nothing is changed. */
int pb_record_accept(lua_State *L) {
  enum { WATCH = ONLY + 1, STATUS, APPLY };
  const pb_watch *watch = pb_record_watch_at(L, WATCH);
  lua_Integer status = lua_tointeger(L, STATUS);
  bool applies = lua_toboolean(L, APPLY);
  if (status < 200 || status > 299) return 0;
  lua_settop(L, WHOLE);
  pb_record_check(L, RECORD);
  if (lua_type(L, RESPONSE) != LUA_TSTRING || lua_type(L, ONLY) != LUA_TSTRING || !is_cached(L))
    return 0;
  char room[256];
  pb_buffer key_room;
  pb_buffer_init_fixed(&key_room, room, sizeof room);
  pb_text key = key_as_json(L, &key_room), sent;
  size_t length;
  const char *text = lua_tolstring(L, RESPONSE, &length);
  sent.bytes = lua_tolstring(L, ONLY, &sent.length);
  pb_watched found;
  pb_json_error error;
  if (!pb_watch_response(watch, text, length, &sent, &key, &found, &error) || !found.plain)
    return 0;
  lua_pushboolean(L, 1);
  lua_pushboolean(L, found.shows);
  if (watch->data.length > 0) {
    lua_createtable(L, 0, 4);
    lua_pushinteger(L, status);
    lua_setfield(L, -2, "status");
    set_text(L, "message", &found.message);
    set_text(L, "request_id", &found.request_id);
    set_text(L, "timestamp", &found.timestamp);
  } else {
    lua_pushnil(L);
  }
  lua_pushboolean(L, applies && apply_accepted(L, watch->schema, found.shows));
  return 4;
}

/* adopt(record, sent, response): the vendor has just created the record from `sent`, a plain table. */
int pb_record_adopt(lua_State *L) {
  enum { ADOPTED = 1, CREATED_WITH, CREATED_RESPONSE, ADOPTED_INTERNALS };
  lua_settop(L, CREATED_RESPONSE);
  pb_record_check(L, ADOPTED);
  luaL_checkstack(L, PB_NODE_STACK, "no room for a record");
  pb_node_changed(L, ADOPTED_INTERNALS);
  pb_node_push_state(L, ADOPTED_INTERNALS);
  pb_view_drop(L, ADOPTED_INTERNALS);
  lua_pushvalue(L, CREATED_WITH);
  lua_rawseti(L, ADOPTED_INTERNALS, PB_SLOT_SENT);
  lua_pushvalue(L, CREATED_WITH);
  lua_rawseti(L, ADOPTED_INTERNALS, PB_SLOT_PENDING);
  lua_pushvalue(L, CREATED_RESPONSE);
  lua_rawseti(L, ADOPTED_INTERNALS, PB_SLOT_RESPONSE);
  return 0;
}

/* load(record, response, partly): `response` (for the fold) is the record's whole state as just read, with
 * `partly` only a part of it. Assignments stay. */
int pb_record_load(lua_State *L) {
  enum { LOADED = 1, LOADED_RESPONSE, PARTLY, LOADED_INTERNALS };
  lua_settop(L, PARTLY);
  pb_record_check(L, LOADED);
  luaL_checkstack(L, PB_NODE_STACK, "no room for a record");
  pb_node_changed(L, LOADED_INTERNALS); /* tables changed in place stay assignments */
  pb_node_push_state(L, LOADED_INTERNALS);
  lua_settop(L, LOADED_INTERNALS);
  if (!lua_toboolean(L, PARTLY)) {
    lua_pushboolean(L, 1);
    lua_rawseti(L, LOADED_INTERNALS, PB_SLOT_READ);
  }
  lua_pushvalue(L, LOADED_RESPONSE);
  lua_rawseti(L, LOADED_INTERNALS, PB_SLOT_RESPONSE);
  pb_view_drop(L, LOADED_INTERNALS);
  return 0;
}
