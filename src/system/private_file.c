#include "system/private_file.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OTHERS_MAY = 077, OTHERS_MAY_WRITE = 022, MODE_BITS = 07777 };

int pb_private_file(const char *path, bool public, pb_file_access *access, unsigned *mode) {
  struct stat status;
  if (stat(path, &status) != 0) return errno;
  *mode = (unsigned)status.st_mode & MODE_BITS;
  if (status.st_uid != geteuid() && status.st_uid != 0) *access = PB_FILE_FOREIGN;
  else if ((*mode & (public ? OTHERS_MAY_WRITE : OTHERS_MAY)) != 0) *access = PB_FILE_SHARED;
  else *access = PB_FILE_PRIVATE;
  return 0;
}
