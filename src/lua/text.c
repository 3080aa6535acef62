/* The part `text`: "did you mean", dates and times, and the arithmetic of retries, for the Lua side.
 * A wrong argument raises. Functions that read text return nil when it does not have their form. */

#include <math.h>
#include <string.h>
#include <time.h>

#include "base/ascii.h"
#include "base/datetime.h"
#include "base/invisible.h"
#include "base/percent.h"
#include "base/show.h"
#include "base/suggest.h"
#include "base/userinfo.h"
#include "http/retry.h"
#include "http/retry_after.h"
#include "lua/buffer.h"
#include "lua/parts.h"
#include "lua/text.h"

/* ---- suggest ---- */

/* text.suggest(wrong, list): the string of the list that was probably meant, or nil. */
static int text_suggest(lua_State *L) {
  enum { WRONG = 1, LIST, BEST, NAME };
  size_t length;
  const char *wrong = luaL_checklstring(L, WRONG, &length);
  luaL_checktype(L, LIST, LUA_TTABLE);
  lua_settop(L, LIST);
  lua_pushnil(L); /* BEST keeps the string that the suggestion points to */
  pb_suggestion suggestion;
  pb_suggest_begin(&suggestion, wrong, length);
  int count = (int)lua_rawlen(L, LIST);
  for (int i = 1; i <= count; i++) {
    lua_rawgeti(L, LIST, i);
    luaL_argcheck(L, lua_type(L, NAME) == LUA_TSTRING, LIST, "a list of strings expected");
    const char *name = lua_tolstring(L, NAME, &length);
    pb_suggest_offer(&suggestion, name, length);
    if (suggestion.best == name) lua_replace(L, BEST);
    else lua_pop(L, 1);
  }
  return 1;
}

/* ---- time ---- */

static double check_finite(lua_State *L, int index) {
  double value = luaL_checknumber(L, index);
  luaL_argcheck(L, isfinite(value), index, "a finite number expected");
  return value;
}

/* Well beyond the years that can be written, but still an int64_t. */
static double check_time(lua_State *L, int index) {
  double value = check_finite(L, index);
  luaL_argcheck(L, fabs(value) < 1e15, index, "out of range");
  return value;
}

static pb_datetime_format check_time_format(lua_State *L, int index) {
  static const char *const names[] = {"http-date", "date-time", "us-date-time", NULL};
  static const pb_datetime_format formats[] = {PB_DATETIME_HTTP, PB_DATETIME_RFC3339,
                                               PB_DATETIME_US};
  return formats[luaL_checkoption(L, index, NULL, names)];
}

/* text.parse_time(text, format [, now]): Unix seconds, or nil. */
static int text_parse_time(lua_State *L) {
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  pb_datetime_format format = check_time_format(L, 2);
  double now = lua_isnoneornil(L, 3) ? (double)time(NULL) : check_time(L, 3);
  pb_instant instant;
  if (pb_datetime_parse(text, length, format, (int64_t)now, &instant))
    lua_pushnumber(L, (lua_Number)instant.seconds + (lua_Number)instant.nanoseconds / 1e9);
  else lua_pushnil(L);
  return 1;
}

/* text.format_time(seconds, format): the text, to the microsecond, which a double of today's Unix seconds
 * holds. */
static int text_format_time(lua_State *L) {
  double seconds = check_time(L, 1);
  pb_datetime_format format = check_time_format(L, 2);
  double whole = floor(seconds);
  int32_t microseconds = (int32_t)floor((seconds - whole) * 1e6 + 0.5);
  pb_instant instant = {.seconds = (int64_t)whole + microseconds / 1000000,
                        .nanoseconds = microseconds % 1000000 * 1000};
  char text[PB_DATETIME_SIZE];
  size_t length = pb_datetime_write(instant, format, text);
  luaL_argcheck(L, length > 0, 1, "out of range");
  lua_pushlstring(L, text, length);
  return 1;
}

/* ---- retry ---- */

