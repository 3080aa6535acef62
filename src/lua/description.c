#include "lua/description.h"

#include <math.h>
#include <stdarg.h>

#include "base/show.h"
#include "base/suggest.h"
#include "base/utf8.h"
#include "lua/number.h"

void pb_description_fail(pb_description *c, const char *format, ...) {
  char bytes[256];
  pb_buffer path;
  pb_buffer_init_fixed(&path, bytes, sizeof bytes);
  for (int i = 0; i <= c->depth; i++)
    if (c->names[i].length) pb_show_step(&path, c->names[i].bytes, c->names[i].length);
  luaL_checkstack(c->L, 8, "description too deep");
  luaL_where(c->L, 1);
  lua_pushliteral(c->L, "description: ");
  lua_pushlstring(c->L, path.data, path.length);
  lua_pushstring(c->L, path.length ? ": " : "");
  va_list arguments;
  va_start(arguments, format);
  lua_pushvfstring(c->L, format, arguments);
  va_end(arguments);
  lua_concat(c->L, 5);
  lua_error(c->L);
}

void *pb_description_take(pb_description *c, size_t size) {
  void *block = pb_arena_take(c->arena, size);
  if (!block) luaL_error(c->L, "not enough memory");
  return block;
}

int pb_description_field(pb_description *c, int index, const char *key) {
  lua_pushstring(c->L, key);
  lua_rawget(c->L, index);
  int type = lua_type(c->L, -1);
  if (type == LUA_TNIL) lua_pop(c->L, 1);
  return type;
}

bool pb_description_has(pb_description *c, int index, const char *key) {
  if (pb_description_field(c, index, key) == LUA_TNIL) return false;
  lua_pop(c->L, 1);
  return true;
}

bool pb_description_flag(pb_description *c, int index, const char *key) {
  if (pb_description_field(c, index, key) == LUA_TNIL) return false;
  bool on = lua_toboolean(c->L, -1);
  lua_pop(c->L, 1);
  return on;
}

pb_text pb_description_text_at_top(pb_description *c, const char *key) {
  if (lua_type(c->L, -1) != LUA_TSTRING) pb_description_fail(c, "%s must be a string", key);
  size_t length, bad;
  const char *bytes = lua_tolstring(c->L, -1, &length);
  if (!pb_utf8_check(bytes, length, &bad))
    pb_description_fail(c, "%s must be UTF-8, and is not at byte %d", key, (int)bad + 1);
  pb_text text;
  if (!pb_arena_text(c->arena, bytes, length, &text)) luaL_error(c->L, "not enough memory");
  lua_pop(c->L, 1);
  return text;
}

pb_text pb_description_text(pb_description *c, int index, const char *key) {
  if (pb_description_field(c, index, key) == LUA_TNIL) return (pb_text){.bytes = "", .length = 0};
  return pb_description_text_at_top(c, key);
}

bool pb_text_is(const pb_text *text, const char *word) {
  return text->length == strlen(word) && memcmp(text->bytes, word, text->length) == 0;
}

pb_number pb_description_number_at_top(pb_description *c, const char *key) {
  pb_number value = {0};
  if (lua_type(c->L, -1) != LUA_TNUMBER || !isfinite(lua_tonumber(c->L, -1)))
    pb_description_fail(c, "%s must be a number", key);
  pb_lua_number_at(c->L, -1, &value);
  lua_pop(c->L, 1);
  return value;
}

bool pb_description_number(pb_description *c, int index, const char *key, pb_number *value) {
  if (pb_description_field(c, index, key) == LUA_TNIL) return false;
  *value = pb_description_number_at_top(c, key);
  return true;
}

size_t pb_description_count(pb_description *c, int index, const char *key, size_t otherwise) {
  pb_number value;
  if (!pb_description_number(c, index, key, &value)) return otherwise;
  if (!(value.whole && value.integer >= 0 && value.integer < 1000000000))
    pb_description_fail(c, "%s must be a whole number", key);
  return (size_t)value.integer;
}

pb_type pb_description_type(pb_description *c, int index, pb_type otherwise) {
  static const struct {
    const char *name;
    pb_type type;
  } types[] = {{"boolean", PB_BOOLEAN}, {"integer", PB_INTEGER}, {"number", PB_NUMBER},
               {"string", PB_STRING},   {"array", PB_ARRAY},     {"object", PB_OBJECT}};
  if (pb_description_field(c, index, "type") == LUA_TNIL) return otherwise;
  pb_text name = pb_description_text_at_top(c, "type");
  for (size_t i = 0; i < sizeof types / sizeof *types; i++)
    if (pb_text_is(&name, types[i].name)) return types[i].type;
  pb_description_fail(c, "unknown type \"%s\"", name.bytes);
  return PB_ANY;
}

/* Keywords that are checked, here or by the Lua side, and those of OpenAPI that only inform people. */
static const char *const keywords[] = {
    "type",          "enum",
    "format",        "pattern",
    "minLength",     "maxLength",
    "minimum",       "maximum",
    "items",         "minItems",
    "maxItems",      "properties",
    "required",      "allOf",
    "nullable",      "readOnly",
    "writeOnly",     "additionalProperties",
    "secret",        "scheme",
    "expected",      "remedy",
    "undocumented",  "also",
    "echo",          "annotation",
    "within",        "on_create",
    "verified",      "env",
    "description",   "unreliable",
    "unordered",     "title",
    "default",       "example",
    "examples",      "deprecated",
    "externalDocs",  "xml",
    "const",         "exclusiveMinimum",
    "multipleOf",    "exclusiveMaximum",
    "uniqueItems",   "minProperties",
    "maxProperties", "oneOf",
    "discriminator", "phone",
    "resent",        "refused",
    "anyOf",
};
/* Keywords of OpenAPI and JSON Schema that are not supported. */
static const char *const unsupported[] = {
    "$ref",
    "not",
    "definitions",
    "dependencies",
    "contains",
    "patternProperties",
    "if",
    "then",
    "else",
    "additionalItems",
    "propertyNames",
    "prefixItems",
    "$defs",
    "unevaluatedProperties",
};

