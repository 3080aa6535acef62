#ifndef PB_LUA_TYPE_ERROR_H
#define PB_LUA_TYPE_ERROR_H

#include "lua/compat.h"
#include "schema/schema.h"

/* What is said of a value that is not of its field's type. */

/* Appends what the value at `index` is: `the string "x"`, `true`, `a list`. */
void pb_show_value(lua_State *L, int index, pb_buffer *out);

/* Appends `expected a string, got the number 5; write "5"`: what the schema wants, what there is (of
 * a secret its type alone), and what the script probably meant. Always false. */
bool pb_type_error(lua_State *L, int index, const pb_schema *schema, pb_buffer *message);

#endif
