#ifndef PB_LUA_CHECK_H
#define PB_LUA_CHECK_H

#include "lua/compat.h"
#include "schema/schema.h"

/* Checks Lua values against a schema. The problem is one line that starts with the full path:
 * `voice_routes.IpWhitelist[2].IpAddress: expected a string, got the number 5; write "5"`.
 *
 * Path and message are in fixed arrays, so that checking a valid value allocates nothing and checking a
 * wrong one cannot leak. Text that does not fit is cut off. */

typedef struct {
  pb_buffer path;
  pb_buffer message;
  bool from_vendor; /* the value may hold what the vendor sent: its read-only members are skipped */
  char path_bytes[512];
  char message_bytes[1024];
} pb_check;

/* Starts a check. `path` is the start of the message: `voice_routes`. */
void pb_check_start(pb_check *check, const char *path, size_t length);

/* Whether the value at `index` obeys `schema`. If not, `check` has the path and the message. Access is
 * raw: no metamethod runs. May raise Lua's memory error. */
bool pb_check_value(lua_State *L, int index, const pb_schema *schema, pb_check *check);

/* Like pb_check_value, for each member of the table at `index` by itself: the fields of a partial update,
 * where nothing is required. */
bool pb_check_members(lua_State *L, int index, const pb_schema *schema, pb_check *check);

/* Whether a script may assign a field with this schema at all. If not, `check` has the reason. */
bool pb_check_assignable(const pb_schema *schema, pb_check *check);

/* Append a step, or a whole path, to the path. */
void pb_check_enter(pb_check *check, const char *name, size_t length);
void pb_check_enter_path(pb_check *check, const char *path, size_t length);

/* Sets the message that `schema` has no property `name`, with a suggestion. Returns false. */
bool pb_check_unknown(const pb_schema *schema, const char *name, size_t length, pb_check *check);

/* Pushes `path: message`. */
void pb_check_push_message(lua_State *L, pb_check *check);

#endif
