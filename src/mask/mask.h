#ifndef PB_MASK_MASK_H
#define PB_MASK_MASK_H

#include "base/buffer.h"
#include "mask/automaton.h"
#include "mask/names.h"
#include "mask/ranges.h"

/* Masks secrets in a text that a person may read. */

/* Fills in `ranges`, which are empty, with the parts of `text` to be masked: all that pb_scan finds, behind up to
 * four layers of escapes, and with `names` (else null) the values of members with these names, for the body of
 * a response, which may have been cut off. False: no memory. */
bool pb_mask_find(const pb_automaton *automaton, const pb_names *names, const char *text,
                  size_t length, pb_ranges *ranges);

/* Appends `text` with *** for each of the ranges. */
void pb_mask_write(const pb_ranges *ranges, const char *text, size_t length, pb_buffer *out);

#endif
