#ifndef PB_RECORD_COMMIT_H
#define PB_RECORD_COMMIT_H

#include "record/node.h"

/* Applies checked assignments in two steps. The first takes all memory and changes nothing visible; the
 * second only sets slots and cannot fail. `members` and `value` are stack indices of copies that nobody
 * else holds. */

/* Prepares the members of the table at `members` for pb_commit_members: creates the nodes that they go
 * into and moves the undescribed ones into a table of their own, if `merge` together with those already
 * assigned. */
void pb_commit_prepare(lua_State *L, int internals, int members, bool merge);

/* Reserves the stack for the second step. Nothing after this can fail. */
void pb_commit_reserve(lua_State *L);

/* Turns nulls around the node into objects, because something within them is assigned. */
void pb_commit_leave_null(lua_State *L, int internals);

/* Sets prepared members, or one value, which must be prepared if it is the table of an object. nil removes
 * the assignment. */
void pb_commit_members(lua_State *L, int internals, int members);
void pb_commit_position(lua_State *L, int internals, int position, int value);

/* Whether there is a table at `index` with a value at `key`. */
bool pb_commit_has(lua_State *L, int index, int key);

/* Removes the value at `key` from the table in the slot, if there is one. */
void pb_commit_forget(lua_State *L, int internals, int slot, int key);

#endif
