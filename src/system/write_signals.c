#include "system/write_signals.h"

#include <errno.h>
#include <pthread.h>

static void set_of(sigset_t *set, int number) {
  sigemptyset(set);
  sigaddset(set, number);
}

void pb_write_signals_hold(pb_write_signals *signals) {
  sigset_t both;
  set_of(&both, SIGPIPE);
  sigaddset(&both, SIGXFSZ);
  signals->held = sigpending(&signals->pending) == 0 &&
                  pthread_sigmask(SIG_BLOCK, &both, &signals->before) == 0;
}

/* Removes the signal if it has come since. Returns whether it has. */
static bool take(const pb_write_signals *signals, int number) {
  sigset_t now, one;
  int taken;
  if (sigismember(&signals->pending, number) == 1 || sigpending(&now) != 0 ||
      sigismember(&now, number) != 1)
    return false;
  set_of(&one, number);
  sigwait(&one, &taken);
  return true;
}

bool pb_write_signals_release(const pb_write_signals *signals) {
  if (!signals->held) return false;
  int problem = errno;
  take(signals, SIGPIPE);
  bool passed = take(signals, SIGXFSZ);
  pthread_sigmask(SIG_SETMASK, &signals->before, NULL);
  errno = problem;
  return passed;
}
