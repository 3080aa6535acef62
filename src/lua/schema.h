#ifndef PB_LUA_SCHEMA_H
#define PB_LUA_SCHEMA_H

#include "lua/compat.h"
#include "schema/schema.h"

#define PB_SCHEMA_METATABLE "patchbay.schema"

/* Returns the compiled schema of the userdata at `index`; raises for other values. It lives as long as the
 * userdata. */
const pb_schema *pb_lua_check_schema(lua_State *L, int index);

#endif
