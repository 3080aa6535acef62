#ifndef PB_TERMINATION_H
#define PB_TERMINATION_H

#include <stdbool.h>

/* SIGTERM for a program that already ends in order at Ctrl-C: it raises SIGINT, and is remembered. */

/* Turns SIGTERM into SIGINT from now on, for the whole process. A process that ignores SIGTERM goes on ignoring it. */
void pb_termination_as_interrupt(void);

/* Whether SIGTERM has arrived since then. */
bool pb_terminated(void);

#endif
