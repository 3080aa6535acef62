#ifndef PB_RECORD_COMMIT_H
#define PB_RECORD_COMMIT_H

#include "record/node.h"

/* Setting what has been checked, in two steps: the first takes all memory and changes nothing that can
 * be seen, the second only sets slots and cannot fail. `members` and `value` are stack indices of copies
 * that nothing else refers to. */

/* Makes ready for pb_commit_members to set the members of the table at `members`: the nodes they go
 * into are there, and the undescribed ones are in a table of their own, if `merge` with those that are
 * assigned already. */
void pb_commit_prepare(lua_State *L, int internals, int members, bool merge);

/* Reserves the stack that the rest takes: the last that can fail. */
void pb_commit_reserve(lua_State *L);

/* What is assigned below a null makes it an object again. */
void pb_commit_leave_null(lua_State *L, int internals);

/* Sets prepared members; sets a value that, if it is a table for an object, is prepared. nil takes the
 * assignment back. */
void pb_commit_members(lua_State *L, int internals, int members);
void pb_commit_position(lua_State *L, int internals, int position, int value);

/* Whether there is a table at `index` that has something at `key`. */
bool pb_commit_has(lua_State *L, int index, int key);

/* Takes what is at `key` out of the table in the slot, if there is one. */
void pb_commit_forget(lua_State *L, int internals, int slot, int key);

#endif
