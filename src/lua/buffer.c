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

char *pb_lua_copy_buffer(lua_State *L, const pb_buffer *buffer, size_t *length) {
  for (;;) {
    *length = buffer->length;
    char *copy = lua_newuserdatauv(L, *length + 1, 0);
    /* A finalizer may have changed the buffer. */
    if (buffer->length != *length) {
      lua_pop(L, 1);
      continue;
    }
    if (*length > 0) memcpy(copy, buffer->data, *length);
    return copy;
  }
}

void pb_lua_push_buffer(lua_State *L, const pb_buffer *buffer) {
#if LUA_VERSION_NUM >= 503
  lua_pushlstring(L, buffer->length > 0 ? buffer->data : "", buffer->length);
#else
  size_t length;
  const char *copy = pb_lua_copy_buffer(L, buffer, &length);
  lua_pushlstring(L, copy, length);
  lua_replace(L, -2);
#endif
}
