#include "lua/branch.h"

#include "lua/check.h"
#include "lua/union.h"

/* The first branch that the value obeys as a script may assign it, or else as a vendor may have sent it. */
static const pb_schema *tried(lua_State *L, int index, const pb_schema *schema) {
  pb_check check;
  size_t tries = 0;
  for (int from_vendor = 0; from_vendor <= 1; from_vendor++)
    for (size_t i = 0; i < schema->branch_count; i++) {
      if (!pb_union_may_be(L, index, schema->branches[i])) continue;
      pb_check_start(&check, "", 0);
      check.from_vendor = from_vendor;
      check.tries = tries + 1;
      if (pb_check_value(L, index, schema->branches[i], &check)) return schema->branches[i];
      tries = check.tries;
    }
  return NULL;
}

const pb_schema *pb_branch_of(lua_State *L, int index, const pb_schema *schema) {
  index = lua_absindex(L, index);
  while (schema && schema->type == PB_UNION)
    schema = schema->branching == PB_BRANCH_TOLD ? pb_union_told(L, index, schema)
                                                 : tried(L, index, schema);
  return schema;
}
