#ifndef PB_LUA_UNION_H
#define PB_LUA_UNION_H

#include "lua/compat.h"
#include "schema/schema.h"

/* Unions (`oneOf`): of schemas with different JSON types, or of objects that a member with a fixed text tells apart.
 * So a value has one branch at most, which is found without trying the others. */

/* The branch for the value at `index`; null where there is none, and for null. The fixed text may be in another letter
 * case, as in a response. The branch may still reject the value. */
const pb_schema *pb_union_branch(lua_State *L, int index, const pb_schema *schema);

/* The schema that describes the value at `index`: of a union the branch, else `schema` itself, which may be null. */
static inline const pb_schema *pb_schema_for(lua_State *L, int index, const pb_schema *schema) {
  return schema && schema->type == PB_UNION ? pb_union_branch(L, index, schema) : schema;
}

#endif
