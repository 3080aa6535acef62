#ifndef PB_LUA_BOX_H
#define PB_LUA_BOX_H

#include <stdbool.h>

#include "lua/compat.h"

/* A box is a userdata that holds a table which no script can reach, even if it gets hold of the box. */

/* Pushes a box with the table at the top in it. `mark` is an address that belongs to the caller. */
void pb_box(lua_State *L, const char *mark);

/* Replaces the box at the top, which must have that mark, by its table. Otherwise pops the value and
 * returns false. */
bool pb_unbox(lua_State *L, const char *mark);

#endif
