#ifndef PB_FUZZ_H
#define PB_FUZZ_H

/* Shared by the harnesses in spec/fuzz. Each defines LLVMFuzzerTestOneInput, which libFuzzer calls with
 * generated inputs, and fuzz_replay.c with inputs from files. */

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* A condition that must hold for every input. */
#define FUZZ_HOLDS(condition)                                                                      \
  do {                                                                                             \
    if (!(condition)) {                                                                            \
      fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition);               \
      abort();                                                                                     \
    }                                                                                              \
  } while (0)

/* A copy in a block of exactly `size` bytes, so that a sanitizer sees a read beyond them. */
static inline char *fuzz_copy(const void *bytes, size_t size) {
  char *copy = calloc(size ? size : 1, 1);
  if (!copy) abort();
  if (size > 0) memcpy(copy, bytes, size);
  return copy;
}

#endif
