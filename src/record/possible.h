#ifndef PB_RECORD_POSSIBLE_H
#define PB_RECORD_POSSIBLE_H

#include "lua/compat.h"
#include "lua/verdicts.h"
#include "schema/schema.h"

typedef struct {
  lua_State *L;
  bool omit; /* leaves secrets out, instead of masking them */
  int left;  /* branches of unions that may still be gone through; 0 afterwards: not all were */
  size_t nesting;
  pb_verdicts gone_through;
} pb_possible;

void pb_possible_begin(pb_possible *p, lua_State *L, bool omit);

/* Hides, in the value at the top, which is a plain copy, the secrets that it has by any branch of the unions that it may
 * belong to: which one the vendor means is not certain. Returns false where the value is to be left out. No table of the
 * value may have gone since the beginning. */
bool pb_hide_possible(pb_possible *p, const pb_schema *schema);

#endif
