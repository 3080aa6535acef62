#ifndef PB_LUA_UNION_H
#define PB_LUA_UNION_H

#include "lua/compat.h"
#include "schema/schema.h"

/* Unions (`oneOf`, `anyOf`). Where the branches have different JSON types, or are objects that a member with a fixed
 * text tells apart, a value has one branch at most, which is found without trying the others. Otherwise the branches
 * are tried in their order. */

/* The branch for the value at `index`; null where there is none, and for null. Where the value tells it, the fixed text
 * may be in another letter case, as in a response, and the branch may still reject the value. Otherwise it is the first
 * branch that the value obeys, if it obeys the union. */
const pb_schema *pb_union_branch(lua_State *L, int index, const pb_schema *schema);

/* Whether the type of `branch` is that of the value at `index`. */
bool pb_union_fits_type(lua_State *L, int index, const pb_schema *branch);

/* The branch that the members with one text show: an object of `branch` has that text, or another one. */
typedef enum { PB_SIGN_NONE, PB_SIGN_THIS, PB_SIGN_OTHER } pb_union_sign;
pb_union_sign pb_union_sign_of(lua_State *L, int index, const pb_schema *branch);

/* Whether the value at `index` has the type of `branch`, and shows no other branch. */
bool pb_union_may_be(lua_State *L, int index, const pb_schema *branch);

/* The schema that describes the value at `index`: of a union the branch, else `schema` itself, which may be null. */
static inline const pb_schema *pb_schema_for(lua_State *L, int index, const pb_schema *schema) {
  return schema && schema->type == PB_UNION ? pb_union_branch(L, index, schema) : schema;
}

#endif
