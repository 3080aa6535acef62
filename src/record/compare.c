/* Compares sent values with those that a response shows, field by field: for responses, confirm(), wait, diffs and
 * plans. */

#include "lua/buffer.h"
#include "record/copy.h"
#include "record/documented.h"
#include "record/node.h"
#include "record/reading.h"
#include "record/sameness.h"

/* The stack indices that the walk works on. */
enum { SCHEMA = 1, SENT, READ, UNSURE, KEY, CONFIRMED, DIFFERS, UNVERIFIABLE, BASE = UNVERIFIABLE };

/* ---- the walk over the fields ---- */

static int count_of(lua_State *L, int list) {
  return (int)lua_rawlen(L, list);
}

static void cut(lua_State *L, int list, int length) {
  for (int i = count_of(L, list); i > length; i--) {
    lua_pushnil(L);
    lua_rawseti(L, list, i);
  }
}

/* Appends the string at the top, which is popped, to a list. */
static void append(lua_State *L, int list) {
  lua_rawseti(L, list, count_of(L, list) + 1);
}

static void push_path(lua_State *L, const pb_buffer *path) {
  lua_pushlstring(L, path->data, path->length);
}

static void walk(lua_State *L, const pb_schema *schema, int sent, int read, pb_buffer *path);

static bool is_object(lua_State *L, int index) {
  return lua_type(L, index) == LUA_TTABLE && lua_rawlen(L, index) == 0;
}

/* An object of which all is the same, or nothing can be seen, is named as a whole. */
static void walk_object(lua_State *L, const pb_schema *schema, int sent, int read,
                        pb_buffer *path) {
  int confirmed = count_of(L, CONFIRMED), differs = count_of(L, DIFFERS);
  int unverifiable = count_of(L, UNVERIFIABLE);
  walk(L, schema, sent, read, path);
  if (count_of(L, DIFFERS) > differs) return;
  bool any = count_of(L, CONFIRMED) > confirmed, hidden = count_of(L, UNVERIFIABLE) > unverifiable;
  if (any && hidden) return;
  cut(L, CONFIRMED, confirmed);
  cut(L, UNVERIFIABLE, unverifiable);
  push_path(L, path);
  append(L, hidden ? UNVERIFIABLE : CONFIRMED);
}

/* Whether the field in which the value lies is known exactly. */
static bool is_sure(lua_State *L, const pb_buffer *path) {
  if (lua_type(L, UNSURE) != LUA_TTABLE) return true;
  const char *end = memchr(path->data, '.', path->length);
  lua_pushlstring(L, path->data, end ? (size_t)(end - path->data) : path->length);
  bool sure = pb_rawget(L, UNSURE) == LUA_TNIL;
  lua_pop(L, 1);
  return sure;
}

static bool holds_replacement(lua_State *L, int index) {
  if (lua_type(L, index) != LUA_TSTRING) return false;
  size_t length;
  const char *text = lua_tolstring(L, index, &length), *end = text + length;
  for (; (text = memchr(text, 0xEF, (size_t)(end - text))); text++)
    if (end - text >= 3 && memcmp(text, "\xEF\xBF\xBD", 3) == 0) return true;
  return false;
}

/* Pushes a value that a response shows, as a script sees it. */
static void push_documented(lua_State *L, int read, const pb_schema *schema) {
  pb_copying copying = {.values_left = PB_COPY_MAX_VALUES};
  const char *problem = pb_copy_plain(L, read, schema, 0, &copying);
  if (problem) luaL_error(L, "%s", problem);
  pb_document(L, schema);
}

