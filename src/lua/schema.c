/* Compiles a description, a Lua table with the keywords of OpenAPI, into a schema. Descriptions never come
 * from the network, so a mistake in one is a bug, and raises. */

#include "lua/schema.h"

#include "lua/buffer.h"
#include "lua/check.h"
#include "lua/description.h"
#include "lua/parts.h"
#include "lua/userdata.h"
#include "json/writer.h"

/* The memory of a schema is userdata in the inner table of the box, and no finalizer frees it: when a Lua
 * state closes, or a record is collected, finalizers of scripts may still use records after ours have run. */
typedef struct {
  const pb_schema *root;
  pb_pattern *compiling; /* freed once it is copied, or by __gc after an error */
} schema_box;

static void *take_from_lua(pb_arena *arena, size_t size) {
  const pb_description *c = arena->owner;
  luaL_checkstack(c->L, 2, "description too deep");
  void *block = lua_newuserdatauv(c->L, size, 0);
  lua_rawseti(c->L, c->blocks, (int)lua_rawlen(c->L, c->blocks) + 1);
  return block;
}

/* Rules that a schema inherits from the one it is part of. */
typedef struct {
  pb_type type; /* for a rule in `allOf`, which need not repeat the type; else PB_ANY */
  bool secret;
} inherited;

static pb_schema *compile(pb_description *c, int index, inherited from);

static void compile_enumeration(pb_description *c, int index, pb_schema *schema) {
  int length = pb_description_list(c, index, "enum");
  if (length < 0) return;
  if (length == 0) pb_description_fail(c, "enum must have values");
  schema->enumeration = pb_description_take(c, (size_t)length * sizeof *schema->enumeration);
  for (int i = 0; i < length; i++) {
    lua_rawgeti(c->L, -1, i + 1);
    schema->enumeration[i] = pb_description_text_at_top(c, "a value of enum");
  }
  schema->enumeration_count = (size_t)length;
  lua_pop(c->L, 1);
}

static void compile_pattern(pb_description *c, int index, pb_schema *schema) {
  schema->pattern_text = pb_description_text(c, index, "pattern");
  if (schema->pattern_text.length == 0) return;
  pb_pattern_error error;
  schema_box *box = c->box;
  pb_pattern *pattern =
      pb_pattern_compile(schema->pattern_text.bytes, schema->pattern_text.length, &error);
  if (!pattern && error.no_memory) luaL_error(c->L, "not enough memory");
  if (!pattern)
    pb_description_fail(c, "pattern \"%s\": %s (at byte %d)", schema->pattern_text.bytes,
                        error.message, (int)error.offset + 1);
  box->compiling = pattern;
  schema->pattern = pb_pattern_copy(pattern, pb_description_take(c, pb_pattern_size(pattern)));
  box->compiling = NULL;
  pb_pattern_free(pattern);
}

static void compile_format(pb_description *c, int index, pb_schema *schema) {
  pb_text name = pb_description_text(c, index, "format");
  if (name.length == 0) return;
  schema->phone = pb_text_is(&name, "phone") || pb_text_is(&name, "e164");
  schema->address = pb_text_is(&name, "uri");
  if (pb_text_is(&name, "phone")) return; /* says what the digits are, and asks for no form */
  schema->format = pb_format_find(name.bytes);
  if (!schema->format || !pb_text_is(&name, schema->format->name))
    pb_description_fail(c, "unknown format \"%s\"", name.bytes);
  schema->scheme = pb_description_text(c, index, "scheme");
  if (schema->scheme.length && !pb_text_is(&name, "uri"))
    pb_description_fail(c, "scheme is for format = \"uri\"");
}

/* `echo` = false, "empty" or "other"; `unreliable` = true, "null" or "form". */
static void compile_echo(pb_description *c, int index, pb_schema *schema) {
  int type = pb_description_field(c, index, "echo");
  if (type == LUA_TBOOLEAN) {
    schema->echo = lua_toboolean(c->L, -1) ? PB_ECHO_VALUE : PB_ECHO_NONE;
    lua_pop(c->L, 1);
  } else if (type != LUA_TNIL) {
    pb_text echo = pb_description_text_at_top(c, "echo");
    if (pb_text_is(&echo, "empty")) schema->echo = PB_ECHO_EMPTY;
    else if (pb_text_is(&echo, "other")) schema->echo = PB_ECHO_OTHER;
    else pb_description_fail(c, "echo must be true, false, \"empty\" or \"other\"");
  }
  type = pb_description_field(c, index, "unreliable");
  if (type == LUA_TBOOLEAN) {
    schema->reliability = lua_toboolean(c->L, -1) ? PB_UNRELIABLE : PB_RELIABLE;
    lua_pop(c->L, 1);
  } else if (type != LUA_TNIL) {
    pb_text when = pb_description_text_at_top(c, "unreliable");
    if (pb_text_is(&when, "null")) schema->reliability = PB_UNRELIABLE_NULL;
    else if (pb_text_is(&when, "form")) schema->reliability = PB_UNRELIABLE_FORM;
    else pb_description_fail(c, "unreliable must be true, false, \"null\" or \"form\"");
  }
}

