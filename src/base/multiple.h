#ifndef PB_BASE_MULTIPLE_H
#define PB_BASE_MULTIPLE_H

#include "base/number.h"

/* Multiples of decimals, by the digits that people write: 0.3 is a multiple of 0.1, although the double nearest to
 * 0.3 is no multiple of the double nearest to 0.1. */

/* Whether `value` is `of`, which is above 0 and has no digits of its own, times a whole number. Takes time
 * proportional to the digits of `value`. */
bool pb_number_is_multiple(const pb_number *value, const pb_number *of);

/* Enough for any multiple that is written. */
enum { PB_MULTIPLE_SIZE = 24 };

/* Writes the multiples next to `value`, each with a NUL behind it, for a message. Where `value` differs from a multiple
 * by no more than rounding, as 0.30000000000000004 does from 0.3, that is the only one; else they are the one below
 * and the one above. Returns the number of them: 0 where they have too many digits. */
int pb_number_multiples_near(const pb_number *value, const pb_number *of,
                             char near[2][PB_MULTIPLE_SIZE]);

#endif
