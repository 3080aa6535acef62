#ifndef PB_LUA_HTTP_TYPES_H
#define PB_LUA_HTTP_TYPES_H

#include "http/pool.h"
#include "lua/compat.h"

/* The userdata types of the part `http`, which its files share.
 *
 * The inner table (compat.h) of a pool is its table of loans, shared with its transfers: at 2n-1 the
 * transfer that has slot n, at 2n the body it sends, false while there is none; at 0 the pool; at -1, -2, …
 * transfers to be used again. So nothing in flight is collected before its pool, a transfer keeps its pool, and
 * no table grows with the number of requests. */

/* The metatables. Every function here has them as its upvalues, under these numbers. */
typedef enum {
  PB_HTTP_POOL = 1,
  PB_HTTP_TRANSFER,
  PB_HTTP_HEADERS,
  PB_HTTP_TYPES = 3
} pb_http_type;

typedef struct {
  pb_http_pool *pool; /* null before it is created and after it is collected */
  int spares;         /* the number of transfers to be used again */
} pb_lua_pool;

/* Pushes a new userdata of that type with `size` zeroed bytes. */
void *pb_http_push(lua_State *L, pb_http_type type, size_t size);

/* Returns the bytes of the userdata of that type at `index`; raises if the value is something else. */
void *pb_http_check(lua_State *L, int index, pb_http_type type);

/* Releases all that a transfer in flight holds, here and in the pool. Does nothing if it has ended. */
void pb_http_collect(lua_State *L, int transfer_index, pb_http_transfer *transfer);

/* Creates the metatables. Call once per state, before anything else here. */
void pb_http_make_types(lua_State *L);

/* Pushes all metatables in the order of their numbers, as the upvalues of a function. */
void pb_http_push_types(lua_State *L);

/* Gives the metatable of `type` its methods. */
void pb_http_fill_type(lua_State *L, pb_http_type type, const luaL_Reg *methods);

#endif
