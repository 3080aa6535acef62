#ifndef PB_SYSTEM_PRIVATE_FILE_H
#define PB_SYSTEM_PRIVATE_FILE_H

#include <stdbool.h>

typedef enum {
  PB_FILE_PRIVATE, /* this user's, or root's, and nobody else may read or write it */
  PB_FILE_SHARED,  /* its mode lets others do so */
  PB_FILE_FOREIGN, /* it belongs to another user */
} pb_file_access;

/* Whether the file at `path` may hold secrets or, with `public`, a program that is run: others may read that, but not
 * write it. Returns 0, or an errno; `*mode` is its permission bits. */
int pb_private_file(const char *path, bool public, pb_file_access *access, unsigned *mode);

#endif
