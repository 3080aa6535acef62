/* What becomes of assignments when a change has been made, and what a record tells of them. */

#include "lua_record.h"

/* Pushes the nested node at `position` and its internals if it has assignments. */
static bool push_changed_child(lua_State *L, int node, int internals, int position) {
  if (!pb_node_child(L, node, internals, position, false)) return false;
  lua_rawgeti(L, internals, PB_SLOT_CHILDREN);
  lua_rawgeti(L, -1, position);
  lua_replace(L, -2);
  lua_insert(L, -2); /* child, its internals */
  if (pb_node_changed(L, lua_gettop(L) - 1, lua_gettop(L))) return true;
  lua_pop(L, 2);
  return false;
}

/* Whether the nested object's state is known, so that a change over it is known as a whole. */
static bool has_base(lua_State *L, int node, int internals) {
  pb_node_push_state(L, node, internals);
  bool known = lua_type(L, -1) == LUA_TTABLE;
  lua_pop(L, 1);
  return known;
}

/* What settle works on, as stack indices (0: absent). */
enum { RECORD = 1, ANSWER, LEAVES, ONLY, INTERNALS, SENT, PENDING, BASE = PENDING };

/* Takes the value at the top as what was sent for a field, and as what is known of it if `known`.
 * With ONLY, false when it is not what was sent: it was assigned since, and stays assigned. */
static bool take(lua_State *L, const char *name, size_t length, bool known) {
  int value = lua_gettop(L);
  if (lua_type(L, ONLY) == LUA_TTABLE) {
    lua_pushlstring(L, name, length);
    lua_rawget(L, ONLY);
    if (!pb_node_equal(L, value, value + 1)) return false;
    lua_settop(L, value);
  }
  lua_pushlstring(L, name, length);
  lua_pushvalue(L, value);
  lua_rawset(L, SENT);
  if (known && !lua_rawequal(L, SENT, PENDING)) {
    lua_pushlstring(L, name, length);
    lua_pushvalue(L, value);
    lua_rawset(L, PENDING);
  }
  return true;
}

/* A nested object with assignments: its node and internals are at BASE + 1 and + 2. */
static bool take_nested(lua_State *L, const pb_text *name, bool leaves) {
  int child = BASE + 1, internals = BASE + 2;
  pb_node_mode mode = pb_node_mode_of(L, internals);
  if (mode == PB_MODE_NULL) {
    lua_pushlightuserdata(L, NULL);
    return take(L, name->bytes, name->length, true);
  }
  bool alone = leaves && mode != PB_MODE_WHOLE;
  pb_node_push_plain(L, child, internals, mode != PB_MODE_WHOLE && !leaves);
  if (!take(L, name->bytes, name->length, !alone)) return false;
  /* Leaves alone say nothing of the rest of the object: they are merged into a known one, and stay
   * out of an unknown one. */
  if (alone && has_base(L, child, internals)) {
    lua_pushlstring(L, name->bytes, name->length);
    pb_node_push_plain(L, child, internals, true);
    lua_rawset(L, PENDING);
  }
  return true;
}

static void forget(lua_State *L, int position, bool nested) {
  if (nested) {
    pb_node_clear(L, BASE + 2);
  } else {
    lua_pushnil(L);
    lua_rawseti(L, INTERNALS, PB_SLOT_ASSIGNED + position);
  }
}

/* Takes all that was sent (`forgetting` false), or, once that is safely kept, takes back the
 * assignments: allocation can fail in the first pass alone, and then nothing has changed. */
static void pass(lua_State *L, const pb_schema *schema, bool forgetting) {
  for (int position = 1; position <= (int)schema->property_count; position++) {
    const pb_property *property = &schema->properties[position - 1];
    const pb_text *name = &property->name;
    lua_settop(L, BASE);
    lua_rawgeti(L, INTERNALS, PB_SLOT_ASSIGNED + position);
    bool nested = lua_isnil(L, -1);
    if (nested) {
      lua_settop(L, BASE);
      if (property->schema->type != PB_OBJECT ||
          !push_changed_child(L, RECORD, INTERNALS, position))
        continue;
    }
    if (forgetting) {
      lua_pushlstring(L, name->bytes, name->length);
      lua_rawget(L, SENT);
      bool sent = !lua_isnil(L, -1);
      lua_pop(L, 1);
      if (sent) forget(L, position, nested);
    } else if (nested) {
      take_nested(L, name, lua_toboolean(L, LEAVES));
    } else {
      take(L, name->bytes, name->length, true);
    }
  }
  lua_settop(L, BASE);
  lua_rawgeti(L, INTERNALS, PB_SLOT_EXTRA);
  if (lua_type(L, -1) == LUA_TTABLE) {
    int extra = lua_gettop(L);
    lua_pushnil(L);
    while (lua_next(L, extra)) { /* name, value */
      int value = lua_gettop(L);
      size_t length;
      const char *name = lua_tolstring(L, value - 1, &length);
      if (!forgetting) {
        take(L, name, length, true);
      } else {
        lua_pushvalue(L, value - 1);
        lua_rawget(L, SENT);
        if (!lua_isnil(L, -1)) {
          lua_pushvalue(L, value - 1);
          lua_pushnil(L);
          lua_rawset(L, extra);
        }
      }
      lua_settop(L, value - 1);
    }
  }
  lua_settop(L, BASE);
}

