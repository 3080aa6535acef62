#ifndef PB_INTERRUPTS_H
#define PB_INTERRUPTS_H

#include <stdbool.h>

/* Ctrl-C (SIGINT) while its owner wants to end in order. The first signal is counted; the second goes to the
 * handler that the process had before. A process has one owner at a time, whatever the number of its
 * threads. `owner` is any address that is the caller's own. */

/* Whether `owner` has SIGINT from now on: false when another owner has it, or the process ignores it. */
bool pb_interrupts_catch(const void *owner);

/* How many signals came since `owner` caught them; 0 for others. */
int pb_interrupts_count(const void *owner);

/* Gives SIGINT back to the handler before, unless somebody has put another one in the place of ours.
 * Nothing when `owner` does not have it. */
void pb_interrupts_release(const void *owner);

#endif
