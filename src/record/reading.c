/* Reads the values of a response, in the form in which records keep them. */

#include "record/reading.h"
#include "lua/branch.h"
#include "lua/check.h"
#include "lua/union.h"
#include "schema/same.h"

/* A member or an item on the way down to the value at hand. */
typedef struct step step;
struct step {
  const step *outer;
  const char *name; /* null: an item */
  size_t length;
  int position;
};

typedef struct {
  lua_State *L;
  int inexact; /* stack slot: a set of strings, or nil */
  int unsure;  /* stack slot: see `reading`, or nil */
} reader;

/* Appends the steps down to `at` to the list at the top. Returns how many there are. */
static int push_steps(lua_State *L, const step *at) {
  if (!at) return 0;
  int count = push_steps(L, at->outer) + 1;
  if (at->name) lua_pushlstring(L, at->name, at->length);
  else lua_pushinteger(L, at->position);
  lua_rawseti(L, -2, count);
  return count;
}

static void note(reader *r, const step *at, const char *why) {
  lua_State *L = r->L;
  const step *top = at;
  luaL_checkstack(L, 8, "no room for a path");
  while (top->outer) top = top->outer;
  if (lua_isnil(L, r->unsure)) {
    lua_newtable(L);
    lua_replace(L, r->unsure);
  }
  lua_pushlstring(L, top->name, top->length);
  if (pb_rawget(L, r->unsure) == LUA_TNIL) {
    lua_pop(L, 1);
    lua_newtable(L);
    lua_pushlstring(L, top->name, top->length);
    lua_pushvalue(L, -2);
    lua_rawset(L, r->unsure);
  }
  lua_newtable(L);
  push_steps(L, at);
  lua_pushstring(L, why);
  lua_setfield(L, -2, "why");
  lua_rawseti(L, -2, (int)lua_rawlen(L, -2) + 1);
  lua_pop(L, 1);
}

/* Whether the value at the top is one that is shown in place of any other: null, "", [] or {}. */
static bool is_empty(lua_State *L) {
  if (lua_type(L, -1) == LUA_TSTRING) return lua_rawlen(L, -1) == 0;
  if (lua_type(L, -1) != LUA_TTABLE) return lua_type(L, -1) == LUA_TLIGHTUSERDATA;
  lua_pushnil(L);
  if (!lua_next(L, -2)) return true;
  lua_pop(L, 2);
  return false;
}

static bool breaks_rules(lua_State *L, const pb_schema *schema) {
  pb_check check;
  if (lua_type(L, -1) == LUA_TLIGHTUSERDATA) return false;
  pb_check_start(&check, "", 0);
  return !pb_check_value(L, -1, schema, &check);
}

static void read_members(reader *r, const pb_schema *schema, bool secret, int object,
                         const step *outer);
static void read_items(reader *r, const pb_schema *schema, bool secret, int list,
                       const step *outer);

/* Whether the string at the stack index did not arrive as it is. */
static bool is_inexact(reader *r, int index) {
  lua_State *L = r->L;
  if (lua_isnil(L, r->inexact)) return false;
  lua_pushvalue(L, index);
  bool inexact = pb_rawget(L, r->inexact) != LUA_TNIL;
  lua_pop(L, 1);
  return inexact;
}

/* Reads the value at the top, in place. `secret`: it is one, or lies in one. False: the vendor's
 * value is not known. */
static bool read_value(reader *r, const pb_schema *schema, bool secret, const step *at) {
  lua_State *L = r->L;
  secret = secret || pb_union_hides(schema);
  if (schema && schema->echo == PB_ECHO_EMPTY && is_empty(L)) {
    note(r, at, "empty");
    return false;
  }
  if (schema && pb_is_withheld(schema) && is_empty(L)) {
    note(r, at, "masked");
    return false;
  }
  if (lua_type(L, -1) == LUA_TTABLE) {
    luaL_checkstack(L, 12, "response nested too deeply");
    int table = lua_gettop(L);
    const pb_schema *rule = pb_schema_for(L, table, schema);
    if (lua_rawlen(L, table) > 0) read_items(r, rule ? rule : schema, secret, table, at);
    else read_members(r, rule && rule->type == PB_OBJECT ? rule : NULL, secret, table, at);
  } else if (lua_type(L, -1) == LUA_TSTRING) {
    size_t length;
    const char *text = lua_tolstring(L, -1, &length);
    if (pb_is_mask(text, length, secret)) {
      note(r, at, "masked");
      return false;
    }
    if (is_inexact(r, -1)) note(r, at, "inexact");
  }
  if (!schema) return true;
  if (schema->echo == PB_ECHO_OTHER) note(r, at, "other");
  else if (schema->reliability == PB_UNRELIABLE ||
           (schema->reliability == PB_UNRELIABLE_FORM && breaks_rules(L, schema)))
    note(r, at, "unreliable");
  return true;
}

