#ifndef PB_RECORD_VIEW_H
#define PB_RECORD_VIEW_H

#include "record/node.h"

/* Tables of the state that a script has read. The script gets a copy, the view, which belongs to the record:
 * a change that the script makes in it becomes an assignment. */

/* Notes that a script gets a table that is the record's own. */
void pb_view_note(lua_State *L, int internals);

/* Replaces the table at the top, the state's at `key` (a stack index: its position, or its name), by
 * its view. `schema` may be null. */
void pb_view_push(lua_State *L, int internals, int key, const pb_schema *schema);

/* Makes assignments of the node's views that have been changed. */
void pb_view_absorb(lua_State *L, int internals);

/* Forgets the views of the node and of all below it: the state changes, and they are of the old one.
 * Allocates nothing once PB_NODE_STACK is reserved. */
void pb_view_drop(lua_State *L, int internals);

/* Whether anything below the node is assigned. Tables that a script has read from the state and
 * changed in place count as assigned from here on. */
bool pb_node_changed(lua_State *L, int internals);

/* Pushes the nested node at `position` and its internals if it has assignments. */
bool pb_node_changed_child(lua_State *L, int internals, int position);

#endif
