#include "system/claims.h"

#include <pthread.h>
#include <stddef.h>

#include "base/memory.h"

typedef struct open_claim {
  unsigned long number;
  struct open_claim *next;
} open_claim;

/* The oldest comes first, because work starts in the order in which it was submitted. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static open_claim *first;
static open_claim **end = &first;
static unsigned long last_number;

unsigned long pb_claims_open(void) {
  open_claim *claim = pb_realloc(NULL, sizeof *claim);
  if (!claim) return 0;
  pthread_mutex_lock(&lock);
  unsigned long number = ++last_number;
  *claim = (open_claim){.number = number};
  *end = claim;
  end = &claim->next;
  pthread_mutex_unlock(&lock);
  return number;
}

bool pb_claims_take(unsigned long number) {
  pthread_mutex_lock(&lock);
  open_claim **place = &first;
  while (*place && (*place)->number != number) place = &(*place)->next;
  open_claim *claim = *place;
  if (claim) {
    *place = claim->next;
    if (!claim->next) end = place;
  }
  pthread_mutex_unlock(&lock);
  pb_free(claim);
  return claim != NULL;
}
