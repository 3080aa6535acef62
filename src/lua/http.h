#ifndef PB_LUA_HTTP_H
#define PB_LUA_HTTP_H

#include "lua/http_types.h"

/* What the parts of the binding share: http.c makes pools and drives them, http_headers.c
 * prepares header sets, http_transfer.c reads results. */

/* http.headers; its userdata holds a pb_headers pointer. */
int pb_http_headers_new(lua_State *L);

extern const luaL_Reg pb_http_headers_methods[];
extern const luaL_Reg pb_http_transfer_methods[];

#endif
