/* What becomes of assignments when a change has been made, or the state has been read anew. */

#include "record/record.h"

#include "record/copy.h"
#include "record/flatten.h"
#include "record/view.h"
#include "json/find.h"

/* What settle works on, as stack indices. */
enum { RECORD = 1, ANSWER, LEAVES, ONLY, INTERNALS, SENT, PENDING, TAKEN, BASE = TAKEN };

/* Sets the name (a stack index) to the value at the top, which is popped, in a table. */
static void set(lua_State *L, int table, int name) {
  lua_pushvalue(L, name);
  lua_insert(L, -2);
  lua_rawset(L, table);
}

/* Whether `value` is what was sent under the name: with ONLY it may be assigned since. */
static bool was_sent(lua_State *L, int name, int value) {
  if (lua_type(L, ONLY) != LUA_TTABLE) return true;
  lua_pushvalue(L, name);
  lua_rawget(L, ONLY);
  bool same = pb_plain_equal(L, value, -1);
  lua_pop(L, 1);
  return same;
}

/* Notes that the assignment at `key` (its position or, without a description, its name) was sent: as
 * `sent`, and `known` (or nil) is what is now known of the field. */
static void take(lua_State *L, int key, int name, int sent, int known) {
  if (!was_sent(L, name, sent)) return;
  lua_pushvalue(L, sent);
  set(L, SENT, name);
  lua_pushvalue(L, known);
  set(L, PENDING, name);
  lua_pushboolean(L, 1);
  set(L, TAKEN, key);
}

/* Pushes what is sent of a nested object with assignments, and what is known of it then. False, with
 * anything pushed: what is in it now is no value. */
static bool push_nested(lua_State *L, int internals, bool leaves) {
  pb_node_mode mode = pb_node_mode_of(L, internals);
  if (mode == PB_MODE_NULL) {
    lua_pushlightuserdata(L, NULL);
    lua_pushvalue(L, -1);
    return true;
  }
  if (pb_flatten_node(L, internals, mode == PB_MODE_OVERLAY && !leaves, 0)) return false;
  if (mode == PB_MODE_WHOLE || !leaves) {
    lua_pushvalue(L, -1);
    return true;
  }
  /* Leaves alone say nothing of the rest of the object: they are merged into a known one, and stay
   * out of an unknown one. */
  pb_node_push_state(L, internals);
  if (lua_isnil(L, -1)) return true;
  lua_pop(L, 1);
  return !pb_flatten_node(L, internals, true, 0);
}

/* What was sent by ONLY, whatever has become of the assignment since. */
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
    if (part && lua_toboolean(L, LEAVES)) continue; /* what is around it is not known */
    lua_pushvalue(L, value);
    set(L, PENDING, name);
  }
}

/* What a script has changed in place meanwhile into what is no value is not what was sent: it stays. */
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
      /* A copy: what the script does to the list it holds is no news from the vendor. */
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

/* Takes back the assignments that were sent. Allocates nothing. */
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

