#ifndef PB_LUA_JSON_H
#define PB_LUA_JSON_H

#include <stdbool.h>

#include "base/buffer.h"
#include "lua/compat.h"
#include "json/reader.h"

/* JSON text and Lua values, for the other parts of the binding. null is the light userdata NULL.
 * Tables are read and written raw: no metamethod of a script's ever runs. All of these may throw
 * Lua's memory error, and whatever a finalizer throws; hold no memory of your own meanwhile. */

/* Pushes the value of `text`; or pushes nothing, fills in `error` and returns false. `lenient`: half of a
 * surrogate pair reads as U+FFFD, and what is pushed second is a set of the strings that have one, or nil. */
bool pb_lua_json_decode(lua_State *L, const char *text, size_t length, bool lenient,
                        pb_json_error *error);

typedef struct {
  char path[160];    /* to the value within the one that was to be written: a.b[3]; "" for itself */
  char message[120]; /* what is the matter with it: "cannot write a function as JSON" */
} pb_json_write_error;

/* Appends the value at `index`. On failure returns false with `error` filled in; `out` then has some
 * of the text. `out` has to be a buffer that a thrown error does not leak (see buffer.h). */
bool pb_lua_json_write(lua_State *L, int index, pb_buffer *out, pb_json_write_error *error);

#endif
