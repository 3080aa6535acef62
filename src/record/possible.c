#include "record/possible.h"

#include "lua/union.h"

/* Replaces the value at the top, a secret, by its mask. Null stays. */
static bool hide(lua_State *L, bool omit) {
  if (lua_type(L, -1) == LUA_TLIGHTUSERDATA && !lua_touserdata(L, -1)) return true;
  if (omit) return false;
  lua_pushliteral(L, "***");
  lua_replace(L, -2);
  return true;
}

static bool hide_branches(lua_State *L, const pb_schema *schema, bool omit, int *left) {
  int value = lua_gettop(L);
  const pb_schema *told =
      schema->branching == PB_BRANCH_TOLD ? pb_union_told(L, value, schema) : NULL;
  if (schema->branching == PB_BRANCH_TOLD) return pb_hide_possible(L, told, omit, left);
  for (size_t i = 0; i<schema->branch_count && * left> 0; i++) {
    if (!pb_union_may_be(L, value, schema->branches[i])) continue;
    --*left;
    if (!pb_hide_possible(L, schema->branches[i], omit, left)) return false;
  }
  return true;
}

/* An item cannot be left out: the others would move up. */
static bool hide_items(lua_State *L, const pb_schema *items, bool omit, int *left) {
  int list = lua_gettop(L);
  for (int i = 1, length = (int)lua_rawlen(L, list); i <= length; i++) {
    lua_rawgeti(L, list, i);
    bool kept = pb_hide_possible(L, items, omit, left);
    if (kept) lua_rawseti(L, list, i);
    lua_settop(L, list);
    if (!kept) return false;
  }
  return true;
}

/* The rule of the member, also under a name that only responses use. */
static const pb_schema *rule_of(const pb_schema *schema, const char *name, size_t length) {
  const pb_property *found = pb_schema_find(schema, name, length);
  if (found) return found->schema;
  for (size_t i = 0; schema->aliased && i < schema->property_count; i++) {
    const pb_property *property = &schema->properties[i];
    for (size_t j = 0; j < property->also_count; j++)
      if (property->also[j].length == length && memcmp(property->also[j].bytes, name, length) == 0)
        return property->schema;
  }
  return schema->additional;
}

static bool hide_members(lua_State *L, const pb_schema *schema, bool omit, int *left) {
  int object = lua_gettop(L), key = object + 1;
  for (lua_pushnil(L); lua_next(L, object); lua_settop(L, key)) {
    if (lua_type(L, key) != LUA_TSTRING) continue;
    size_t length;
    const char *name = lua_tolstring(L, key, &length);
    if (!pb_hide_possible(L, rule_of(schema, name, length), omit, left)) {
      lua_settop(L, key);
      lua_pushnil(L);
    }
    lua_pushvalue(L, key);
    lua_insert(L, -2);
    lua_rawset(L, object); /* of a member there is: the table does not move */
  }
  return true;
}

bool pb_hide_possible(lua_State *L, const pb_schema *schema, bool omit, int *left) {
  if (!schema || !schema->holds_secret) return true;
  luaL_checkstack(L, 8, "value nested too deeply");
  if (schema->secret) return hide(L, omit);
  if (schema->type == PB_UNION) return hide_branches(L, schema, omit, left);
  if (lua_type(L, -1) != LUA_TTABLE) return true;
  if (schema->type == PB_ARRAY) return hide_items(L, schema->items, omit, left);
  if (schema->type == PB_OBJECT) return hide_members(L, schema, omit, left);
  return true;
}
