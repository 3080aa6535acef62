#include "lua/http_types.h"

#include <string.h>

#include "lua/userdata.h"

static const char *const type_names[] = {
    [PB_HTTP_POOL] = "patchbay.http.pool",
    [PB_HTTP_TRANSFER] = "patchbay.http.transfer",
    [PB_HTTP_HEADERS] = "patchbay.http.headers",
};

static void forget_loan(lua_State *L, int transfer_index, unsigned slot) {
  pb_push_inner(L, transfer_index);
  /* false and not nil: the keys stay, so that setting them again needs no memory. */
  lua_pushboolean(L, 0);
  lua_rawseti(L, -2, (int)(2 * slot - 1));
  lua_pushboolean(L, 0);
  lua_rawseti(L, -2, (int)(2 * slot));
  lua_pop(L, 1);
}

void pb_http_collect(lua_State *L, int transfer_index, pb_http_transfer *transfer) {
  if (!transfer->handle) return;
  unsigned slot = transfer->handle->slot;
  pb_http_pool_collect(transfer);
  forget_loan(L, transfer_index, slot);
}

/* The start of each userdata. Comparing the address is a quicker type check than the metatable. */
typedef struct {
  const char *type;
} mark;

void *pb_http_push(lua_State *L, pb_http_type type, size_t size) {
  mark *self = lua_newuserdatauv(L, sizeof *self + size, 1);
  memset(self, 0, sizeof *self + size);
  self->type = type_names[type];
  lua_pushvalue(L, lua_upvalueindex((int)type));
  lua_setmetatable(L, -2);
  return self + 1;
}

void *pb_http_check(lua_State *L, int index, pb_http_type type) {
  mark *self = lua_touserdata(L, index);
  /* A light userdata has no length. */
  if (self && lua_rawlen(L, index) >= sizeof *self && self->type == type_names[type])
    return self + 1;
  luaL_checkudata(L, index, type_names[type]);
  luaL_argerror(L, index, type_names[type]);
  return NULL;
}

void pb_http_make_types(lua_State *L) {
  for (int type = 1; type <= PB_HTTP_TYPES; type++) {
    luaL_newmetatable(L, type_names[type]);
    lua_pop(L, 1);
  }
}

void pb_http_push_types(lua_State *L) {
  for (int type = 1; type <= PB_HTTP_TYPES; type++) luaL_getmetatable(L, type_names[type]);
}

void pb_http_fill_type(lua_State *L, pb_http_type type, const luaL_Reg *methods) {
  luaL_getmetatable(L, type_names[type]);
  int metatable = lua_gettop(L);
  pb_http_push_types(L);
  pb_userdata_methods(L, metatable, type_names[type], methods, PB_HTTP_TYPES);
  lua_pop(L, 1);
}
