#ifndef PB_LUA_SCHEMA_H
#define PB_LUA_SCHEMA_H

#include "lua/compat.h"
#include "schema/schema.h"

#define PB_SCHEMA_METATABLE "patchbay.schema"

/* The compiled schema in the userdata at `index`; raises when there is none. It lives as long as the
 * userdata does. */
const pb_schema *pb_lua_check_schema(lua_State *L, int index);

#endif
