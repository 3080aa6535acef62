#ifndef PB_LUA_RECORD_MARK_H
#define PB_LUA_RECORD_MARK_H

#include <stdbool.h>

#include "lua/compat.h"

/* Marks the tables that are records, so that the rest of the binding can tell them from tables of scripts
 * without knowing what a record is. The mark holds the internals of the record in a box (box.h), because
 * next() shows the slot to any script, and its contents are trusted. */

/* Marks the table at `index` as the record whose internals are at the top, where they stay. */
void pb_record_mark(lua_State *L, int index);

/* Pushes the internals of the record, or of the object nested in one, at `index`. Returns false and pushes
 * nothing if the value is something else. */
bool pb_record_internals(lua_State *L, int index);

/* Whether the value at `index` is a record or an object nested in one. */
bool pb_is_record(lua_State *L, int index);

#endif
