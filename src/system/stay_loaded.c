/* POSIX has dladdr only since 2024, but every system has it. */
#undef _POSIX_C_SOURCE
#define _GNU_SOURCE
#define _DARWIN_C_SOURCE
#define _NETBSD_SOURCE

#include "system/stay_loaded.h"

#include <dlfcn.h>
#include <stddef.h>

/* Keeps a reference for good, because the linker's `-z nodelete` is not available everywhere: LuaRocks'
 * builtin build passes no flags to the linker, and not every linker has this one. */
void pb_stay_loaded(void) {
  static const char inside = 0;
  Dl_info library;
  if (dladdr(&inside, &library) && library.dli_fname) (void)dlopen(library.dli_fname, RTLD_NOW);
}
