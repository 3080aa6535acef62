#ifndef PB_CORE_H
#define PB_CORE_H

#include "lua/compat.h"

#if defined(__GNUC__)
#define PB_EXPORT __attribute__((visibility("default")))
#else
#define PB_EXPORT
#endif

PB_EXPORT int luaopen_patchbay_core(lua_State *L);

#endif
