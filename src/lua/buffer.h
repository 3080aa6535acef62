#ifndef PB_LUA_BUFFER_H
#define PB_LUA_BUFFER_H

#include "base/buffer.h"
#include "lua/compat.h"

/* A buffer whose memory belongs to Lua's collector, so that an error thrown while it is in use leaks
 * nothing. It starts on memory of the caller (a local array) and moves into a userdata when that is full.
 * It never fails: growing raises Lua's memory error instead. */

typedef struct {
  lua_State *L;
  int slot; /* the stack slot that keeps the userdata alive */
} pb_lua_buffer_owner;

/* Pushes a stack slot (nil at first) that must stay in place as long as the buffer is in use. */
void pb_lua_buffer_init(lua_State *L, pb_buffer *buffer, pb_lua_buffer_owner *owner, char *first,
                        size_t first_capacity);

/* Pushes the buffer's bytes as a string. Before the allocation that makes the string, some Luas run
 * finalizers, which may free the buffer or append to it: this reads it only afterwards. */
void pb_lua_push_buffer(lua_State *L, const pb_buffer *buffer);

/* Pushes a userdata with a copy of the buffer's bytes, and returns the copy; `*length` is their number.
 * For code that walks through bytes which a finalizer may free. */
char *pb_lua_copy_buffer(lua_State *L, const pb_buffer *buffer, size_t *length);

#endif
