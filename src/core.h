#ifndef PB_CORE_H
#define PB_CORE_H

#include "lua_compat.h"

#if defined(__GNUC__)
#define PB_EXPORT __attribute__((visibility("default")))
#else
#define PB_EXPORT
#endif

/* The parts of the module: each pushes its table of functions. */
int pb_open_claims(lua_State *L);
int pb_open_journal(lua_State *L);
int pb_open_json(lua_State *L);
int pb_open_record(lua_State *L);
int pb_open_schema(lua_State *L);
int pb_open_system(lua_State *L);
int pb_open_text(lua_State *L);
int pb_open_http(lua_State *L);

PB_EXPORT int luaopen_patchbay_core(lua_State *L);

#endif
