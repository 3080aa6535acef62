#ifndef PB_LUA_UNION_H
#define PB_LUA_UNION_H

#include "lua/compat.h"
#include "schema/schema.h"

/* Unions (`oneOf`): of schemas with different JSON types, or of objects that a member with a fixed text tells apart.
 * So a value has one branch at most, which is found without trying the others. */

/* The branch for the value at `index`, in whatever letter case a response spells the member; null where there is
 * none, and for null. A branch need not accept the value. */
const pb_schema *pb_union_branch(lua_State *L, int index, const pb_schema *schema);

/* The schema to look into the value at `index` with: of a union its branch; null stays null. */
static inline const pb_schema *pb_schema_for(lua_State *L, int index, const pb_schema *schema) {
  return schema && schema->type == PB_UNION ? pb_union_branch(L, index, schema) : schema;
}

#endif
