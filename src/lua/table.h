#ifndef PB_LUA_TABLE_H
#define PB_LUA_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "lua/compat.h"

/* The shape that a Lua table has in JSON, and the metatable that marks arrays. Tables are read raw: no
 * metamethod runs. */

typedef enum {
  PB_TABLE_EMPTY, /* no members and no mark: an object, or an empty list where a list is expected */
  PB_TABLE_OBJECT, /* every key is a string */
  PB_TABLE_ARRAY,  /* the keys are 1 to n; or there are none and the table is marked as an array */
  PB_TABLE_MIXED   /* JSON has no such value */
} pb_table_shape;

/* The shape of the table at `index`. `*length` is the number of its members. For PB_TABLE_MIXED `*problem`
 * (unless null) says what the table is instead: "a list with holes". A table is marked as an array by our
 * array metatable, or by any whose `__jsontype` is "array"; an empty one also by the mark of pb_set_empty_array. */
pb_table_shape pb_table_shape_of(lua_State *L, int index, size_t *length, const char **problem);

/* Whether the table at `index` has the metatable that marks arrays. */
bool pb_has_array_metatable(lua_State *L, int index);

/* Pushes the metatable that marks arrays. */
void pb_push_array_metatable(lua_State *L);

/* Pops a table, which is the metatable that marks arrays from now on. */
void pb_set_array_metatable(lua_State *L);

/* Pops lua-cjson's `empty_array_mt` and `empty_array`, each nil where there is none: the metatable marks a table
 * as an array while it is empty, and the light userdata stands for an empty array. */
void pb_set_empty_array(lua_State *L);

/* Whether the value at `index` is that light userdata. */
bool pb_is_empty_array(lua_State *L, int index);

#endif
