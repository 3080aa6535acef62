/* From a description (Lua tables in OpenAPI's words) to a compiled schema. A description is ours or
 * a client option's, never the network's: what is wrong in one is a bug, and raises. */

#include "lua_schema.h"

#include "core.h"
#include <math.h>

#include "json_writer.h"
#include "lua_buffer.h"
#include "lua_check.h"

/* Deeper descriptions than this are a mistake (one that contains itself, say). */
enum { MAX_DESCRIPTION_DEPTH = 32 };

typedef struct {
  pb_arena arena;
  const pb_schema *root;
} schema_box;

typedef struct {
  lua_State *L;
  pb_arena *arena;
  bool lenient;
  int depth;
} compiler;

static pb_schema *compile(compiler *c, int index);

static void *take(compiler *c, size_t size) {
  void *block = pb_arena_take(c->arena, size);
  if (!block) luaL_error(c->L, "not enough memory");
  return block;
}

/* The field `key` of the description; its type, with the value pushed (nil: nothing pushed). */
static int field(compiler *c, int index, const char *key) {
  lua_pushstring(c->L, key);
  lua_rawget(c->L, index);
  int type = lua_type(c->L, -1);
  if (type == LUA_TNIL) lua_pop(c->L, 1);
  return type;
}

static bool flag(compiler *c, int index, const char *key) {
  if (field(c, index, key) == LUA_TNIL) return false;
  bool on = lua_toboolean(c->L, -1);
  lua_pop(c->L, 1);
  return on;
}

static pb_text text_at_top(compiler *c, const char *key) {
  if (lua_type(c->L, -1) != LUA_TSTRING) luaL_error(c->L, "description: %s must be a string", key);
  size_t length;
  const char *bytes = lua_tolstring(c->L, -1, &length);
  pb_text text;
  if (!pb_arena_text(c->arena, bytes, length, &text)) luaL_error(c->L, "not enough memory");
  lua_pop(c->L, 1);
  return text;
}

static pb_text text(compiler *c, int index, const char *key) {
  if (field(c, index, key) == LUA_TNIL) return (pb_text){.bytes = "", .length = 0};
  return text_at_top(c, key);
}

static bool number(compiler *c, int index, const char *key, double *value) {
  if (field(c, index, key) == LUA_TNIL) return false;
  if (lua_type(c->L, -1) != LUA_TNUMBER) luaL_error(c->L, "description: %s must be a number", key);
  *value = lua_tonumber(c->L, -1);
  lua_pop(c->L, 1);
  return true;
}

static size_t count(compiler *c, int index, const char *key, size_t otherwise) {
  double value;
  if (!number(c, index, key, &value)) return otherwise;
  if (!(value >= 0 && value < 1e9 && value == floor(value)))
    luaL_error(c->L, "description: %s must be a whole number", key);
  return (size_t)value;
}

static pb_type type_of(compiler *c, int index) {
  static const struct {
    const char *name;
    pb_type type;
  } types[] = {{"boolean", PB_BOOLEAN}, {"integer", PB_INTEGER}, {"number", PB_NUMBER},
               {"string", PB_STRING},   {"array", PB_ARRAY},     {"object", PB_OBJECT}};
  if (field(c, index, "type") == LUA_TNIL) return PB_ANY;
  pb_text name = text_at_top(c, "type");
  for (size_t i = 0; i < sizeof types / sizeof *types; i++)
    if (strcmp(name.bytes, types[i].name) == 0) return types[i].type;
  luaL_error(c->L, "description: unknown type \"%s\"", name.bytes);
  return PB_ANY;
}

static void compile_enumeration(compiler *c, int index, pb_schema *schema) {
  if (field(c, index, "enum") == LUA_TNIL) return;
  luaL_checktype(c->L, -1, LUA_TTABLE);
  size_t length = lua_rawlen(c->L, -1);
  schema->enumeration = take(c, length * sizeof *schema->enumeration);
  for (size_t i = 0; i < length; i++) {
    lua_rawgeti(c->L, -1, (int)i + 1);
    schema->enumeration[i] = text_at_top(c, "enum");
  }
  schema->enumeration_count = length;
  lua_pop(c->L, 1);
}

