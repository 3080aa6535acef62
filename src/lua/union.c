#include "lua/union.h"

#include "lua/number.h"
#include "lua/table.h"
#include "schema/same.h"

static const pb_schema *of_type(const pb_schema *schema, pb_type type) {
  for (size_t i = 0; i < schema->branch_count; i++) {
    pb_type own = schema->branches[i]->type;
    if (own == type || (own == PB_INTEGER && type == PB_NUMBER)) return schema->branches[i];
  }
  return NULL;
}

/* The branch, an object, whose fixed text the value has; if none has it, one whose text differs in letter case. */
static const pb_schema *told_by_member(lua_State *L, int index, const pb_schema *schema) {
  const pb_schema *exact = NULL, *similar = NULL;
  luaL_checkstack(L, 2, "value nested too deeply");
  lua_pushlstring(L, schema->discriminator.bytes, schema->discriminator.length);
  if (pb_rawget(L, index) == LUA_TSTRING) {
    size_t length;
    const char *text = lua_tolstring(L, -1, &length);
    for (size_t i = 0; i < schema->branch_count && !exact; i++) {
      const pb_schema *branch = schema->branches[i];
      const pb_property *member =
          branch->type == PB_OBJECT ? pb_union_member(schema, branch) : NULL;
      const pb_text *fixed = member ? pb_enumerated(member->schema, text, length) : NULL;
      if (!fixed) continue;
      if (fixed->length == length && memcmp(fixed->bytes, text, length) == 0) exact = branch;
      else if (!similar) similar = branch;
    }
  }
  lua_pop(L, 1);
  return exact ? exact : similar;
}

static const pb_schema *of_table(lua_State *L, int index, const pb_schema *schema) {
  size_t length;
  pb_table_shape shape = pb_table_shape_of(L, index, &length, NULL);
  const pb_schema *list = of_type(schema, PB_ARRAY);
  if (shape == PB_TABLE_ARRAY) return list;
  if (shape == PB_TABLE_MIXED) return NULL;
  if (schema->discriminator.length == 0) {
    const pb_schema *object = of_type(schema, PB_OBJECT);
    return shape == PB_TABLE_EMPTY && !object ? list : object;
  }
  /* An empty object lacks the member. */
  return shape == PB_TABLE_EMPTY ? list : told_by_member(L, index, schema);
}

const pb_schema *pb_union_told(lua_State *L, int index, const pb_schema *schema) {
  switch (lua_type(L, index)) {
  case LUA_TBOOLEAN:
    return of_type(schema, PB_BOOLEAN);
  case LUA_TSTRING:
    return of_type(schema, PB_STRING);
  case LUA_TNUMBER:
    return of_type(schema, PB_NUMBER);
  case LUA_TTABLE:
    return of_table(L, index, schema);
  default: {
    size_t length;
    return pb_lua_number_text(L, index, &length) ? of_type(schema, PB_NUMBER) : NULL;
  }
  }
}

bool pb_union_fits_type(lua_State *L, int index, const pb_schema *branch) {
  const unsigned types = branch->types, numbers = 1U << PB_NUMBER | 1U << PB_INTEGER;
  const unsigned array = 1U << PB_ARRAY, object = 1U << PB_OBJECT;
  size_t length;
  if (types & 1U << PB_ANY) return true;
  switch (lua_type(L, index)) {
  case LUA_TBOOLEAN:
    return types & 1U << PB_BOOLEAN;
  case LUA_TSTRING:
    return types & 1U << PB_STRING;
  case LUA_TNUMBER:
    return types & numbers;
  case LUA_TTABLE:
    if (!(types & (array | object))) return false;
    switch (pb_table_shape_of(L, index, &length, NULL)) {
    case PB_TABLE_EMPTY:
      return true;
    case PB_TABLE_ARRAY:
      return types & array;
    case PB_TABLE_OBJECT:
      return types & object;
    default:
      return false;
    }
  default:
    return (types & numbers) && pb_lua_number_text(L, index, &length);
  }
}

/* The sign that a member gives by its text, where its rule has one text. Our own mask is no text of the value's. */
static pb_union_sign sign_of_text(const pb_schema *rule, const char *text, size_t length) {
  const pb_text *fixed = rule->enumeration;
  if (length == fixed->length && memcmp(text, fixed->bytes, length) == 0) return PB_SIGN_THIS;
  if (pb_enumerated(rule, text, length)) return PB_SIGN_SIMILAR;
  return length == 3 && memcmp(text, "***", 3) == 0 ? PB_SIGN_NONE : PB_SIGN_OTHER;
}

pb_union_sign pb_union_sign_of(lua_State *L, int index, const pb_schema *branch) {
  pb_union_sign sign = PB_SIGN_NONE;
  if (branch->type != PB_OBJECT || lua_type(L, index) != LUA_TTABLE) return sign;
  luaL_checkstack(L, 2, "value nested too deeply");
  for (size_t i = 0; i < branch->property_count && sign != PB_SIGN_OTHER; i++) {
    const pb_property *property = &branch->properties[i];
    if (property->schema->type != PB_STRING || property->schema->enumeration_count != 1) continue;
    lua_pushlstring(L, property->name.bytes, property->name.length);
    if (pb_rawget(L, index) == LUA_TSTRING) {
      size_t length;
      const char *text = lua_tolstring(L, -1, &length);
      pb_union_sign own = sign_of_text(property->schema, text, length);
      if (own > sign) sign = own;
    }
    lua_pop(L, 1);
  }
  return sign;
}

bool pb_union_may_be(lua_State *L, int index, const pb_schema *branch) {
  return pb_union_fits_type(L, index, branch) &&
         pb_union_sign_of(L, index, branch) != PB_SIGN_OTHER;
}
