#ifndef PB_LUA_CHECK_RULES_H
#define PB_LUA_CHECK_RULES_H

#include "lua/check_path.h"
#include "schema/schema.h"

/* Rules that concern a value as a whole, for check.c. Each returns whether the value at `index` obeys; if not,
 * `check` has the message, and the path of the part that is wrong. */

/* A form can carry the value: it is a scalar, or a list of at least one scalar. */
bool pb_check_form(lua_State *L, int index, pb_check *check);

/* No two of the `length` items are equal as JSON. Takes time proportional to the list. The items have been checked,
 * so all of them can be written as JSON. */
bool pb_check_unique(lua_State *L, int index, const pb_schema *schema, size_t length,
                     pb_check *check);

/* An object with `count` members has neither too few nor too many. */
bool pb_check_properties(const pb_schema *schema, size_t count, pb_check *check);

#endif
