#ifndef PB_LUA_BRANCH_H
#define PB_LUA_BRANCH_H

#include "lua/compat.h"
#include "schema/schema.h"

/* The branch of the union for the value at `index`; null where there is none, and for null. Where the value tells it,
 * the branch may still reject the value. Otherwise it is the first branch that the value obeys; of a response that obeys
 * none, such as one with members that nothing describes, it is the closest one. */
const pb_schema *pb_branch_of(lua_State *L, int index, const pb_schema *schema);

/* The schema that describes the value at `index`: of a union the branch, else `schema` itself, which may be null. */
static inline const pb_schema *pb_schema_for(lua_State *L, int index, const pb_schema *schema) {
  return schema && schema->type == PB_UNION ? pb_branch_of(L, index, schema) : schema;
}

#endif
