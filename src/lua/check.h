#ifndef PB_LUA_CHECK_H
#define PB_LUA_CHECK_H

#include "lua/check_path.h"
#include "lua/compat.h"
#include "schema/schema.h"

/* Checks Lua values against a schema. The problem is one line that starts with the full path:
 * `voice_routes.IpWhitelist[2].IpAddress: expected a string, got the number 5; write "5"`. */

/* Whether the value at `index` obeys `schema`. If not, `check` has the path and the message. Access is
 * raw: no metamethod runs. May raise Lua's memory error. */
bool pb_check_value(lua_State *L, int index, const pb_schema *schema, pb_check *check);

/* Like pb_check_value, for each member of the table at `index` by itself: the fields of a partial update,
 * where nothing is required. */
bool pb_check_members(lua_State *L, int index, const pb_schema *schema, pb_check *check);

/* Whether a script may assign a field with this schema at all. If not, `check` has the reason. */
bool pb_check_assignable(const pb_schema *schema, pb_check *check);

/* Sets the message that `schema` has no property `name`, with a suggestion. Returns false. */
bool pb_check_unknown(const pb_schema *schema, const char *name, size_t length, pb_check *check);

#endif
