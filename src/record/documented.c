#include "record/documented.h"

#include "base/decimal.h"
#include "lua/branch.h"
#include "lua/number.h"
#include "schema/same.h"

static void replace_top(lua_State *L) {
  lua_replace(L, -2);
}

/* Pushes the number that the text is, if it is one as JSON writes it, and whole if `whole`. */
static bool push_number(lua_State *L, const char *bytes, size_t length, bool whole) {
  pb_text text = pb_trimmed(bytes, length);
  const char *end = text.bytes + text.length, *expected = NULL;
  if (text.length == 0 || pb_decimal_end(text.bytes, end, &expected) != end || expected)
    return false;
  for (const char *at = text.bytes; whole && at < end; at++)
    if (*at == '.' || *at == 'e' || *at == 'E') return false;
  pb_lua_number_push(L, text.bytes, text.length);
  return true;
}

static void document_scalar(lua_State *L, const pb_schema *schema) {
  int type = lua_type(L, -1);
  size_t length = 0;
  const char *text = type == LUA_TSTRING ? lua_tolstring(L, -1, &length) : NULL;
  switch (schema->type) {
  case PB_BOOLEAN: {
    int truth = text ? pb_boolean_in_text(text, length) : -1;
    if (type == LUA_TNUMBER) {
      lua_Number number = lua_tonumber(L, -1);
      truth = number == 1 ? 1 : number == 0 ? 0 : -1;
    }
    if (truth < 0) return;
    lua_pushboolean(L, truth);
    replace_top(L);
    return;
  }
  case PB_INTEGER:
  case PB_NUMBER:
    if (text && push_number(L, text, length, schema->type == PB_INTEGER)) replace_top(L);
#if PB_INTEGERS
    if (schema->type == PB_INTEGER && type == LUA_TNUMBER && !lua_isinteger(L, -1)) {
      int whole;
      lua_Integer integer = lua_tointegerx(L, -1, &whole);
      if (!whole || !pb_lua_number_is_exact(L, -1)) return;
      lua_pushinteger(L, integer);
      replace_top(L);
    }
#endif
    return;
  case PB_STRING: {
    const pb_text *value = text && schema->enumeration ? pb_enumerated(schema, text, length) : NULL;
    if (!value || (value->length == length && memcmp(value->bytes, text, length) == 0)) return;
    lua_pushlstring(L, value->bytes, value->length);
    replace_top(L);
    return;
  }
  default:
    return;
  }
}

void pb_document(lua_State *L, const pb_schema *schema) {
  schema = pb_schema_for(L, -1, schema);
  if (!schema) return;
  if (lua_type(L, -1) != LUA_TTABLE) {
    document_scalar(L, schema);
    return;
  }
  luaL_checkstack(L, 6, "value nested too deeply");
  int table = lua_gettop(L);
  if (schema->type == PB_ARRAY && schema->items) {
    for (int i = 1, length = (int)lua_rawlen(L, table); i <= length; i++) {
      lua_rawgeti(L, table, i);
      pb_document(L, schema->items);
      lua_rawseti(L, table, i);
    }
  }
  if (schema->type != PB_OBJECT) return;
  for (size_t i = 0; i < schema->property_count; i++) {
    const pb_text *name = &schema->properties[i].name;
    lua_pushlstring(L, name->bytes, name->length);
    lua_pushvalue(L, -1);
    if (pb_rawget(L, table) == LUA_TNIL) {
      lua_pop(L, 2);
      continue;
    }
    pb_document(L, schema->properties[i].schema);
    lua_rawset(L, table);
  }
}
