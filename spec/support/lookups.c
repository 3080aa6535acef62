/* getaddrinfo for specs, loaded by LD_PRELOAD. The look-up of a name that ends in ".held.test" lasts until the
 * file "let-go" exists in the working directory, a minute at most, and then returns this machine. The files
 * "asked" and "answered" show the progress of a look-up. That of a name that ends in ".flaky.test" fails
 * until there is a file "let-go", and then returns this machine; newer libcurls look IPv4 and IPv6 up by two calls. */
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

static int ends_in(const char *name, const char *ending) {
  size_t length = name ? strlen(name) : 0, end = strlen(ending);
  return length > end && strcmp(name + length - end, ending) == 0;
}

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                struct addrinfo **found) {
  look_up *real;
  *(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
  if (ends_in(name, ".flaky.test")) {
    return access("let-go", F_OK) == 0 ? real("127.0.0.1", service, hints, found) : EAI_AGAIN;
  }
  if (!ends_in(name, ".held.test")) return real(name, service, hints, found);
  mark("asked");
  for (int i = 0; i < 6000 && access("let-go", F_OK) != 0; i++) usleep(10000);
  int status = real("127.0.0.1", service, hints, found);
  mark("answered");
  return status;
}
