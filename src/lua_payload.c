/* What a record sends: its assignments as JSON, in the order of the description, so that the same
 * change always gives the same bytes. */

#include "lua_record.h"

#include <stdlib.h>

#include "json_writer.h"
#include "lua_buffer.h"
#include "lua_json.h"

/* What stands in the place of a secret where a person may read the payload. */
#define MASK "***"

typedef struct {
  lua_State *L;
  pb_buffer *out;
  bool mask;    /* secrets as MASK */
  bool leaves;  /* a nested change alone, without the object around it */
  bool checked; /* what is written has just been checked: its tables are what the schema says */
  bool first;   /* no member of the present object has been written */
  pb_check check;
  const char *problem; /* why writing stopped: "incomplete" or "invalid" */
} writer;

static bool fail(writer *w, const char *problem) {
  w->problem = problem;
  return false;
}

/* Writes the property's name, which stands in the schema with a comma before it. */
static inline void write_name(writer *w, const pb_property *property) {
  pb_buffer_add(w->out, property->wire.bytes + w->first, property->wire.length - w->first);
  w->first = false;
}

static int by_name(const void *a, const void *b) {
  const pb_text *one = a, *other = b;
  size_t shorter = one->length < other->length ? one->length : other->length;
  int order = memcmp(one->bytes, other->bytes, shorter);
  return order ? order : (one->length > other->length) - (one->length < other->length);
}

/* The names in the table at `index` that the schema does not describe, sorted; the table keeps them
 * alive. Pushes the userdata that holds the array, or nil when there are none. */
static pb_text *push_rest(lua_State *L, int index, const pb_schema *schema, size_t *count) {
  size_t length, members = 0;
  const char *name;
  for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
    if (lua_type(L, -2) != LUA_TSTRING) continue;
    name = lua_tolstring(L, -2, &length);
    members += !pb_schema_find(schema, name, length);
  }
  *count = 0;
  if (members == 0) {
    lua_pushnil(L);
    return NULL;
  }
  pb_text *rest = lua_newuserdatauv(L, members * sizeof *rest, 0);
  for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
    if (lua_type(L, -2) != LUA_TSTRING) continue;
    name = lua_tolstring(L, -2, &length);
    if (*count < members && !pb_schema_find(schema, name, length))
      rest[(*count)++] = (pb_text){name, length};
  }
  qsort(rest, *count, sizeof *rest, by_name);
  return rest;
}

static bool write_top(writer *w, int type, const pb_schema *schema);

/* The members of the plain table at `index` that the schema does not describe and that `hidden` (the
 * index of a table, or 0) does not have. */
