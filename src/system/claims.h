#ifndef PB_CLAIMS_H
#define PB_CLAIMS_H

#include <stdbool.h>

/* Claims to work that is handed to another thread of the process and can be withdrawn until it starts.
 * The first to take the claim has it: the worker, who then does the work, or the submitter, who then
 * knows that it is never done. Any thread may call these. */

/* Opens a claim; returns 0 when there is no memory. */
unsigned long pb_claims_open(void);

/* Closes the claim; returns whether it was still open. */
bool pb_claims_take(unsigned long claim);

#endif
