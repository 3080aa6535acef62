/* For offsets of 64 bits everywhere. */
#define _FILE_OFFSET_BITS 64

#include "system/append_line.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "system/write_signals.h"

/* Writes all by one call. A full disk may take a part of it. */
static int write_once(int descriptor, const char *bytes, size_t length) {
  pb_write_signals signals;
  ssize_t count;
  pb_write_signals_hold(&signals);
  do count = write(descriptor, bytes, length);
  while (count < 0 && errno == EINTR);
  pb_write_signals_release(&signals);
  if (count < 0) return errno;
  return (size_t)count == length ? 0 : EIO;
}

static bool ends_in_line(int descriptor, off_t size) {
  char last;
  return size == 0 || pread(descriptor, &last, 1, size - 1) != 1 || last == '\n';
}

/* Whether the last line is left incomplete. While another process writes, the file is seen to grow; such a line is
 * complete within moments. */
static bool is_torn(int descriptor, off_t size) {
  enum { LOOKS = 50, NANOSECONDS_BETWEEN = 1000000 };
  const struct timespec pause = {.tv_nsec = NANOSECONDS_BETWEEN};
  struct stat status = {.st_size = size};
  for (int look = 0; look < LOOKS; look++) {
    if (ends_in_line(descriptor, status.st_size)) return false;
    nanosleep(&pause, NULL);
    if (fstat(descriptor, &status) != 0) break;
  }
  return true;
}

static int append(int descriptor, const char *bytes, size_t length) {
  struct stat status;
  if (fstat(descriptor, &status) != 0) return errno;
  if (S_ISDIR(status.st_mode)) return EISDIR;
  if (!S_ISREG(status.st_mode)) return ENOTSUP;
  if (length == 0) return 0;
  if (!is_torn(descriptor, status.st_size)) return write_once(descriptor, bytes, length);
  char *whole = pb_realloc(NULL, length + 1);
  if (!whole) return ENOMEM;
  whole[0] = '\n';
  memcpy(whole + 1, bytes, length);
  int problem = write_once(descriptor, whole, length + 1);
  pb_free(whole);
  return problem;
}

int pb_append_line(const char *path, const char *bytes, size_t length) {
  /* O_NONBLOCK makes open() return at once where the path is a pipe; it has no effect on regular files. */
  const int flags = O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
  int descriptor;
  do descriptor = open(path, flags, S_IRUSR | S_IWUSR);
  while (descriptor < 0 && errno == EINTR);
  if (descriptor < 0) return errno;
  int problem = append(descriptor, bytes, length);
  /* Some file systems tell of a full disk only here. */
  if (close(descriptor) != 0 && problem == 0 && errno != EINTR) problem = errno;
  return problem;
}
