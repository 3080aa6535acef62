#ifndef PB_SYSTEM_OWN_FILE_H
#define PB_SYSTEM_OWN_FILE_H

#include <stddef.h>

/* Files with secrets: only files of this user that nobody else may read or write are opened, by a descriptor
 * that was checked itself, and no symbolic link is followed at the end of a path. */

typedef enum {
  PB_OWN_FILE_OPEN,
  PB_OWN_FILE_MISSING,
  PB_OWN_FILE_SHARED,  /* its mode lets others read or write it */
  PB_OWN_FILE_FOREIGN, /* it belongs to another user */
  PB_OWN_FILE_LINK,    /* it is a symbolic link */
  PB_OWN_FILE_OTHER,   /* it is no regular file */
  PB_OWN_FILE_LOCKED,  /* somebody else has the lock */
  PB_OWN_FILE_FAILED,  /* see `problem` */
} pb_own_file_result;

typedef struct {
  int descriptor; /* -1 when closed */
  unsigned mode;  /* permission bits */
  int problem;    /* an errno */
} pb_own_file;

/* Opens the file for reading. */
pb_own_file_result pb_own_file_open(pb_own_file *file, const char *path);

/* Opens and locks the file until it is closed, or the process ends; a missing one is created. A lock whose file is
 * deleted before it is released can be taken by everybody who comes later: PB_OWN_FILE_LOCKED is returned for such a
 * file, and the next call finds or creates another. */
pb_own_file_result pb_own_file_lock(pb_own_file *file, const char *path);

/* Reads up to `size` bytes from the beginning. Returns 0 or an errno. */
int pb_own_file_read(const pb_own_file *file, char *bytes, size_t size, size_t *length);

/* May be called again. */
void pb_own_file_close(pb_own_file *file);

/* Writes the bytes to the file `part`, which is made anew, and puts it in the place of `path` at once; a symbolic link
 * at `path` is replaced, not followed. One writer at a time. Returns 0 or an errno, and then `path` is as it was. */
int pb_own_file_replace(const char *part, const char *path, const char *bytes, size_t length);

/* Makes the missing folders of a path up to its last slash, for this user alone. `path` is changed meanwhile. Returns 0
 * or an errno. */
int pb_own_file_make_folders(char *path);

#endif
