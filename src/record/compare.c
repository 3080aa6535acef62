/* Compares sent values with those that a response shows: for responses, confirm(), wait, diffs and plans. */

#include "base/decimal.h"
#include "lua/buffer.h"
#include "lua/check.h"
#include "lua/number.h"
#include "lua/union.h"
#include "record/copy.h"
#include "record/documented.h"
#include "record/reading.h"
#include "schema/same.h"
#include "json/writer.h"

typedef enum {
  SAME,
  DIFFERENT,
  UNKNOWN /* it is not shown, or not so that it can be compared */
} verdict;

/* The stack indices that the walk works on. */
enum { SCHEMA = 1, SENT, READ, UNSURE, KEY, CONFIRMED, DIFFERS, UNVERIFIABLE, BASE = UNVERIFIABLE };

static bool is_null(lua_State *L, int index) {
  return lua_type(L, index) == LUA_TLIGHTUSERDATA;
}

/* Whether it is null, "", [] or {}: what a cleared field holds, whichever of them is sent. */
static bool is_empty(lua_State *L, int index) {
  int type = lua_type(L, index);
  if (type == LUA_TSTRING) return lua_rawlen(L, index) == 0;
  if (type != LUA_TTABLE) return type == LUA_TLIGHTUSERDATA;
  lua_pushnil(L);
  if (!lua_next(L, index)) return true;
  lua_pop(L, 2);
  return false;
}

/* The number at `index`; of a text the one that it says, as JSON writes it. */
static bool number_at(lua_State *L, int index, pb_number *number) {
  if (lua_type(L, index) != LUA_TSTRING) return pb_lua_number_at(L, index, number);
  size_t length;
  const char *bytes = lua_tolstring(L, index, &length), *expected = NULL;
  pb_text text = pb_trimmed(bytes, length);
  const char *end = text.bytes + text.length;
  if (text.length == 0 || pb_decimal_end(text.bytes, end, &expected) != end || expected)
    return false;
  *number = pb_number_of_digits(text.bytes, text.length);
  return true;
}

static int boolean_at(lua_State *L, int index) {
  size_t length;
  if (lua_type(L, index) == LUA_TBOOLEAN) return lua_toboolean(L, index);
  if (lua_type(L, index) == LUA_TSTRING) {
    const char *text = lua_tolstring(L, index, &length);
    return pb_boolean_in_text(text, length);
  }
  if (lua_type(L, index) != LUA_TNUMBER) return -1;
  lua_Number number = lua_tonumber(L, index);
  return number == 1 ? 1 : number == 0 ? 0 : -1;
}

/* Whether the digits of the number at `number` are the text: of "5061" answered as 5061. */
static bool spells(lua_State *L, const pb_schema *schema, int text, int number) {
  pb_number value;
  char room[64];
  pb_buffer digits;
  if (!pb_lua_number_at(L, number, &value)) return false;
  pb_buffer_init_fixed(&digits, room, sizeof room);
  if (value.digits) pb_buffer_add(&digits, value.digits, value.length);
  else if (value.whole) pb_number_write_integer(&digits, value.integer);
  else return false;
  size_t length;
  const char *bytes = lua_tolstring(L, text, &length);
  if (schema && schema->phone)
    return pb_same_text(schema, bytes, length, digits.data, digits.length);
  pb_text trimmed = pb_trimmed(bytes, length);
  return trimmed.length == digits.length && memcmp(trimmed.bytes, digits.data, digits.length) == 0;
}

/* Both are no tables. */
static bool is_same_scalar(lua_State *L, const pb_schema *schema, int sent, int read) {
  if (lua_rawequal(L, sent, read)) return true;
  int type = lua_type(L, sent);
  if (schema && schema->type == PB_BOOLEAN) type = LUA_TBOOLEAN;
  if (type == LUA_TBOOLEAN) {
    int value = boolean_at(L, sent);
    return value >= 0 && value == boolean_at(L, read);
  }
  pb_number a, b;
  bool numeric = schema && (schema->type == PB_INTEGER || schema->type == PB_NUMBER);
  if (schema && schema->type == PB_STRING && type != LUA_TSTRING &&
      lua_type(L, read) == LUA_TSTRING)
    return spells(L, schema, read, sent);
  if (numeric || type != LUA_TSTRING)
    return number_at(L, sent, &a) && number_at(L, read, &b) && pb_number_compare(&a, &b) == 0;
  if (lua_type(L, read) != LUA_TSTRING) return spells(L, schema, sent, read);
  size_t sent_length, read_length;
  const char *sent_text = lua_tolstring(L, sent, &sent_length);
  const char *read_text = lua_tolstring(L, read, &read_length);
  return pb_same_text(schema, sent_text, sent_length, read_text, read_length);
}

