#include "lua/number.h"

#include <math.h>
#include <string.h>

#include "base/decimal.h"
#include "lua/userdata.h"

typedef struct {
  size_t length;
  char text[];
} opaque;

static void push_opaque(lua_State *L, const char *text, size_t length) {
  opaque *number = lua_newuserdatauv(L, sizeof *number + length + 1, 0);
  number->length = length;
  memcpy(number->text, text, length);
  number->text[length] = '\0';
  luaL_setmetatable(L, PB_LUA_NUMBER);
}

void pb_lua_number_push_integer(lua_State *L, int64_t integer, const char *text, size_t length) {
#if PB_INTEGERS
  (void)text;
  (void)length;
  lua_pushinteger(L, integer);
#else
  if (integer > -PB_LUA_EXACT_INTEGER && integer < PB_LUA_EXACT_INTEGER)
    lua_pushnumber(L, (lua_Number)integer);
  else push_opaque(L, text, length);
#endif
}

void pb_lua_number_push(lua_State *L, const char *text, size_t length) {
  pb_decimal number = pb_decimal_read(text, length);
  switch (number.kind) {
  case PB_DECIMAL_INTEGER:
    pb_lua_number_push_integer(L, number.integer, text, length);
    break;
  case PB_DECIMAL_DOUBLE:
    lua_pushnumber(L, number.real);
    break;
  case PB_DECIMAL_LONG:
    push_opaque(L, text, length);
    break;
  }
}

const char *pb_lua_number_text(lua_State *L, int index, size_t *length) {
  opaque *number = luaL_testudata(L, index, PB_LUA_NUMBER);
  if (!number) return NULL;
  *length = number->length;
  return number->text;
}

bool pb_lua_number_at(lua_State *L, int index, pb_number *number) {
  if (lua_type(L, index) == LUA_TNUMBER) {
#if PB_INTEGERS
    if (lua_isinteger(L, index)) {
      *number = pb_number_of_integer(lua_tointeger(L, index));
      return true;
    }
#endif
    *number = pb_number_of_double(lua_tonumber(L, index));
    return true;
  }
  size_t length;
  const char *digits = pb_lua_number_text(L, index, &length);
  if (digits) *number = pb_number_of_digits(digits, length);
  return digits != NULL;
}

bool pb_lua_number_is_exact(lua_State *L, int index) {
  return lua_type(L, index) != LUA_TNUMBER || pb_is_integer(L, index) ||
         fabs((double)lua_tonumber(L, index)) < (double)PB_LUA_EXACT_INTEGER;
}

static int number_tostring(lua_State *L) {
  const opaque *number = luaL_checkudata(L, 1, PB_LUA_NUMBER);
  lua_pushlstring(L, number->text, number->length);
  return 1;
}

static int number_eq(lua_State *L) {
  const opaque *a = luaL_testudata(L, 1, PB_LUA_NUMBER);
  const opaque *b = luaL_testudata(L, 2, PB_LUA_NUMBER);
  lua_pushboolean(L, a && b && a->length == b->length && memcmp(a->text, b->text, a->length) == 0);
  return 1;
}

static const luaL_Reg metamethods[] = {
    {"__tostring", number_tostring}, {"__eq", number_eq}, {NULL, NULL}};

void pb_lua_number_open(lua_State *L) {
  pb_userdata_type(L, PB_LUA_NUMBER, metamethods);
  luaL_getmetatable(L, PB_LUA_NUMBER);
  lua_pushliteral(L, PB_LUA_NUMBER);
  lua_setfield(L, -2, "__name");
  lua_pop(L, 1);
}
