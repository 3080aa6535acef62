/* The module patchbay.core: creates the parts, one sub-table each. The parts are internal; the Lua files
 * of patchbay document what they hand out to scripts. */

#include "core.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "lua/parts.h"
#include "record/record.h"
#include "system/stay_loaded.h"

/* A process that was started without standard input, output or error (`2>&-`) gives the free number to the
 * next file or socket. The output of the script would then go into a journal, or to a vendor. Their replacements are
 * open the wrong way round, so that reading and writing fail as before; messages on standard error are lost. */
static void fill_standard_descriptors(void) {
  static const int modes[] = {O_WRONLY, O_RDONLY, O_RDWR};
  for (int standard = STDIN_FILENO; standard <= STDERR_FILENO; standard++) {
    /* open() returns the lowest free number. */
    if (fcntl(standard, F_GETFD) == -1 && errno == EBADF &&
        open("/dev/null", modes[standard]) == -1)
      return;
  }
}

static const struct {
  const char *name;
  lua_CFunction open;
} parts[] = {
    {"isolated", pb_open_isolated}, {"claims", pb_open_claims},
    {"csv", pb_open_csv},           {"durations", pb_open_durations},
    {"document", pb_open_document}, {"form", pb_open_form},
    {"mask", pb_open_mask},         {"journal", pb_open_journal},
    {"own_file", pb_open_own_file}, {"json", pb_open_json},
    {"record", pb_open_record},     {"process", pb_open_process},
    {"schema", pb_open_schema},     {"system", pb_open_system},
    {"terminal", pb_open_terminal}, {"text", pb_open_text},
    {"http", pb_open_http},         {NULL, NULL},
};

int luaopen_patchbay_core(lua_State *L) {
  pb_stay_loaded();
  fill_standard_descriptors();
  lua_newtable(L);
  for (size_t i = 0; parts[i].name; i++) {
    lua_pushcfunction(L, parts[i].open);
    lua_call(L, 0, 1);
    lua_setfield(L, -2, parts[i].name);
  }
  return 1;
}
