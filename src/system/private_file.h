#ifndef PB_SYSTEM_PRIVATE_FILE_H
#define PB_SYSTEM_PRIVATE_FILE_H

typedef enum {
  PB_FILE_PRIVATE, /* this user's, or root's, and nobody else may read or write it */
  PB_FILE_SHARED,  /* its mode lets others read or write it */
  PB_FILE_FOREIGN, /* it belongs to another user */
} pb_file_access;

/* Whether the file at `path` may hold secrets. Returns 0, or an errno; `*mode` is its permission bits. */
int pb_private_file(const char *path, pb_file_access *access, unsigned *mode);

#endif
