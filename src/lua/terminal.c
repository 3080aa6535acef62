/* The part `terminal`: text in columns, and lines that a person types. */

#include "system/terminal.h"

#include <stdbool.h>
#include <string.h>

#include "base/show.h"
#include "lua/buffer.h"
#include "lua/parts.h"

/* Opened at the first use: most processes show nothing. */
typedef struct {
  locale_t locale;
  bool opened;
} characters;

static int characters_gc(lua_State *L) {
  characters *own = lua_touserdata(L, 1);
  if (own->locale) freelocale(own->locale);
  own->locale = (locale_t)0;
  return 0;
}

/* Around text that is written from right to left, so that the text beside it keeps its place: UAX #9, first
 * strong isolate and its end. */
static const char ISOLATE[] = "\xE2\x81\xA8", ISOLATE_END[] = "\xE2\x81\xA9";

/* terminal.fit(text, most, ascii, isolate): the text as it may be shown on a terminal, on one line, in at most
 * `most` columns (nil: any number), and the columns that it takes. Control characters, those that cannot be seen and
 * bytes that are not UTF-8 come out as escapes, with `ascii` all others outside ASCII too. A text that does not fit
 * ends with an ellipsis. `isolate`: text written from right to left does not move the text beside it. */
static int terminal_fit(lua_State *L) {
  enum { TEXT = 1, MOST, ASCII, ISOLATED };
  characters *own = lua_touserdata(L, lua_upvalueindex(1));
  if (!own->opened) own->locale = pb_terminal_locale();
  own->opened = true;
  size_t length;
  const char *text = luaL_checklstring(L, TEXT, &length);
  lua_settop(L, ISOLATED);
  double given = luaL_optnumber(L, MOST, 1e9);
  luaL_argcheck(L, given >= 1 && given <= 1e9, MOST, "a number of columns expected");
  size_t most = (size_t)given;
  bool ascii = lua_toboolean(L, ASCII), isolate = lua_toboolean(L, ISOLATED);

  char first[512];
  pb_buffer shown;
  pb_lua_buffer_owner owner;
  pb_lua_buffer_init(L, &shown, &owner, first, sizeof first); /* +1 slot */
  if (isolate) pb_buffer_add_text(&shown, ISOLATE);
  size_t start = shown.length;
  pb_show_visible(&shown, text, length, (pb_visible){.most = length, .ascii = ascii});
  pb_terminal_fit fit =
      pb_terminal_measure(own->locale, shown.data + start, shown.length - start, most);
  if (fit.length < shown.length - start) {
    size_t dots = ascii ? 3 : 1;
    if (dots > most) dots = most;
    fit = pb_terminal_measure(own->locale, shown.data + start, shown.length - start, most - dots);
    pb_buffer_cut(&shown, start + fit.length);
    if (ascii) pb_buffer_add(&shown, "...", dots);
    else pb_buffer_add_text(&shown, "…");
    fit.columns += dots;
  }
  if (isolate && fit.right_to_left) {
    pb_buffer_add_text(&shown, ISOLATE_END);
    pb_lua_push_buffer(L, &shown);
  } else if (isolate) {
    pb_buffer_add_char(&shown, '\0');
    size_t size;
    const char *copy = pb_lua_copy_buffer(L, &shown, &size);
    lua_pushlstring(L, copy + start, size - 1 - start);
  } else {
    pb_lua_push_buffer(L, &shown);
  }
  lua_pushinteger(L, (lua_Integer)fit.columns);
  return 2;
}

/* terminal.measure(text, most): the number of bytes of a text, as fit returns one, that fit into `most` columns, and the
 * columns that these take. */
static int terminal_measure(lua_State *L) {
  characters *own = lua_touserdata(L, lua_upvalueindex(1));
  if (!own->opened) own->locale = pb_terminal_locale();
  own->opened = true;
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  double most = luaL_checknumber(L, 2);
  luaL_argcheck(L, most >= 0 && most <= 1e9, 2, "a number of columns expected");
  pb_terminal_fit fit = pb_terminal_measure(own->locale, text, length, (size_t)most);
  lua_pushinteger(L, (lua_Integer)fit.length);
  lua_pushinteger(L, (lua_Integer)fit.columns);
  return 2;
}

enum { LONGEST_LINE = 4096 }; /* a terminal keeps no longer one */

/* terminal.ask(question [, hidden]): writes it to standard error, and returns the line that comes on standard input,
 * without its end; nil at the end of input; or false and the number of the signal that came instead, or the message of
 * the failure. `hidden`: a terminal does not show the line as it is typed. */
static int terminal_ask(lua_State *L) {
  size_t size, length = 0;
  const char *question = luaL_checklstring(L, 1, &size);
  char line[LONGEST_LINE];
  int detail = 0;
  switch (
      pb_terminal_ask(question, size, lua_toboolean(L, 2), line, sizeof line, &length, &detail)) {
  case PB_LINE_READ:
    lua_pushlstring(L, line, length);
    return 1;
  case PB_LINE_END:
    return 0;
  case PB_LINE_SIGNAL:
    lua_pushboolean(L, 0);
    lua_pushinteger(L, detail);
    return 2;
  case PB_LINE_FAILED:
  default:
    lua_pushboolean(L, 0);
    lua_pushstring(L, strerror(detail));
    return 2;
  }
}

int pb_open_terminal(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"ask", terminal_ask},
      {"fit", terminal_fit},
      {"measure", terminal_measure},
      {NULL, NULL},
  };
  lua_newtable(L);
  characters *own = lua_newuserdatauv(L, sizeof *own, 0);
  *own = (characters){.opened = false};
  lua_newtable(L);
  lua_pushcfunction(L, characters_gc);
  lua_setfield(L, -2, "__gc");
  lua_setmetatable(L, -2);
  luaL_setfuncs(L, functions, 1);
  return 1;
}
