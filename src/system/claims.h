#ifndef PB_CLAIMS_H
#define PB_CLAIMS_H

#include <stdbool.h>

/* Work that is handed to another thread of the process, and that its giver may take back as long as it has
 * not begun. Whoever takes the claim first has it: the worker, and then the work is done; or the giver, and
 * then it never is. Any thread may call these. */

/* A new claim; 0 when there is no memory. */
unsigned long pb_claims_open(void);

/* Whether the claim was still open. It is closed now. */
bool pb_claims_take(unsigned long claim);

#endif
