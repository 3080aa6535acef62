#ifndef PB_BASE_MULTIPLE_H
#define PB_BASE_MULTIPLE_H

#include "base/number.h"

/* Multiples of decimals, by the digits that people write: 0.3 is a multiple of 0.1, which of the doubles nearest to
 * them is not true. */

/* Whether `value` is `of`, which is above 0 and has no digits of its own, times a whole number. Takes time
 * proportional to the digits of `value`. */
bool pb_number_is_multiple(const pb_number *value, const pb_number *of);

/* Enough for any multiple that is written. */
enum { PB_MULTIPLE_SIZE = 24 };

/* Writes multiples near `value`, each with a NUL behind it, for a message: the one that is meant by what rounding has
 * made of it, such as 0.3 by 0.30000000000000004, or else the one below and the one above. Returns how many there
 * are: none where they have too many digits. */
int pb_number_multiples_near(const pb_number *value, const pb_number *of,
                             char near[2][PB_MULTIPLE_SIZE]);

#endif
