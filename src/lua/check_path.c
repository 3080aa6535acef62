#include "lua/check_path.h"

#include "base/show.h"

void pb_check_start(pb_check *check, const char *path, size_t length) {
  pb_buffer_init_fixed(&check->path, check->path_bytes, sizeof check->path_bytes);
  pb_buffer_init_fixed(&check->message, check->message_bytes, sizeof check->message_bytes);
  check->from_vendor = false;
  check->tries = 0;
  check->nesting = 0;
  check->verdicts.any = false;
  pb_buffer_add(&check->path, path, length);
}

void pb_check_enter(pb_check *check, const char *name, size_t length) {
  pb_show_step(&check->path, name, length);
}

void pb_check_enter_path(pb_check *check, const char *path, size_t length) {
  if (length == 0) return;
  if (check->path.length > 0 && *path != '[') pb_buffer_add_char(&check->path, '.');
  pb_buffer_add(&check->path, path, length);
}

void pb_check_push_message(lua_State *L, pb_check *check) {
  if (check->path.length == 0) {
    lua_pushlstring(L, check->message.data, check->message.length);
    return;
  }
  lua_pushlstring(L, check->path.data, check->path.length);
  lua_pushliteral(L, ": ");
  lua_pushlstring(L, check->message.data, check->message.length);
  lua_concat(L, 3);
}