/* `also` = { "name", … } */
static void compile_also(pb_description *c, int index, pb_property *property) {
  int length = pb_description_list(c, index, "also");
  if (length < 0) return;
  if (length > 0) property->also = pb_description_take(c, (size_t)length * sizeof *property->also);
  for (int i = 0; i < length; i++) {
    lua_rawgeti(c->L, -1, i + 1);
    property->also[i] = pb_description_text_at_top(c, "a name in also");
  }
  property->also_count = (size_t)length;
  lua_pop(c->L, 1);
}

static void compile_all_of(pb_description *c, int index, pb_schema *schema) {
  int length = pb_description_list(c, index, "allOf");
  if (length < 0) return;
  schema->all_of = pb_description_take(c, (size_t)length * sizeof *schema->all_of);
  for (int i = 0; i < length; i++) {
    lua_rawgeti(c->L, -1, i + 1);
    schema->all_of[i] = compile(c, lua_gettop(c->L), (inherited){schema->type, schema->secret});
    if (schema->all_of[i]->type != schema->type)
      pb_description_fail(c, "a rule of allOf has another type");
    lua_pop(c->L, 1);
  }
  schema->all_of_count = (size_t)length;
  lua_pop(c->L, 1);
}

static void add_wire_name(pb_description *c, pb_property *property) {
  char first[256];
  pb_buffer wire;
  pb_lua_buffer_owner owner;
  pb_lua_buffer_init(c->L, &wire, &owner, first, sizeof first);
  pb_buffer_add_char(&wire, ',');
  bool written = pb_json_write_string(&wire, property->name.bytes, property->name.length) ==
                 PB_JSON_WRITTEN; /* the name is UTF-8 */
  pb_buffer_add_char(&wire, ':');
  if (!written || !pb_arena_text(c->arena, wire.data, wire.length, &property->wire))
    luaL_error(c->L, "not enough memory");
  lua_pop(c->L, 1);
}

/* `required = { "name", … }`, as in OpenAPI. */
static void mark_required(pb_description *c, int index, pb_schema *schema) {
  int length = pb_description_list(c, index, "required");
  if (length < 0) return;
  for (int i = 1; i <= length; i++) {
    lua_rawgeti(c->L, -1, i);
    pb_text name = pb_description_text_at_top(c, "a name in required");
    const pb_property *found = pb_schema_find(schema, name.bytes, name.length);
    if (!found) pb_description_fail(c, "required names no property \"%s\"", name.bytes);
    schema->properties[found - schema->properties].required = true;
  }
  lua_pop(c->L, 1);
}

/* `properties` is a list of descriptions with their names at [1], because its order counts. */
static void compile_properties(pb_description *c, int index, pb_schema *schema) {
  lua_State *L = c->L;
  int length = pb_description_list(c, index, "properties");
  schema->open = length < 0;
  if (length > 0)
    schema->properties = pb_description_take(c, (size_t)length * sizeof *schema->properties);
  for (int i = 0; i < length; i++) {
    pb_property *property = &schema->properties[i];
    c->names[c->depth] = (pb_text){.length = 0};
    lua_rawgeti(L, -1, i + 1);
    if (!lua_istable(L, -1)) pb_description_fail(c, "a property must be a table");
    lua_rawgeti(L, -1, 1);
    property->name = pb_description_text_at_top(c, "a property's name, at [1],");
    if (pb_schema_find(schema, property->name.bytes, property->name.length))
      pb_description_fail(c, "two properties \"%s\"", property->name.bytes);
    add_wire_name(c, property);
    c->names[c->depth] = property->name;
    property->schema = compile(c, lua_gettop(L), (inherited){PB_ANY, schema->secret});
    compile_also(c, lua_gettop(L), property);
    schema->aliased |= property->also_count > 0;
    schema->resends |= property->schema->resent;
    schema->holds_secret |= property->schema->holds_secret;
    schema->property_count++;
    lua_pop(L, 1);
  }
  if (length >= 0) lua_pop(L, 1);
  c->names[c->depth] = (pb_text){.length = 0};
  int additional = pb_description_field(c, index, "additionalProperties");
  if (additional == LUA_TTABLE) {
    schema->additional = compile(c, lua_gettop(L), (inherited){PB_ANY, schema->secret});
    schema->holds_secret |= schema->additional->holds_secret;
    schema->open = true;
  } else if (additional != LUA_TNIL) {
    schema->open = lua_toboolean(L, -1);
  }
  schema->open |= c->lenient;
  if (additional != LUA_TNIL) lua_pop(L, 1);
  mark_required(c, index, schema);
}

