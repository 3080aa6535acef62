#ifndef PB_LUA_PLAIN_H
#define PB_LUA_PLAIN_H

#include "lua_compat.h"
#include "schema.h"

/* Plain values: what JSON has, as Lua has it. Tables are read raw: no metamethod runs. */

/* Pushes a copy of the value at `index` that shares nothing with it: lists marked as such, whole
 * numbers as integers where the schema (null: unknown) says so, and records within it as plain tables
 * of what they hold and could be assigned. NULL; or, with nothing pushed, what there is in place of a
 * value: tables that are nested too deeply, as they are in a table that contains itself; or one that is empty
 * and only seems to hold something. */
const char *pb_plain_try_copy(lua_State *L, int index, const pb_schema *schema);

/* The same for a value that is known to be good; raises when it is nested too deeply. */
void pb_plain_push_copy(lua_State *L, int index, const pb_schema *schema);

/* Whether two plain values are the same as JSON. */
bool pb_plain_equal(lua_State *L, int a, int b);

/* The same for what is `depth` deep in the value: a list may hold, through records, itself. */
const char *pb_plain_try_copy_at(lua_State *L, int index, const pb_schema *schema, int depth);

/* Pops the value at the top; if it is a table, sets copies of its members in the one at `target`; `depth` is
 * that of the members. NULL, or what there is in place of a value. */
const char *pb_plain_overlay(lua_State *L, int target, int depth);

/* Takes out of the value at `index` what is read-only in it. Changes it: it must be a copy. */
void pb_plain_strip(lua_State *L, int index, const pb_schema *schema);

#endif
