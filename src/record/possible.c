#include "record/possible.h"

#include "lua/union.h"

/* For one value; then the whole value is hidden. */
enum { MOST_BRANCHES = 1000000 };

void pb_possible_begin(pb_possible *p, lua_State *L, bool omit) {
  p->L = L;
  p->omit = omit;
  p->left = MOST_BRANCHES;
  p->nesting = 0;
  p->gone_through.any = false;
}

/* Replaces the value at the top, a secret, by its mask. Null stays. */
static bool hide(pb_possible *p) {
  lua_State *L = p->L;
  if (lua_type(L, -1) == LUA_TLIGHTUSERDATA && !lua_touserdata(L, -1)) return true;
  if (p->omit) return false;
  lua_pushliteral(L, "***");
  lua_replace(L, -2);
  return true;
}

static bool hide_branches(pb_possible *p, const pb_schema *schema) {
  lua_State *L = p->L;
  int value = lua_gettop(L);
  if (schema->branching == PB_BRANCH_TOLD)
    return pb_hide_possible(p, pb_union_told(L, value, schema));
  const void *table = lua_type(L, value) == LUA_TTABLE ? lua_topointer(L, value) : NULL;
  if (table && pb_verdict_on(&p->gone_through, table, schema)) return true;
  bool kept = true;
  p->nesting++;
  for (size_t i = 0; i < schema->branch_count && p->left > 0 && kept; i++) {
    if (!pb_union_may_be(L, value, schema->branches[i])) continue;
    p->left--;
    kept = pb_hide_possible(p, schema->branches[i]);
  }
  p->nesting--;
  const pb_verdict done = {0};
  if (table && kept) pb_verdict_keep(&p->gone_through, table, schema, p->nesting, &done);
  return kept;
}

/* An item cannot be left out: the others would move up. */
static bool hide_items(pb_possible *p, const pb_schema *items) {
  lua_State *L = p->L;
  int list = lua_gettop(L);
  for (int i = 1, length = (int)lua_rawlen(L, list); i <= length; i++) {
    lua_rawgeti(L, list, i);
    bool kept = pb_hide_possible(p, items);
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

static void hide_members(pb_possible *p, const pb_schema *schema) {
  lua_State *L = p->L;
  int object = lua_gettop(L), key = object + 1;
  for (lua_pushnil(L); lua_next(L, object); lua_settop(L, key)) {
    if (lua_type(L, key) != LUA_TSTRING) continue;
    size_t length;
    const char *name = lua_tolstring(L, key, &length);
    if (!pb_hide_possible(p, rule_of(schema, name, length))) {
      lua_settop(L, key);
      lua_pushnil(L);
    }
    lua_pushvalue(L, key);
    lua_insert(L, -2);
    lua_rawset(L, object); /* of a member there is: the table does not move */
  }
}

bool pb_hide_possible(pb_possible *p, const pb_schema *schema) {
  if (!schema || !schema->holds_secret) return true;
  luaL_checkstack(p->L, 8, "value nested too deeply");
  if (schema->secret) return hide(p);
  if (schema->type == PB_UNION) return hide_branches(p, schema);
  if (lua_type(p->L, -1) != LUA_TTABLE) return true;
  if (schema->type == PB_ARRAY) return hide_items(p, schema->items);
  if (schema->type == PB_OBJECT) hide_members(p, schema);
  return true;
}
