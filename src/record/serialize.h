#ifndef PB_RECORD_SERIALIZE_H
#define PB_RECORD_SERIALIZE_H

#include "lua/check.h"

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
} pb_serializer;

/* Begins a member: a comma unless it is the first one, and its name. */
static inline void pb_serialize_name(pb_serializer *w, const pb_property *property) {
  pb_buffer_add(w->out, property->wire.bytes + w->first, property->wire.length - w->first);
  w->first = false;
}

/* Writes the value at the top, which has the Lua type `type`; `schema` may be null. False: the message
 * of `check` says why. */
bool pb_serialize_top(pb_serializer *w, int type, const pb_schema *schema);

/* Writes the members of the table at `index` (or nothing, if it is none) that the schema does not
 * describe and that the table at `hidden` (unless 0) does not have, by name. */
bool pb_serialize_rest(pb_serializer *w, int index, const pb_schema *schema, int hidden);

/* Writes what stands for a secret. */
bool pb_serialize_mask(pb_serializer *w);

#endif
