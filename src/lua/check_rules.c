#include "lua/check_rules.h"

#include "base/show.h"
#include "base/suggest.h"
#include "lua/table.h"
#include "lua/type_error.h"
#include "schema/explain.h"
#include "json/form.h"

static bool refuse_form(pb_check *check, const char *problem) {
  pb_buffer_add_text(&check->message, "got ");
  pb_buffer_add_text(&check->message, problem);
  return false;
}

static bool is_null(lua_State *L, int index) {
  return lua_type(L, index) == LUA_TLIGHTUSERDATA && !lua_touserdata(L, index);
}

bool pb_check_form(lua_State *L, int index, pb_check *check) {
  if (is_null(L, index)) return refuse_form(check, pb_form_no_null);
  if (lua_type(L, index) != LUA_TTABLE) return true;
  luaL_checkstack(L, 6, "value nested too deeply");
  size_t length, inner;
  pb_table_shape shape = pb_table_shape_of(L, index, &length, NULL);
  if (shape == PB_TABLE_MIXED) return true; /* the check of its type refuses it */
  if (shape == PB_TABLE_OBJECT) return refuse_form(check, pb_form_no_object);
  if (length == 0) return refuse_form(check, pb_form_no_empty_list);
  for (size_t i = 1; i <= length; i++) {
    lua_rawgeti(L, index, (int)i);
    int top = lua_gettop(L);
    const char *problem = NULL;
    if (is_null(L, top)) problem = pb_form_no_null;
    else if (lua_type(L, top) == LUA_TTABLE)
      problem = pb_table_shape_of(L, top, &inner, NULL) == PB_TABLE_OBJECT ? pb_form_no_object
                                                                           : pb_form_no_list;
    if (problem) {
      pb_show_position(&check->path, i);
      return refuse_form(check, problem);
    }
    lua_pop(L, 1);
  }
  return true;
}

bool pb_check_properties(const pb_schema *schema, size_t count, pb_check *check) {
  bool few = count < schema->min_properties;
  if (!few && count <= schema->max_properties) return true;
  size_t limit = few ? schema->min_properties : schema->max_properties;
  pb_buffer_format(&check->message, "expected at %s %zu field%s, got %zu", few ? "least" : "most",
                   limit, limit == 1 ? "" : "s", count);
  return false;
}

/* Appends the texts that tell the objects of the union apart. */
static void add_kinds(const pb_schema *schema, pb_buffer *message) {
  size_t said = 0, count = 0;
  for (size_t i = 0; i < schema->branch_count; i++) count += schema->branches[i]->type == PB_OBJECT;
  for (size_t i = 0; said < pb_choice_listed(count); i++) {
    if (schema->branches[i]->type != PB_OBJECT) continue;
    const pb_text *text = pb_union_member(schema, schema->branches[i])->schema->enumeration;
    pb_choice_separate(said++, count, message);
    pb_show_text(message, text->bytes, text->length);
  }
  pb_choice_end(count, message);
}

static void suggest_kind(const pb_schema *schema, const char *text, size_t length,
                         pb_buffer *message) {
  pb_suggestion suggestion;
  pb_suggest_begin(&suggestion, text, length);
  for (size_t i = 0; i < schema->branch_count; i++) {
    if (schema->branches[i]->type != PB_OBJECT) continue;
    const pb_text *offer = pb_union_member(schema, schema->branches[i])->schema->enumeration;
    pb_suggest_offer(&suggestion, offer->bytes, offer->length);
  }
  pb_suggest_append(&suggestion, message);
}

bool pb_union_error(lua_State *L, int index, const pb_schema *schema, pb_check *check) {
  const pb_text *name = &schema->discriminator;
  size_t length;
  pb_table_shape shape = PB_TABLE_MIXED;
  if (lua_type(L, index) == LUA_TTABLE) shape = pb_table_shape_of(L, index, &length, NULL);
  bool object = shape == PB_TABLE_OBJECT || shape == PB_TABLE_EMPTY;
  if (name->length == 0 || !object) return pb_type_error(L, index, schema, &check->message);
  luaL_checkstack(L, 8, "value nested too deeply");
  index = lua_absindex(L, index);
  lua_pushlstring(L, name->bytes, name->length);
  int type = pb_rawget(L, index);
  if (type == LUA_TNIL) {
    pb_buffer_format(&check->message, "missing %s, which tells what it is: ", name->bytes);
    add_kinds(schema, &check->message);
    return false;
  }
  pb_check_enter(check, name->bytes, name->length);
  pb_buffer_add_text(&check->message, "expected ");
  add_kinds(schema, &check->message);
  if (schema->secret) return false;
  pb_buffer_add_text(&check->message, ", got ");
  const char *text = type == LUA_TSTRING ? lua_tolstring(L, -1, &length) : NULL;
  if (!text) {
    pb_show_value(L, lua_gettop(L), &check->message);
    return false;
  }
  pb_show_text(&check->message, text, length);
  suggest_kind(schema, text, length, &check->message);
  return false;
}
