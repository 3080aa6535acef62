#include "lua/schema_compile.h"

#include "lua/buffer.h"
#include "lua/schema_values.h"
#include "json/writer.h"

/* The rules that a member of an object inherits. */
static pb_inherited to_member(const pb_schema *schema) {
  bool inside = schema->form != PB_FORM_NONE;
  return (pb_inherited){.type = PB_ANY,
                        .secret = schema->secret,
                        .form = inside              ? PB_FORM_INSIDE
                                : schema->form_body ? PB_FORM_FIELD
                                                    : PB_FORM_NONE};
}

static void compile_pattern(pb_description *c, int index, pb_schema *schema) {
  schema->pattern_text = pb_description_text(c, index, "pattern");
  if (schema->pattern_text.length == 0) return;
  pb_pattern_error error;
  pb_pattern *pattern =
      pb_pattern_compile(schema->pattern_text.bytes, schema->pattern_text.length, &error);
  if (!pattern && error.no_memory) luaL_error(c->L, "not enough memory");
  if (!pattern)
    pb_description_fail(c, "pattern \"%s\": %s (at byte %d)", schema->pattern_text.bytes,
                        error.message, (int)error.offset + 1);
  *c->compiling = pattern;
  schema->pattern = pb_pattern_copy(pattern, pb_description_take(c, pb_pattern_size(pattern)));
  *c->compiling = NULL;
  pb_pattern_free(pattern);
}

static void compile_format(pb_description *c, int index, pb_schema *schema) {
  pb_text name = pb_description_text(c, index, "format");
  if (name.length == 0) return;
  schema->phone = pb_text_is(&name, "phone") || pb_text_is(&name, "e164");
  schema->address = pb_text_is(&name, "uri");
  if (pb_text_is(&name, "phone")) return; /* gives the digits their meaning; requires no format */
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
    schema->all_of[i] = pb_compile_schema(
        c, lua_gettop(c->L), (pb_inherited){.type = schema->type, .secret = schema->secret});
    if (schema->all_of[i]->type != schema->type)
      pb_description_fail(c, "a rule of allOf has another type");
    schema->rules += 1 + schema->all_of[i]->rules;
    if (schema->rules > PB_DESCRIPTION_MAX_ALL_OF)
      pb_description_fail(c, "more than %d rules in allOf, where a shared one counts each time",
                          PB_DESCRIPTION_MAX_ALL_OF);
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
static void compile_properties(pb_description *c, int index, pb_schema *schema, bool whole) {
  lua_State *L = c->L;
  int length = pb_description_list(c, index, "properties");
  schema->open = length < 0;
  if (length > 0)
    schema->properties = pb_description_take(c, (size_t)length * sizeof *schema->properties);
  if (length > 0 && !pb_schema_make_index(schema, (size_t)length, c->arena))
    luaL_error(L, "not enough memory");
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
    property->schema = pb_compile_schema(c, lua_gettop(L), to_member(schema));
    compile_also(c, lua_gettop(L), property);
    schema->aliased |= property->also_count > 0;
    schema->resends |= property->schema->resent;
    schema->holds_secret |= property->schema->holds_secret;
    pb_schema_enter(schema);
    lua_pop(L, 1);
  }
  if (length >= 0) lua_pop(L, 1);
  c->names[c->depth] = (pb_text){.length = 0};
  int additional = pb_description_field(c, index, "additionalProperties");
  if (additional == LUA_TTABLE) {
    schema->additional = pb_compile_schema(c, lua_gettop(L), to_member(schema));
    schema->holds_secret |= schema->additional->holds_secret;
    schema->unnamed_secret |= schema->additional->unnamed_secret;
    schema->open = true;
  } else if (additional != LUA_TNIL) {
    schema->open = lua_toboolean(L, -1);
  }
  schema->open |= c->lenient && !whole;
  if (additional != LUA_TNIL) lua_pop(L, 1);
  mark_required(c, index, schema);
}

/* Raises where a schema of that height would lie too deep here. */
static void check_depth(pb_description *c, int height) {
  if (c->depth + height >= PB_SCHEMA_MAX_DEPTH)
    pb_description_fail(c, "nested more than %d levels deep", PB_SCHEMA_MAX_DEPTH);
  if (c->depth + height > c->deepest) c->deepest = c->depth + height;
}