/* The member whose value was sent is at the top; `name` is the stack index of its name. */
static void walk_member(lua_State *L, const pb_schema *schema, int name, int read,
                        pb_buffer *path) {
  luaL_checkstack(L, 14, "value nested too deeply");
  int sent = lua_gettop(L);
  size_t length, outer = path->length;
  const char *text = lua_tolstring(L, name, &length);
  bool secret;
  const pb_schema *rule = pb_member_rule(L, schema, name, &secret);
  if (path->length > 0) pb_buffer_add_char(path, '.');
  pb_buffer_add(path, text, length);
  lua_pushnil(L);
  if (lua_type(L, read) == LUA_TTABLE) {
    lua_pushvalue(L, name);
    lua_rawget(L, read);
    lua_replace(L, sent + 1);
  }
  bool nested = rule && rule->type == PB_OBJECT && is_object(L, sent) && is_object(L, sent + 1) &&
                !pb_is_empty_value(L, sent);
  if (nested && pb_is_comparable(L, rule, sent, sent + 1)) {
    walk_object(L, rule, sent, sent + 1, path);
  } else {
    pb_sameness found = pb_same_member(L, rule, secret, sent, sent + 1);
    bool unseen = found == PB_SAME && lua_isnil(L, sent + 1);
    if (((found == PB_DIFFERENT && holds_replacement(L, sent + 1)) || unseen) && !is_sure(L, path))
      found = PB_NOT_COMPARABLE;
    if (found == PB_DIFFERENT) {
      bool hidden = secret || (rule && rule->unnamed_secret);
      lua_createtable(L, 0, hidden ? 4 : 3);
      push_path(L, path);
      lua_setfield(L, -2, "field");
      push_documented(L, sent + 1, rule);
      lua_setfield(L, -2, "from");
      lua_pushvalue(L, sent);
      lua_setfield(L, -2, "to");
      if (hidden) {
        lua_pushboolean(L, 1);
        lua_setfield(L, -2, "secret");
      }
    } else {
      push_path(L, path);
    }
    append(L, found == PB_DIFFERENT ? DIFFERS : found == PB_SAME ? CONFIRMED : UNVERIFIABLE);
  }
  path->length = outer;
  lua_settop(L, sent - 1);
}

/* Walks the member of `sent` that is the property, if there is one. */
static void walk_property(lua_State *L, const pb_schema *schema, const pb_property *property,
                          int sent, int read, pb_buffer *path) {
  int top = lua_gettop(L);
  lua_pushlstring(L, property->name.bytes, property->name.length);
  bool key = path->length == 0 && lua_rawequal(L, top + 1, KEY);
  lua_pushvalue(L, top + 1);
  if (!key && pb_rawget(L, sent) != LUA_TNIL) walk_member(L, schema, top + 1, read, path);
  lua_settop(L, top);
}

/* Up to this many sent members are sorted, instead of looking for each property of the description among them. */
enum { FEW = 16 };

/* Writes the described members of `sent` to `found` in the order of the description; there is room for FEW.
 * Returns how many there are, or more than FEW. `*others`: whether there are others. */
static int described_members(lua_State *L, const pb_schema *schema, int sent,
                             const pb_property *found[FEW], bool *others) {
  int count = 0, top = lua_gettop(L);
  *others = false;
  for (lua_pushnil(L); lua_next(L, sent); lua_settop(L, top + 1)) {
    size_t length;
    if (lua_type(L, top + 1) != LUA_TSTRING) continue;
    const char *name = lua_tolstring(L, top + 1, &length);
    const pb_property *property = pb_schema_find(schema, name, length);
    if (!property) {
      *others = true;
    } else if (count >= FEW) {
      count = FEW + 1;
    } else {
      int i = count++;
      for (; i > 0 && found[i - 1] > property; i--) found[i] = found[i - 1];
      found[i] = property;
    }
  }
  lua_settop(L, top);
  return count;
}

/* In the order of the description; members that are not described come behind, by name. */
static void walk(lua_State *L, const pb_schema *schema, int sent, int read, pb_buffer *path) {
  int top = lua_gettop(L);
  const pb_property *found[FEW];
  bool others;
  luaL_checkstack(L, 14, "value nested too deeply");
  int described = described_members(L, schema, sent, found, &others);
  if (described <= FEW) {
    for (int i = 0; i < described; i++) walk_property(L, schema, found[i], sent, read, path);
  } else {
    for (size_t i = 0; i < schema->property_count; i++)
      walk_property(L, schema, &schema->properties[i], sent, read, path);
  }
  if (!others) return;
  lua_newtable(L);
  int names = top + 1, count = 0;
  for (lua_pushnil(L); lua_next(L, sent); lua_settop(L, names + 1)) {
    size_t length;
    if (lua_type(L, names + 1) != LUA_TSTRING) continue;
    const char *name = lua_tolstring(L, names + 1, &length);
    if (pb_schema_find(schema, name, length)) continue;
    lua_pushvalue(L, names + 1);
    lua_rawseti(L, names, ++count);
  }
  lua_settop(L, names);
  /* There are few of them, and nearly always none. */
  for (int done = 0; done < count; done++) {
    int first = 0;
    pb_text least = {.bytes = NULL}, name;
    for (int i = 1; i <= count; i++, lua_settop(L, names)) {
      if (pb_rawgeti(L, names, i) != LUA_TSTRING) continue;
      name.bytes = lua_tolstring(L, -1, &name.length);
      if (first && pb_text_compare(&name, &least) > 0) continue;
      first = i;
      least = name;
    }
    lua_rawgeti(L, names, first);
    lua_pushboolean(L, 0);
    lua_rawseti(L, names, first);
    lua_pushvalue(L, names + 1);
    lua_rawget(L, sent);
    walk_member(L, schema, names + 1, read, path);
    lua_settop(L, names);
  }
  lua_settop(L, top);
}

