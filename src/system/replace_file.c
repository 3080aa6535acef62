/* For realpath(), which POSIX has in its XSI part. */
#define _XOPEN_SOURCE     700
#define _FILE_OFFSET_BITS 64

#include "system/replace_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MODE_BITS = 07777 };

/* ENOENT where another process has deleted the file at `path` meanwhile. */
static int take_place(const char *part, const char *path, const struct stat *old, bool keep_mode) {
  /* Only root gives files away; for everyone else the new file is their own. */
  if (chown(part, old->st_uid, old->st_gid) != 0 && errno != EPERM) return errno;
  if (!keep_mode && chmod(part, old->st_mode & MODE_BITS) != 0) return errno;
  char *target = realpath(path, NULL);
  if (!target) return errno;
  int problem = rename(part, target) == 0 ? 0 : errno;
  free(target);
  return problem;
}

int pb_replace_file(const char *part, const char *path, bool keep_mode) {
  struct stat old;
  int problem = stat(path, &old) == 0 ? take_place(part, path, &old, keep_mode) : errno;
  if (problem == ENOENT) problem = rename(part, path) == 0 ? 0 : errno;
  return problem;
}