static verdict compare(lua_State *L, const pb_schema *schema, bool secret, int sent, int read);

/* Of two verdicts about parts of a value, that about the whole. */
static verdict joined(verdict a, verdict b) {
  return a == DIFFERENT || b == DIFFERENT ? DIFFERENT : a == SAME ? b : a;
}

static verdict compare_items(lua_State *L, const pb_schema *schema, int sent, int read) {
  const pb_schema *items = schema && schema->type == PB_ARRAY ? schema->items : NULL;
  int length = (int)lua_rawlen(L, sent);
  if ((size_t)length != lua_rawlen(L, read)) return DIFFERENT;
  bool secret = items ? items->secret : schema && schema->secret;
  bool unordered = schema && schema->unordered;
  verdict whole = SAME;
  int top = lua_gettop(L);
  lua_newtable(
      L); /* the positions in `read` that have been found, where the order does not count */
  for (int i = 1; i <= length; i++) {
    lua_rawgeti(L, sent, i);
    verdict best = DIFFERENT;
    int found = 0;
    for (int j = 0; j < (unordered ? length : 1) && best != SAME; j++) {
      int position = (i + j - 1) % length + 1; /* where nothing was moved, the first is the one */
      bool taken = unordered && pb_rawgeti(L, top + 1, position) != LUA_TNIL;
      lua_settop(L, top + 2);
      if (taken) continue;
      lua_rawgeti(L, read, position);
      verdict one = compare(L, items, secret, top + 2, top + 3);
      lua_settop(L, top + 2);
      if (one == DIFFERENT) continue;
      best = one;
      found = position;
    }
    if (found && unordered) {
      lua_pushboolean(L, 1);
      lua_rawseti(L, top + 1, found);
    }
    lua_settop(L, top + 1);
    whole = joined(whole, best);
    if (whole == DIFFERENT) break;
  }
  lua_settop(L, top);
  return whole;
}

/* Whether the description lets a member be compared at all. `sent` and `read` are stack indices. */
static bool is_comparable(lua_State *L, const pb_schema *schema, int sent, int read) {
  if (!schema) return true;
  if (schema->echo == PB_ECHO_OTHER || schema->reliability == PB_UNRELIABLE) return false;
  if (schema->echo == PB_ECHO_EMPTY && (lua_isnil(L, read) || is_empty(L, read))) return false;
  if (pb_is_withheld(schema) && is_empty(L, read)) return false;
  return !(schema->reliability == PB_UNRELIABLE_NULL && is_null(L, sent) && !is_empty(L, read) &&
           !lua_isnil(L, read));
}

/* Compares a member of an object; `read` may be nil. */
static verdict compare_member(lua_State *L, const pb_schema *schema, bool secret, int sent,
                              int read) {
  if (!is_comparable(L, schema, sent, read)) return UNKNOWN;
  if (lua_isnil(L, read)) {
    bool shown = !schema || schema->echo != PB_ECHO_NONE;
    return shown && is_empty(L, sent) ? SAME : UNKNOWN;
  }
  verdict found = compare(L, schema, secret, sent, read);
  if (found == DIFFERENT && schema && schema->reliability == PB_UNRELIABLE_FORM &&
      !is_null(L, read)) {
    pb_check check;
    pb_check_start(&check, "", 0);
    if (!pb_check_value(L, read, schema, &check)) return UNKNOWN;
  }
  return found;
}

/* The rule for a member, whose name is at `name`, of an object; and whether it is a secret. */
static const pb_schema *rule_of(lua_State *L, const pb_schema *schema, int name, bool *secret) {
  size_t length;
  const char *text = lua_tolstring(L, name, &length);
  const pb_property *property =
      schema && schema->type == PB_OBJECT ? pb_schema_find(schema, text, length) : NULL;
  const pb_schema *rule = property ? property->schema : schema ? schema->additional : NULL;
  *secret = (rule && rule->secret) || (!property && pb_names_secret(text, length));
  return rule;
}

/* Objects within lists: what the response shows may have more members. */
static verdict compare_members(lua_State *L, const pb_schema *schema, int sent, int read) {
  verdict whole = SAME;
  int name = lua_gettop(L) + 1;
  for (lua_pushnil(L); lua_next(L, sent) && whole != DIFFERENT; lua_settop(L, name)) {
    bool secret = false;
    const pb_schema *rule =
        lua_type(L, name) == LUA_TSTRING ? rule_of(L, schema, name, &secret) : NULL;
    lua_pushvalue(L, name);
    lua_rawget(L, read);
    whole = joined(whole, compare_member(L, rule, secret, name + 1, name + 2));
  }
  lua_settop(L, name - 1);
  return whole;
}