static void compile_pattern(compiler *c, int index, pb_schema *schema) {
  schema->pattern_text = text(c, index, "pattern");
  if (schema->pattern_text.length == 0) return;
  pb_pattern_error error;
  pb_pattern *pattern =
      pb_pattern_compile(schema->pattern_text.bytes, schema->pattern_text.length, &error);
  if (!pattern)
    luaL_error(c->L, "description: pattern \"%s\": %s", schema->pattern_text.bytes, error.message);
  if (!pb_arena_keep_pattern(c->arena, pattern)) {
    pb_pattern_free(pattern);
    luaL_error(c->L, "not enough memory");
  }
  schema->pattern = pattern;
}

static void compile_format(compiler *c, int index, pb_schema *schema) {
  pb_text name = text(c, index, "format");
  if (name.length == 0) return;
  schema->format = pb_format_find(name.bytes);
  if (!schema->format) luaL_error(c->L, "description: unknown format \"%s\"", name.bytes);
}

static void compile_all_of(compiler *c, int index, pb_schema *schema) {
  if (field(c, index, "allOf") == LUA_TNIL) return;
  luaL_checktype(c->L, -1, LUA_TTABLE);
  size_t length = lua_rawlen(c->L, -1);
  schema->all_of = take(c, length * sizeof *schema->all_of);
  for (size_t i = 0; i < length; i++) {
    lua_rawgeti(c->L, -1, (int)i + 1);
    schema->all_of[i] = compile(c, lua_gettop(c->L));
    lua_pop(c->L, 1);
  }
  schema->all_of_count = length;
  lua_pop(c->L, 1);
}

static void add_wire_name(compiler *c, pb_property *property) {
  char first[256];
  pb_buffer wire;
  pb_lua_buffer_owner owner;
  pb_lua_buffer_init(c->L, &wire, &owner, first, sizeof first);
  pb_buffer_add_char(&wire, ',');
  if (pb_json_write_string(&wire, property->name.bytes, property->name.length) != PB_JSON_WRITTEN)
    luaL_error(c->L, "description: a name that is not UTF-8");
  pb_buffer_add_char(&wire, ':');
  if (!pb_arena_text(c->arena, wire.data, wire.length, &property->wire))
    luaL_error(c->L, "not enough memory");
  lua_pop(c->L, 1);
}

/* `required = { "name", … }`, as in OpenAPI. */
static void mark_required(compiler *c, int index, pb_schema *schema) {
  if (field(c, index, "required") == LUA_TNIL) return;
  luaL_checktype(c->L, -1, LUA_TTABLE);
  for (size_t i = 1; i <= lua_rawlen(c->L, -1); i++) {
    lua_rawgeti(c->L, -1, (int)i);
    pb_text name = text_at_top(c, "required");
    pb_property *found = NULL;
    for (size_t j = 0; j < schema->property_count; j++)
      if (strcmp(schema->properties[j].name.bytes, name.bytes) == 0) found = &schema->properties[j];
    if (!found) luaL_error(c->L, "description: required names no property \"%s\"", name.bytes);
    found->required = true;
  }
  lua_pop(c->L, 1);
}

/* `properties` is a list of descriptions that carry their name at [1]: its order counts. */
static void compile_properties(compiler *c, int index, pb_schema *schema) {
  if (field(c, index, "properties") == LUA_TNIL) {
    schema->open = true;
  } else {
    luaL_checktype(c->L, -1, LUA_TTABLE);
    size_t length = lua_rawlen(c->L, -1);
    schema->properties = take(c, length * sizeof *schema->properties);
    for (size_t i = 0; i < length; i++) {
      pb_property *property = &schema->properties[i];
      lua_rawgeti(c->L, -1, (int)i + 1);
      luaL_checktype(c->L, -1, LUA_TTABLE);
      lua_rawgeti(c->L, -1, 1);
      property->name = text_at_top(c, "a property's name");
      add_wire_name(c, property);
      property->schema = compile(c, lua_gettop(c->L));
      lua_pop(c->L, 1);
    }
    schema->property_count = length;
    lua_pop(c->L, 1);
  }
  int additional = field(c, index, "additionalProperties");
  if (additional == LUA_TTABLE) schema->additional = compile(c, lua_gettop(c->L));
  if (additional == LUA_TTABLE || (additional != LUA_TNIL && lua_toboolean(c->L, -1)))
    schema->open = true;
  if (additional != LUA_TNIL) lua_pop(c->L, 1);
  mark_required(c, index, schema);
}

