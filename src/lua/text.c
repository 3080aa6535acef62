/* patchbay.core.text: pattern, format, "did you mean", time and retry arithmetic for the Lua layer.
 * A wrong argument raises; text that does not fit is answered with nil or false. */

#include <math.h>
#include <time.h>

#include "base/datetime.h"
#include "base/suggest.h"
#include "http/retry.h"
#include "lua/buffer.h"
#include "lua/parts.h"
#include "schema/format.h"
#include "schema/pattern.h"

static const char pattern_type[] = "patchbay.pattern";
static const char bucket_type[] = "patchbay.bucket";

/* ---- pattern ---- */

/* text.pattern(source): a pattern, or nil and what is wrong with it. */
static int text_pattern(lua_State *L) {
  size_t length;
  const char *source = luaL_checklstring(L, 1, &length);
  /* Nothing can throw while the pattern is not yet in the collector's hands. */
  pb_pattern **pattern = lua_newuserdatauv(L, sizeof(pb_pattern *), 0);
  *pattern = NULL;
  luaL_setmetatable(L, pattern_type);
  pb_pattern_error error;
  *pattern = pb_pattern_compile(source, length, &error);
  if (*pattern) return 1;
  if (error.no_memory) return luaL_error(L, "not enough memory");
  lua_pushnil(L);
  lua_pushfstring(L, "%s (at byte %d)", error.message, (int)error.offset + 1);
  return 2;
}

/* pattern:match(text): whether it occurs in the text. */
static int pattern_match(lua_State *L) {
  pb_pattern **pattern = luaL_checkudata(L, 1, pattern_type);
  size_t length;
  const char *text = luaL_checklstring(L, 2, &length);
  luaL_argcheck(L, *pattern, 1, "a pattern that was closed");
  lua_pushboolean(L, pb_pattern_match(*pattern, text, length));
  return 1;
}

static int pattern_gc(lua_State *L) {
  pb_pattern **pattern = luaL_checkudata(L, 1, pattern_type);
  pb_pattern_free(*pattern);
  *pattern = NULL;
  return 0;
}

/* ---- format and suggest ---- */

/* text.format(name, text): true; or false, what is expected, and a hint or nil. */
static int text_format(lua_State *L) {
  const pb_format *format = pb_format_find(luaL_checkstring(L, 1));
  luaL_argcheck(L, format, 1, "no such format");
  size_t length;
  const char *text = luaL_checklstring(L, 2, &length);
  bool right = pb_format_check(format, text, length);
  lua_pushboolean(L, right);
  if (right) return 1;
  lua_pushstring(L, format->expected);
  char first[512];
  pb_buffer hint;
  pb_lua_buffer_owner owner;
  pb_lua_buffer_init(L, &hint, &owner, first, sizeof first); /* +1 slot */
  if (pb_format_hint(format, text, length, &hint)) lua_pushlstring(L, hint.data, hint.length);
  else lua_pushnil(L);
  lua_remove(L, owner.slot);
  return 3;
}

/* text.suggest(wrong, list): the string of the list that was probably meant, or nil. */
static int text_suggest(lua_State *L) {
  size_t length;
  const char *wrong = luaL_checklstring(L, 1, &length);
  luaL_checktype(L, 2, LUA_TTABLE);
  pb_suggestion suggestion;
  pb_suggest_begin(&suggestion, wrong, length);
  int count = (int)lua_rawlen(L, 2);
  for (int i = 1; i <= count; i++) {
    lua_rawgeti(L, 2, i);
    /* Only a string that the table holds outlives the pop; no number converted to one. */
    luaL_argcheck(L, lua_type(L, -1) == LUA_TSTRING, 2, "a list of strings expected");
    const char *name = lua_tolstring(L, -1, &length);
    pb_suggest_offer(&suggestion, name, length);
    lua_pop(L, 1);
  }
  if (suggestion.best) lua_pushlstring(L, suggestion.best, suggestion.best_length);
  else lua_pushnil(L);
  return 1;
}

/* ---- time ---- */

static double check_finite(lua_State *L, int index) {
  double value = luaL_checknumber(L, index);
  luaL_argcheck(L, isfinite(value), index, "a finite number expected");
  return value;
}

static double check_positive(lua_State *L, int index) {
  double value = check_finite(L, index);
  luaL_argcheck(L, value > 0, index, "a number above 0 expected");
  return value;
}

/* Well beyond the years that can be written, and small enough for an int64_t. */
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

/* text.format_time(seconds, format): the text. To the microsecond: what a double of today's Unix
 * seconds holds. */
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