static verdict compare(lua_State *L, const pb_schema *schema, bool secret, int sent, int read) {
  luaL_checkstack(L, 12, "value nested too deeply");
  schema = pb_schema_for(L, sent, schema);
  bool tables = lua_type(L, sent) == LUA_TTABLE && lua_type(L, read) == LUA_TTABLE;
  if (is_empty(L, sent) && is_empty(L, read)) return SAME;
  if (tables) {
    bool list = lua_rawlen(L, sent) > 0;
    if (list != (lua_rawlen(L, read) > 0)) return DIFFERENT;
    return list ? compare_items(L, schema, sent, read) : compare_members(L, schema, sent, read);
  }
  if (lua_type(L, sent) == LUA_TTABLE || lua_type(L, read) == LUA_TTABLE) return DIFFERENT;
  if (is_same_scalar(L, schema, sent, read)) return SAME;
  if (lua_type(L, read) != LUA_TSTRING) return DIFFERENT;
  size_t length;
  const char *text = lua_tolstring(L, read, &length);
  return pb_is_mask(text, length, secret) ? UNKNOWN : DIFFERENT;
}

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

/* Pushes what a script sees of a value that a response shows. */
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
  const pb_schema *rule = rule_of(L, schema, name, &secret);
  if (path->length > 0) pb_buffer_add_char(path, '.');
  pb_buffer_add(path, text, length);
  lua_pushnil(L);
  if (lua_type(L, read) == LUA_TTABLE) {
    lua_pushvalue(L, name);
    lua_rawget(L, read);
    lua_replace(L, sent + 1);
  }
  bool nested = rule && rule->type == PB_OBJECT && is_object(L, sent) && is_object(L, sent + 1) &&
                !is_empty(L, sent);
  if (nested && is_comparable(L, rule, sent, sent + 1)) {
    walk_object(L, rule, sent, sent + 1, path);
  } else {
    verdict found = compare_member(L, rule, secret, sent, sent + 1);
    bool unseen = found == SAME && lua_isnil(L, sent + 1);
    if (((found == DIFFERENT && holds_replacement(L, sent + 1)) || unseen) && !is_sure(L, path))
      found = UNKNOWN;
    if (found == DIFFERENT) {
      lua_createtable(L, 0, 4);
      push_path(L, path);
      lua_setfield(L, -2, "field");
      lua_pushvalue(L, sent);
      lua_setfield(L, -2, "sent");
      push_documented(L, sent + 1, rule);
      lua_setfield(L, -2, "read");
      lua_pushboolean(L, secret);
      lua_setfield(L, -2, "secret");
    } else {
      push_path(L, path);
    }
    append(L, found == DIFFERENT ? DIFFERS : found == SAME ? CONFIRMED : UNVERIFIABLE);
  }
  path->length = outer;
  lua_settop(L, sent - 1);
}

/* In the order of the description; what is not described comes behind, by name. */
static void walk(lua_State *L, const pb_schema *schema, int sent, int read, pb_buffer *path) {
  int top = lua_gettop(L);
  luaL_checkstack(L, 14, "value nested too deeply");
  for (size_t i = 0; i < schema->property_count; i++) {
    const pb_property *property = &schema->properties[i];
    lua_pushlstring(L, property->name.bytes, property->name.length);
    bool key = path->length == 0 && lua_rawequal(L, top + 1, KEY);
    lua_pushvalue(L, top + 1);
    if (!key && pb_rawget(L, sent) != LUA_TNIL) walk_member(L, schema, top + 1, read, path);
    lua_settop(L, top);
  }
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
 *   sent    what was sent, a plain table by field
 *   read    what a response shows, as `reading` leaves it
 *   unsure  see `reading`; or nil
 *   key     the name of a field that is not compared; or nil
 * confirmed and unverifiable are lists of fields, with a path for a part of one: "a.b"; differs is a list of
 * { field, sent, read, secret }, secrets in clear. All are in the order of the description. */
int pb_record_compare(lua_State *L) {
  const pb_schema *schema = pb_lua_check_schema(L, SCHEMA);
  luaL_checktype(L, SENT, LUA_TTABLE);
  luaL_checktype(L, READ, LUA_TTABLE);
  lua_settop(L, KEY);
  for (int list = CONFIRMED; list <= UNVERIFIABLE; list++) lua_newtable(L);
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
  pb_document(L, rule_of(L, schema, 2, &secret));
  return 1;
}

/* same(schema, name, a, b) -> whether two values of the member `name` of an object mean the same */
int pb_record_same(lua_State *L) {
  const pb_schema *schema = pb_lua_check_schema(L, 1);
  luaL_checkstring(L, 2);
  luaL_checkany(L, 4);
  lua_settop(L, 4);
  bool secret;
  const pb_schema *rule = rule_of(L, schema, 2, &secret);
  lua_pushboolean(L, compare(L, rule, secret, 3, 4) == SAME);
  return 1;
}