/* text.retry_delay(attempt, base, cap, random): seconds. */
static int text_retry_delay(lua_State *L) {
  double attempt = check_finite(L, 1), base = check_finite(L, 2), cap = check_finite(L, 3),
         random = check_finite(L, 4);
  luaL_argcheck(L, attempt >= 1, 1, "attempts count from 1");
  luaL_argcheck(L, base >= 0, 2, "a number of seconds expected");
  luaL_argcheck(L, cap >= 0, 3, "a number of seconds expected");
  luaL_argcheck(L, random >= 0 && random <= 1, 4, "a number from 0 to 1 expected");
  unsigned count = attempt < 1e6 ? (unsigned)attempt : 1000000;
  lua_pushnumber(L, pb_retry_delay(count, base, cap, random));
  return 1;
}

/* text.retry_after(header, now, max [, date]): seconds, or nil when the header is absent or invalid. `date`: the
 * Date header of the same response. */
static int text_retry_after(lua_State *L) {
  pb_header_value header = {.text = NULL}, date = {.text = NULL};
  header.text = luaL_optlstring(L, 1, NULL, &header.length);
  date.text = luaL_optlstring(L, 4, NULL, &date.length);
  double now = check_time(L, 2), most = check_finite(L, 3), seconds;
  if (header.text && pb_retry_after(header, date, now, most, &seconds)) lua_pushnumber(L, seconds);
  else lua_pushnil(L);
  return 1;
}

/* ---- addresses ---- */

/* text.percent_encode(text): the text with all but the unreserved characters of RFC 3986 as %XX. */
static int text_percent_encode(lua_State *L) {
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  char first[512];
  pb_buffer out;
  pb_lua_buffer_owner owner;
  pb_lua_buffer_init(L, &out, &owner, first, sizeof first); /* +1 slot */
  for (size_t i = 0; i < length; i++) {
    char c = text[i];
    bool kept = pb_ascii_is_alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~';
    if (kept) pb_buffer_add_char(&out, c);
    else pb_percent_add(&out, (unsigned char)c);
  }
  lua_pushlstring(L, out.data, out.length);
  return 1;
}

/* text.base64(text): the text in Base64, padded (RFC 4648, section 4). */
static int text_base64(lua_State *L) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  char first[512];
  pb_buffer out;
  pb_lua_buffer_owner owner;
  pb_lua_buffer_init(L, &out, &owner, first, sizeof first); /* +1 slot */
  for (size_t i = 0; i < length; i += 3) {
    size_t given = length - i < 3 ? length - i : 3;
    uint32_t bits = (uint32_t)(unsigned char)text[i] << 16;
    if (given > 1) bits |= (uint32_t)(unsigned char)text[i + 1] << 8;
    if (given > 2) bits |= (unsigned char)text[i + 2];
    char group[] = {digits[bits >> 18], digits[bits >> 12 & 63], '=', '='};
    if (given > 1) group[2] = digits[bits >> 6 & 63];
    if (given > 2) group[3] = digits[bits & 63];
    pb_buffer_add(&out, group, sizeof group);
  }
  lua_pushlstring(L, out.data, out.length);
  return 1;
}

bool pb_lua_push_hidden(lua_State *L, int index) {
  size_t length, start, end;
  const char *text = lua_tolstring(L, index, &length);
  if (!pb_userinfo_find(text, length, 0, &start, &end)) return false;
  char first[512];
  pb_buffer out;
  pb_lua_buffer_owner owner;
  pb_lua_buffer_init(L, &out, &owner, first, sizeof first); /* +1 slot */
  size_t from = 0;
  do {
    pb_buffer_add(&out, text + from, start - from);
    pb_buffer_add_text(&out, "***");
    from = end;
  } while (pb_userinfo_find(text, length, from, &start, &end));
  pb_buffer_add(&out, text + from, length - from);
  pb_lua_push_buffer(L, &out);
  lua_replace(L, -2);
  return true;
}

/* text.hide_userinfo(text): the text with *** for the user names and passwords of addresses in it. */
static int text_hide_userinfo(lua_State *L) {
  luaL_checkstring(L, 1);
  lua_settop(L, 1);
  pb_lua_push_hidden(L, 1);
  return 1;
}

