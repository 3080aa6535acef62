#ifndef PB_LUA_PARTS_H
#define PB_LUA_PARTS_H

#include "lua/compat.h"

/* The parts of the module patchbay.core. Each function pushes the table of one part and is in the file of
 * the same name. The part `record` has a folder of its own. */

int pb_open_claims(lua_State *L);
int pb_open_csv(lua_State *L);
int pb_open_durations(lua_State *L);
int pb_open_document(lua_State *L);
int pb_open_form(lua_State *L);
int pb_open_http(lua_State *L);
int pb_open_isolated(lua_State *L);
int pb_open_journal(lua_State *L);
int pb_open_json(lua_State *L);
int pb_open_mask(lua_State *L);
int pb_open_own_file(lua_State *L);
int pb_open_process(lua_State *L);
int pb_open_schema(lua_State *L);
int pb_open_system(lua_State *L);
int pb_open_terminal(lua_State *L);
int pb_open_text(lua_State *L);

#endif
