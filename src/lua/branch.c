#include "lua/branch.h"

#include "lua/check.h"
#include "lua/union.h"
#include "schema/same.h"

/* How many members of the object at `index` the branch describes. */
static size_t count_described(lua_State *L, int index, const pb_schema *branch) {
  size_t count = 0;
  luaL_checkstack(L, 2, "value nested too deeply");
  for (size_t i = 0; branch->type == PB_OBJECT && i < branch->property_count; i++) {
    const pb_text *name = &branch->properties[i].name;
    lua_pushlstring(L, name->bytes, name->length);
    count += pb_rawget(L, index) != LUA_TNIL;
    lua_pop(L, 1);
  }
  return count;
}

/* How close the value at `index`, which obeys no branch, comes to this one; 0: nothing shows that it belongs to it. */
static size_t closeness(lua_State *L, int index, const pb_schema *branch) {
  if (lua_type(L, index) == LUA_TSTRING) {
    size_t length;
    const char *text = lua_tolstring(L, index, &length);
    return branch->enumeration && pb_enumerated(branch, text, length);
  }
  if (lua_type(L, index) != LUA_TTABLE) return 0;
  switch (pb_union_sign_of(L, index, branch)) {
  case PB_SIGN_THIS:
    return SIZE_MAX;
  case PB_SIGN_SIMILAR:
    return SIZE_MAX - 1;
  default:
    return count_described(L, index, branch);
  }
}

/* The branch that a value of a response, which obeys none, comes closest to: the only one of its type; that which a
 * member shows; or the first that describes the most members. */
static const pb_schema *closest(lua_State *L, int index, const pb_schema *schema) {
  const pb_schema *found = NULL, *only = NULL;
  size_t candidates = 0, most = 0;
  for (size_t i = 0; i < schema->branch_count; i++) {
    const pb_schema *branch = schema->branches[i];
    if (!pb_union_may_be(L, index, branch)) continue;
    candidates++;
    only = branch;
    size_t close = closeness(L, index, branch);
    if (close > most) {
      most = close;
      found = branch;
    }
  }
  return candidates == 1 ? only : found;
}

/* The first branch that the value obeys as a script may assign it, or else as a vendor may have sent it, or else the
 * closest one. */
static const pb_schema *tried(lua_State *L, int index, const pb_schema *schema) {
  pb_check check;
  for (int from_vendor = 0; from_vendor <= 1; from_vendor++) {
    pb_check_start(&check, "", 0);
    check.from_vendor = from_vendor;
    check.nesting = 1; /* nobody reads the message */
    for (size_t i = 0; i < schema->branch_count; i++) {
      if (!pb_union_may_be(L, index, schema->branches[i])) continue;
      check.tries++;
      if (pb_check_value(L, index, schema->branches[i], &check)) return schema->branches[i];
      pb_buffer_cut(&check.path, 0);
      pb_buffer_cut(&check.message, 0);
    }
  }
  return closest(L, index, schema);
}

const pb_schema *pb_branch_of(lua_State *L, int index, const pb_schema *schema) {
  index = lua_absindex(L, index);
  while (schema && schema->type == PB_UNION)
    schema = schema->branching == PB_BRANCH_TOLD ? pb_union_told(L, index, schema)
                                                 : tried(L, index, schema);
  return schema;
}
