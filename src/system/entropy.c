/* For getentropy(), which POSIX.1-2008 does not have. */
#define _DEFAULT_SOURCE
#define _DARWIN_C_SOURCE

#include "system/entropy.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

#if defined(__APPLE__)
#include <sys/random.h>
#endif

/* glibc has it since 2.25; other systems read the file. */
#if defined(__APPLE__) || defined(__FreeBSD__) || defined(__OpenBSD__)
#define HAVE_GETENTROPY 1
#elif defined(__GLIBC__)
#define HAVE_GETENTROPY (__GLIBC__ > 2 || (__GLIBC__ == 2 && __GLIBC_MINOR__ >= 25))
#else
#define HAVE_GETENTROPY 0
#endif

static bool from_system(uint64_t *bits) {
#if HAVE_GETENTROPY
  if (getentropy(bits, sizeof *bits) == 0) return true;
#endif
  int file = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
  if (file < 0) return false;
  bool complete = read(file, bits, sizeof *bits) == (ssize_t)sizeof *bits;
  close(file);
  return complete;
}

/* The nanoseconds of the clock and the process number, mixed so that every bit depends on all of them. */
static uint64_t from_clock(void) {
  struct timespec now = {0};
  clock_gettime(CLOCK_REALTIME, &now);
  uint64_t bits =
      (uint64_t)now.tv_nsec * 1000003 + (uint64_t)now.tv_sec + (uint64_t)getpid() * 65537;
  for (int i = 0; i < 3; i++) bits = (bits ^ bits >> 31) * UINT64_C(0x9E3779B97F4A7C15);
  return bits;
}

double pb_random(void) {
  uint64_t bits;
  if (!from_system(&bits)) bits = from_clock();
  /* A double holds 53 bits. */
  return (double)(bits >> 11) / 9007199254740992.0;
}
