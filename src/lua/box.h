#ifndef PB_LUA_BOX_H
#define PB_LUA_BOX_H

#include <stdbool.h>

#include "lua/compat.h"

/* A box is a userdata with a table in it that no script gets at, wherever the box itself may be seen. */

/* Pushes a box with the table at the top in it, and with `mark`: an address that is the caller's own. */
void pb_box(lua_State *L, const char *mark);

/* Replaces the box with that mark at the top by its table; false, with nothing there any more, if it is
 * none. */
bool pb_unbox(lua_State *L, const char *mark);

#endif
