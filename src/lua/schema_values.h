#ifndef PB_LUA_SCHEMA_VALUES_H
#define PB_LUA_SCHEMA_VALUES_H

#include "lua/description.h"

/* Compile the keywords that say which scalars are allowed, for schema_compile.c. */

/* `minimum`, `maximum`, `exclusiveMinimum`, `exclusiveMaximum` (numbers, as in OpenAPI 3.1) and `multipleOf`. */
void pb_compile_limits(pb_description *c, int index, pb_schema *schema);

/* `enum` and `const`, of texts, numbers and booleans. */
void pb_compile_values(pb_description *c, int index, pb_schema *schema);

#endif
