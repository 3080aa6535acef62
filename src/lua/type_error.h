#ifndef PB_LUA_TYPE_ERROR_H
#define PB_LUA_TYPE_ERROR_H

#include "lua/compat.h"
#include "schema/schema.h"

/* Words the error for a value of the wrong type. */

/* Appends a description of the value at `index`: `the string "x"`, `true`, `a list`. */
void pb_show_value(lua_State *L, int index, pb_buffer *out);

/* Appends `expected a string, got the number 5; write "5"`: the type that the schema requires, the value
 * (of a secret only its type), and the remedy. Returns false. */
bool pb_type_error(lua_State *L, int index, const pb_schema *schema, pb_buffer *message);

#endif
