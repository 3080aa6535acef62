#ifndef PB_LUA_CHECK_H
#define PB_LUA_CHECK_H

#include "lua/compat.h"
#include "schema/schema.h"

/* Checks whole Lua values against a schema. What is wrong is said in one line that starts with the
 * full path: `voice_routes.IpWhitelist[2].IpAddress: expected a string, got the number 5; write "5"`.
 *
 * Path and message live in fixed arrays, so that a check of a good value allocates nothing and a
 * check of a bad one cannot leak; what does not fit is cut off. */

typedef struct {
  pb_buffer path;
  pb_buffer message;
  bool from_vendor; /* the value may hold what the vendor sent: its read-only members are skipped */
  char path_bytes[512];
  char message_bytes[1024];
} pb_check;

/* `path` is what every message starts with: `voice_routes`. */
void pb_check_start(pb_check *check, const char *path, size_t length);

/* Whether the value at `index` obeys `schema`. When not, `check` holds path and message. Raw access
 * only: no metamethod runs. May throw Lua's errors (memory). */
bool pb_check_value(lua_State *L, int index, const pb_schema *schema, pb_check *check);

/* As pb_check_value, for the members of the table at `index` one by one: the fields of a partial
 * update, where nothing is required. */
bool pb_check_members(lua_State *L, int index, const pb_schema *schema, pb_check *check);

/* Whether a script may assign what `schema` describes at all; if not, `check` says why. */
bool pb_check_assignable(const pb_schema *schema, pb_check *check);

/* Appends a step, a whole path, to the path. */
void pb_check_enter(pb_check *check, const char *name, size_t length);
void pb_check_enter_path(pb_check *check, const char *path, size_t length);

/* Says that `name` is no property of `schema`, with a suggestion; always false. */
bool pb_check_unknown(const pb_schema *schema, const char *name, size_t length, pb_check *check);

/* Pushes `path: message`. */
void pb_check_push_message(lua_State *L, pb_check *check);

#endif
