#ifndef PB_LUA_HTTP_H
#define PB_LUA_HTTP_H

#include "http_pool.h"
#include "lua_compat.h"

/* What the parts of the binding share: lua_http.c makes pools and drives them, lua_http_headers.c
 * prepares header sets, lua_http_transfer.c reads results. */

/* The metatables, which every function here has as its upvalues under these numbers. */
typedef enum {
  PB_HTTP_POOL = 1,
  PB_HTTP_TRANSFER,
  PB_HTTP_HEADERS,
  PB_HTTP_TYPES = 3
} pb_http_type;

/* Pushes a new userdata of that type with `size` zeroed bytes. */
void *pb_http_push(lua_State *L, pb_http_type type, size_t size);

/* The bytes of the userdata of that type at `index`; raises when it is something else. */
void *pb_http_check(lua_State *L, int index, pb_http_type type);

/* Gives back what a transfer in flight holds, here and in the pool; nothing if it has ended. */
void pb_http_collect(lua_State *L, int transfer_index, pb_http_transfer *transfer);

/* http.headers; its userdata holds a pb_headers pointer. */
int pb_http_headers_new(lua_State *L);

extern const luaL_Reg pb_http_headers_methods[];
extern const luaL_Reg pb_http_transfer_methods[];

#endif
