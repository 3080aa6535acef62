#ifndef PB_LUA_NUMBER_H
#define PB_LUA_NUMBER_H

#include <stdint.h>

#include "base/number.h"
#include "lua/compat.h"

/* Numbers out of JSON as Lua values. Where the host's numbers cannot hold one exactly, it becomes an
 * opaque number: a userdata that keeps the digits. tostring gives them, two are equal when their
 * digits are, and nothing else can be done with it. */

#define PB_LUA_NUMBER "patchbay.number" /* its metatable's name in the registry */

/* From here on a double, the only number of LuaJIT and of Lua before 5.3, may stand for several integers: this
 * one is what its successor is rounded to. */
#define PB_LUA_EXACT_INTEGER (INT64_C(1) << 53)

/* Makes the metatable; once per state, before anything below is called. */
void pb_lua_number_open(lua_State *L);

/* Pushes the number that `text`, which is exactly one valid JSON number, says: an ordinary number
 * where it can hold it, else an opaque one. Throws when there is no memory. */
void pb_lua_number_push(lua_State *L, const char *text, size_t length);

/* Pushes the integer: ordinary where the host holds it, else opaque. Throws like the above. */
void pb_lua_number_push_integer(lua_State *L, int64_t integer, const char *text, size_t length);

/* The digits of the opaque number at `index`, NUL-terminated and alive as long as it is; null when
 * something else is there. */
const char *pb_lua_number_text(lua_State *L, int index, size_t *length);

/* The number at `index`, opaque or not, alive as long as that is; false when there is none. */
bool pb_lua_number_at(lua_State *L, int index, pb_number *number);

/* Whether the number at `index`, a whole one, certainly is the one that the script has written: a large
 * double may stand for several. */
bool pb_lua_number_is_exact(lua_State *L, int index);

#endif