/* text.invisible(text): the code point of the first character that cannot be seen, or nil. */
static int text_invisible(lua_State *L) {
  size_t length;
  uint32_t code;
  const char *text = luaL_checklstring(L, 1, &length);
  if (pb_invisible_find(text, length, &code) == length) lua_pushnil(L);
  else lua_pushinteger(L, (lua_Integer)code);
  return 1;
}

/* text.visible(text [, most [, quoted [, ascii]]]): the text on one line, with escapes for control characters, for
 * invisible ones, and for bytes that are not UTF-8; of a text longer than `most` bytes the start, and its length.
 * `quoted`: in quotation marks. `ascii`: with escapes for all other characters, too. */
static int text_visible(lua_State *L) {
  enum { TEXT = 1, MOST, QUOTED, ASCII };
  size_t length;
  const char *text = luaL_checklstring(L, TEXT, &length);
  double most = luaL_optnumber(L, MOST, (lua_Number)length);
  luaL_argcheck(L, most >= 0, MOST, "a number of bytes expected");
  pb_visible how = {.most = most < (double)length ? (size_t)most : length,
                    .quoted = lua_toboolean(L, QUOTED),
                    .ascii = lua_toboolean(L, ASCII)};
  char first[512];
  pb_buffer out;
  pb_lua_buffer_owner owner;
  lua_settop(L, ASCII);
  pb_lua_buffer_init(L, &out, &owner, first, sizeof first); /* +1 slot */
  pb_show_visible(&out, text, length, how);
  pb_lua_push_buffer(L, &out);
  return 1;
}

/* text.is_line(text): whether it is one line of printable ASCII, with single blanks between its words and none at
 * its ends. */
static int text_is_line(lua_State *L) {
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  bool blank = true; /* before the character */
  for (size_t i = 0; i < length; i++) {
    if (text[i] < ' ' || text[i] > '~' || (text[i] == ' ' && blank)) {
      lua_pushboolean(L, 0);
      return 1;
    }
    blank = text[i] == ' ';
  }
  lua_pushboolean(L, !blank);
  return 1;
}

/* text.one_line(text): the text with each run of blanks and control characters as one blank, and none at its
 * ends. */
static int text_one_line(lua_State *L) {
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  luaL_Buffer line;
  luaL_buffinit(L, &line);
  bool blank = false, begun = false;
  for (size_t i = 0; i < length; i++) {
    unsigned char c = (unsigned char)text[i];
    if (c <= ' ' || c == 0x7F) {
      blank = begun;
      continue;
    }
    if (blank) luaL_addchar(&line, ' ');
    luaL_addchar(&line, text[i]);
    blank = false;
    begun = true;
  }
  luaL_pushresult(&line);
  return 1;
}

/* text.first_in(text, list): the first string of the list that stands in the text, or nil. */
static int text_first_in(lua_State *L) {
  size_t length, part_length;
  const char *text = luaL_checklstring(L, 1, &length);
  luaL_checktype(L, 2, LUA_TTABLE);
  for (int i = 1;; i++) {
    lua_rawgeti(L, 2, i);
    if (lua_type(L, -1) != LUA_TSTRING) {
      lua_pushnil(L);
      return 1;
    }
    const char *part = lua_tolstring(L, -1, &part_length);
    if (part_length == 0) return 1;
    for (const char *at = text, *end = text + length; (size_t)(end - at) >= part_length; at++) {
      at = memchr(at, part[0], (size_t)(end - at) - part_length + 1);
      if (!at) break;
      if (memcmp(at, part, part_length) == 0) return 1;
    }
    lua_pop(L, 1);
  }
}

static const luaL_Reg functions[] = {
    {"is_line", text_is_line},         {"first_in", text_first_in},
    {"one_line", text_one_line},       {"hide_userinfo", text_hide_userinfo},
    {"invisible", text_invisible},     {"visible", text_visible},
    {"suggest", text_suggest},         {"parse_time", text_parse_time},
    {"format_time", text_format_time}, {"retry_delay", text_retry_delay},
    {"retry_after", text_retry_after}, {"percent_encode", text_percent_encode},
    {"base64", text_base64},           {NULL, NULL}};

int pb_open_text(lua_State *L) {
  lua_newtable(L);
  luaL_setfuncs(L, functions, 0);
  return 1;
}