/* settle(record, answer, leaves, only): the change has been made. What was assigned becomes what was
 * sent, and with `answer` (checked JSON text, a plain table, or nil) the newest that is known.
 *   leaves  a nested change was sent without the object around it
 *   only    a plain table: what was really sent, when there have been assignments since; they stay */
int pb_record_settle(lua_State *L) {
  lua_settop(L, ONLY);
  pb_record_check(L, RECORD);
  luaL_checkstack(L, 12, "record nested too deeply");
  const pb_schema *schema = pb_node_type_of(L, INTERNALS)->schema;
  pb_node_push_state(L, RECORD, INTERNALS); /* takes in what is still outstanding */
  lua_settop(L, INTERNALS);
  lua_newtable(L);
  if (lua_toboolean(L, LEAVES)) lua_newtable(L);
  else lua_pushvalue(L, SENT);
  pass(L, schema, false);
  lua_pushvalue(L, SENT);
  lua_rawseti(L, INTERNALS, PB_SLOT_SENT);
  lua_pushvalue(L, PENDING);
  lua_rawseti(L, INTERNALS, PB_SLOT_PENDING);
  lua_pushvalue(L, ANSWER);
  lua_rawseti(L, INTERNALS, PB_SLOT_ANSWER);
  pass(L, schema, true);
  lua_pushnil(L);
  lua_rawseti(L, INTERNALS, PB_SLOT_VIEWS);
  return 0;
}

/* adopt(record, sent, answer): the record has just been created with `sent` (a plain table), and this
 * was the answer. */
int pb_record_adopt(lua_State *L) {
  lua_settop(L, 3);
  pb_record_check(L, 1);
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
  pb_node_changed(L, 1, 3); /* lists changed in place are kept as assignments */
  pb_node_push_state(L, 1, 3);
  lua_settop(L, 3);
  lua_pushboolean(L, 1);
  lua_rawseti(L, 3, PB_SLOT_READ);
  lua_pushvalue(L, 2);
  lua_rawseti(L, 3, PB_SLOT_ANSWER);
  lua_pushnil(L);
  lua_rawseti(L, 3, PB_SLOT_VIEWS);
  return 0;
}

/* changed(record) -> whether anything is assigned */
int pb_record_changed(lua_State *L) {
  lua_settop(L, 1);
  pb_record_check(L, 1);
  lua_pushboolean(L, pb_node_changed(L, 1, 2));
  return 1;
}

/* plain(record, merged) -> a plain table of what is assigned, over the state if `merged` */
int pb_record_plain(lua_State *L) {
  lua_settop(L, 2);
  pb_record_check(L, 1);
  pb_node_push_plain(L, 1, 3, lua_toboolean(L, 2));
  return 1;
}

/* entries(record) -> list of what is assigned, in the order of the description:
 *   { name =, secret =, value = plain value }   assigned as a whole
 *   { name =, node = nested node }              something within it is assigned */
int pb_record_entries(lua_State *L) {
  lua_settop(L, 1);
  pb_record_check(L, 1);
  pb_node_changed(L, 1, 2);
  const pb_schema *schema = pb_node_type_of(L, 2)->schema;
  lua_newtable(L); /* 3 */
  int count = 0;
  for (int position = 1; position <= (int)schema->property_count; position++) {
    const pb_property *property = &schema->properties[position - 1];
    lua_settop(L, 3);
    lua_createtable(L, 0, 3); /* 4 */
    lua_rawgeti(L, 2, PB_SLOT_ASSIGNED + position);
    if (!lua_isnil(L, 5)) {
      pb_node_push_copy(L, 5, property->schema, 0);
      lua_setfield(L, 4, "value");
    } else if (property->schema->type == PB_OBJECT && push_changed_child(L, 1, 2, position)) {
      pb_node_mode mode = pb_node_mode_of(L, 7);
      if (mode == PB_MODE_OVERLAY) {
        lua_pushvalue(L, 6);
        lua_setfield(L, 4, "node");
      } else {
        if (mode == PB_MODE_NULL) lua_pushlightuserdata(L, NULL);
        else pb_node_push_plain(L, 6, 7, false);
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
  lua_rawgeti(L, 2, PB_SLOT_EXTRA);
  return 2; /* the list; a table of assigned fields without a description, or nil (internal) */
}
