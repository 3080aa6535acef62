#ifndef PB_SYSTEM_ENTROPY_H
#define PB_SYSTEM_ENTROPY_H

/* A random number from 0 up to but not including 1, from the entropy of the operating system; from the
 * clock where there is none. Nothing is kept between calls, so processes that fork after loading the
 * module do not wait in step. For jitter only. */
double pb_random(void);

#endif
