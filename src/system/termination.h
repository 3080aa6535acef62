#ifndef PB_TERMINATION_H
#define PB_TERMINATION_H

/* SIGTERM, and SIGHUP of a terminal that is gone, for a program that already ends in order at Ctrl-C: they raise SIGINT,
 * and are remembered. */

/* Turns both into SIGINT from now on, for the whole process. A process that ignores one of them goes on ignoring it. */
void pb_termination_as_interrupt(void);

/* The number of the one that has arrived first since then; 0 for none. */
int pb_terminated(void);

#endif