static pb_schema *compile(compiler *c, int index) {
  lua_State *L = c->L;
  luaL_checkstack(L, 12, "description too deep");
  luaL_checktype(L, index, LUA_TTABLE);
  if (++c->depth > MAX_DESCRIPTION_DEPTH) luaL_error(L, "description: nested too deeply");
  pb_schema *schema = take(c, sizeof *schema);
  schema->type = type_of(c, index);
  schema->nullable = flag(c, index, "nullable") || c->lenient;
  schema->read_only = flag(c, index, "readOnly");
  schema->write_only = flag(c, index, "writeOnly");
  schema->secret = flag(c, index, "secret");
  schema->undocumented = flag(c, index, "undocumented") && !c->lenient;
  schema->expected = text(c, index, "expected");
  schema->remedy = text(c, index, "remedy");
  schema->min_length = count(c, index, "minLength", 0);
  schema->max_length = count(c, index, "maxLength", SIZE_MAX);
  schema->min_items = count(c, index, "minItems", 0);
  schema->max_items = count(c, index, "maxItems", SIZE_MAX);
  schema->has_minimum = number(c, index, "minimum", &schema->minimum);
  schema->has_maximum = number(c, index, "maximum", &schema->maximum);
  compile_enumeration(c, index, schema);
  compile_pattern(c, index, schema);
  compile_format(c, index, schema);
  compile_all_of(c, index, schema);
  if (field(c, index, "items") != LUA_TNIL) {
    schema->items = compile(c, lua_gettop(L));
    lua_pop(L, 1);
  }
  if (schema->type == PB_OBJECT) {
    compile_properties(c, index, schema);
    if (c->lenient) schema->open = true;
  }
  schema->scalar = schema->type != PB_ANY && schema->type != PB_ARRAY && schema->type != PB_OBJECT;
  schema->direct = !schema->read_only && !schema->undocumented &&
                   (schema->type == PB_BOOLEAN || schema->type == PB_STRING ||
                    (schema->type == PB_INTEGER && !schema->has_minimum && !schema->has_maximum));
  c->depth--;
  return schema;
}

static int schema_gc(lua_State *L) {
  schema_box *box = luaL_checkudata(L, 1, PB_SCHEMA_METATABLE);
  pb_arena_free(&box->arena);
  box->root = NULL;
  return 0;
}

const pb_schema *pb_lua_check_schema(lua_State *L, int index) {
  schema_box *box = luaL_checkudata(L, index, PB_SCHEMA_METATABLE);
  luaL_argcheck(L, box->root, index, "an unfinished schema");
  return box->root;
}

/* compile(description, lenient) -> schema. `lenient` also lets through what the description marks as
 * undocumented, members it does not name, and null. */
static int schema_compile(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  bool lenient = lua_toboolean(L, 2);
  lua_settop(L, 1);
  schema_box *box = lua_newuserdatauv(L, sizeof *box, 0);
  *box = (schema_box){0};
  luaL_setmetatable(L, PB_SCHEMA_METATABLE);
  compiler c = {.L = L, .arena = &box->arena, .lenient = lenient};
  box->root = compile(&c, 1);
  lua_settop(L, 2);
  return 1;
}

/* check(schema, value, path) -> true, or false and what is wrong, with the path in front. */
static int schema_check(lua_State *L) {
  const pb_schema *schema = pb_lua_check_schema(L, 1);
  luaL_checkany(L, 2);
  size_t length;
  const char *path = luaL_optlstring(L, 3, "", &length);
  pb_check check;
  pb_check_start(&check, path, length);
  if (pb_check_value(L, 2, schema, &check)) {
    lua_pushboolean(L, 1);
    return 1;
  }
  lua_pushboolean(L, 0);
  pb_check_push_message(L, &check);
  return 2;
}

/* integer(number) -> the same number, as an integer where the host has them and it is one */
static int schema_integer(lua_State *L) {
#if PB_INTEGERS
  int whole;
  lua_Integer integer = lua_tointegerx(L, 1, &whole);
  if (whole && lua_type(L, 1) == LUA_TNUMBER) {
    lua_pushinteger(L, integer);
    return 1;
  }
#endif
  lua_settop(L, 1);
  return 1;
}

int pb_open_schema(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"compile", schema_compile},
      {"check", schema_check},
      {"integer", schema_integer},
      {NULL, NULL},
  };
  luaL_newmetatable(L, PB_SCHEMA_METATABLE);
  lua_pushcfunction(L, schema_gc);
  lua_setfield(L, -2, "__gc");
  lua_pop(L, 1);
  lua_newtable(L);
  luaL_setfuncs(L, functions, 0);
  return 1;
}
