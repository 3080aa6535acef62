#ifndef PB_RECORD_SAMENESS_H
#define PB_RECORD_SAMENESS_H

#include "lua/compat.h"
#include "lua/schema.h"

/* Whether two values mean the same to a vendor: the one comparison of responses, confirm(), wait, diffs and plans.
 * Values are plain: tables without records in them. */

typedef enum {
  PB_SAME,
  PB_DIFFERENT,
  PB_NOT_COMPARABLE /* the second is not shown, or not so that it can be compared */
} pb_sameness;

/* Below, `sent` and `read` are absolute stack indices; `schema`, of the value, may be null; `secret` tells whether it
 * is a secret. Members of `read` that `sent` does not have do not count. */

/* Compares values that are both there. */
pb_sameness pb_same_value(lua_State *L, const pb_schema *schema, bool secret, int sent, int read);

/* Compares a member of an object; `read` may be nil. */
pb_sameness pb_same_member(lua_State *L, const pb_schema *schema, bool secret, int sent, int read);

/* The same of an assigned value that takes the place of the known one: members of the known one that would be
 * lost count, too, unless only the vendor sets them. */
pb_sameness pb_same_replaced(lua_State *L, const pb_schema *schema, bool secret, int assigned,
                             int known);

/* Whether the description lets a member be compared at all. */
bool pb_is_comparable(lua_State *L, const pb_schema *schema, int sent, int read);

/* Whether it is null, "", [] or {}: the value of a cleared field, whichever of them is sent. */
bool pb_is_empty_value(lua_State *L, int index);

/* The rule for a member, whose name is at `name`, of an object; and whether it is a secret. */
const pb_schema *pb_member_rule(lua_State *L, const pb_schema *schema, int name, bool *secret);

#endif
