#ifndef PB_LUA_UNION_H
#define PB_LUA_UNION_H

#include "lua/compat.h"
#include "schema/schema.h"

/* Unions (`oneOf`, `anyOf`). Where the branches have different JSON types, or are objects that a member with a fixed
 * text tells apart, a value has one branch at most, which is found without trying the others. Otherwise the branches
 * are tried in their order. */

/* The branch that the value at `index` tells; null where there is none, and for null. The fixed text may be in another
 * letter case, as in a response. The branch may still reject the value. */
const pb_schema *pb_union_told(lua_State *L, int index, const pb_schema *schema);

/* Whether the schema is a union whose branches are tried, and a secret lies in one: where a value is secret in one branch
 * and not in another, it is taken for a secret. */
static inline bool pb_union_hides(const pb_schema *schema) {
  return schema && schema->type == PB_UNION && schema->branching != PB_BRANCH_TOLD &&
         schema->holds_secret;
}

/* Whether the type of `branch` is that of the value at `index`. */
bool pb_union_fits_type(lua_State *L, int index, const pb_schema *branch);

/* The branch that the members with one text show: an object of `branch` has that text, the same one in another letter
 * case, as in a response, or another one. */
typedef enum { PB_SIGN_NONE, PB_SIGN_SIMILAR, PB_SIGN_THIS, PB_SIGN_OTHER } pb_union_sign;
pb_union_sign pb_union_sign_of(lua_State *L, int index, const pb_schema *branch);

/* Whether the value at `index` has the type of `branch`, and shows no other branch. */
bool pb_union_may_be(lua_State *L, int index, const pb_schema *branch);

#endif
