/* The module patchbay.core: opens the parts, one sub-table each. What scripts may call is
 * documented where the Lua files of patchbay hand it out; the rest is internal. */

#include "core.h"

static const struct {
  const char *name;
  lua_CFunction open;
} parts[] = {
    {"journal", pb_open_journal}, {"json", pb_open_json},
    {"record", pb_open_record},   {"schema", pb_open_schema},
    {"system", pb_open_system},   {"text", pb_open_text},
    {"http", pb_open_http},       {NULL, NULL},
};

int luaopen_patchbay_core(lua_State *L) {
  lua_newtable(L);
  for (size_t i = 0; parts[i].name; i++) {
    lua_pushcfunction(L, parts[i].open);
    lua_call(L, 0, 1);
    lua_setfield(L, -2, parts[i].name);
  }
  return 1;
}
