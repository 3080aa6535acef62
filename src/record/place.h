#ifndef PB_RECORD_PLACE_H
#define PB_RECORD_PLACE_H

#include "lua/compat.h"

/* Pushes what stands for the key of a record, nil, a string or a number at the absolute index, in a table: for a text
 * its hash, which takes neither memory nor another pass, and is the same whatever the case of its letters; "" for nil;
 * a number as it is. */
void pb_record_push_place(lua_State *L, int key);

#endif
