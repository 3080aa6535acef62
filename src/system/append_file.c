/* For flock(), which POSIX does not have, and for offsets of 64 bits everywhere. */
#define _DEFAULT_SOURCE
#define _DARWIN_C_SOURCE
#define _FILE_OFFSET_BITS 64

#include "system/append_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "system/still_at.h"
#include "system/write_signals.h"

/* flock(2) and not the locks of fcntl(2), which do not exclude a second opening in the same process and
 * are lost when any descriptor of the file is closed. */
static int lock(int descriptor) {
  while (flock(descriptor, LOCK_EX | LOCK_NB) != 0)
    if (errno != EINTR) return errno;
  return 0;
}

static int examine(pb_append_file *file) {
  struct stat status;
  if (fstat(file->descriptor, &status) != 0) return errno;
  if (S_ISDIR(status.st_mode)) return EISDIR;
  if (!S_ISREG(status.st_mode) && !S_ISCHR(status.st_mode)) return ENOTSUP;
  file->regular = S_ISREG(status.st_mode);
  file->size = file->regular ? (int64_t)status.st_size : 0;
  return 0;
}

/* The errno that creating a file at `path` would fail with, ENOTDIR for a missing folder; ENOENT if it can be
 * created. */
static int creatable(const char *path) {
  const char *name = strrchr(path, '/');
  if (!name) return access(".", W_OK | X_OK) == 0 ? ENOENT : errno;
  size_t length = name == path ? 1 : (size_t)(name - path);
  char *folder = pb_realloc(NULL, length + 1);
  if (!folder) return ENOMEM;
  memcpy(folder, path, length);
  folder[length] = '\0';
  int problem = access(folder, W_OK | X_OK) == 0 ? ENOENT : errno == ENOENT ? ENOTDIR : errno;
  pb_free(folder);
  return problem;
}

/* ESTALE where another process has put a new file at `path` meanwhile, or deleted this one. */
static int open_once(pb_append_file *file, const char *path, bool create) {
  /* O_NONBLOCK makes open() refuse a pipe instead of waiting for it; it has no effect on regular files. */
  const int flags = O_RDWR | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | (create ? O_CREAT : 0);
  *file = (pb_append_file){.descriptor = -1};
  do file->descriptor = open(path, flags, S_IRUSR | S_IWUSR);
  while (file->descriptor < 0 && errno == EINTR);
  if (file->descriptor < 0) return errno == ENOENT && !create ? creatable(path) : errno;
  int problem = lock(file->descriptor);
  /* Only under the lock does the size stay the same. */
  if (problem == 0) problem = examine(file);
  if (problem == 0 && file->regular && !pb_still_at(file->descriptor, path)) problem = ESTALE;
  if (problem != 0) pb_append_file_close(file);
  return problem;
}

int pb_append_file_open(pb_append_file *file, const char *path, bool create) {
  enum { TRIES = 100 };
  int problem = ESTALE;
  for (int tried = 0; problem == ESTALE && tried < TRIES; tried++)
    problem = open_once(file, path, create);
  return problem;
}

int pb_append_file_read(const pb_append_file *file, int64_t offset, void *bytes, size_t size,
                        size_t *length) {
  *length = 0;
  while (*length < size) {
    ssize_t count = pread(file->descriptor, (char *)bytes + *length, size - *length,
                          (off_t)(offset + (int64_t)*length));
    if (count == 0) break;
    if (count > 0) *length += (size_t)count;
    else if (errno != EINTR) return errno;
  }
  return 0;
}

int pb_append_file_truncate(pb_append_file *file, int64_t size) {
  if (!file->regular) return 0;
  while (ftruncate(file->descriptor, (off_t)size) != 0)
    if (errno != EINTR) return errno;
  file->size = size;
  return 0;
}

/* Text appended to a deleted file would be lost, and in a file that somebody else has changed nothing is
 * where it was. */
static int look_after(const pb_append_file *file) {
  struct stat status;
  if (!file->regular) return 0;
  if (fstat(file->descriptor, &status) != 0) return errno;
  if (status.st_nlink == 0) return ENOENT;
  return (int64_t)status.st_size == file->size ? 0 : ESTALE;
}

static ssize_t write_within_limit(int descriptor, const char *bytes, size_t length) {
  pb_write_signals signals;
  pb_write_signals_hold(&signals);
  ssize_t count = write(descriptor, bytes, length);
  pb_write_signals_release(&signals);
  return count;
}

int pb_append_file_append(pb_append_file *file, const char *bytes, size_t length) {
  if (file->broken == 0) file->broken = look_after(file);
  if (file->broken != 0) return file->broken;
  size_t written = 0;
  while (written < length) {
    ssize_t count = write_within_limit(file->descriptor, bytes + written, length - written);
    if (count > 0) {
      written += (size_t)count;
    } else if (count == 0 || errno != EINTR) {
      file->broken = count == 0 ? EIO : errno;
      if (written > 0) pb_append_file_truncate(file, file->size);
      return file->broken;
    }
  }
  file->size += (int64_t)length;
  return 0;
}

int pb_append_file_sync(const pb_append_file *file) {
  while (fsync(file->descriptor) != 0) {
    /* A device that stores nothing returns EINVAL. */
    if (errno == EINVAL && !file->regular) return 0;
    if (errno != EINTR) return errno;
  }
  return 0;
}

void pb_append_file_close(pb_append_file *file) {
  /* Not repeated on EINTR: the descriptor is closed all the same, and its number may be in use again. */
  if (file->descriptor >= 0) close(file->descriptor);
  file->descriptor = -1;
}
