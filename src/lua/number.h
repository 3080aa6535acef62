#ifndef PB_LUA_NUMBER_H
#define PB_LUA_NUMBER_H

#include <stdint.h>

#include "base/number.h"
#include "lua/compat.h"

/* JSON numbers as Lua values. A number that Lua's numbers cannot hold exactly becomes an opaque number: a
 * userdata that keeps the digits. tostring() returns them, two are equal if their digits are, and it has
 * no other operations. */

#define PB_LUA_NUMBER "patchbay.number" /* the name of its metatable in the registry */

/* From here on a double may stand for several integers: the successor of this one is rounded to it. LuaJIT and
 * Lua before 5.3 have no other numbers. */
#define PB_LUA_EXACT_INTEGER (INT64_C(1) << 53)

/* Creates the metatable. Call once per state, before anything below. */
void pb_lua_number_open(lua_State *L);

/* Pushes the number in `text`, which is exactly one valid JSON number: an ordinary number if one holds it,
 * else an opaque one. May raise Lua's memory error. */
void pb_lua_number_push(lua_State *L, const char *text, size_t length);

/* Pushes the integer: an ordinary number if Lua holds it, else an opaque one. May raise Lua's memory
 * error. */
void pb_lua_number_push_integer(lua_State *L, int64_t integer, const char *text, size_t length);

/* The digits of the opaque number at `index`, NUL-terminated and valid as long as the value; null for
 * other values. */
const char *pb_lua_number_text(lua_State *L, int index, size_t *length);

/* Reads the number at `index`, opaque or not, valid as long as the value. Returns false for other values. */
bool pb_lua_number_at(lua_State *L, int index, pb_number *number);

/* Whether the whole number at `index` certainly is the one that the script has written: a large double may
 * stand for several. */
bool pb_lua_number_is_exact(lua_State *L, int index);

#endif
