#ifndef PB_RECORD_READING_H
#define PB_RECORD_READING_H

#include "lua/compat.h"
#include "lua/schema.h"

/* Responses, as records take them in. */

/* lua_reading.c */
int pb_record_reading(lua_State *L);

/* lua_compare.c */
int pb_record_compare(lua_State *L);
int pb_record_same(lua_State *L);
int pb_record_documented(lua_State *L);

#endif