/* compare(schema, sent, read, unsure, key) -> confirmed, differs, unverifiable
 *   sent    the values that were sent, a plain table by field
 *   read    the values that a response shows, as `reading` leaves them
 *   unsure  see `reading`; or nil
 *   key     the name of a field that is not compared; or nil
 * confirmed and unverifiable are lists of fields, with a path for a part of one: "a.b"; differs is a list of
 * { field, from, to, secret }: what is shown, what was sent, and true for a secret, which is in clear. All are in the
 * order of the description. */
int pb_record_compare(lua_State *L) {
  const pb_schema *schema = pb_lua_check_schema(L, SCHEMA);
  luaL_checktype(L, SENT, LUA_TTABLE);
  luaL_checktype(L, READ, LUA_TTABLE);
  lua_settop(L, KEY);
  /* There is room for what most changes of a record differ in: a list that grows is moved each time. */
  for (int list = CONFIRMED; list <= UNVERIFIABLE; list++)
    lua_createtable(L, list == DIFFERS ? 2 : 0, 0);
  char first[512];
  pb_buffer path;
  pb_lua_buffer_owner owner;
  pb_lua_buffer_init(L, &path, &owner, first, sizeof first);
  walk(L, schema, SENT, READ, &path);
  lua_settop(L, UNVERIFIABLE);
  return 3;
}

/* documented(schema, name, value) -> the value, a response's, in the form that the description documents for the
 * member `name` of the object; a table is changed in place */
int pb_record_documented(lua_State *L) {
  const pb_schema *schema = pb_lua_check_schema(L, 1);
  luaL_checkstring(L, 2);
  lua_settop(L, 3);
  bool secret;
  pb_document(L, pb_member_rule(L, schema, 2, &secret));
  return 1;
}

/* same(schema, name, a, b) -> whether two values of the member `name` of an object mean the same */
int pb_record_same(lua_State *L) {
  const pb_schema *schema = pb_lua_check_schema(L, 1);
  luaL_checkstring(L, 2);
  luaL_checkany(L, 4);
  lua_settop(L, 4);
  bool secret;
  const pb_schema *rule = pb_member_rule(L, schema, 2, &secret);
  lua_pushboolean(L, pb_same_value(L, rule, secret, 3, 4) == PB_SAME);
  return 1;
}

/* judge(node, name, assigned, known) -> whether assigning the value changes the member `name` of a record or of an
 * object in it, where `known`, in the vendor's form, is there: true or false; nil if they cannot be compared.
 * `known` may be nil. */
int pb_record_judge(lua_State *L) {
  enum { NODE = 1, NAME, ASSIGNED, KNOWN, INTERNALS };
  luaL_checkstring(L, NAME);
  luaL_checkany(L, ASSIGNED);
  lua_settop(L, KNOWN);
  pb_record_check(L, NODE);
  bool secret;
  const pb_schema *rule = pb_member_rule(L, pb_node_type_of(L, INTERNALS)->schema, NAME, &secret);
  pb_sameness found = pb_same_replaced(L, rule, secret, ASSIGNED, KNOWN);
  if (found == PB_NOT_COMPARABLE) lua_pushnil(L);
  else lua_pushboolean(L, found == PB_DIFFERENT);
  return 1;
}
