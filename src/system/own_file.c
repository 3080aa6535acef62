/* For flock(), which POSIX does not have, and for offsets of 64 bits everywhere. */
#define _DEFAULT_SOURCE
#define _DARWIN_C_SOURCE
#define _FILE_OFFSET_BITS 64

#include "system/own_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "system/still_at.h"
#include "system/write_signals.h"

enum { OTHERS_MAY = 077, MODE_BITS = 07777 };

/* O_NONBLOCK makes open() return at once for a pipe; it has no effect on regular files. */
static const int common_flags = O_CLOEXEC | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK;

static int open_again(const char *path, int flags) {
  int descriptor;
  do descriptor = open(path, flags, S_IRUSR | S_IWUSR);
  while (descriptor < 0 && errno == EINTR);
  return descriptor;
}

static pb_own_file_result fail(pb_own_file *file, pb_own_file_result result, int problem) {
  pb_own_file_close(file);
  file->problem = problem;
  return result;
}

/* Whether the file that is open is one of this user alone. */
static pb_own_file_result examine(pb_own_file *file, struct stat *status) {
  if (fstat(file->descriptor, status) != 0) return fail(file, PB_OWN_FILE_FAILED, errno);
  file->mode = (unsigned)status->st_mode & MODE_BITS;
  if (!S_ISREG(status->st_mode)) return fail(file, PB_OWN_FILE_OTHER, 0);
  if (status->st_uid != geteuid()) return fail(file, PB_OWN_FILE_FOREIGN, 0);
  if ((file->mode & OTHERS_MAY) != 0) return fail(file, PB_OWN_FILE_SHARED, 0);
  return PB_OWN_FILE_OPEN;
}

static pb_own_file_result open_checked(pb_own_file *file, const char *path, int flags,
                                       struct stat *status) {
  *file = (pb_own_file){.descriptor = open_again(path, flags | common_flags)};
  if (file->descriptor >= 0) return examine(file, status);
  int problem = errno;
  /* A file that stands there now was put there since, by another process. */
  if (problem == ENOENT) return fail(file, PB_OWN_FILE_MISSING, ENOENT);
  /* The errno for a symbolic link differs between systems; and of a file that cannot be opened, its owner and its
   * mode say more than that this user may not open it. */
  if (lstat(path, status) == 0) {
    file->mode = (unsigned)status->st_mode & MODE_BITS;
    if (S_ISLNK(status->st_mode)) return fail(file, PB_OWN_FILE_LINK, 0);
    if (!S_ISREG(status->st_mode)) return fail(file, PB_OWN_FILE_OTHER, 0);
    if (status->st_uid != geteuid()) return fail(file, PB_OWN_FILE_FOREIGN, 0);
  }
  return fail(file, PB_OWN_FILE_FAILED, problem);
}

pb_own_file_result pb_own_file_open(pb_own_file *file, const char *path) {
  struct stat status;
  return open_checked(file, path, O_RDONLY, &status);
}

pb_own_file_result pb_own_file_lock(pb_own_file *file, const char *path) {
  struct stat status;
  pb_own_file_result result = open_checked(file, path, O_RDWR | O_CREAT, &status);
  if (result != PB_OWN_FILE_OPEN) return result;
  /* flock(2) and not the locks of fcntl(2), which do not exclude a second opening in the same process. */
  while (flock(file->descriptor, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    return errno == EWOULDBLOCK ? fail(file, PB_OWN_FILE_LOCKED, 0)
                                : fail(file, PB_OWN_FILE_FAILED, errno);
  }
  return pb_still_at(file->descriptor, path) ? PB_OWN_FILE_OPEN : fail(file, PB_OWN_FILE_LOCKED, 0);
}

int pb_own_file_read(const pb_own_file *file, char *bytes, size_t size, size_t *length) {
  *length = 0;
  while (*length < size) {
    ssize_t count = pread(file->descriptor, bytes + *length, size - *length, (off_t)*length);
    if (count == 0) break;
    if (count > 0) *length += (size_t)count;
    else if (errno != EINTR) return errno;
  }
  return 0;
}

void pb_own_file_close(pb_own_file *file) {
  /* Not repeated on EINTR: the descriptor is closed all the same, and its number may be in use again. */
  if (file->descriptor >= 0) close(file->descriptor);
  file->descriptor = -1;
}

static int write_all(int descriptor, const char *bytes, size_t length) {
  pb_write_signals signals;
  int problem = 0;
  pb_write_signals_hold(&signals);
  while (length > 0 && problem == 0) {
    ssize_t count = write(descriptor, bytes, length);
    if (count > 0) {
      bytes += count;
      length -= (size_t)count;
    } else if (count == 0 || errno != EINTR) {
      problem = count == 0 ? EIO : errno;
    }
  }
  pb_write_signals_release(&signals);
  return problem;
}

int pb_own_file_replace(const char *part, const char *path, const char *bytes, size_t length) {
  if (unlink(part) != 0 && errno != ENOENT) return errno; /* of a process that was killed */
  int descriptor = open_again(part, O_WRONLY | O_CREAT | O_EXCL | common_flags);
  if (descriptor < 0) return errno;
  /* The umask may have taken something away. */
  int problem = fchmod(descriptor, S_IRUSR | S_IWUSR) == 0 ? 0 : errno;
  if (problem == 0) problem = write_all(descriptor, bytes, length);
  if (close(descriptor) != 0 && problem == 0 && errno != EINTR) problem = errno;
  if (problem == 0 && rename(part, path) != 0) problem = errno;
  if (problem != 0) unlink(part);
  return problem;
}

int pb_own_file_make_folders(char *path) {
  for (char *at = path; *at != '\0'; at++) {
    if (*at != '/' || at == path) continue;
    *at = '\0';
    int problem = mkdir(path, S_IRWXU) == 0 ? 0 : errno;
    *at = '/';
    /* Systems differ in the error for a folder that is there. */
    if (problem != 0 && problem != EEXIST && problem != EISDIR) {
      struct stat status;
      *at = '\0';
      bool there = stat(path, &status) == 0 && S_ISDIR(status.st_mode);
      *at = '/';
      if (!there) return problem;
    }
  }
  return 0;
}
