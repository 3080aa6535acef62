#ifndef PB_MASK_SCAN_H
#define PB_MASK_SCAN_H

#include <stddef.h>

#include "mask/automaton.h"
#include "mask/ranges.h"

/* Adds the parts of `text` that are secrets: as they are, in hexadecimal digits, in Base64 of either alphabet
 * wherever in the coded text they begin, and as userinfo of addresses. One pass. `cut`: the text may have been
 * cut off, so that the beginning of a secret at its end counts. `automaton` may be null: no secrets. */
void pb_scan(const pb_automaton *automaton, const char *text, size_t length, bool cut,
             pb_ranges *ranges);

#endif
