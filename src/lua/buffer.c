#include "lua/buffer.h"

static bool grow_in_lua(pb_buffer *buffer, size_t capacity) {
  pb_lua_buffer_owner *owner = buffer->owner;
  char *data = lua_newuserdatauv(owner->L, capacity, 0);
  if (buffer->length > 0) memcpy(data, buffer->data, buffer->length);
  lua_replace(owner->L, owner->slot);
  buffer->data = data;
  buffer->capacity = capacity;
  return true;
}

void pb_lua_buffer_init(lua_State *L, pb_buffer *buffer, pb_lua_buffer_owner *owner, char *first,
                        size_t first_capacity) {
  luaL_checkstack(L, 4, "no room for a buffer");
  lua_pushnil(L);
  *owner = (pb_lua_buffer_owner){.L = L, .slot = lua_gettop(L)};
  *buffer =
      (pb_buffer){.data = first, .capacity = first_capacity, .grow = grow_in_lua, .owner = owner};
}
