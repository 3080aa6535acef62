#ifndef PB_LUA_CHECK_PATH_H
#define PB_LUA_CHECK_PATH_H

#include <stdbool.h>

#include "base/buffer.h"
#include "lua/compat.h"
#include "lua/verdicts.h"

/* The path of the value that is being checked, and the problem with it. Both are in fixed arrays, so that checking a
 * valid value allocates nothing and checking a wrong one cannot leak. Text that does not fit is cut off. */

typedef struct {
  pb_buffer path;
  pb_buffer message;
  bool from_vendor; /* the value may hold what the vendor sent: its read-only members are skipped */
  size_t tries;     /* branches of unions within unions that were tried so far */
  size_t nesting;   /* unions around the value whose branches are being tried */
  pb_verdicts verdicts;
  char path_bytes[512];
  char message_bytes[1024];
} pb_check;

/* Starts a check. `path` is the start of the message: `voice_routes`. */
void pb_check_start(pb_check *check, const char *path, size_t length);

/* Append a step, or a whole path, to the path. */
void pb_check_enter(pb_check *check, const char *name, size_t length);
void pb_check_enter_path(pb_check *check, const char *path, size_t length);

/* Pushes `path: message`. */
void pb_check_push_message(lua_State *L, pb_check *check);

#endif
