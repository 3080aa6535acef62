#include "lua/verdicts.h"

#include <stdint.h>
#include <string.h>

/* The place of the verdict; if there is none, the place for it, out of a few: one that is unused, or else the one whose
 * verdict is found again soonest. */
static pb_kept_verdict *place_of(pb_verdicts *verdicts, const void *value, const void *schema) {
  enum { PLACES = 8 };
  uintptr_t mixed = ((uintptr_t)value >> 4) * 31 + ((uintptr_t)schema >> 4);
  pb_kept_verdict *found = NULL;
  for (size_t i = 0; i < PLACES; i++) {
    pb_kept_verdict *place = &verdicts->kept[((mixed ^ (mixed >> 7)) + i) % PB_VERDICTS];
    if (place->value == value && place->schema == schema) return place;
    bool better = !found || (found->value && (!place->value || place->nesting > found->nesting));
    if (better) found = place;
  }
  return found;
}

const pb_verdict *pb_verdict_on(pb_verdicts *verdicts, const void *value, const void *schema) {
  if (!verdicts->any) return NULL;
  const pb_kept_verdict *place = place_of(verdicts, value, schema);
  return place->value == value && place->schema == schema ? &place->verdict : NULL;
}

void pb_verdict_keep(pb_verdicts *verdicts, const void *value, const void *schema, size_t nesting,
                     const pb_verdict *verdict) {
  if (!verdicts->any) memset(verdicts->kept, 0, sizeof verdicts->kept);
  verdicts->any = true;
  pb_kept_verdict *place = place_of(verdicts, value, schema);
  if (place->value && place->nesting < nesting) return;
  *place =
      (pb_kept_verdict){.value = value, .schema = schema, .nesting = nesting, .verdict = *verdict};
}
