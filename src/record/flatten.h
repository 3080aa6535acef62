#ifndef PB_RECORD_FLATTEN_H
#define PB_RECORD_FLATTEN_H

#include "record/node.h"

/* Plain tables out of records, and plain copies of values that may have records in them. Functions that
 * return a message do so as those of copy.h. */

/* Pushes a plain table of the assignments below the node, over the state if `merged`. It shares nothing with
 * the record. Fails where a script
 * has changed a table in place into something that JSON does not have. */
const char *pb_flatten_node(lua_State *L, int internals, bool merged);

/* The same; raises the message. */
void pb_flatten_node_or_raise(lua_State *L, int internals, bool merged);

/* Pushes a plain copy of the value at `index`. Records within it become tables of the fields that they hold
 * and a script may assign. */
const char *pb_flatten_copy(lua_State *L, int index, const pb_schema *schema);

/* The same; raises the message. */
void pb_flatten_copy_or_raise(lua_State *L, int index, const pb_schema *schema);

/* Pops the value at the top. If it is a table, sets plain copies of its members in the one at `target`. */
const char *pb_flatten_over(lua_State *L, int target);

#endif
