#include "memory.h"

#include <stdlib.h>

static void *(*hook)(void *, size_t);

void *pb_realloc(void *block, size_t size) {
  return hook ? hook(block, size) : realloc(block, size);
}

void pb_free(void *block) {
  free(block);
}

void pb_memory_hook(void *(*function)(void *block, size_t size)) {
  hook = function;
}
