#ifndef PB_SYSTEM_ENTROPY_H
#define PB_SYSTEM_ENTROPY_H

/* A number from 0 up to but not including 1, from the operating system's entropy: nothing is kept
 * between calls, so processes that forked after loading the module do not wait in step. For jitter;
 * where the system has no entropy to give it comes from the clock. */
double pb_random(void);

#endif