/* text.retry_after(header, now, max): seconds, or nil when there is no header or no sense in it. */
static int text_retry_after(lua_State *L) {
  size_t length = 0;
  const char *header = luaL_optlstring(L, 1, NULL, &length);
  double now = check_time(L, 2), most = check_finite(L, 3), seconds;
  if (header && pb_retry_after(header, length, now, most, &seconds)) lua_pushnumber(L, seconds);
  else lua_pushnil(L);
  return 1;
}

static double check_field(lua_State *L, const char *name) {
  lua_getfield(L, 1, name);
  double value = lua_type(L, -1) == LUA_TNUMBER ? lua_tonumber(L, -1) : 0;
  if (!(value > 0 && isfinite(value)))
    luaL_argerror(L, 1, lua_pushfstring(L, "%s must be a number above 0", name));
  lua_pop(L, 1);
  return value;
}

/* text.bucket{ rate = per second, burst = most at once }: a full bucket. Its clock is whatever the
 * caller passes as `now`; the first call may come at any time. */
static int text_bucket(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  double rate = check_field(L, "rate"), burst = check_field(L, "burst");
  pb_bucket *bucket = lua_newuserdatauv(L, sizeof *bucket, 0);
  pb_bucket_init(bucket, rate, burst, -HUGE_VAL);
  luaL_setmetatable(L, bucket_type);
  return 1;
}

/* bucket:take(now [, cost]): 0 when taken, else the seconds to wait before asking again. */
static int bucket_take(lua_State *L) {
  pb_bucket *bucket = luaL_checkudata(L, 1, bucket_type);
  double now = check_finite(L, 2);
  double cost = lua_isnoneornil(L, 3) ? 1 : check_finite(L, 3);
  luaL_argcheck(L, cost >= 0, 3, "a number from 0 on expected");
  lua_pushnumber(L, pb_bucket_take(bucket, now, cost));
  return 1;
}

/* bucket:drain(now, seconds): empty, and nothing comes in before now + seconds. */
static int bucket_drain(lua_State *L) {
  pb_bucket *bucket = luaL_checkudata(L, 1, bucket_type);
  double now = check_finite(L, 2);
  pb_bucket_drain(bucket, now, check_finite(L, 3));
  return 0;
}

/* bucket:set_rate(rate [, now]): without `now` the new rate holds since the last call. */
static int bucket_set_rate(lua_State *L) {
  pb_bucket *bucket = luaL_checkudata(L, 1, bucket_type);
  double rate = check_positive(L, 2);
  double now = lua_isnoneornil(L, 3) ? -HUGE_VAL : check_finite(L, 3);
  pb_bucket_set_rate(bucket, now, rate);
  return 0;
}

/* ---- addresses ---- */

/* text.percent_encode(text): all but RFC 3986's unreserved characters as %XX. */
static int text_percent_encode(lua_State *L) {
  static const char hex[] = "0123456789ABCDEF";
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  char first[512];
  pb_buffer out;
  pb_lua_buffer_owner owner;
  pb_lua_buffer_init(L, &out, &owner, first, sizeof first); /* +1 slot */
  for (size_t i = 0; i < length; i++) {
    unsigned char c = (unsigned char)text[i];
    bool kept = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                c == '-' || c == '.' || c == '_' || c == '~';
    char escape[] = {'%', hex[c >> 4], hex[c & 15]};
    pb_buffer_add(&out, kept ? &text[i] : escape, kept ? 1 : sizeof escape);
  }
  lua_pushlstring(L, out.data, out.length);
  return 1;
}

static const luaL_Reg functions[] = {{"pattern", text_pattern},
                                     {"format", text_format},
                                     {"suggest", text_suggest},
                                     {"parse_time", text_parse_time},
                                     {"format_time", text_format_time},
                                     {"retry_delay", text_retry_delay},
                                     {"retry_after", text_retry_after},
                                     {"bucket", text_bucket},
                                     {"percent_encode", text_percent_encode},
                                     {NULL, NULL}};

static const luaL_Reg pattern_methods[] = {
    {"match", pattern_match}, {"__gc", pattern_gc}, {NULL, NULL}};

static const luaL_Reg bucket_methods[] = {
    {"take", bucket_take}, {"drain", bucket_drain}, {"set_rate", bucket_set_rate}, {NULL, NULL}};

static void define_type(lua_State *L, const char *name, const luaL_Reg *methods) {
  luaL_newmetatable(L, name);
  luaL_setfuncs(L, methods, 0);
  lua_pushvalue(L, -1);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
}

int pb_open_text(lua_State *L) {
  define_type(L, pattern_type, pattern_methods);
  define_type(L, bucket_type, bucket_methods);
  lua_newtable(L);
  luaL_setfuncs(L, functions, 0);
  return 1;
}
