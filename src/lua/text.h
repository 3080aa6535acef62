#ifndef PB_LUA_TEXT_H
#define PB_LUA_TEXT_H

#include <stdbool.h>

#include "lua/compat.h"

/* Pushes the string at `index` with *** for the user names and passwords of addresses in it. Returns false, and pushes
 * nothing, where there are none. */
bool pb_lua_push_hidden(lua_State *L, int index);

#endif
