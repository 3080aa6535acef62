/* dladdr is in no POSIX before 2024, and every system has it. */
#undef _POSIX_C_SOURCE
#define _GNU_SOURCE
#define _DARWIN_C_SOURCE
#define _NETBSD_SOURCE

#include "system/stay_loaded.h"

#include <dlfcn.h>
#include <stddef.h>

/* A reference that is never given back, and not the linker's `-z nodelete`: LuaRocks' builtin build passes
 * no flags to the linker, and not every system's linker knows that one. */
void pb_stay_loaded(void) {
  static const char inside = 0;
  Dl_info library;
  if (dladdr(&inside, &library) && library.dli_fname) (void)dlopen(library.dli_fname, RTLD_NOW);
}
