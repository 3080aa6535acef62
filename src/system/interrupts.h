#ifndef PB_INTERRUPTS_H
#define PB_INTERRUPTS_H

#include <stdbool.h>

/* Catches Ctrl-C (SIGINT) for an owner that wants to finish in order. The first signal is counted; the
 * second goes to the previous handler of the process. A process has one owner at a time, however many
 * threads it has. `owner` is any address that belongs to the caller. */

/* Gives SIGINT to `owner`. Returns false when another owner has it, or the process ignores it. */
bool pb_interrupts_catch(const void *owner);

/* The number of signals since `owner` caught them; 0 for others. */
int pb_interrupts_count(const void *owner);

/* Restores the previous handler of SIGINT, unless somebody has replaced ours. Does nothing when `owner`
 * does not have it. */
void pb_interrupts_release(const void *owner);

#endif