#define COUNT(list) (sizeof list / sizeof *list)

static bool is_among(const char *const *list, size_t count, const pb_text *name) {
  for (size_t i = 0; i < count; i++)
    if (pb_text_is(name, list[i])) return true;
  return false;
}

static bool is_keyword(const pb_text *name) {
  if (is_among(keywords, COUNT(keywords), name)) return true;
  return name->length > 2 && memcmp(name->bytes, "x-", 2) == 0; /* extensions of OpenAPI */
}

/* A misspelt or unsupported keyword would seem to hold but never be checked. */
static void check_known_keywords(pb_description *c, int index) {
  lua_State *L = c->L;
  pb_text first = {.bytes = NULL}, name;
  lua_pushnil(L); /* keeps the string that `first` points to */
  int anchor = lua_gettop(L);
  for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
    if (lua_type(L, -2) != LUA_TSTRING) {
      /* The name of a property, which compile_properties reads. Elsewhere it does no harm. */
      if (lua_type(L, -1) == LUA_TSTRING && lua_tonumber(L, -2) == 1) continue;
      pb_description_fail(c, "a list, where a table of rules is expected");
    }
    name.bytes = lua_tolstring(L, -2, &name.length);
    if (is_keyword(&name) || (first.bytes && pb_text_compare(&name, &first) >= 0)) continue;
    first = name;
    lua_pushvalue(L, -2);
    lua_replace(L, anchor);
  }
  lua_settop(L, anchor);
  if (!first.bytes) {
    lua_pop(L, 1);
    return;
  }
  if (is_among(unsupported, COUNT(unsupported), &first))
    pb_description_fail(c, "%s is not supported: nothing would check it", first.bytes);
  pb_suggestion suggestion;
  pb_suggest_begin(&suggestion, first.bytes, first.length);
  for (size_t i = 0; i < COUNT(keywords); i++)
    pb_suggest_offer(&suggestion, keywords[i], strlen(keywords[i]));
  char bytes[PB_SUGGEST_MAX + 32];
  pb_buffer hint;
  pb_buffer_init_fixed(&hint, bytes, sizeof bytes - 1);
  pb_suggest_append(&suggestion, &hint);
  bytes[hint.length] = '\0';
  pb_description_fail(c, "unknown keyword \"%s\", which would not be checked%s", first.bytes,
                      bytes);
}

/* A keyword for another type would never be checked, although its author believes that it is. */
void pb_description_check_keywords(pb_description *c, int index, pb_type type) {
  static const struct {
    const char *key;
    pb_type type;
    const char *needs;
  } rules[] = {
      {"format", PB_STRING, "string"},
      {"pattern", PB_STRING, "string"},
      {"minLength", PB_STRING, "string"},
      {"maxLength", PB_STRING, "string"},
      {"allOf", PB_STRING, "string"},
      {"phone", PB_STRING, "string"},
      {"minimum", PB_NUMBER, "number"},
      {"maximum", PB_NUMBER, "number"},
      {"exclusiveMinimum", PB_NUMBER, "number"},
      {"exclusiveMaximum", PB_NUMBER, "number"},
      {"multipleOf", PB_NUMBER, "number"},
      {"items", PB_ARRAY, "array"},
      {"minItems", PB_ARRAY, "array"},
      {"maxItems", PB_ARRAY, "array"},
      {"unordered", PB_ARRAY, "array"},
      {"uniqueItems", PB_ARRAY, "array"},
      {"properties", PB_OBJECT, "object"},
      {"required", PB_OBJECT, "object"},
      {"minProperties", PB_OBJECT, "object"},
      {"maxProperties", PB_OBJECT, "object"},
      {"additionalProperties", PB_OBJECT, "object"},
  };
  check_known_keywords(c, index);
  if (type == PB_UNION && pb_description_has(c, index, "type"))
    pb_description_fail(c, "type: the branches of %s say it; leave it out",
                        pb_description_has(c, index, "oneOf") ? "oneOf" : "anyOf");
  if (pb_description_has(c, index, "oneOf") && pb_description_has(c, index, "anyOf"))
    pb_description_fail(c, "oneOf and anyOf: a union has one of them");
  if (type != PB_UNION && pb_description_has(c, index, "discriminator"))
    pb_description_fail(c, "discriminator is for oneOf and anyOf");
  if (type == PB_INTEGER) type = PB_NUMBER;
  static const char *const values[] = {"enum", "const"};
  bool scalar = type == PB_BOOLEAN || type == PB_NUMBER || type == PB_STRING;
  for (size_t i = 0; i < COUNT(values) && !scalar; i++)
    if (pb_description_has(c, index, values[i]))
      pb_description_fail(c, "%s is for type = \"string\", \"number\", \"integer\" or \"boolean\"",
                          values[i]);
  for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
    if (rules[i].type == type || !pb_description_has(c, index, rules[i].key)) continue;
    pb_description_fail(c, "%s is for type = \"%s\"", rules[i].key, rules[i].needs);
  }
}

int pb_description_list(pb_description *c, int index, const char *key) {
  int type = pb_description_field(c, index, key);
  if (type == LUA_TNIL) return -1;
  if (type != LUA_TTABLE) pb_description_fail(c, "%s must be a list", key);
  return (int)lua_rawlen(c->L, -1);
}
