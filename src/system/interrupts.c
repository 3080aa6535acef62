#include "system/interrupts.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>

/* Guards the owner and changes of the handler; the handler itself takes no lock. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const void *owned_by;
static atomic_int count;

/* The previous handler. A new one is written to the other element and only then selected, so that a signal
 * handler in another thread never reads half of it. */
static struct sigaction previous[2];
static atomic_int place;

static void on_interrupt(int number) {
  /* Without an owner nobody reads the count: somebody has restored this handler after its release. */
  if (atomic_fetch_add(&count, 1) == 0) return;
  sigaction(SIGINT, &previous[atomic_load(&place)], NULL);
  raise(number);
}

static bool is_ours(const struct sigaction *action) {
  return !(action->sa_flags & SA_SIGINFO) && action->sa_handler == on_interrupt;
}

static bool is_ignored(const struct sigaction *action) {
  return !(action->sa_flags & SA_SIGINFO) && action->sa_handler == SIG_IGN;
}

/* The caller holds the lock. */
static bool install(void) {
  struct sigaction now;
  if (sigaction(SIGINT, NULL, &now) != 0 || is_ignored(&now)) return false;
  /* Our handler must never pass a signal on to itself. */
  if (!is_ours(&now)) {
    int other = !atomic_load(&place);
    previous[other] = now;
    atomic_store(&place, other);
  }
  /* The first signal must not interrupt a body of a bulk run that is reading a pipe or a file. */
  struct sigaction action = {.sa_handler = on_interrupt, .sa_flags = SA_RESTART};
  sigemptyset(&action.sa_mask);
  atomic_store(&count, 0);
  return sigaction(SIGINT, &action, NULL) == 0;
}

bool pb_interrupts_catch(const void *owner) {
  pthread_mutex_lock(&lock);
  bool caught = !owned_by && install();
  if (caught) owned_by = owner;
  pthread_mutex_unlock(&lock);
  return caught;
}

int pb_interrupts_count(const void *owner) {
  pthread_mutex_lock(&lock);
  int number = owned_by == owner ? atomic_load(&count) : 0;
  pthread_mutex_unlock(&lock);
  return number;
}

void pb_interrupts_release(const void *owner) {
  pthread_mutex_lock(&lock);
  if (owned_by == owner) {
    struct sigaction now;
    if (sigaction(SIGINT, NULL, &now) == 0 && is_ours(&now))
      sigaction(SIGINT, &previous[atomic_load(&place)], NULL);
    owned_by = NULL;
    /* If this handler still receives a signal, it passes it on. */
    atomic_store(&count, 1);
  }
  pthread_mutex_unlock(&lock);
}
