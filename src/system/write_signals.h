#ifndef PB_SYSTEM_WRITE_SIGNALS_H
#define PB_SYSTEM_WRITE_SIGNALS_H

#include <signal.h>
#include <stdbool.h>

/* By default two signals end the process that writes: SIGPIPE when the pipe has no reader any more, SIGXFSZ when the
 * limit on the size of files (ulimit -f) would be passed. Between hold and release the thread does not get them, and
 * the write fails with EPIPE or EFBIG. */

typedef struct {
  sigset_t before, pending; /* the thread's blocked and pending signals when they were held */
  bool held;
} pb_write_signals;

void pb_write_signals_hold(pb_write_signals *signals);

/* Returns whether the limit would have been passed. Signals that were pending before stay so. Keeps errno. */
bool pb_write_signals_release(const pb_write_signals *signals);

#endif
