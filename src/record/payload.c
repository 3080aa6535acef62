/* The body of an update: a record's assignments as JSON. */

#include "record/record.h"

#include "lua/buffer.h"
#include "lua/check_rules.h"
#include "record/copy.h"
#include "record/flatten.h"
#include "record/place.h"
#include "record/serialize.h"
#include "record/view.h"

/* Notes the path where writing stopped, for the "invalid" problem; the innermost field counts. */
static bool fail_at(pb_serializer *w, int internals, const pb_property *property) {
  if (w->check.path.length > 0) return false;
  pb_node_add_path(w->L, internals, &w->check.path);
  if (property) pb_check_enter(&w->check, property->name.bytes, property->name.length);
  return false;
}

/* Whether the state has the record's nested object; null counts. */
static bool base_known(lua_State *L, int internals, const pb_property *property) {
  pb_node_push_state(L, internals);
  bool known = false;
  if (lua_type(L, -1) == LUA_TTABLE) {
    lua_pushlstring(L, property->name.bytes, property->name.length);
    lua_rawget(L, -2);
    known = pb_node_is_object(L) || lua_type(L, -1) == LUA_TLIGHTUSERDATA;
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  return known;
}

static bool write_node(pb_serializer *w, int internals, bool merged, bool with_key);

/* Whether the nested object, of which parts were assigned one by one, is as large as it may be. */
static bool check_bounds(pb_serializer *w, int internals, const pb_schema *schema, bool merged) {
  lua_State *L = w->L;
  int top = lua_gettop(L);
  size_t count = 0;
  if (pb_flatten_node(L, internals, merged)) return true; /* writing it finds the same problem */
  pb_plain_strip(L, top + 1, schema);
  for (lua_pushnil(L); lua_next(L, top + 1); lua_pop(L, 1)) count++;
  lua_settop(L, top);
  if (pb_check_properties(schema, count, &w->check)) return true;
  pb_node_add_path(L, internals, &w->check.path);
  return false;
}

/* Writes the nested object at `position` if anything in it is assigned; `*written` tells. Returns false
 * with a path but no message if the object around the change is unknown. */
static bool write_nested(pb_serializer *w, int internals, int position, bool merged,
                         bool *written) {
  lua_State *L = w->L;
  const pb_property *property = &pb_node_type_of(L, internals)->schema->properties[position - 1];
  *written = false;
  if (!pb_node_child(L, internals, position, false)) return true;
  int child = lua_gettop(L); /* its internals */
  bool good = true;
  *written = pb_node_changed(L, child);
  if (*written) {
    pb_node_mode mode = pb_node_mode_of(L, child);
    pb_serialize_name(w, property);
    lua_rawgeti(L, internals, PB_SLOT_PARENT);
    bool top = lua_isnil(L, -1);
    lua_pop(L, 1);
    /* A change within an object is sent with the whole top-level object around it. */
    bool surround = top && mode == PB_MODE_OVERLAY && !w->leaves && !merged;
    if (mode == PB_MODE_NULL) {
      pb_buffer_add_text(w->out, "null");
    } else if (w->mask && property->schema->secret) {
      pb_serialize_mask(w);
    } else if (surround && !base_known(L, internals, property)) {
      pb_node_add_path(L, child, &w->check.path);
      good = false;
    } else {
      bool part = mode == PB_MODE_OVERLAY && w->leaves;
      good = (!property->schema->bounded || part ||
              check_bounds(w, child, property->schema, merged || surround)) &&
             write_node(w, child, merged || surround, false);
    }
  }
  lua_settop(L, child - 2);
  return good;
}

/* Pushes the value to send for the field at `position`, unless that is an object with assignments: the
 * assigned value or, if `merged` or if it goes along with every update, the known one; nil for none. Returns its
 * type. `state` is the index of the node's. */
static int push_sent(pb_serializer *w, const pb_node_type *type, int internals, int position,
                     bool merged, bool with_key, int state) {
  lua_State *L = w->L;
  const pb_property *property = &type->schema->properties[position - 1];
  bool key = position == type->key_position;
  if (key && with_key) {
    int got = pb_rawgeti(L, internals, PB_SLOT_KEY);
    if (got != LUA_TNIL) return got;
    lua_pop(L, 1);
  }
  int got = pb_rawgeti(L, internals, PB_SLOT_ASSIGNED + position);
  w->checked = got != LUA_TNIL;
  bool known = merged ? !property->schema->read_only : property->schema->resent;
  if (w->checked || key || !known || lua_type(L, state) != LUA_TTABLE) return got;
  lua_pop(L, 1);
  lua_pushlstring(L, property->name.bytes, property->name.length);
  return pb_rawget(L, state);
}

/* The next position after `position` (0 to begin with) whose field may send something; above all positions: there
 * is none. `sparse`: only the key and what is assigned can. */
static int next_position(lua_State *L, const pb_node_type *type, int internals, int position,
                         bool sparse, bool with_key) {
  if (!sparse) return position + 1;
  int next = pb_node_next(L, internals, position);
  if (next == 0) next = (int)type->schema->property_count + 1;
  if (with_key && type->key_position > position && type->key_position < next)
    next = type->key_position;
  return next;
}

/* Values are popped in batches: popping one costs as much as writing a short one. */
enum { BATCH = 8 };

static bool write_node(pb_serializer *w, int internals, bool merged, bool with_key) {
  lua_State *L = w->L;
  luaL_checkstack(L, 14 + BATCH, "record nested too deeply");
  const pb_node_type *type = pb_node_type_of(L, internals);
  const pb_schema *schema = type->schema;
  bool outer = w->first;
  w->first = true;
  pb_buffer_add_char(w->out, '{');
  if (merged || schema->resends) pb_node_push_state(L, internals);
  else lua_pushnil(L);
  int state = lua_gettop(L);
  bool simple = pb_node_is_simple(L, internals);
  bool sparse = !merged && !schema->resends && (simple || !pb_node_has_children(L, internals));
  int held = 0;
  int position = 0;
  while ((position = next_position(L, type, internals, position, sparse, with_key)) <=
         (int)schema->property_count) {
    const pb_property *property = &schema->properties[position - 1];
    bool written = false;
    if (held == BATCH) {
      lua_settop(L, state);
      held = 0;
    }
    if (property->schema->type == PB_OBJECT &&
        !write_nested(w, internals, position, merged, &written))
      return false;
    if (written) continue;
    int got = push_sent(w, type, internals, position, merged, with_key, state);
    held++;
    if (got == LUA_TNIL) continue;
    pb_serialize_name(w, property);
    if (!pb_serialize_top(w, got, property->schema)) return fail_at(w, internals, property);
  }
  lua_settop(L, state);
  if (merged || !simple) {
    w->checked = false;
    lua_rawgeti(L, internals, PB_SLOT_EXTRA);
    bool assigned = lua_type(L, state + 1) == LUA_TTABLE;
    if ((merged && !pb_serialize_rest(w, state, schema, assigned ? state + 1 : 0)) ||
        !pb_serialize_rest(w, state + 1, schema, 0))
      return fail_at(w, internals, NULL);
  }
  lua_settop(L, state - 1);
  pb_buffer_add_char(w->out, '}');
  w->first = outer;
  return true;
}

/* Whether the value can be copied, as an assignment requires: no table contains itself or is empty but for
 * its metatable. */
static bool can_be_copied(lua_State *L, int index, const pb_schema *schema, pb_buffer *message) {
  const char *problem = pb_flatten_copy(L, index, schema);
  if (problem) pb_buffer_add_text(message, problem);
  else lua_pop(L, 1);
  return !problem;
}

/* Whether the table at the top is still valid for the field: a script may have changed it in place since
 * it was assigned or read. Pops it if so. */
static bool check_again(lua_State *L, int internals, const pb_text *name, const pb_schema *schema,
                        pb_check *check) {
  pb_check within;
  pb_check_start(&within, "", 0);
  within.from_vendor = true;
  bool good = lua_type(L, -1) != LUA_TTABLE || (can_be_copied(L, -1, schema, &within.message) &&
                                                pb_check_value(L, -1, schema, &within));
  lua_pop(L, 1);
  if (good) return true;
  /* Only a bad table needs the path. */
  pb_check_start(check, "", 0);
  pb_node_add_path(L, internals, &check->path);
  pb_check_enter(check, name->bytes, name->length);
  pb_check_enter_path(check, within.path.data, within.path.length);
  pb_buffer_add(&check->message, within.message.data, within.message.length);
  return false;
}

/* Whether all members of the table at the top can be copied. If not, `check` names the first bad one by
 * name. */
static bool names_values(lua_State *L, pb_check *check) {
  pb_text name, first = {.bytes = NULL};
  int members = lua_gettop(L), anchor = members + 1, key = members + 2, value = members + 3;
  lua_pushnil(L); /* keeps the string that `first` points to: a finalizer may remove the member */
  for (lua_pushnil(L); lua_next(L, members); lua_settop(L, key)) {
    const char *problem = pb_flatten_copy(L, value, NULL);
    name.bytes = lua_tolstring(L, key, &name.length);
    if (!problem || (first.bytes && pb_text_compare(&name, &first) > 0)) continue;
    first = name;
    lua_pushvalue(L, key);
    lua_replace(L, anchor);
    pb_buffer_cut(&check->message, 0);
    pb_buffer_add_text(&check->message, problem);
  }
  if (first.bytes) pb_check_enter(check, first.bytes, first.length);
  lua_settop(L, members);
  return !first.bytes;
}

/* Checks the undescribed fields; `check` names the first bad one by name. */
static bool check_rest(lua_State *L, int internals, pb_check *check) {
  const pb_schema *schema = pb_node_type_of(L, internals)->schema;
  lua_rawgeti(L, internals, PB_SLOT_EXTRA);
  if (lua_type(L, -1) == LUA_TTABLE) {
    pb_schema rest = *schema; /* its undescribed members alone */
    rest.properties = NULL;
    rest.property_count = 0;
    rest.index = NULL;
    pb_check_start(check, "", 0);
    check->from_vendor = true;
    pb_node_add_path(L, internals, &check->path);
    if (!pb_check_members(L, -1, &rest, check) || !names_values(L, check)) return false;
  }
  lua_pop(L, 1);
  return true;
}

/* Checks the tables in a node that is not simple, and in those nested in it. */
static bool check_tables(lua_State *L, int internals, pb_check *check) {
  luaL_checkstack(L, 12, "record nested too deeply");
  const pb_schema *schema = pb_node_type_of(L, internals)->schema;
  bool shown = pb_rawgeti(L, internals, PB_SLOT_SHOWN) != LUA_TNIL;
  lua_pop(L, 1);
  /* Tables that no script was given are as they were when they were checked. */
  if (!shown && !pb_node_has_children(L, internals)) return check_rest(L, internals, check);
  for (int position = 1; position <= (int)schema->property_count; position++) {
    const pb_property *property = &schema->properties[position - 1];
    if (property->schema->scalar) continue;
    lua_rawgeti(L, internals, PB_SLOT_ASSIGNED + position);
    if (!check_again(L, internals, &property->name, property->schema, check)) return false;
    if (property->schema->type != PB_OBJECT || !pb_node_child(L, internals, position, false))
      continue;
    if (!check_tables(L, lua_gettop(L), check)) return false;
    lua_pop(L, 2);
  }
  return check_rest(L, internals, check);
}

/* payload(record, with_key, merged, leaves, mask, cache) -> text; or nil, problem, message
 *   with_key   the key is a member of the body
 *   merged     the known state with the assignments over it, instead of the assignments alone
 *   leaves     a nested change alone, instead of the whole object around it
 *   mask       secrets as "***"
 *   cache      the payload is about to be sent: caches it for `apply_cached`, and also returns the record's key,
 *              whether more than single values of the record itself are assigned, and the key's place (place.h)
 * problem: "nothing" (nothing is assigned), "incomplete" (the object around a nested change is unknown;
 * message is its path), "invalid" (a table was changed in place into something that the field cannot hold). */
int pb_record_payload(lua_State *L) {
  enum { NODE = 1, WITH_KEY, MERGED, LEAVES, MASK, CACHE, INTERNALS, BUFFER };
  lua_settop(L, CACHE);
  pb_record_check(L, NODE);
  bool with_key = lua_toboolean(L, WITH_KEY), merged = lua_toboolean(L, MERGED);
  char first[2048]; /* nearly every payload fits */
  pb_buffer out;
  pb_lua_buffer_owner owner;
  pb_lua_buffer_init(L, &out, &owner, first, sizeof first); /* BUFFER */
  if (!pb_node_changed(L, INTERNALS) && !merged) {
    lua_pushnil(L);
    lua_pushliteral(L, "nothing");
    return 2;
  }
  pb_serializer w; /* no initializer: it would clear the long message buffers too */
  w.L = L;
  w.out = &out;
  w.leaves = lua_toboolean(L, LEAVES);
  w.mask = lua_toboolean(L, MASK);
  w.checked = false;
  w.first = true;
  pb_check_start(&w.check, "", 0);
  bool simple = pb_node_is_simple(L, INTERNALS);
  if (simple || check_tables(L, INTERNALS, &w.check)) {
    if (!simple) pb_check_start(&w.check, "", 0);
    if (write_node(&w, INTERNALS, merged, with_key)) {
      lua_pushlstring(L, out.data, out.length);
      if (!lua_toboolean(L, CACHE)) return 1;
      pb_node_cache_payload(L, INTERNALS);
      lua_rawgeti(L, INTERNALS, PB_SLOT_KEY);
      lua_pushboolean(L, !simple);
      pb_record_push_place(L, lua_gettop(L) - 1);
      return 4;
    }
  }
  lua_settop(L, BUFFER);
  bool invalid = w.check.message.length > 0;
  lua_pushnil(L);
  lua_pushstring(L, invalid ? "invalid" : "incomplete");
  if (invalid) pb_check_push_message(L, &w.check);
  else lua_pushlstring(L, w.check.path.data, w.check.path.length);
  return 3;
}