static void keep_sent(lua_State *L, int sent, int pending) {
  const int slots[][2] = {
      {PB_SLOT_SENT, sent}, {PB_SLOT_PENDING, pending}, {PB_SLOT_ANSWER, ANSWER}};
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

/* What nearly every update is: a few fields that are no tables, and nothing has happened since. One table
 * is what was sent and what is known. False, with nothing changed, for all others. */
static bool settle_few(lua_State *L, const pb_schema *schema) {
  enum { FEW = 8 };
  static const int absent[] = {PB_SLOT_SPECIAL, PB_SLOT_ANSWER, PB_SLOT_PENDING};
  int positions[FEW], count = 0;
  if (!lua_isnil(L, ONLY)) return false;
  for (size_t i = 0; i < sizeof absent / sizeof *absent; i++) {
    lua_rawgeti(L, INTERNALS, absent[i]);
    if (!is_nil(L, -1)) return false;
  }
  for (int position = 0; (position = pb_node_next(L, INTERNALS, position));) {
    int got = pb_rawgeti(L, INTERNALS, PB_SLOT_ASSIGNED + position);
    lua_pop(L, 1);
    if (got == LUA_TTABLE || count == FEW) return false;
    positions[count++] = position;
  }
  lua_createtable(L, 0, count);
  for (int i = 0; i < count; i++) {
    const pb_text *name = &schema->properties[positions[i] - 1].name;
    lua_pushlstring(L, name->bytes, name->length);
    lua_rawgeti(L, INTERNALS, PB_SLOT_ASSIGNED + positions[i]);
    lua_rawset(L, SENT);
  }
  keep_sent(L, SENT, SENT);
  for (int i = 0; i < count; i++) {
    lua_pushnil(L);
    lua_rawseti(L, INTERNALS, PB_SLOT_ASSIGNED + positions[i]);
  }
  return true;
}

static void settle(lua_State *L) {
  const pb_node_type *type = pb_node_type_of(L, INTERNALS);
  pb_node_unseal(L, INTERNALS); /* as taking back assignments does */
  if (settle_few(L, type->schema)) return;
  luaL_checkstack(L, PB_NODE_STACK, "no room for a record");
  pb_node_push_state(L, INTERNALS); /* takes in what is still outstanding */
  lua_settop(L, INTERNALS);
  pb_node_changed(L, INTERNALS); /* takes in what was changed in place */
  for (int table = SENT; table <= TAKEN; table++) lua_newtable(L);
  take_only(L, type);
  lua_settop(L, BASE);
  take_all(L, type->schema);
  keep_sent(L, SENT, PENDING);
  forget_taken(L, type->schema);
  pb_view_drop(L, INTERNALS);
}

/* settle(record, answer, leaves, only): the change has been made. What was assigned becomes what was
 * sent, and with `answer` (checked JSON text, a plain table, or nil) the newest that is known.
 *   leaves  a nested change was sent without the object around it
 *   only    a plain table: what was really sent, the decoded payload, when there have been
 *           assignments since; they stay
 * All that needs memory comes first; then it happens as a whole. */
int pb_record_settle(lua_State *L) {
  lua_settop(L, ONLY);
  pb_record_check(L, RECORD);
  settle(L);
  return 0;
}

/* Whether the answer, an object as text, leads with the record's key. */
static bool echoes(lua_State *L) {
  const pb_node_type *type = pb_node_type_of(L, INTERNALS);
  if (type->key_position == 0 || lua_type(L, ANSWER) != LUA_TSTRING ||
      pb_rawgeti(L, INTERNALS, PB_SLOT_KEY) != LUA_TSTRING)
    return false;
  const pb_text *name = &type->schema->properties[type->key_position - 1].name;
  size_t length, key_length;
  const char *answer = lua_tolstring(L, ANSWER, &length);
  const char *key = lua_tolstring(L, -1, &key_length);
  return pb_json_member_is(answer, length, name->bytes, name->length, key, key_length);
}

/* settle_sealed(record, answer, leaves, body, echo) -> whether it has settled: only where what is assigned
 * certainly is what was sealed as `body`. That is so where the record holds that text still, and is simple:
 * nothing is among it that may be changed without an assignment. With `echo` only where
 * the answer leads with the record's key besides; the note goes then. */
int pb_record_settle_sealed(lua_State *L) {
  bool echo = lua_toboolean(L, ONLY + 1);
  lua_settop(L, ONLY);
  pb_record_check(L, RECORD);
  if (echo && !echoes(L)) return 0;
  lua_rawgeti(L, INTERNALS, PB_SLOT_SEALED);
  if (!lua_rawequal(L, -1, ONLY)) return 0;
  if (!pb_node_is_simple(L, INTERNALS)) return 0;
  lua_settop(L, INTERNALS);
  lua_pushnil(L);
  lua_replace(L, ONLY);
  settle(L);
  if (echo) {
    lua_pushnil(L);
    lua_rawseti(L, INTERNALS, PB_SLOT_NOTE);
  }
  lua_pushboolean(L, 1);
  return 1;
}

/* adopt(record, sent, answer): the record has just been created with `sent` (a plain table), and this
 * was the answer. */
int pb_record_adopt(lua_State *L) {
  lua_settop(L, 3);
  pb_record_check(L, 1);
  luaL_checkstack(L, PB_NODE_STACK, "no room for a record");
  pb_node_changed(L, 4);
  pb_node_push_state(L, 4);
  pb_view_drop(L, 4);
  lua_pushvalue(L, 2);
  lua_rawseti(L, 4, PB_SLOT_SENT);
  lua_pushvalue(L, 2);
  lua_rawseti(L, 4, PB_SLOT_PENDING);
  lua_pushvalue(L, 3);
  lua_rawseti(L, 4, PB_SLOT_ANSWER);
  return 0;
}

/* load(record, answer): `answer` (checked JSON text, or a plain table) is the record's whole state
 * as just read. Assignments stay. */
int pb_record_load(lua_State *L) {
  lua_settop(L, 2);
  pb_record_check(L, 1);
  luaL_checkstack(L, PB_NODE_STACK, "no room for a record");
  pb_node_changed(L, 3); /* what was changed in place is kept as assignments */
  pb_node_push_state(L, 3);
  lua_settop(L, 3);
  lua_pushboolean(L, 1);
  lua_rawseti(L, 3, PB_SLOT_READ);
  lua_pushvalue(L, 2);
  lua_rawseti(L, 3, PB_SLOT_ANSWER);
  pb_view_drop(L, 3);
  return 0;
}
