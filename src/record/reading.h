#ifndef PB_RECORD_READING_H
#define PB_RECORD_READING_H

#include "lua/compat.h"
#include "lua/schema.h"

/* Responses, as records take them in. */

/* reading.c */
int pb_record_reading(lua_State *L);

/* compare.c */
int pb_record_compare(lua_State *L);
int pb_record_same(lua_State *L);
int pb_record_judge(lua_State *L);
int pb_record_documented(lua_State *L);

#endif
