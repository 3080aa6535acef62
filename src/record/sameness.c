/* Whether two values mean the same to a vendor. */

#include "record/sameness.h"

#include "base/decimal.h"
#include "lua/branch.h"
#include "lua/buffer.h"
#include "lua/check.h"
#include "lua/number.h"
#include "lua/union.h"
#include "record/copy.h"
#include "schema/same.h"
#include "json/writer.h"

static bool is_null(lua_State *L, int index) {
  return lua_type(L, index) == LUA_TLIGHTUSERDATA;
}

bool pb_is_empty_value(lua_State *L, int index) {
  int type = lua_type(L, index);
  if (type == LUA_TSTRING) return lua_rawlen(L, index) == 0;
  if (type != LUA_TTABLE) return type == LUA_TLIGHTUSERDATA;
  lua_pushnil(L);
  if (!lua_next(L, index)) return true;
  lua_pop(L, 2);
  return false;
}

/* Reads the number at `index`, or in the text there, as JSON writes numbers. Returns whether there is one. */
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

/* Reads a boolean, also out of a text or a number: 1, 0, or -1 for none. */
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

/* Whether the text consists of the digits of the number at `number`: vendors return "5061" as 5061. */
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

/* Compares two values of which neither is a table. */
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

/* The verdict on a whole value out of those on two parts of it. */
static pb_sameness joined(pb_sameness a, pb_sameness b) {
  return a == PB_DIFFERENT || b == PB_DIFFERENT ? PB_DIFFERENT : a == PB_SAME ? b : a;
}

static pb_sameness compare_items(lua_State *L, const pb_schema *schema, bool secret, int sent,
                                 int read) {
  const pb_schema *items = schema && schema->type == PB_ARRAY ? schema->items : NULL;
  int length = (int)lua_rawlen(L, sent);
  if ((size_t)length != lua_rawlen(L, read)) return PB_DIFFERENT;
  if (items ? items->secret : schema && schema->secret) secret = true;
  bool unordered = schema && schema->unordered;
  pb_sameness whole = PB_SAME;
  int top = lua_gettop(L);
  /* The positions in `read` that have been found, where the order does not count. */
  lua_newtable(L);
  for (int i = 1; i <= length; i++) {
    lua_rawgeti(L, sent, i);
    pb_sameness best = PB_DIFFERENT;
    int found = 0;
    for (int j = 0; j < (unordered ? length : 1) && best != PB_SAME; j++) {
      int position = (i + j - 1) % length + 1; /* where nothing was moved, the first is the one */
      bool taken = unordered && pb_rawgeti(L, top + 1, position) != LUA_TNIL;
      lua_settop(L, top + 2);
      if (taken) continue;
      lua_rawgeti(L, read, position);
      pb_sameness one = pb_same_value(L, items, secret, top + 2, top + 3);
      lua_settop(L, top + 2);
      if (one == PB_DIFFERENT) continue;
      best = one;
      found = position;
    }
    if (found && unordered) {
      lua_pushboolean(L, 1);
      lua_rawseti(L, top + 1, found);
    }
    lua_settop(L, top + 1);
    whole = joined(whole, best);
    if (whole == PB_DIFFERENT) break;
  }
  lua_settop(L, top);
  return whole;
}

bool pb_is_comparable(lua_State *L, const pb_schema *schema, int sent, int read) {
  if (!schema) return true;
  if (schema->echo == PB_ECHO_OTHER || schema->reliability == PB_UNRELIABLE) return false;
  if (schema->echo == PB_ECHO_EMPTY && (lua_isnil(L, read) || pb_is_empty_value(L, read)))
    return false;
  if (pb_is_withheld(schema) && pb_is_empty_value(L, read)) return false;
  return !(schema->reliability == PB_UNRELIABLE_NULL && is_null(L, sent) &&
           !pb_is_empty_value(L, read) && !lua_isnil(L, read));
}

pb_sameness pb_same_member(lua_State *L, const pb_schema *schema, bool secret, int sent, int read) {
  if (!pb_is_comparable(L, schema, sent, read)) return PB_NOT_COMPARABLE;
  if (lua_isnil(L, read)) {
    bool shown = !schema || schema->echo != PB_ECHO_NONE;
    return shown && pb_is_empty_value(L, sent) ? PB_SAME : PB_NOT_COMPARABLE;
  }
  pb_sameness found = pb_same_value(L, schema, secret, sent, read);
  if (found == PB_DIFFERENT && schema && schema->reliability == PB_UNRELIABLE_FORM &&
      !is_null(L, read)) {
    pb_check check;
    pb_check_start(&check, "", 0);
    if (!pb_check_value(L, read, schema, &check)) return PB_NOT_COMPARABLE;
  }
  return found;
}

const pb_schema *pb_member_rule(lua_State *L, const pb_schema *schema, int name, bool *secret) {
  size_t length;
  const char *text = lua_tolstring(L, name, &length);
  const pb_property *property =
      schema && schema->type == PB_OBJECT ? pb_schema_find(schema, text, length) : NULL;
  const pb_schema *rule = property ? property->schema : schema ? schema->additional : NULL;
  *secret = (rule && rule->secret) || (!property && pb_names_secret(text, length));
  return rule;
}

