#ifndef PB_MASK_NAME_LIST_H
#define PB_MASK_NAME_LIST_H

#include <stdbool.h>
#include <stddef.h>

/* Names of members whose values are secret, in small letters: `count` of them, by bytes in order, each ended by
 * a NUL. */
typedef struct {
  const char *const *names;
  size_t count;
} pb_names;

enum { PB_LONGEST_NAME = 128 }; /* a longer one is not looked for */

/* Whether a name is among them, in whatever letter case. */
bool pb_names_has(const pb_names *names, const char *name, size_t length);

#endif
