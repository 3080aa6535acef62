#ifndef PB_LUA_BUFFER_H
#define PB_LUA_BUFFER_H

#include "base/buffer.h"
#include "lua/compat.h"

/* A buffer whose bytes Lua's collector owns: an error thrown while it is in use leaks nothing. It
 * starts on memory of the caller's (a local array), and moves into a userdata when that is full.
 * Growing never returns false; it throws Lua's memory error. */

typedef struct {
  lua_State *L;
  int slot; /* the stack slot that keeps the userdata alive */
} pb_lua_buffer_owner;

/* Pushes one stack slot (nil at first) that must stay where it is as long as the buffer is used. */
void pb_lua_buffer_init(lua_State *L, pb_buffer *buffer, pb_lua_buffer_owner *owner, char *first,
                        size_t first_capacity);

#endif