static bool write_rest(writer *w, int index, const pb_schema *schema, int hidden) {
  lua_State *L = w->L;
  if (lua_type(L, index) != LUA_TTABLE) return true;
  size_t count;
  const pb_text *rest = push_rest(L, index, schema, &count);
  for (size_t i = 0; i < count; i++) {
    lua_pushlstring(L, rest[i].bytes, rest[i].length);
    if (hidden) {
      lua_pushvalue(L, -1);
      lua_rawget(L, hidden);
      bool skip = !lua_isnil(L, -1);
      lua_pop(L, 1);
      if (skip) {
        lua_pop(L, 1);
        continue;
      }
    }
    int type = pb_rawget(L, index);
    if (!w->first) pb_buffer_add_char(w->out, ',');
    w->first = false;
    if (pb_json_write_string(w->out, rest[i].bytes, rest[i].length) != PB_JSON_WRITTEN)
      return fail(w, "invalid");
    pb_buffer_add_char(w->out, ':');
    if (!write_top(w, type, schema->additional)) return false;
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  return true;
}

static bool write_object(writer *w, int index, const pb_schema *schema) {
  lua_State *L = w->L;
  bool outer = w->first;
  w->first = true;
  pb_buffer_add_char(w->out, '{');
  for (size_t i = 0; i < schema->property_count; i++) {
    const pb_property *property = &schema->properties[i];
    lua_pushlstring(L, property->name.bytes, property->name.length);
    int type = pb_rawget(L, index);
    if (type != LUA_TNIL) {
      write_name(w, property);
      if (!write_top(w, type, property->schema)) return false;
    }
    lua_pop(L, 1);
  }
  if ((!w->checked || schema->open) && !write_rest(w, index, schema, 0)) return false;
  pb_buffer_add_char(w->out, '}');
  w->first = outer;
  return true;
}

static bool write_list(writer *w, int index, const pb_schema *schema, size_t length) {
  pb_buffer_add_char(w->out, '[');
  for (size_t i = 1; i <= length; i++) {
    if (i > 1) pb_buffer_add_char(w->out, ',');
    int type = pb_rawgeti(w->L, index, (int)i);
    if (!write_top(w, type, schema->items)) return false;
    lua_pop(w->L, 1);
  }
  pb_buffer_add_char(w->out, ']');
  return true;
}

/* Writes the plain value at the top, which has the Lua type `type`; `schema` may be null. */
static bool write_top(writer *w, int type, const pb_schema *schema) {
  lua_State *L = w->L;
  if (w->mask && schema && schema->secret && type != LUA_TLIGHTUSERDATA)
    return pb_buffer_add_text(w->out, "\"" MASK "\"");
  if (type == LUA_TSTRING) {
    size_t length;
    const char *text = lua_tolstring(L, -1, &length);
    if (pb_json_write_string(w->out, text, length) == PB_JSON_WRITTEN) return true;
  } else if (type == LUA_TBOOLEAN) {
    return lua_toboolean(L, -1) ? pb_buffer_add(w->out, "true", 4)
                                : pb_buffer_add(w->out, "false", 5);
#if PB_INTEGERS
  } else if (type == LUA_TNUMBER && lua_isinteger(L, -1)) {
    return pb_json_write_integer(w->out, lua_tointeger(L, -1));
#endif
  } else if (type == LUA_TTABLE && schema) {
    luaL_checkstack(L, 12, "value nested too deeply");
    size_t length;
    int index = lua_gettop(L);
    bool list = schema->type == PB_ARRAY, object = schema->type == PB_OBJECT;
    if (!w->checked) {
      pb_table_kind kind = pb_table_kind_of(L, index, &length);
      list = list && (kind == PB_TABLE_ARRAY || kind == PB_TABLE_EMPTY);
      object = object && (kind == PB_TABLE_OBJECT || kind == PB_TABLE_EMPTY);
    } else {
      length = list ? lua_rawlen(L, index) : 0;
    }
    if (list) return write_list(w, index, schema, length);
    if (object) return write_object(w, index, schema);
  }
  pb_json_write_error error;
  if (pb_lua_json_write(L, -1, w->out, &error)) return true;
  pb_buffer_add_text(&w->check.message, error.message);
  return fail(w, "invalid");
}

static bool write_node(writer *w, int node, int internals, bool merged, bool with_key);

/* Whether the state knows what the nested object at `position` holds; null counts as known. */
static bool base_known(lua_State *L, int node, int internals, const pb_property *property) {
  pb_node_push_state(L, node, internals);
  bool known = false;
  if (lua_type(L, -1) == LUA_TTABLE) {
    lua_pushlstring(L, property->name.bytes, property->name.length);
    lua_rawget(L, -2);
    known = lua_type(L, -1) == LUA_TTABLE || lua_type(L, -1) == LUA_TLIGHTUSERDATA;
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  return known;
}

/* Writes the nested object at `position` if anything in it is assigned; `*written` says so. */
static bool write_nested(writer *w, int node, int internals, int position, bool merged,
                         bool *written) {
  lua_State *L = w->L;
  const pb_property *property = &pb_node_type_of(L, internals)->schema->properties[position - 1];
  *written = false;
  if (!pb_node_child(L, node, internals, position, false)) return true;
  lua_rawgeti(L, internals, PB_SLOT_CHILDREN);
  lua_rawgeti(L, -1, position);
  lua_replace(L, -2); /* the child's internals, the child */
  int child = lua_gettop(L);
  if (pb_node_changed(L, child, child - 1)) {
    *written = true;
    pb_node_mode mode = pb_node_mode_of(L, child - 1);
    write_name(w, property);
    if (mode == PB_MODE_NULL) {
      pb_buffer_add_text(w->out, "null");
    } else {
      bool whole = mode == PB_MODE_WHOLE || pb_node_mode_of(L, internals) == PB_MODE_WHOLE;
      bool overlay = merged || (!whole && !w->leaves);
      if (overlay && !merged && !base_known(L, node, internals, property)) {
        pb_node_add_path(L, child, &w->check.path);
        return fail(w, "incomplete");
      }
      if (!write_node(w, child, child - 1, overlay, false)) return false;
    }
  }
  lua_pop(L, 2);
  return true;
}

static bool write_node(writer *w, int node, int internals, bool merged, bool with_key) {
  lua_State *L = w->L;
  luaL_checkstack(L, 12, "record nested too deeply");
  const pb_node_type *type = pb_node_type_of(L, internals);
  const pb_schema *schema = type->schema;
  const bool outer = w->first, checked = w->checked;
  w->first = true;
  w->checked = !merged; /* nobody has looked at the answers' values */
  pb_buffer_add_char(w->out, '{');
  int state = 0;
  if (merged) {
    pb_node_push_state(L, node, internals);
    state = lua_gettop(L);
  }
  for (int position = 1; position <= (int)schema->property_count; position++) {
    const pb_property *property = &schema->properties[position - 1];
    bool key = position == type->key_position;
    if (key && !with_key) continue;
    int got = pb_rawgeti(L, internals, key ? PB_SLOT_KEY : PB_SLOT_ASSIGNED + position);
    if (got == LUA_TNIL && property->schema->type == PB_OBJECT) {
      bool written;
      if (!write_nested(w, node, internals, position, merged, &written)) return false;
      if (written) {
        lua_pop(L, 1);
        continue;
      }
    }
    if (got == LUA_TNIL && merged && !property->schema->read_only &&
        lua_type(L, state) == LUA_TTABLE) {
      lua_pop(L, 1);
      lua_pushlstring(L, property->name.bytes, property->name.length);
      got = pb_rawget(L, state);
    }
    if (got != LUA_TNIL) {
      write_name(w, property);
      if (!write_top(w, got, property->schema)) {
        if (w->check.path.length == 0) pb_node_add_path(L, node, &w->check.path);
        pb_check_enter(&w->check, property->name.bytes, property->name.length);
        return false;
      }
    }
    lua_pop(L, 1);
  }
  w->checked = false; /* nor at what stands in fields without a description, since then */
  lua_rawgeti(L, internals, PB_SLOT_EXTRA);
  int extra = lua_gettop(L);
  if (merged && !write_rest(w, state, schema, lua_type(L, extra) == LUA_TTABLE ? extra : 0))
    return false;
  if (!write_rest(w, extra, schema, 0)) return false;
  lua_pop(L, merged ? 2 : 1);
  pb_buffer_add_char(w->out, '}');
  w->first = outer;
  w->checked = checked;
  return true;
}

/* Lists may have been changed in place since they were assigned: looks at them again. */
static bool check_lists(lua_State *L, int node, int internals, pb_check *check) {
  const pb_schema *schema = pb_node_type_of(L, internals)->schema;
  for (int position = 1; position <= (int)schema->property_count; position++) {
    const pb_property *property = &schema->properties[position - 1];
    if (property->schema->scalar) continue;
    if (pb_rawgeti(L, internals, PB_SLOT_ASSIGNED + position) == LUA_TTABLE) {
      pb_check_start(check, "", 0);
      pb_node_add_path(L, node, &check->path);
      pb_check_enter(check, property->name.bytes, property->name.length);
      if (!pb_check_value(L, -1, property->schema, check)) return false;
    }
    lua_pop(L, 1);
    if (property->schema->type == PB_OBJECT && pb_node_child(L, node, internals, position, false)) {
      lua_rawgeti(L, internals, PB_SLOT_CHILDREN);
      lua_rawgeti(L, -1, position);
      lua_replace(L, -2);
      if (!check_lists(L, lua_gettop(L), lua_gettop(L) - 1, check)) return false;
      lua_pop(L, 2);
    }
  }
  return true;
}

/* payload(record, with_key, merged, leaves, mask) -> text; or nil, problem, message
 *   with_key   the key is a member of the body
 *   merged     everything known, the assignments over it, instead of the assignments alone
 *   leaves     a nested change alone, instead of the whole object it lies in
 *   mask       secrets as "***"
 * problem: "nothing" (nothing is assigned), "incomplete" (a nested change, and what surrounds it is
 * not known; message is the object's path), "invalid" (a list was changed in place into something
 * that the field cannot hold). */
int pb_record_payload(lua_State *L) {
  lua_settop(L, 5);
  pb_record_check(L, 1);
  bool with_key = lua_toboolean(L, 2), merged = lua_toboolean(L, 3);
  char first[2048]; /* what nearly every payload fits in */
  pb_buffer out;
  pb_lua_buffer_owner owner;
  pb_lua_buffer_init(L, &out, &owner, first, sizeof first);
  if (!pb_node_changed(L, 1, 6) && !merged) {
    lua_pushnil(L);
    lua_pushliteral(L, "nothing");
    return 2;
  }
  writer w = {.L = L,
              .out = &out,
              .leaves = lua_toboolean(L, 4),
              .mask = lua_toboolean(L, 5),
              .first = true};
  if (!check_lists(L, 1, 6, &w.check)) {
    w.problem = "invalid";
  } else {
    pb_check_start(&w.check, "", 0);
    if (write_node(&w, 1, 6, merged, with_key)) {
      lua_pushlstring(L, out.data, out.length);
      return 1;
    }
  }
  lua_pushnil(L);
  lua_pushstring(L, w.problem);
  if (w.check.message.length > 0) pb_check_push_message(L, &w.check);
  else lua_pushlstring(L, w.check.path.data, w.check.path.length);
  return 3;
}