/* Compiles the table at `index`, which has not been compiled yet with these rules. */
static pb_schema *compile(pb_description *c, int index, pb_inherited from) {
  lua_State *L = c->L;
  check_depth(c, 0);
  if (++c->schemas > PB_DESCRIPTION_MAX_SCHEMAS)
    pb_description_fail(c, "more than %d rules", PB_DESCRIPTION_MAX_SCHEMAS);
  pb_schema *schema = pb_description_take(c, sizeof *schema);
  bool united = pb_description_has(c, index, "oneOf") || pb_description_has(c, index, "anyOf");
  schema->type = united ? PB_UNION : pb_description_type(c, index, from.type);
  pb_description_check_keywords(c, index, schema->type);
  schema->nullable = pb_description_flag(c, index, "nullable") || c->lenient;
  schema->read_only = pb_description_flag(c, index, "readOnly");
  schema->resent = pb_description_flag(c, index, "resent");
  schema->secret = pb_description_flag(c, index, "secret") || from.secret;
  schema->holds_secret = schema->unnamed_secret = schema->secret;
  schema->form = from.form;
  schema->form_body = c->form && c->depth == 0;
  schema->undocumented = pb_description_flag(c, index, "undocumented") && !c->lenient;
  schema->expected = pb_description_text(c, index, "expected");
  schema->refused = pb_description_text(c, index, "refused");
  schema->remedy = pb_description_text(c, index, "remedy");
  schema->min_length = pb_description_count(c, index, "minLength", 0);
  schema->max_length = pb_description_count(c, index, "maxLength", SIZE_MAX);
  schema->min_items = pb_description_count(c, index, "minItems", 0);
  schema->max_items = pb_description_count(c, index, "maxItems", SIZE_MAX);
  schema->min_properties = pb_description_count(c, index, "minProperties", 0);
  schema->max_properties = pb_description_count(c, index, "maxProperties", SIZE_MAX);
  schema->bounded = schema->min_properties > 0 || schema->max_properties < SIZE_MAX;
  schema->unique = pb_description_flag(c, index, "uniqueItems");
  pb_compile_limits(c, index, schema);
  pb_compile_values(c, index, schema);
  compile_pattern(c, index, schema);
  compile_format(c, index, schema);
  compile_echo(c, index, schema);
  schema->phone |= pb_description_flag(c, index, "phone");
  schema->unordered = pb_description_flag(c, index, "unordered");
  c->names[++c->depth] = (pb_text){.length = 0};
  compile_all_of(c, index, schema);
  if (pb_description_field(c, index, "items") != LUA_TNIL) {
    schema->items = pb_compile_schema(c, lua_gettop(L),
                                      (pb_inherited){.type = PB_ANY, .secret = schema->secret});
    schema->holds_secret |= schema->items->holds_secret;
    schema->unnamed_secret |= schema->items->unnamed_secret;
    lua_pop(L, 1);
  }
  if (schema->type == PB_OBJECT) compile_properties(c, index, schema, from.whole);
  schema->types = united ? 0 : 1U << schema->type;
  if (united) pb_compile_union(c, index, schema, from.whole, pb_compile_schema);
  schema->ruled = schema->enumeration_count > 0 || schema->min_length > 0 ||
                  schema->max_length < SIZE_MAX || schema->format || schema->pattern ||
                  schema->all_of_count > 0;
  schema->scalar = schema->type == PB_BOOLEAN || schema->type == PB_INTEGER ||
                   schema->type == PB_NUMBER || schema->type == PB_STRING;
  schema->small_list = schema->type == PB_ARRAY && schema->items && !schema->items->bounded &&
                       !schema->unique && schema->form == PB_FORM_NONE;
  schema->direct = !schema->read_only && schema->refused.length == 0 &&
                   schema->form != PB_FORM_INSIDE && !schema->undocumented &&
                   (schema->type == PB_STRING ||
                    (schema->type == PB_BOOLEAN && !schema->not_true && !schema->not_false) ||
                    (schema->type == PB_INTEGER && !schema->has_minimum && !schema->has_maximum &&
                     !schema->has_multiple_of && !schema->numbers));
  c->depth--;
  return schema;
}

/* A table has one schema for each combination of rules that it may inherit. */
static int variant_of(pb_inherited from) {
  return 1 + (int)from.form * 8 + (from.whole ? 4 : 0) + (from.secret ? 2 : 0) +
         (from.type == PB_STRING ? 1 : 0);
}

/* Pushes the table of the schemas of the variant: description -> schema, or false while it is compiled. */
static void push_shared(pb_description *c, int variant) {
  if (pb_rawgeti(c->L, c->shared, variant) != LUA_TNIL) return;
  lua_pop(c->L, 1);
  lua_newtable(c->L);
  lua_pushvalue(c->L, -1);
  lua_rawseti(c->L, c->shared, variant);
}

pb_schema *pb_compile_schema(pb_description *c, int index, pb_inherited from) {
  lua_State *L = c->L;
  luaL_checkstack(L, 16, "description too deep");
  if (!lua_istable(L, index))
    pb_description_fail(c, "a table expected, got %s", luaL_typename(L, index));
  push_shared(c, variant_of(from));
  int shared = lua_gettop(L);
  lua_pushvalue(L, index);
  int got = pb_rawget(L, shared);
  if (got == LUA_TBOOLEAN) pb_description_fail(c, "it contains itself");
  pb_schema *schema = got == LUA_TNIL ? NULL : lua_touserdata(L, -1);
  lua_settop(L, shared);
  if (schema) {
    check_depth(c, schema->height);
  } else {
    int outer = c->deepest;
    lua_pushvalue(L, index);
    lua_pushboolean(L, 0);
    lua_rawset(L, shared);
    c->deepest = c->depth;
    schema = compile(c, index, from);
    schema->height = c->deepest - c->depth;
    if (outer > c->deepest) c->deepest = outer;
    lua_pushvalue(L, index);
    lua_pushlightuserdata(L, schema);
    lua_rawset(L, shared);
  }
  lua_settop(L, shared - 1);
  return schema;
}
