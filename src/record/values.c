/* The values of records for people and files: plain copies in the form that the description documents, secrets masked
 * or left out. */

#include "record/record.h"

#include "lua/branch.h"
#include "lua/text.h"
#include "lua/union.h"
#include "record/copy.h"
#include "record/documented.h"
#include "record/flatten.h"
#include "record/possible.h"
#include "record/sameness.h"
#include "record/values.h"
#include "schema/same.h"

typedef struct {
  lua_State *L;
  bool omit; /* leaves secrets out, instead of masking them */
  int names; /* stack slot: further names of secrets -> true, may have metamethods; or nil */
  int hide;  /* stack slot: a function text -> text, for members without a description; or nil */
  pb_possible possible;
} hider;

/* Replaces the secret at the top by its mask; that it is null may be shown. Returns false where it is to be left
 * out. */
static bool hide_secret(hider *h) {
  if (lua_type(h->L, -1) == LUA_TLIGHTUSERDATA && !lua_touserdata(h->L, -1)) return true;
  if (h->omit) return false;
  lua_pop(h->L, 1);
  lua_pushliteral(h->L, "***");
  return true;
}

/* Hides the secrets in the string at the top. Returns false where it is to be left out. */
static bool hide_text(hider *h, bool described) {
  lua_State *L = h->L;
  if (pb_lua_push_hidden(L, lua_gettop(L))) {
    lua_replace(L, -2);
    if (h->omit) return false;
  }
  if (described || lua_isnil(L, h->hide)) return true;
  lua_pushvalue(L, h->hide);
  lua_pushvalue(L, -2);
  lua_call(L, 1, 1);
  bool same = lua_rawequal(L, -1, -2);
  lua_replace(L, -2);
  return same || !h->omit;
}

static bool hide_value(hider *h, const pb_schema *schema, bool secret, bool described);

/* Hides the secrets in the items of the list at the top, of which one cannot be left out: the others would move
 * up. */
static bool hide_items(hider *h, const pb_schema *items, bool described) {
  lua_State *L = h->L;
  int list = lua_gettop(L), length = (int)lua_rawlen(L, list);
  for (int i = 1; i <= length; i++) {
    lua_rawgeti(L, list, i);
    if (!hide_value(h, items, items && items->secret, described)) return false;
    lua_rawseti(L, list, i);
  }
  return true;
}

/* Whether the name at the top is one of a secret. */
static bool is_secret_name(hider *h) {
  lua_State *L = h->L;
  if (lua_isnil(L, h->names)) return false;
  lua_pushvalue(L, -1);
  lua_gettable(L, h->names);
  bool named = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return named;
}

/* Hides the secrets in the members of the object at the top. `within`: it lies in another value, where `names`
 * count for described members, too. */
static void hide_members(hider *h, const pb_schema *schema, bool within) {
  lua_State *L = h->L;
  int object = lua_gettop(L), key = object + 1;
  for (lua_pushnil(L); lua_next(L, object); lua_settop(L, key)) {
    if (lua_type(L, key) != LUA_TSTRING) continue;
    bool secret;
    const pb_schema *rule = pb_member_rule(L, schema, key, &secret);
    size_t length;
    const char *name = lua_tolstring(L, key, &length);
    bool described = schema && schema->type == PB_OBJECT && pb_schema_find(schema, name, length);
    lua_insert(L, key); /* value, key */
    secret = secret || ((within || !described) && is_secret_name(h));
    lua_insert(L, key); /* key, value */
    if (!hide_value(h, rule, secret, described)) {
      lua_settop(L, key);
      lua_pushnil(L);
    }
    lua_pushvalue(L, key);
    lua_insert(L, -2);
    lua_rawset(L, object); /* of a member there is: the table does not move */
  }
}

/* Hides the secrets in the value at the top by `rule`, that of `schema` for it. */
static bool hide_by(hider *h, const pb_schema *schema, const pb_schema *rule, bool described);

/* Hides the secrets in the value at the top, a plain copy. Returns false where it is to be left out. */
static bool hide_value(hider *h, const pb_schema *schema, bool secret, bool described) {
  lua_State *L = h->L;
  if (secret) return hide_secret(h);
  const pb_schema *rule = pb_schema_for(L, lua_gettop(L), schema);
  if (!hide_by(h, schema, rule, described)) return false;
  if (!pb_union_hides(schema)) return true;
  bool kept = pb_hide_possible(&h->possible, schema);
  return kept && h->possible.left == 0 ? hide_secret(h) : kept;
}

