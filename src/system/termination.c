#include "system/termination.h"

#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>

static atomic_int terminated;

static void on_termination(int number) {
  (void)number;
  atomic_store(&terminated, 1);
  raise(SIGINT);
}

void pb_termination_as_interrupt(void) {
  struct sigaction now;
  if (sigaction(SIGTERM, NULL, &now) != 0 || now.sa_handler == SIG_IGN) return;
  /* A job that a shell has started with & ignores SIGINT, and could not be ended any more. */
  if (sigaction(SIGINT, NULL, &now) != 0 || now.sa_handler == SIG_IGN) return;
  struct sigaction action = {.sa_handler = on_termination, .sa_flags = SA_RESTART};
  sigemptyset(&action.sa_mask);
  sigaction(SIGTERM, &action, NULL);
}

bool pb_terminated(void) {
  return atomic_load(&terminated) != 0;
}
