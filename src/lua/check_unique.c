#include <math.h>

#include "base/decimal_span.h"
#include "base/number.h"
#include "lua/buffer.h"
#include "lua/check_rules.h"
#include "lua/json.h"
#include "lua/number.h"
#include "lua/type_error.h"
#include "json/scan.h"

/* Appends a number so that equal ones are the same bytes. */
static void write_number(pb_buffer *out, const char *text, size_t length) {
  pb_decimal_span span = pb_decimal_span_of(text, length);
  if (span.at == span.end) {
    pb_buffer_add_char(out, '0');
    return;
  }
  if (span.minus) pb_buffer_add_char(out, '-');
  for (const char *at = span.at; at < span.end; at++)
    if (*at != '.') pb_buffer_add_char(out, *at);
  pb_buffer_add_char(out, 'e');
  pb_number_write_integer(out, span.exponent);
}

static bool begins_number(char c) {
  return c == '-' || (c >= '0' && c <= '9');
}

/* Pushes a JSON text for the item at the top that all equal values share: members by name, as the writer orders
 * them, and numbers as above. */
static void push_canonical(lua_State *L) {
  char json_room[256], room[256];
  pb_buffer json, out;
  pb_lua_buffer_owner json_owner, owner;
  pb_json_write_error error;
  int item = lua_gettop(L);
  pb_lua_buffer_init(L, &json, &json_owner, json_room, sizeof json_room);
  pb_lua_buffer_init(L, &out, &owner, room, sizeof room);
  if (!pb_lua_json_write(L, item, &json, &error)) luaL_error(L, "%s", error.message);
  const char *at = json.data, *end = at + json.length;
  while (at < end) {
    const char *from = at++;
    bool escaped;
    if (*from == '"') {
      at = pb_json_closing_quote(at, end, &escaped);
      at = at ? at + 1 : end;
    } else if (begins_number(*from)) {
      while (at < end && *at != ',' && *at != ']' && *at != '}') at++;
      write_number(&out, from, (size_t)(at - from));
      continue;
    }
    pb_buffer_add(&out, from, (size_t)(at - from));
  }
  lua_pushlstring(L, out.data, out.length);
  lua_replace(L, item + 1);
  lua_settop(L, item + 1);
}

/* Whether the item at the top, as a key of a Lua table, equals exactly the values that are equal in JSON. That holds
 * for all values but tables, and numbers beyond those that every Lua holds exactly. */
static bool is_own_key(lua_State *L) {
  int type = lua_type(L, -1);
  if (type == LUA_TNUMBER) return fabs((double)lua_tonumber(L, -1)) < (double)PB_LUA_EXACT_INTEGER;
  return type == LUA_TSTRING || type == LUA_TBOOLEAN || type == LUA_TLIGHTUSERDATA;
}

bool pb_check_unique(lua_State *L, int index, const pb_schema *schema, size_t length,
                     pb_check *check) {
  luaL_checkstack(L, 12, "value nested too deeply");
  int scalars = lua_gettop(L) + 1, others = scalars + 1; /* tables: item -> its position */
  lua_newtable(L);
  lua_newtable(L);
  for (int i = 1; i <= (int)length; i++) {
    lua_settop(L, others);
    lua_rawgeti(L, index, i);
    int seen = is_own_key(L) ? scalars : others;
    if (seen == others) push_canonical(L);
    lua_pushvalue(L, -1);
    if (pb_rawget(L, seen) == LUA_TNIL) {
      lua_pop(L, 1);
      lua_pushinteger(L, i);
      lua_rawset(L, seen);
      continue;
    }
    pb_buffer_format(&check->message, "expected items that differ, but [%d] and [%d] are ",
                     (int)lua_tointeger(L, -1), i);
    if (schema->holds_secret || lua_type(L, others + 1) == LUA_TTABLE) {
      pb_buffer_add_text(&check->message, "the same");
    } else {
      pb_buffer_add_text(&check->message, "both ");
      pb_show_value(L, others + 1, &check->message);
    }
    pb_buffer_add_text(&check->message, "; remove one of them");
    return false;
  }
  lua_settop(L, scalars - 1);
  return true;
}
