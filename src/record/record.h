#ifndef PB_RECORD_RECORD_H
#define PB_RECORD_RECORD_H

#include "lua/check.h"
#include "lua/compat.h"
#include "record/node.h"

/* Pushes the part `record`. */
int pb_open_record(lua_State *L);

/* The functions of the part `record`, and the metamethods of its nodes, by the file they are in. */

/* read.c */
int pb_node_index(lua_State *L);
int pb_record_names(lua_State *L);

/* assign.c */
int pb_node_newindex(lua_State *L);
int pb_node_call(lua_State *L);
int pb_record_assign(lua_State *L);
int pb_record_clear(lua_State *L);

/* payload.c */
int pb_record_payload(lua_State *L);

/* applied.c */
int pb_record_apply(lua_State *L);
int pb_record_apply_cached(lua_State *L);
int pb_record_accept(lua_State *L);
int pb_record_adopt(lua_State *L);
int pb_record_load(lua_State *L);

/* changes.c */
int pb_record_entries(lua_State *L);
int pb_record_plain(lua_State *L);

/* aside.c */
int pb_record_set_aside(lua_State *L);
int pb_record_restore(lua_State *L);

/* values.c */
int pb_record_values(lua_State *L);
int pb_record_shown(lua_State *L);
int pb_record_home(lua_State *L);

#endif
