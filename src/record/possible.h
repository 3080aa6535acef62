#ifndef PB_RECORD_POSSIBLE_H
#define PB_RECORD_POSSIBLE_H

#include "lua/compat.h"
#include "schema/schema.h"

/* The branches of unions that are gone through for one value at most; then the whole value is hidden. */
enum { PB_MOST_POSSIBLE = 1000000 };

/* Hides, in the value at the top, which is a plain copy, the secrets that it has by any branch of the union that it may
 * belong to: which one the vendor means is not certain. `left`: the branches that may still be gone through; 0 afterwards:
 * not all were. Returns false where the value is to be left out, which happens with `omit` alone: that leaves secrets out
 * instead of masking them. */
bool pb_hide_possible(lua_State *L, const pb_schema *schema, bool omit, int *left);

#endif
