#ifndef PB_RECORD_COPY_H
#define PB_RECORD_COPY_H

#include <stdbool.h>

#include "lua/compat.h"
#include "schema/schema.h"

/* Plain values are Lua values that JSON has. Tables are read raw: no metamethod runs.
 *
 * Functions that return a message return NULL on success. On failure they push nothing and return a static
 * message that says what the value is instead: "a table that contains itself, or is nested too deeply". */

/* Replaces the internals of a record at the top by a plain table; `depth` is that of the record within the
 * value that is copied. Returns a message as above. */
typedef const char *(*pb_flattener)(lua_State *L, int depth);

/* Pushes a copy of the value at `index` that shares nothing with it: lists are marked as such, and whole
 * numbers are integers where the schema (null: unknown) says so. Records within it go through `flatten`; where
 * that is null there must be none. `depth` is that of the value within a larger one: through records a list
 * may hold itself. */
const char *pb_copy_plain(lua_State *L, int index, const pb_schema *schema, int depth,
                          pb_flattener flatten);

/* Pops the value at the top. If it is a table, sets copies of its members in the table at `target`; `depth` is
 * that of the members. */
const char *pb_copy_over(lua_State *L, int target, int depth, pb_flattener flatten);

/* Whether two plain values are equal as JSON. */
bool pb_plain_equal(lua_State *L, int a, int b);

/* Removes the read-only members from the value at `index`, which must be a copy. */
void pb_plain_strip(lua_State *L, int index, const pb_schema *schema);

#endif
