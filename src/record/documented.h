#ifndef PB_RECORD_DOCUMENTED_H
#define PB_RECORD_DOCUMENTED_H

#include "lua/compat.h"
#include "schema/schema.h"

/* Replaces the value at the top, which a response has shown in a field of `schema` (may be null), by the form
 * that the description documents: an enumeration's own letters, a boolean for "True" or 1, a number for its
 * text. Any other value stays. A table is changed in place, and must be a copy. */
void pb_document(lua_State *L, const pb_schema *schema);

#endif
