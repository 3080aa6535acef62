#include "base/memory.h"

#include <stdlib.h>

static void *(*allocate_hook)(void *, size_t);
static void (*release_hook)(void *);

void *pb_realloc(void *block, size_t size) {
  return allocate_hook ? allocate_hook(block, size) : realloc(block, size);
}

void pb_free(void *block) {
  if (release_hook) release_hook(block);
  else free(block);
}

void pb_memory_hook(void *(*allocate)(void *block, size_t size), void (*release)(void *block)) {
  allocate_hook = allocate;
  release_hook = release;
}
