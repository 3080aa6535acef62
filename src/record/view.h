#ifndef PB_RECORD_VIEW_H
#define PB_RECORD_VIEW_H

#include "record/node.h"

/* Tables of the state that a script has read. The script gets a copy, the view, which belongs to the record:
 * a change that the script makes in it becomes an assignment. */

/* Records that a script is given a table that belongs to the record. */
void pb_view_note(lua_State *L, int internals);

/* Replaces the table at the top, which is the state's value at `key`, by its view. `key` is the stack
 * index of its position or of its name; `schema` may be null. */
void pb_view_push(lua_State *L, int internals, int key, const pb_schema *schema);

/* Turns the node's views that a script has changed into assignments. */
void pb_view_absorb(lua_State *L, int internals);

/* Forgets the views of the node and of all nodes below, because the state is about to change. Allocates
 * nothing once PB_NODE_STACK is reserved. */
void pb_view_drop(lua_State *L, int internals);

/* Whether anything in the node or below is assigned. Absorbs changed views, which count as assigned from here
 * on. */
bool pb_node_changed(lua_State *L, int internals);

/* Pushes the nested node at `position` and its internals if it has assignments; else returns false. */
bool pb_node_changed_child(lua_State *L, int internals, int position);

#endif
