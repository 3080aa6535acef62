#define _FILE_OFFSET_BITS 64

#include "system/still_at.h"

#include <sys/stat.h>

bool pb_still_at(int descriptor, const char *path) {
  struct stat open_one, present;
  return fstat(descriptor, &open_one) == 0 && stat(path, &present) == 0 &&
         open_one.st_dev == present.st_dev && open_one.st_ino == present.st_ino;
}