static pb_schema *compile(pb_description *c, int index, inherited from) {
  lua_State *L = c->L;
  luaL_checkstack(L, 12, "description too deep");
  if (!lua_istable(L, index))
    pb_description_fail(c, "a table expected, got %s", luaL_typename(L, index));
  if (c->depth >= PB_SCHEMA_MAX_DEPTH) pb_description_fail(c, "nested too deeply");
  if (++c->schemas > PB_DESCRIPTION_MAX_SCHEMAS)
    pb_description_fail(c, "more than %d rules; tables in it hold others again and again",
                        PB_DESCRIPTION_MAX_SCHEMAS);
  pb_schema *schema = pb_description_take(c, sizeof *schema);
  schema->type = pb_description_type(c, index, from.type);
  pb_description_check_keywords(c, index, schema->type);
  schema->nullable = pb_description_flag(c, index, "nullable") || c->lenient;
  schema->read_only = pb_description_flag(c, index, "readOnly");
  schema->resent = pb_description_flag(c, index, "resent");
  schema->secret = pb_description_flag(c, index, "secret") || from.secret;
  schema->holds_secret = schema->secret;
  schema->undocumented = pb_description_flag(c, index, "undocumented") && !c->lenient;
  schema->expected = pb_description_text(c, index, "expected");
  schema->remedy = pb_description_text(c, index, "remedy");
  schema->min_length = pb_description_count(c, index, "minLength", 0);
  schema->max_length = pb_description_count(c, index, "maxLength", SIZE_MAX);
  schema->min_items = pb_description_count(c, index, "minItems", 0);
  schema->max_items = pb_description_count(c, index, "maxItems", SIZE_MAX);
  schema->has_minimum = pb_description_number(c, index, "minimum", &schema->minimum);
  schema->has_maximum = pb_description_number(c, index, "maximum", &schema->maximum);
  compile_enumeration(c, index, schema);
  compile_pattern(c, index, schema);
  compile_format(c, index, schema);
  compile_echo(c, index, schema);
  schema->unordered = pb_description_flag(c, index, "unordered");
  c->names[++c->depth] = (pb_text){.length = 0};
  compile_all_of(c, index, schema);
  if (pb_description_field(c, index, "items") != LUA_TNIL) {
    schema->items = compile(c, lua_gettop(L), (inherited){PB_ANY, schema->secret});
    schema->holds_secret |= schema->items->holds_secret;
    lua_pop(L, 1);
  }
  if (schema->type == PB_OBJECT) compile_properties(c, index, schema);
  schema->ruled = schema->enumeration_count > 0 || schema->min_length > 0 ||
                  schema->max_length < SIZE_MAX || schema->format || schema->pattern ||
                  schema->all_of_count > 0;
  schema->scalar = schema->type != PB_ANY && schema->type != PB_ARRAY && schema->type != PB_OBJECT;
  schema->direct = !schema->read_only && !schema->undocumented &&
                   (schema->type == PB_BOOLEAN || schema->type == PB_STRING ||
                    (schema->type == PB_INTEGER && !schema->has_minimum && !schema->has_maximum));
  c->depth--;
  return schema;
}

static int schema_gc(lua_State *L) {
  schema_box *box = luaL_checkudata(L, 1, PB_SCHEMA_METATABLE);
  pb_pattern_free(box->compiling);
  box->compiling = NULL;
  return 0;
}

const pb_schema *pb_lua_check_schema(lua_State *L, int index) {
  schema_box *box = luaL_checkudata(L, index, PB_SCHEMA_METATABLE);
  luaL_argcheck(L, box->root, index, "an unfinished schema");
  return box->root;
}

/* compile(description, lenient) -> schema. `lenient` also accepts fields that the description marks as
 * undocumented, members that it does not name, and null. */
static int schema_compile(lua_State *L) {
  bool lenient = lua_toboolean(L, 2);
  lua_settop(L, 1);
  schema_box *box = lua_newuserdatauv(L, sizeof *box, 1);
  *box = (schema_box){0};
  luaL_setmetatable(L, PB_SCHEMA_METATABLE);
  lua_newtable(L);
  lua_pushvalue(L, -1);
  pb_set_inner(L, 2);
  pb_arena arena = {.more = take_from_lua};
  pb_description c = {.L = L, .arena = &arena, .box = box, .blocks = 3, .lenient = lenient};
  arena.owner = &c;
  box->root = compile(&c, 1, (inherited){PB_ANY, false});
  lua_settop(L, 2);
  return 1;
}

/* check(schema, value, path) -> true; or false and the message, with the path in front */
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

/* integer(number) -> the same number, as an integer if Lua has integers and it is whole */
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
  static const luaL_Reg metamethods[] = {{"__gc", schema_gc}, {NULL, NULL}};
  pb_userdata_type(L, PB_SCHEMA_METATABLE, metamethods);
  lua_newtable(L);
  luaL_setfuncs(L, functions, 0);
  return 1;
}
