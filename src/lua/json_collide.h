#ifndef PB_LUA_JSON_COLLIDE_H
#define PB_LUA_JSON_COLLIDE_H

#include <stdbool.h>

#include "lua/compat.h"
#include "json/reader.h"

/* Lua 5.1 hashes only some characters of a long string, and all strings without a seed; 5.2, 5.3 and 5.4 before
 * 5.4.3 hash only some characters of a key of more than 40. A response can be made of strings that such a Lua has to
 * compare with all others of the same hash, each with each: a megabyte of them would take minutes. */

/* Whether the strings of `text`, which is JSON, are such; `error` says so then. Always false on other Luas, and for
 * texts too short to matter. */
bool pb_lua_json_collides(lua_State *L, const char *text, size_t length, pb_json_error *error);

#endif