/* Compares objects within lists. The response may show more members than were sent. */
static pb_sameness compare_members(lua_State *L, const pb_schema *schema, bool secret, int sent,
                                   int read) {
  pb_sameness whole = PB_SAME;
  int name = lua_gettop(L) + 1;
  for (lua_pushnil(L); lua_next(L, sent) && whole != PB_DIFFERENT; lua_settop(L, name)) {
    bool is_secret = false;
    const pb_schema *rule =
        lua_type(L, name) == LUA_TSTRING ? pb_member_rule(L, schema, name, &is_secret) : NULL;
    lua_pushvalue(L, name);
    lua_rawget(L, read);
    whole = joined(whole, pb_same_member(L, rule, secret || is_secret, name + 1, name + 2));
  }
  lua_settop(L, name - 1);
  return whole;
}

/* Of unions in unions, to compare one value by. */
enum { MOST_BRANCHES = 1000 };

static bool obeys(lua_State *L, int index, const pb_schema *schema) {
  pb_check check;
  pb_check_start(&check, "", 0);
  check.nesting = 1; /* nobody reads the message */
  return pb_union_may_be(L, index, schema) && pb_check_value(L, index, schema, &check);
}

/* Whether two values, of which neither is a table, are the same by a branch that the sent one obeys: it may be a text of
 * an enumeration and also any text. `left`: the branches that may still be tried. */
static bool is_same_in_branch(lua_State *L, const pb_schema *schema, int sent, int read,
                              int *left) {
  if (schema->type != PB_UNION) return is_same_scalar(L, schema, sent, read);
  for (size_t i = 0; i < schema->branch_count && --*left > 0; i++)
    if (obeys(L, sent, schema->branches[i]) &&
        is_same_in_branch(L, schema->branches[i], sent, read, left))
      return true;
  return false;
}

pb_sameness pb_same_value(lua_State *L, const pb_schema *schema, bool secret, int sent, int read) {
  luaL_checkstack(L, 12, "value nested too deeply");
  const pb_schema *given = schema;
  int left = MOST_BRANCHES;
  secret = secret || pb_union_hides(schema);
  schema = pb_schema_for(L, sent, schema);
  bool tables = lua_type(L, sent) == LUA_TTABLE && lua_type(L, read) == LUA_TTABLE;
  if (pb_is_empty_value(L, sent) && pb_is_empty_value(L, read)) return PB_SAME;
  if (tables) {
    bool list = lua_rawlen(L, sent) > 0;
    if (list != (lua_rawlen(L, read) > 0)) return PB_DIFFERENT;
    return list ? compare_items(L, schema, secret, sent, read)
                : compare_members(L, schema, secret, sent, read);
  }
  if (lua_type(L, sent) == LUA_TTABLE || lua_type(L, read) == LUA_TTABLE) return PB_DIFFERENT;
  if (is_same_scalar(L, schema, sent, read)) return PB_SAME;
  if (given && given->type == PB_UNION && given->branching != PB_BRANCH_TOLD &&
      is_same_in_branch(L, given, sent, read, &left))
    return PB_SAME;
  if (lua_type(L, read) != LUA_TSTRING) return PB_DIFFERENT;
  size_t length;
  const char *text = lua_tolstring(L, read, &length);
  return pb_is_mask(text, length, secret) ? PB_NOT_COMPARABLE : PB_DIFFERENT;
}

/* Removes from the table at `index`, a copy, the members that a script cannot assign. */
static void keep_assignable(lua_State *L, int index, const pb_schema *schema) {
  schema = pb_schema_for(L, index, schema);
  if (!schema) return;
  luaL_checkstack(L, 6, "value nested too deeply");
  int key = lua_gettop(L) + 1;
  for (lua_pushnil(L); lua_next(L, index); lua_settop(L, key)) {
    const pb_schema *rule = schema->type == PB_ARRAY ? schema->items : NULL;
    if (schema->type == PB_OBJECT && lua_type(L, key) == LUA_TSTRING) {
      size_t length;
      const char *name = lua_tolstring(L, key, &length);
      const pb_property *property = pb_schema_find(schema, name, length);
      rule = property ? property->schema : schema->additional;
      if (property ? rule->read_only : !rule && schema->property_count > 0) {
        lua_pushvalue(L, key);
        lua_pushnil(L);
        lua_rawset(L, index);
        continue;
      }
    }
    if (lua_type(L, key + 1) == LUA_TTABLE) keep_assignable(L, key + 1, rule);
  }
}

pb_sameness pb_same_replaced(lua_State *L, const pb_schema *schema, bool secret, int assigned,
                             int known) {
  pb_sameness found = pb_same_member(L, schema, secret, assigned, known);
  if (found != PB_SAME || lua_type(L, assigned) != LUA_TTABLE || lua_type(L, known) != LUA_TTABLE)
    return found;
  pb_copying copying = {.values_left = PB_COPY_MAX_VALUES};
  if (pb_copy_plain(L, known, schema, 0, &copying)) return PB_NOT_COMPARABLE;
  int copy = lua_gettop(L);
  keep_assignable(L, copy, schema);
  found = pb_same_value(L, schema, secret, copy, assigned);
  lua_settop(L, copy - 1);
  return found == PB_SAME ? PB_SAME : PB_DIFFERENT;
}
