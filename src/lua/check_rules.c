#include "lua/check_rules.h"

#include "base/show.h"
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
