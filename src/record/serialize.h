#ifndef PB_RECORD_SERIALIZE_H
#define PB_RECORD_SERIALIZE_H

#include "lua/check.h"

/* Writes plain values as JSON: described members in the order of the description, the others by name, so that
 * the same change always gives the same bytes. Read-only members are left out. */

typedef struct {
  lua_State *L;
  pb_buffer *out;
  bool mask;      /* writes secrets as "***", for people to read */
  bool leaves;    /* writes a nested change alone, without the object around it */
  bool checked;   /* the value was just checked: its tables have the shapes of the schema */
  bool first;     /* no member of the current object has been written yet */
  pb_check check; /* the reason if writing stopped */
} pb_serializer;

/* Begins a member: writes its name, after a comma unless it is the first. */
static inline void pb_serialize_name(pb_serializer *w, const pb_property *property) {
  pb_buffer_add(w->out, property->wire.bytes + w->first, property->wire.length - w->first);
  w->first = false;
}

/* Writes the value at the top, whose Lua type is `type`; `schema` may be null. On failure returns false, and
 * the message of `check` says why. */
bool pb_serialize_top(pb_serializer *w, int type, const pb_schema *schema);

/* Writes, by name, the members of the table at `index` that the schema does not describe and that the
 * table at `hidden` (unless 0) does not have. Writes nothing if there is no table at `index`. */
bool pb_serialize_rest(pb_serializer *w, int index, const pb_schema *schema, int hidden);

/* Writes "***" for a secret. */
bool pb_serialize_mask(pb_serializer *w);

#endif
