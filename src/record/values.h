#ifndef PB_RECORD_VALUES_H
#define PB_RECORD_VALUES_H

#include "lua/compat.h"
#include "schema/schema.h"

/* Replaces the table at the top, a plain value, by a copy with its secrets masked. `schema` may be null. */
void pb_value_mask(lua_State *L, const pb_schema *schema);

#endif
