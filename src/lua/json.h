#ifndef PB_LUA_JSON_H
#define PB_LUA_JSON_H

#include <stdbool.h>

#include "base/buffer.h"
#include "lua/compat.h"
#include "json/reader.h"

/* Conversions between JSON text and Lua values, for the rest of the binding. null is the light userdata
 * NULL. Tables are read and written raw: no metamethod of a script runs. These functions may raise Lua's
 * memory error, and any error that a finalizer raises, so callers must hold no memory of their own. */

/* Pushes the value of `text`. On failure pushes nothing, fills in `error` and returns false. With `lenient`,
 * half of a surrogate pair reads as U+FFFD, and a second value is pushed: a set of the strings that have one,
 * or nil. */
bool pb_lua_json_decode(lua_State *L, const char *text, size_t length, bool lenient,
                        pb_json_error *error);

/* The same, strict, with each object's member names, in the order of the text, at its positions 1 to n beside
 * the members themselves. Pushes the value, and a list of { name =, offset = } of the names, up to a thousand, that
 * stand twice in one object; the later value counts, at the place of the first. */
bool pb_lua_json_decode_ordered(lua_State *L, const char *text, size_t length,
                                pb_json_error *error);

typedef struct {
  char path[160];    /* to the bad value within the whole: a.b[3]; "" for the whole */
  char message[120]; /* the problem: "cannot write a function as JSON" */
} pb_json_write_error;

/* Appends the value at `index`. On failure returns false with `error` filled in, and `out` has a part of
 * the text. `out` must be a buffer that a raised error does not leak (see buffer.h). */
bool pb_lua_json_write(lua_State *L, int index, pb_buffer *out, pb_json_write_error *error);

/* The same, with records in it written as the function at `plain` (an absolute index) gives them: as a plain
 * table. */
bool pb_lua_json_write_records(lua_State *L, int index, int plain, pb_buffer *out,
                               pb_json_write_error *error);

#endif