static void read_items(reader *r, const pb_schema *schema, bool secret, int list,
                       const step *outer) {
  lua_State *L = r->L;
  const pb_schema *items = schema && schema->type == PB_ARRAY ? schema->items : NULL;
  if (items ? items->secret : schema && schema->secret) secret = true;
  for (int i = 1, length = (int)lua_rawlen(L, list); i <= length; i++) {
    const step at = {.outer = outer, .position = i};
    lua_rawgeti(L, list, i);
    /* A masked item stays in the list: without it the items behind it would move up. */
    if (read_value(r, items, secret, &at)) lua_rawseti(L, list, i);
    else lua_pop(L, 1);
  }
}

/* Gives the members that the response calls by another name the name of the description. */
static void rename_members(lua_State *L, const pb_schema *schema, int object) {
  for (size_t i = 0; i < schema->property_count; i++) {
    const pb_property *property = &schema->properties[i];
    for (size_t j = 0; j < property->also_count; j++) {
      const pb_text *other = &property->also[j];
      lua_pushlstring(L, other->bytes, other->length);
      lua_pushvalue(L, -1);
      if (pb_rawget(L, object) != LUA_TNIL) { /* other name, value */
        lua_pushlstring(L, property->name.bytes, property->name.length);
        lua_pushvalue(L, -1);
        if (pb_rawget(L, object) == LUA_TNIL) { /* other name, value, name, nil */
          lua_pop(L, 1);
          lua_pushvalue(L, -2);
          lua_rawset(L, object);
        } else {
          lua_pop(L, 2);
        }
        lua_pop(L, 1);
        lua_pushnil(L);
        lua_rawset(L, object);
      } else {
        lua_pop(L, 2);
      }
    }
  }
}

static void read_members(reader *r, const pb_schema *schema, bool secret, int object,
                         const step *outer) {
  lua_State *L = r->L;
  if (schema && schema->aliased) rename_members(L, schema, object);
  int key = object + 1;
  for (lua_pushnil(L); lua_next(L, object); lua_settop(L, key)) {
    if (lua_type(L, key) != LUA_TSTRING) continue;
    step at = {.outer = outer};
    at.name = lua_tolstring(L, key, &at.length);
    const pb_property *property = schema ? pb_schema_find(schema, at.name, at.length) : NULL;
    const pb_schema *rule = property ? property->schema : schema ? schema->additional : NULL;
    bool is_secret =
        secret || (rule && rule->secret) || (!property && pb_names_secret(at.name, at.length));
    if (!property && is_inexact(r, key)) note(r, &at, "inexact");
    lua_pushvalue(L, key + 1);
    bool known = read_value(r, rule, is_secret, &at);
    if (known && lua_rawequal(L, key + 1, -1)) continue;
    if (!known) lua_pushnil(L);
    lua_pushvalue(L, key);
    lua_insert(L, -2);
    lua_rawset(L, object); /* of a member there is: the table does not move */
  }
}

/* reading(schema, members, inexact) -> unsure
 *   members  a decoded object of a response, which is changed in place: its members get the names of the
 *            description, and members that are masked, or shown as empty whatever they are, are left out. Values stay
 *            as the vendor writes them: that is how they are sent back
 *   inexact  see json.decode
 *   unsure   nil; or by name of a field a list of its parts that are not known exactly: the names and positions
 *            down to it, and `why`: "masked", "empty", "inexact", "other", "unreliable" */
int pb_record_reading(lua_State *L) {
  const pb_schema *schema = pb_lua_check_schema(L, 1);
  luaL_checktype(L, 2, LUA_TTABLE);
  lua_settop(L, 3);
  lua_pushnil(L);
  reader r = {.L = L, .inexact = 3, .unsure = 4};
  lua_pushvalue(L, 2);
  read_members(&r, schema, false, 5, NULL);
  lua_settop(L, 4);
  return 1;
}