static bool hide_by(hider *h, const pb_schema *schema, const pb_schema *rule, bool described) {
  lua_State *L = h->L;
  luaL_checkstack(L, 12, "value nested too deeply");
  int value = lua_gettop(L), type = lua_type(L, value);
  bool list = type == LUA_TTABLE && lua_rawlen(L, value) > 0;
  bool compound = rule && (rule->type == PB_ARRAY || rule->type == PB_OBJECT);
  bool fits =
      rule && (type == LUA_TTABLE ? rule->type == (list ? PB_ARRAY : PB_OBJECT) : !compound);
  /* The vendor has sent something else where a secret could be: it may be one. */
  if (schema && schema->holds_secret && !fits && !pb_is_empty_value(L, value))
    return hide_secret(h);
  if (type == LUA_TSTRING) return hide_text(h, described);
  if (type != LUA_TTABLE) return true;
  if (list) return hide_items(h, fits ? rule->items : NULL, fits && described);
  hide_members(h, fits ? rule : NULL, true);
  return true;
}

void pb_value_mask(lua_State *L, const pb_schema *schema) {
  int value = lua_gettop(L);
  luaL_checkstack(L, 4, "no room for a value");
  lua_pushnil(L);
  hider h;
  h.L = L;
  h.omit = false;
  h.names = h.hide = value + 1;
  pb_possible_begin(&h.possible, L, false);
  pb_flatten_copy_or_raise(L, value, schema);
  hide_value(&h, schema, false, true);
  lua_replace(L, value);
  lua_settop(L, value);
}

static void start_hider(hider *h, lua_State *L, int how) {
  static const char *const modes[] = {"mask", "omit", "keep", NULL};
  h->L = L;
  h->omit = luaL_checkoption(L, how, "mask", modes) == 1;
  h->names = how + 1;
  h->hide = how + 2;
  pb_possible_begin(&h->possible, L, h->omit);
}

static bool keeps(lua_State *L, int how) {
  return strcmp(luaL_optstring(L, how, ""), "keep") == 0;
}

/* values(node, how, names, hide) -> a plain table of the known values of the record, or of an object in it, with the
 * assignments over them; of a record also its key
 *   how    of secrets: "mask", "omit", "keep"
 *   names, hide  see hider */
int pb_record_values(lua_State *L) {
  enum { NODE = 1, HOW, NAMES, HIDE, INTERNALS };
  lua_settop(L, HIDE);
  pb_record_check(L, NODE);
  const pb_node_type *type = pb_node_type_of(L, INTERNALS);
  hider h;
  start_hider(&h, L, HOW);
  pb_flatten_node_or_raise(L, INTERNALS, true);
  int plain = lua_gettop(L);
  if (type->key_position && pb_rawgeti(L, INTERNALS, PB_SLOT_KEY) != LUA_TNIL) {
    const pb_text *key = &type->schema->properties[type->key_position - 1].name;
    lua_pushlstring(L, key->bytes, key->length);
    lua_insert(L, -2);
    lua_rawset(L, plain);
  }
  lua_settop(L, plain);
  pb_document(L, type->schema);
  if (!keeps(L, HOW)) hide_members(&h, type->schema, type->nested);
  return 1;
}

/* shown(node, name, value, how, names, hide) -> a copy, in the documented form, of a value of the member `name` as
 * `values` shows it, and whether that is a secret; nil for one that is left out */
int pb_record_shown(lua_State *L) {
  enum { NODE = 1, NAME, VALUE, HOW, NAMES, HIDE, INTERNALS };
  luaL_checkstring(L, NAME);
  lua_settop(L, HIDE);
  pb_record_check(L, NODE);
  const pb_node_type *type = pb_node_type_of(L, INTERNALS);
  hider h;
  start_hider(&h, L, HOW);
  size_t length;
  const char *name = lua_tolstring(L, NAME, &length);
  bool secret, described = pb_schema_find(type->schema, name, length) != NULL;
  const pb_schema *rule = pb_member_rule(L, type->schema, NAME, &secret);
  if (type->nested || !described) {
    lua_pushvalue(L, NAME);
    secret = secret || is_secret_name(&h);
    lua_pop(L, 1);
  }
  if (lua_isnil(L, VALUE)) {
    lua_pushnil(L);
  } else {
    pb_flatten_copy_or_raise(L, VALUE, rule);
    pb_document(L, rule);
    if (!keeps(L, HOW) && !hide_value(&h, rule, secret, described)) lua_pushnil(L);
  }
  lua_pushboolean(L, secret || (rule && rule->unnamed_secret));
  return 2;
}

/* home(node) -> the collection of the record that the node is, or lies in */
int pb_record_home(lua_State *L) {
  enum { NODE = 1, INTERNALS, PARENT };
  lua_settop(L, NODE);
  pb_record_check(L, NODE);
  while (pb_rawgeti(L, INTERNALS, PB_SLOT_PARENT) != LUA_TNIL) lua_replace(L, INTERNALS);
  lua_rawgeti(L, INTERNALS, PB_SLOT_OWNER);
  return 1;
}
