#include "system/termination.h"

#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>

static atomic_int terminated;

static void on_termination(int number) {
  int none = 0;
  atomic_compare_exchange_strong(&terminated, &none, number);
  raise(SIGINT);
}

static void turn(int number) {
  struct sigaction now;
  if (sigaction(number, NULL, &now) != 0 || now.sa_handler == SIG_IGN) return;
  struct sigaction action = {.sa_handler = on_termination, .sa_flags = SA_RESTART};
  sigemptyset(&action.sa_mask);
  sigaction(number, &action, NULL);
}

void pb_termination_as_interrupt(void) {
  struct sigaction now;
  /* A job that a shell has started with & ignores SIGINT, and could not be ended any more. */
  if (sigaction(SIGINT, NULL, &now) != 0 || now.sa_handler == SIG_IGN) return;
  turn(SIGTERM);
  turn(SIGHUP);
}

int pb_terminated(void) {
  return atomic_load(&terminated);
}
