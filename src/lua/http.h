#ifndef PB_LUA_HTTP_H
#define PB_LUA_HTTP_H

#include "lua/http_types.h"

/* The files of the part `http`: http.c creates pools and drives them, http_headers.c prepares sets of
 * headers, http_transfer.c reads results. */

/* http.headers: pushes a userdata that holds a pb_headers pointer. */
int pb_http_headers_new(lua_State *L);

extern const luaL_Reg pb_http_headers_methods[];
extern const luaL_Reg pb_http_transfer_methods[];

#endif
