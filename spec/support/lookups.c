/* getaddrinfo for specs, loaded by LD_PRELOAD: the look-up of a name that ends in ".held.test" lasts until
 * the file "let-go" exists in the working directory, a minute at most, and then returns this machine. The
 * files "asked" and "answered" show the progress of a look-up. */
#undef _POSIX_C_SOURCE
#define _GNU_SOURCE

#include <dlfcn.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef int look_up(const char *, const char *, const struct addrinfo *, struct addrinfo **);

static void mark(const char *name) {
  FILE *file = fopen(name, "w");
  if (file) fclose(file);
}

static int is_held(const char *name) {
  static const char ending[] = ".held.test";
  size_t length = name ? strlen(name) : 0;
  return length >= sizeof ending && strcmp(name + length - (sizeof ending - 1), ending) == 0;
}

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                struct addrinfo **found) {
  look_up *real;
  *(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
  if (!is_held(name)) return real(name, service, hints, found);
  mark("asked");
  for (int i = 0; i < 6000 && access("let-go", F_OK) != 0; i++) usleep(10000);
  int status = real("127.0.0.1", service, hints, found);
  mark("answered");
  return status;
}
