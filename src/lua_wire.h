#ifndef PB_LUA_WIRE_H
#define PB_LUA_WIRE_H

#include "lua_check.h"

/* Writes plain values as JSON in the order of the description, then by name, so that the same change
 * always gives the same bytes. Read-only members are left out. */

typedef struct {
  lua_State *L;
  pb_buffer *out;
  bool mask;      /* secrets as "***": a person may read it */
  bool leaves;    /* a nested change alone, without the object around it */
  bool checked;   /* the value has just been checked: its tables are what the schema says */
  bool first;     /* no member of the present object has been written */
  pb_check check; /* what is wrong, when writing stopped */
} pb_wire;

/* Begins a member: a comma unless it is the first one, and its name. */
static inline void pb_wire_name(pb_wire *w, const pb_property *property) {
  pb_buffer_add(w->out, property->wire.bytes + w->first, property->wire.length - w->first);
  w->first = false;
}

/* Writes the value at the top, which has the Lua type `type`; `schema` may be null. False: the message
 * of `check` says why. */
bool pb_wire_top(pb_wire *w, int type, const pb_schema *schema);

/* Writes the members of the table at `index` (or nothing, if it is none) that the schema does not
 * describe and that the table at `hidden` (unless 0) does not have, by name. */
bool pb_wire_rest(pb_wire *w, int index, const pb_schema *schema, int hidden);

/* Writes what stands for a secret. */
bool pb_wire_mask(pb_wire *w);

#endif
