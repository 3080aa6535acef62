#ifndef PB_LUA_CHECK_UNION_H
#define PB_LUA_CHECK_UNION_H

#include "lua/check_path.h"
#include "schema/schema.h"

/* More branches of unions within unions than these are not tried for one value: nobody would wait for them. */
enum { PB_MOST_TRIES = 250000 };

typedef bool pb_check_function(lua_State *L, int index, const pb_schema *schema, pb_check *check);

/* Whether the value at `index`, which is not null, obeys the union `schema`. If not, `check` has the message: where the
 * value tells its branch, or has the JSON type of one branch alone, that branch's; else a message for each branch.
 * `check_value` checks it against a branch, and leaves nothing on the stack. */
bool pb_check_union(lua_State *L, int index, const pb_schema *schema, pb_check *check,
                    pb_check_function *check_value);

#endif
